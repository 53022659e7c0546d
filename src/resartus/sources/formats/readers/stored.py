"""Records by their own bytes, one at a time: what a local PubMed keeps and gives back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from resartus.domain.record import Record
from resartus.errors import ParseError
from resartus.sources.formats.encoding import TextLines
from resartus.sources.formats.readers.nbib import read_nbib
from resartus.sources.formats.readers.pubmed_article import parse_article
from resartus.sources.formats.readers.pubmed_payloads import Payload, Problem
from resartus.sources.formats.readers.pubmed_xml import ParsedBatch, parse_payloads
from resartus.sources.formats.values.collector import Collector

__all__ = ["NBIB", "iterate_nbib_payloads", "parse_any", "parse_stored"]

NBIB = "nbib"


def iterate_nbib_payloads(path: Path) -> Iterator[Payload]:
    """Cut an NBIB file into the bytes of its records, which begin at ``PMID-``."""
    held: list[str] = []
    number = 0
    for line in TextLines(path):
        if line.startswith("PMID-") and held:
            number += 1
            yield Payload(NBIB, "".join(held).encode("utf-8"), number)
            held = []
        if held or line.strip():
            held.append(line)
    if held:
        yield Payload(NBIB, "".join(held).encode("utf-8"), number + 1)


def _parse_nbib(content: bytes) -> Record:
    collector = Collector(source="pubmed", raw_hash="")
    lines = content.decode("utf-8").splitlines(keepends=True)
    records = list(read_nbib(lines, collector))
    if len(records) != 1 or records[0].pmid is None:
        first = lines[0].strip()[:60] if lines else ""
        raise ParseError(f"the record beginning {first!r} has no PMID or cannot be read")
    return records[0]


def parse_stored(form: str, content: bytes) -> Record:
    """Return the record of stored bytes; ``form`` is ``"xml"`` or ``"nbib"``.

    Raises
    ------
    ParseError
        If the bytes are no such record.
    """
    return _parse_nbib(content) if form == NBIB else parse_article(content)


def parse_any(payloads: Iterable[Payload], *, file: str) -> ParsedBatch:
    """Parse payloads of either form; a broken one is a problem and hides no other."""
    held = list(payloads)
    if not held or held[0].kind != NBIB:
        return parse_payloads(held, file=file)
    records: list[Record] = []
    contents: list[bytes] = []
    problems: list[Problem] = []
    for payload in held:
        try:
            records.append(_parse_nbib(payload.content))
            contents.append(payload.content)
        except ParseError as error:
            message = f"{error.message}; it was left out"
            problems.append(Problem(file=file, number=payload.number, message=message))
    return ParsedBatch(
        records=tuple(records), contents=tuple(contents), deleted=(), problems=tuple(problems)
    )
