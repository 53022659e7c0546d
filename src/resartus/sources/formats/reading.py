"""Read a citation file, told apart by what is in it and not by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path

from resartus.domain.record import Record
from resartus.errors import NotFoundError, ParseError
from resartus.sources.formats.decisions import ImportedDecision
from resartus.sources.formats.encoding import TextLines, file_hash, first_lines, peek
from resartus.sources.formats.packed import require_modest
from resartus.sources.formats.readers.bibtex import looks_like_bibtex
from resartus.sources.formats.readers.ciw import looks_like_ciw
from resartus.sources.formats.readers.enw import looks_like_enw
from resartus.sources.formats.readers.nbib import looks_like_nbib
from resartus.sources.formats.readers.ris import looks_like_ris
from resartus.sources.formats.readers.table_rows import csv_rows, find_dialect, workbook_rows
from resartus.sources.formats.result import ImportResult, Unread
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.columns import ColumnGuess, guess_columns

__all__ = ["READABLE", "CitationFile", "guess_table", "open_citations", "read_citations"]

_Reader = Callable[[TextLines, Collector], Iterator[Record]]
_READERS: Mapping[str, tuple[str, str]] = {
    "pubmed-xml": ("pubmed_import", "read_pubmed"),
    "nbib": ("nbib", "read_nbib"),
    "ris": ("ris", "read_ris"),
    "bibtex": ("bibtex", "read_bibtex"),
    "endnote-xml": ("endnote_xml", "read_endnote_xml"),
    "enw": ("enw", "read_enw"),
    "ciw": ("ciw", "read_ciw"),
    "csl-json": ("csl_json", "read_csl_json"),
    "csv": ("table", "read_table"),
    "xlsx": ("table", "read_workbook"),
}
READABLE = tuple(_READERS)
"""Names of the formats."""
_BY_LINE: tuple[tuple[str, Callable[[str], bool]], ...] = (
    # RIS first: its TY line stands in no NBIB file, while some of its tags look like MEDLINE's.
    ("ris", looks_like_ris),
    ("ciw", looks_like_ciw),
    ("nbib", looks_like_nbib),
    ("bibtex", looks_like_bibtex),
    ("enw", looks_like_enw),
)
_LINES_LOOKED_AT = 400
_PUBMED = re.compile(rb"<(?:PubmedArticle|PubmedBookArticle|DeleteCitation)")
_ENDNOTE = re.compile(r"<(?:xml|XML|records|RECORDS)\s*>")
_JSON = re.compile(r"\s*(?:\[\s*(?:\{|\]|$)|\{\s*(?:\"|$))")


class CitationFile:
    """An opened citation file: iterate over it once for its records, one by one.

    ``unread``, ``decisions`` and ``encoding`` are complete when the last
    record was taken.

    Attributes
    ----------
    path : Path
        The file.
    format : str
        One of ``READABLE``, told by the content.
    raw_hash : str
        SHA-256 of the file as it stands, the name of its payload.
    """

    def __init__(
        self, path: Path, *, format: str, columns: Mapping[str, str] | None = None
    ) -> None:
        self.path = path
        self.format = format
        self.raw_hash = file_hash(path)
        self._lines = TextLines(path)
        self._collector = Collector(source=format, raw_hash=self.raw_hash)
        module, name = _READERS[format]
        # A reader is loaded when its format comes: lxml and openpyxl are slow to load.
        read = getattr(import_module(f"resartus.sources.formats.readers.{module}"), name)
        self._read: _Reader = partial(read, columns=columns) if module == "table" else read

    def __iter__(self) -> Iterator[Record]:
        yield from self._read(self._lines, self._collector)
        if self._lines.torn is not None and self.format != "pubmed-xml":
            line, message = self._lines.torn
            self._collector.refuse(line, message, "the records before were read")

    @property
    def fraction_read(self) -> float:
        """How much of the file was taken in so far, 0 to 1."""
        return self._lines.fraction_read

    @property
    def unread(self) -> tuple[Unread, ...]:
        """Lines that ended in no record, so far."""
        return tuple(self._collector.unread)

    @property
    def decisions(self) -> tuple[ImportedDecision, ...]:
        """Verdicts that another screening tool left, so far."""
        return tuple(self._collector.decisions)

    @property
    def encoding(self) -> str:
        """The encoding, and how many lines needed another one."""
        return "binary" if self.format == "xlsx" else self._lines.encoding


def open_citations(path: Path, *, columns: Mapping[str, str] | None = None) -> CitationFile:
    """Open a citation file of any format in ``READABLE``, plain or gzip.

    Parameters
    ----------
    path : Path
        The file, whatever its name.
    columns : mapping of str to str, optional
        For a table: field to header, where a person said so; see ``guess_table``.

    Raises
    ------
    NotFoundError
        If there is no such file.
    ParseError
        If its content is of no known format.
    """
    return CitationFile(path, format=_format_of(path, is_table=bool(columns)), columns=columns)


def read_citations(path: Path, *, columns: Mapping[str, str] | None = None) -> ImportResult:
    """Read a whole file into memory; see ``open_citations`` for large ones."""
    file = open_citations(path, columns=columns)
    records = tuple(file)
    return ImportResult(
        records=records,
        unread=file.unread,
        format=file.format,
        encoding=file.encoding,
        raw_hash=file.raw_hash,
        decisions=file.decisions,
    )


def guess_table(path: Path, *, columns: Mapping[str, str] | None = None) -> ColumnGuess | None:
    """Return what the columns of a table are taken for, or ``None`` when the file is no table.

    Ask a person when ``is_sure`` is false, and give the answer to
    ``open_citations``.
    """
    format = _format_of(path, is_table=True)
    scratch = Collector(source=format, raw_hash="")
    if format == "xlsx":
        rows = workbook_rows(path, scratch)
    elif format == "csv":
        lines = TextLines(path)
        dialect = find_dialect(first_lines(path))
        if dialect is None:
            return None
        rows = csv_rows(lines, dialect, scratch)
    else:
        return None
    first = list(islice(rows, 20))
    if not first:
        return None
    headers = [cell.lstrip("\ufeff").strip() for cell in first[0].cells]
    return guess_columns(headers, given=columns, rows=[row.cells for row in first[1:]])


def _format_of(path: Path, *, is_table: bool = False) -> str:
    """Return the name of the format by the first bytes and lines."""
    if not path.is_file():
        raise NotFoundError(f"there is no file {str(path)!r} to import")
    require_modest(path)
    first = peek(path, 20_000)
    if first.startswith(b"PK\x03\x04"):
        return "xlsx"
    if _PUBMED.search(first):
        return "pubmed-xml"
    head = first_lines(path)[:_LINES_LOOKED_AT]
    start = next((line for line in head if line.strip()), "").lstrip("\ufeff \t")
    if start.startswith("<"):
        text = "".join(head)[:20_000]
        if _PUBMED.search(text.encode()):
            return "pubmed-xml"
        if _ENDNOTE.search(text):
            return "endnote-xml"
    elif _JSON.match(start):
        return "csl-json"
    else:
        for line in head:
            name = next((name for name, looks_like in _BY_LINE if looks_like(line)), None)
            if name is not None:
                # A table's cell may hold such a line; its header comes first.
                if _is_table(head, sure=True):
                    return "csv"
                # Some exporters of RIS put tags that MEDLINE knows before the type.
                is_ris = name == "nbib" and any(map(looks_like_ris, head))
                return "ris" if is_ris else name
        if _is_table(head, sure=not is_table):
            return "csv"
    raise ParseError(
        f"{path.name} begins with {start.strip()[:60]!r}, which is none of: {', '.join(READABLE)}; "
        "export the citations in one of these formats"
        + (" or say what its columns hold with --map title=COLUMN" if _is_table(head) else ""),
        where=path.name,
    )


def _is_table(head: list[str], *, sure: bool = False) -> bool:
    dialect = find_dialect(head)
    if dialect is None or dialect.width < 2:
        return False
    return dialect.known >= 2 or not sure
