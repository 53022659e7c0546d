"""``Collection``: records that can be searched and handed out; kept in memory or in an index."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from resartus.domain.ids import Pmid
from resartus.domain.record import Record
from resartus.errors import DataError, NotFoundError, ParseError
from resartus.search.language.diagnostics import Diagnostic
from resartus.search.matcher import search_records

__all__ = [
    "Answer",
    "Collection",
    "MemoryCollection",
    "Stored",
    "open_files",
    "open_places",
    "unknown_fields",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a query found and how it was read.

    ``pmids`` are in no promised order. ``mapped`` pairs what was typed with
    what it was taken for; ``fields_not_found`` names tags nobody knows.
    """

    pmids: Sequence[int]
    translation: str
    mapped: tuple[tuple[str, str], ...] = ()
    fields_not_found: tuple[str, ...] = ()
    phrases_not_found: tuple[str, ...] = ()


class Stored:
    """A record as it is held; its facts are read from the bytes only when somebody looks.

    Parameters
    ----------
    xml : bytes, optional
        As NLM gave it; ``None`` if it came in another form.
    read : callable
        Gives the record.
    """

    __slots__ = ("_read", "_record", "pmid", "xml")

    def __init__(self, pmid: int, *, xml: bytes | None, read: Callable[[], Record]) -> None:
        self.pmid, self.xml = pmid, xml
        self._read = read
        self._record: Record | None = None

    @property
    def record(self) -> Record:
        """The record's facts."""
        if self._record is None:
            self._record = self._read()
        return self._record


class Collection(Protocol):
    """Where an E-utilities server takes its answers from."""

    @property
    def build(self) -> str:
        """Version of what is held; it changes with the content."""
        ...

    @property
    def updated_at(self) -> datetime:
        """When it last changed."""
        ...

    @property
    def count(self) -> int:
        """How many records are held."""
        ...

    def search(self, query: str) -> Answer:
        """Answer a query in PubMed's language with all PMIDs it finds."""
        ...

    def records(self, pmids: Iterable[int]) -> Iterator[Stored]:
        """Yield the records of these PMIDs in their order; unknown ones are left out."""
        ...

    def citing(self, pmid: int) -> Sequence[int] | None:
        """Return which records held cite this one, or ``None`` if that is not known here."""
        ...

    def close(self) -> None:
        """Release files."""
        ...


def unknown_fields(query: str, diagnostics: Iterable[Diagnostic]) -> tuple[str, ...]:
    """Return the tags of a query that name no field, without their brackets."""
    return tuple(
        query[note.start : note.end].strip("[]")
        for note in diagnostics
        if note.code == "unknown-tag"
    )


class MemoryCollection:
    """Some thousands of records in memory, matched one by one."""

    def __init__(self, stored: Iterable[Stored], *, build: str, updated_at: datetime) -> None:
        self._stored = {item.pmid: item for item in stored}
        self._records = [item.record for item in self._stored.values()]
        self._citing: dict[int, list[int]] = {}
        for record in self._records:
            for cited in record.references:
                self._citing.setdefault(cited, []).append(record.pmid or 0)
        self._build, self._updated_at = build, updated_at

    @property
    def build(self) -> str:
        """Version of what is held."""
        return self._build

    @property
    def updated_at(self) -> datetime:
        """When the newest file changed."""
        return self._updated_at

    @property
    def count(self) -> int:
        """How many records are held."""
        return len(self._stored)

    def search(self, query: str) -> Answer:
        """Match every record."""
        result = search_records(query, self._records, today=date.today())
        prefix = "pubmed:"
        return Answer(
            pmids=[int(name.removeprefix(prefix)) for name in result.record_ids],
            translation=result.translation,
            mapped=tuple((item.source, item.target) for item in result.translations),
            fields_not_found=unknown_fields(query, result.diagnostics),
        )

    def records(self, pmids: Iterable[int]) -> Iterator[Stored]:
        """Yield records in the order asked."""
        for pmid in pmids:
            item = self._stored.get(pmid)
            if item is not None:
                yield item

    def citing(self, pmid: int) -> Sequence[int]:
        """Return which records cite this one."""
        return self._citing.get(pmid, [])

    def close(self) -> None:
        """Nothing is held open."""


def _same(record: Record) -> Record:
    return record


def open_files(paths: Sequence[Path]) -> tuple[MemoryCollection, tuple[str, ...]]:
    """Read PubMed XML files into memory; later files revise and delete, as NLM's updates do.

    Returns
    -------
    MemoryCollection
    tuple of str
        What could not be read, with file and record.

    Raises
    ------
    ParseError
        If no file held a record.
    """
    from resartus.sources.formats.readers.pubmed_payloads import iterate_payloads
    from resartus.sources.formats.readers.pubmed_xml import parse_payloads

    stored: dict[Pmid, Stored] = {}
    problems: list[str] = []
    digest = hashlib.sha256()

    def tell(problem: object) -> None:
        problems.append(str(problem))

    for path in paths:
        batch = parse_payloads(iterate_payloads(path, tell), file=path.name)
        problems += map(str, batch.problems)
        for record, content in zip(batch.records, batch.contents, strict=True):
            if record.pmid is not None:
                stored[record.pmid] = Stored(record.pmid, xml=content, read=partial(_same, record))
                digest.update(content)
        for pmid in batch.deleted:
            stored.pop(pmid, None)
    if not stored:
        named = ", ".join(path.name for path in paths) or "no file"
        raise ParseError(f"{named} held no PubMed record; give PubMed XML, plain or gzip")
    changed = max(path.stat().st_mtime for path in paths)
    return (
        MemoryCollection(
            stored.values(),
            build=f"Build-{digest.hexdigest()[:12]}",
            updated_at=datetime.fromtimestamp(changed),
        ),
        tuple(problems),
    )


def open_places(places: Sequence[Path]) -> tuple[Collection, tuple[str, ...]]:
    """Open one local PubMed, or files; return also what could not be read.

    Raises
    ------
    NotFoundError
        If a place is not there, or a folder holds no local PubMed.
    DataError
        If folders and files are mixed.
    """
    for place in places:
        if not place.exists():
            raise NotFoundError(
                f"there is no {str(place)!r}; give a folder made by 'resartus pubmed load', "
                "or PubMed XML files"
            )
    if not any(place.is_dir() for place in places):
        return open_files(places)
    if len(places) > 1:
        raise DataError("give one folder with a local PubMed, or only files")
    from resartus.app.eutils.local import LocalCollection

    return LocalCollection(places[0]), ()
