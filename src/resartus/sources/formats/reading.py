"""Read a citation file, told apart by what is in it and not by its name."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from resartus.errors import NotFoundError, ParseError
from resartus.sources.formats.encoding import TextLines, file_hash, open_bytes
from resartus.sources.formats.readers.nbib import looks_like_nbib, read_nbib
from resartus.sources.formats.readers.pubmed_xml import looks_like_pubmed_xml, read_pubmed_xml
from resartus.sources.formats.readers.ris import looks_like_ris, read_ris
from resartus.sources.formats.result import ImportResult, Unread
from resartus.sources.formats.values.collector import Collector

__all__ = ["READABLE", "read_citations"]

_Reader = Callable[[Iterable[str], Collector], None]
READABLE: tuple[tuple[str, Callable[[str], bool], _Reader], ...] = (
    # RIS first: its TY line stands in no NBIB file, while some of its tags look like MEDLINE's.
    ("ris", looks_like_ris, read_ris),
    ("nbib", looks_like_nbib, read_nbib),
)
_BYTES_LOOKED_AT = 65_536


def _read_xml(path: Path) -> ImportResult:
    raw_hash = file_hash(path)
    found = read_pubmed_xml(path, raw_hash=raw_hash)
    return ImportResult(
        records=found.records,
        unread=tuple(Unread(p.number or 0, p.file, str(p)) for p in found.problems),
        format="pubmed xml",
        encoding="utf-8",
        raw_hash=raw_hash,
    )


def read_citations(path: Path) -> ImportResult:
    """Read PubMed XML, PubMed NBIB or a RIS file of any dialect.

    Raises
    ------
    NotFoundError
        If there is no such file.
    ParseError
        If the file's first lines are of neither format.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {str(path)!r} to import")
    try:
        with open_bytes(path) as stream:
            start = stream.read(_BYTES_LOOKED_AT)
    except (EOFError, OSError, zlib.error):
        # A torn gzip; what can be read of it is for the readers to say.
        start = b"<PubmedArticle" if ".xml" in path.name else b""
    if looks_like_pubmed_xml(start):
        return _read_xml(path)
    head = start.decode("utf-8-sig", errors="replace").splitlines()
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
    known = ", ".join((*(name for name, _, _ in READABLE), "pubmed xml"))
    first = head[0].strip()[:60] if head else ""
    raise ParseError(
        f"{path.name} begins with {first!r}, which is none of: {known}; "
        "export the citations as RIS, NBIB or PubMed XML",
        where=path.name,
    )
