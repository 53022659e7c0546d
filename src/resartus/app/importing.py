"""Bring citations from a file; the file itself is kept by its hash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.state import Imported
from resartus.errors import ParseError
from resartus.sources.formats.reading import read_citations
from resartus.sources.formats.result import Unread

__all__ = ["ImportedFile", "import_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """What a file gave, with every line that ended in no record."""

    file: str
    format: str
    encoding: str
    payload: str
    records: int
    new: int
    unread: tuple[Unread, ...]


def import_file(review: Review, path: Path, *, is_other_method: bool = False) -> ImportedFile:
    """Keep a file and its records, and log the import.

    ``is_other_method`` puts them into PRISMA's right-hand column: found by
    references, hand search or contact and not by searching a database.

    Raises
    ------
    ParseError
        If nothing in the file could be read as a record.
    """
    result = read_citations(path)
    if not result.records:
        raise ParseError(
            f"{path.name} was read as {result.format} but holds no record; "
            f"{len(result.unread)} lines could not be read",
            where=path.name,
        )
    payload = review.payloads.save(path.read_bytes())
    known = set(review.state().record_ids())
    review.store.save_records(result.records)
    ids = tuple(record.record_id for record in result.records)
    imported = Imported(
        origin=f"{path.name} ({result.format}, {payload[:12]})",
        record_ids=ids,
        is_other_method=is_other_method,
    )
    review.append(EventKind.RECORDS_IMPORTED, imported)
    return ImportedFile(
        file=path.name,
        format=result.format,
        encoding=result.encoding,
        payload=payload,
        records=len(ids),
        new=len(set(ids) - known),
        unread=result.unread,
    )
