"""Bring citations from a file; the file itself is kept by its hash, and so is what was not read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath

from resartus.app.review import Review
from resartus.app.taking_over import TakeOver, verdict_events
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.plain import to_plain
from resartus.domain.record import Record
from resartus.domain.state import Imported
from resartus.errors import ParseError
from resartus.sources.formats.reading import CitationFile, guess_table, open_citations
from resartus.sources.formats.result import Unread
from resartus.sources.formats.values.columns import FIELDS, ColumnGuess

__all__ = [
    "COLUMN_FIELDS",
    "ColumnGuess",
    "ImportedFile",
    "TakeOver",
    "guess_table",
    "import_file",
    "plain_name",
]

COLUMN_FIELDS = FIELDS
"""What a table's column can be mapped to."""
# Few enough that another writer never waits long, enough that commits cost little.
_BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """What a file gave, with every line that ended in no record.

    ``verdicts`` counts what another screening tool decided in the file, of
    which ``verdicts_taken`` became decisions of this review.
    """

    file: str
    format: str
    encoding: str
    payload: str
    records: int
    new: int
    unread: tuple[Unread, ...]
    verdicts: int = 0
    verdicts_taken: int = 0


def plain_name(name: str) -> str:
    """Return what a file that was sent may be called here: its last part, and no place.

    Whoever sends a file chooses its name; nothing in it leads anywhere.
    """
    last = PurePath(name.replace("\\", "/")).name
    shown = "".join(c for c in last if c.isprintable()).strip(". ")
    # A file system counts bytes; the ending is kept, since people look at it.
    stem, dot, ending = shown.rpartition(".")
    if dot and len(ending.encode()) <= 10:
        return _cut(stem, 150) + dot + ending
    return _cut(shown, 150) or "upload"


def _cut(text: str, size: int) -> str:
    return text.encode("utf-8", "ignore")[:size].decode("utf-8", "ignore")


def import_file(
    review: Review,
    path: Path,
    *,
    is_other_method: bool = False,
    columns: Mapping[str, str] | None = None,
    take_over: TakeOver | None = None,
    progress: Callable[[float], None] | None = None,
) -> ImportedFile:
    """Keep a file and its records, and log the import.

    Parameters
    ----------
    review : Review
        Where to.
    path : Path
        A file of any format in ``sources.formats.reading.READABLE``.
    is_other_method : bool
        Puts the records into PRISMA's right-hand column: found by references,
        hand search or contact and not by searching a database.
    columns : mapping of str to str, optional
        For a table: field to header, where ``guess_table`` was not sure.
    take_over : TakeOver, optional
        Makes decisions of what another screening tool decided, under a
        person's name; without it they are counted and left.
    progress : callable, optional
        Told the fraction of the file that was read, 0 to 1, now and then.

    Raises
    ------
    ParseError
        If nothing in the file could be read as a record.
    """
    file = open_citations(path, columns=columns)
    ids: list[RecordId] = []
    records = _followed(file, progress)
    # itertools.batched needs Python 3.12.
    while batch := tuple(islice(records, _BATCH)):
        review.store.save_records(batch)
        ids += [record.record_id for record in batch]
    if not ids:
        raise ParseError(
            f"{path.name} was read as {file.format} but holds no record; "
            f"{len(file.unread)} lines could not be read",
            where=path.name,
        )
    known = review.state().arrived
    new = sum(record_id not in known for record_id in ids)
    imported = _log_entry(review, file, ids, is_other_method=is_other_method)
    taken = (
        verdict_events(review, file.decisions, ids, take_over=take_over, payload=file.raw_hash)
        if take_over is not None
        else []
    )
    event = review.new_event(EventKind.RECORDS_IMPORTED, to_plain(imported))
    review.append_all([event, *taken])
    return ImportedFile(
        file=path.name,
        format=file.format,
        encoding=file.encoding,
        payload=file.raw_hash,
        records=len(ids),
        new=new,
        unread=file.unread,
        verdicts=len(file.decisions),
        verdicts_taken=len(taken),
    )


def _followed(file: CitationFile, progress: Callable[[float], None] | None) -> Iterator[Record]:
    for count, record in enumerate(file):
        if progress is not None and count % 200 == 0:
            progress(file.fraction_read)
        yield record
    if progress is not None:
        progress(1.0)


def _log_entry(
    review: Review, file: CitationFile, ids: list[RecordId], *, is_other_method: bool
) -> Imported:
    """Keep the file and the lines that were not read, and return what the log says of them."""
    payload = review.payloads.save_file(file.path)
    lines = "".join(
        json.dumps([u.line, u.reason, u.text], ensure_ascii=False) + "\n" for u in file.unread
    )
    return Imported(
        origin=f"{file.path.name} ({file.format}, {payload[:12]})",
        record_ids=tuple(ids),
        is_other_method=is_other_method,
        format=file.format,
        encoding=file.encoding,
        payload=payload,
        unread_lines=len(file.unread),
        unread_payload=review.payloads.save(lines.encode()) if lines else None,
    )
