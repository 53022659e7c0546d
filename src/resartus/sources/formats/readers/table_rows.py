"""Rows of a table, from CSV and TSV of any dialect or from an Excel workbook."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from resartus.errors import ParseError
from resartus.sources.formats.encoding import open_bytes
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.columns import known_headers

__all__ = ["Dialect", "Row", "csv_rows", "find_dialect", "workbook_rows"]

_DELIMITERS = ",\t;|"
_PREFACE_LINES = 20
_RUNAWAY_LINES = 300
_WOS_HEAD = re.compile(r"PT\tAU\t")


class Row(NamedTuple):
    """One row: the line it begins at (from 1), its text as it stood, its cells."""

    line: int
    raw: str
    cells: list[str]


class Dialect(NamedTuple):
    """How a table's text is to be cut: delimiter, whether quotes count, lines before the header."""

    delimiter: str
    has_quotes: bool
    skipped: int
    known: int
    width: int


def find_dialect(lines: Sequence[str]) -> Dialect | None:
    """Return how a text is cut into columns, by the headers it holds; ``None`` if it is no table.

    Parameters
    ----------
    lines : sequence of str
        The first lines of the file.
    """
    best: Dialect | None = None
    seen = 0
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        seen += 1
        if seen > _PREFACE_LINES:
            break
        for delimiter in _DELIMITERS:
            if delimiter not in line:
                continue
            cells = next(csv.reader([line], delimiter=delimiter), [])
            known = known_headers(cells)
            wide = len(cells)
            # Of two headers that say as much, the first line and the wider cut stand.
            if (
                best is None
                or known > best.known
                or (best.known == 0 and best.skipped == index and wide > best.width)
            ):
                has_quotes = not (delimiter == "\t" and _WOS_HEAD.match(line.lstrip("\ufeff")))
                best = Dialect(delimiter, has_quotes, index, known, wide)
    return best


def csv_rows(lines: Iterable[str], dialect: Dialect, into: Collector) -> Iterator[Row]:
    """Yield the header and then every row; keep the lines before the header as unread.

    A quote that is never closed would take the rest of the file into one
    cell: such a line is refused and reading goes on with the next.
    """
    csv.field_size_limit(2**31 - 1)
    source = _Pushback(lines)
    for number in range(1, dialect.skipped + 1):
        line = next(source, "")
        if not line.lower().startswith("sep="):
            into.refuse(number, line, "before the header of the table")
    quoting: Any = csv.QUOTE_MINIMAL if dialect.has_quotes else csv.QUOTE_NONE
    width = 0
    while True:
        reader = csv.reader(source, delimiter=dialect.delimiter, quoting=quoting)
        runaway = False
        for cells in reader:
            start, taken = source.take()
            is_runaway = len(taken) > _RUNAWAY_LINES and width and len(cells) != width
            if is_runaway or (len(taken) > 1 and width and _swallowed(taken, dialect, width)):
                into.refuse(start, taken[0], "a quote is opened and never closed")
                source.push(taken[1:], start + 1)
                runaway = True
                break
            if not any(cell.strip() for cell in cells):
                continue
            width = width or len(cells)
            yield Row(start, "".join(taken), cells)
        if not runaway:
            return


def _swallowed(taken: list[str], dialect: Dialect, width: int) -> bool:
    """Say whether a quote left open took the next row in: its text breaks the rules of quoting."""
    try:
        list(csv.reader(taken, delimiter=dialect.delimiter, strict=True))
    except csv.Error:
        second = next(csv.reader(taken[1:2], delimiter=dialect.delimiter), [])
        return len(second) == width
    return False


class _Pushback:
    """Lines that remember what was taken since the last row, and can be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: list[str] = []
        self._taken: list[str] = []
        self._start = 1

    def __iter__(self) -> _Pushback:
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else next(self._lines)
        self._taken.append(line)
        return line.replace("\x00", "") if "\x00" in line else line

    def take(self) -> tuple[int, list[str]]:
        start, taken = self._start, self._taken
        self._start += len(taken)
        self._taken = []
        return start, taken

    def push(self, lines: list[str], start: int) -> None:
        self._back.extend(reversed(lines))
        self._start = start


def workbook_rows(path: Path, into: Collector) -> Iterator[Row]:
    """Yield the header and the rows of the first sheet that holds any; keep the others' rows.

    Raises
    ------
    ParseError
        If it is no Excel workbook.
    """
    import openpyxl

    try:
        with open_bytes(path) as stream:
            # Read whole: a workbook is a ZIP archive, and gzip cannot be sought in cheaply.
            content = io.BytesIO(stream.read())
        book = openpyxl.load_workbook(content, read_only=True, data_only=True)
    except Exception as error:
        # openpyxl lets errors of zipfile, XML and its own through, without a common base.
        raise ParseError(
            f"{path.name!r} begins like an Excel workbook but cannot be opened ({error}); "
            "save it again as .xlsx or .csv",
            where=path.name,
        ) from error
    found = False
    for sheet in book.worksheets:
        # A wrong size in the file would hide rows.
        sheet.reset_dimensions()
        is_table, any_row = not found, False
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_cell_text(value) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                continue
            any_row = True
            raw = "\t".join(cells)
            if not is_table:
                into.refuse(number, raw, f"on sheet {sheet.title!r}, which is not the first")
            else:
                yield Row(number, raw, cells)
        found = found or any_row
    book.close()


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
