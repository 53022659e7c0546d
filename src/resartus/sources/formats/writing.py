"""Write citations in the formats that other programs read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import IO

from resartus.domain.decision import Decision
from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.sources.formats.writers.bibtex import CitationKeys, render_bibtex
from resartus.sources.formats.writers.csl_json import render_csl
from resartus.sources.formats.writers.nbib import render_nbib
from resartus.sources.formats.writers.ris import render_ris

__all__ = ["WRITABLE", "Judged", "write_citations"]

Judged = tuple[Record, Sequence[Decision]]
"""A record with its decisions, in the order they were made."""
WRITABLE: Mapping[str, str] = {
    "ris": ".ris",
    "nbib": ".nbib",
    "bibtex": ".bib",
    "csl-json": ".json",
    "csv": ".csv",
    "xlsx": ".xlsx",
}
"""Names of the formats, with the ending of their files."""


def write_citations(stream: IO[bytes], judged: Iterable[Judged], *, format: str) -> int:
    """Write records one by one and return how many; always UTF-8.

    Parameters
    ----------
    stream : binary stream
        Where to.
    judged : iterable of (Record, sequence of Decision)
        Give no decisions where they are not to go out. NBIB has no place for them.
    format : str
        One of ``WRITABLE``.

    Raises
    ------
    DataError
        If the format is unknown.
    """
    if format not in WRITABLE:
        raise DataError(f"format {format!r} is not one of: {', '.join(WRITABLE)}", field="format")
    count = 0

    def counted() -> Iterator[Judged]:
        nonlocal count
        for one in judged:
            count += 1
            yield one

    if format in ("csv", "xlsx"):
        table = import_module("resartus.sources.formats.writers.table")
        write = table.write_csv if format == "csv" else table.write_workbook
        write(stream, (table.render_row(record, decisions=d) for record, d in counted()))
        return count
    for text in _texts(counted(), format):
        stream.write(text.encode("utf-8", "replace"))
    return count


def _texts(judged: Iterable[Judged], format: str) -> Iterator[str]:
    if format == "csl-json":
        yield "[\n"
        for index, (record, decisions) in enumerate(judged):
            yield (",\n" if index else "") + render_csl(record, decisions=decisions)
        yield "\n]\n"
        return
    keys = CitationKeys()
    render: Mapping[str, Callable[[Record, Sequence[Decision]], str]] = {
        "ris": lambda record, decisions: render_ris(record, decisions=decisions),
        "nbib": lambda record, decisions: render_nbib(record),
        "bibtex": lambda record, decisions: render_bibtex(
            record, key=keys.next_key(record), decisions=decisions
        ),
    }
    for record, decisions in judged:
        yield render[format](record, decisions)
