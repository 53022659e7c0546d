"""Read a citation file, told apart by what is in it and not by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from resartus.errors import NotFoundError, ParseError
from resartus.sources.formats.encoding import TextLines, file_hash
from resartus.sources.formats.readers.nbib import looks_like_nbib, read_nbib
from resartus.sources.formats.readers.ris import looks_like_ris, read_ris
from resartus.sources.formats.result import ImportResult
from resartus.sources.formats.values.collector import Collector

__all__ = ["READABLE", "read_citations"]

_Reader = Callable[[Iterable[str], Collector], None]
READABLE: tuple[tuple[str, Callable[[str], bool], _Reader], ...] = (
    # RIS first: its TY line stands in no NBIB file, while some of its tags look like MEDLINE's.
    ("ris", looks_like_ris, read_ris),
    ("nbib", looks_like_nbib, read_nbib),
)
_BYTES_LOOKED_AT = 65_536


def read_citations(path: Path) -> ImportResult:
    """Read a PubMed NBIB or a RIS file of any dialect.

    Raises
    ------
    NotFoundError
        If there is no such file.
    ParseError
        If the file's first lines are of neither format.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {str(path)!r} to import")
    with path.open("rb") as stream:
        head = stream.read(_BYTES_LOOKED_AT).decode("utf-8-sig", errors="replace").splitlines()
    for name, looks_like, read in READABLE:
        if any(looks_like(line) for line in head):
            raw_hash = file_hash(path)
            collector = Collector(source=name, raw_hash=raw_hash)
            lines = TextLines(path)
            read(lines, collector)
            return ImportResult(
                records=tuple(collector.records),
                unread=tuple(collector.unread),
                format=name,
                encoding=lines.encoding,
                raw_hash=raw_hash,
                decisions=tuple(collector.decisions),
            )
    known = ", ".join(name for name, _, _ in READABLE)
    first = head[0].strip()[:60] if head else ""
    raise ParseError(
        f"{path.name} begins with {first!r}, which is none of: {known}; "
        "export the citations as RIS or NBIB",
        where=path.name,
    )
