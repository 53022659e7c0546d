"""What a report is made of: sections, blocks and numbers that know where they come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from resartus.domain.checks import require_aware, require_one_of, require_text, require_tuple
from resartus.domain.estimate import Estimate
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.reporting.evidence import Evidence

__all__ = [
    "NOT_REPORTED",
    "Block",
    "Bullets",
    "Callout",
    "CitationStyle",
    "Cite",
    "Column",
    "Content",
    "CrossReference",
    "Figure",
    "Inline",
    "KeyFigure",
    "KeyFigures",
    "Link",
    "Number",
    "NumberKind",
    "PageBreak",
    "Paragraph",
    "References",
    "Report",
    "Row",
    "Section",
    "Table",
    "Text",
    "TextStyle",
    "Verbatim",
    "content",
]

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


class TextStyle(StrEnum):
    """How a run of words is set; ``missing`` greys out what a paper did not report."""

    PLAIN = "plain"
    STRONG = "strong"
    EMPHASIS = "emphasis"
    CODE = "code"
    MISSING = "missing"


class NumberKind(StrEnum):
    """How a number follows from its inputs, so that an audit can compute it again."""

    CELL = "as extracted"
    COUNT = "count"
    SUM = "sum"
    ESTIMATE = "estimate"
    COMPUTED = "computed"


class CitationStyle(StrEnum):
    """Numbers in order of first mention, or names and years."""

    VANCOUVER = "vancouver"
    AUTHOR_DATE = "author-date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Plain words."""

    text: str
    style: TextStyle = TextStyle.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words that lead to an address, or to an anchor of this report (``"#table-studies"``)."""

    text: str
    href: str

    def __post_init__(self) -> None:
        require_text(self.text, field="text", where=f"link to {self.href!r}")
        if not re.match(r"#|https://|http://|mailto:", self.href):
            raise DataError(
                f"href {self.href!r} of link {self.text!r} is not https, http, mailto or #anchor"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number in the text or in a table, with what it was computed from.

    Parameters
    ----------
    text : str
        As the reader sees it, for example ``"4.1% (95% CI 1.2 to 9.9)"``.
    kind : NumberKind
        How it follows from its inputs.
    number_id : str, optional
        Its live name (``"mortality.pooled"``). Only a number that repeats one
        extracted cell may go without.
    inputs : tuple of str
        Ids of ``Evidence`` rows. For an estimate, empty means the estimate's own.
    estimate : Estimate, optional
        For ``kind`` estimate.
    shows : str, optional
        Which part of the estimate in which style (see ``numbers.estimate_text``).
    derivation : str, optional
        One sentence on how it was computed; needed for ``kind`` computed.
    """

    text: str
    kind: NumberKind
    number_id: str | None = None
    inputs: tuple[str, ...] = ()
    estimate: Estimate | None = None
    shows: str | None = None
    derivation: str | None = None

    def __post_init__(self) -> None:
        name = self.number_id or self.text
        require_text(self.text, field="text", where=f"number {name!r}")
        require_tuple(self.inputs, field="inputs", where=f"number {name!r}")
        if self.number_id is None and self.kind is not NumberKind.CELL:
            raise DataError(f"number {self.text!r} is computed but has no number_id; name it")
        if self.number_id is not None and not _ID.fullmatch(self.number_id):
            raise DataError(
                f"number_id {self.number_id!r} is not letters, digits, dot, dash or underscore"
            )
        if (self.kind is NumberKind.ESTIMATE) != (self.estimate is not None):
            raise DataError(f"number {name!r} of kind {self.kind.value!r} and its estimate differ")
        if self.kind is NumberKind.COMPUTED and not self.derivation:
            raise DataError(f"number {name!r} is computed but does not say how; give a derivation")

    @property
    def all_inputs(self) -> tuple[str, ...]:
        """Ids of the evidence it rests on."""
        if self.inputs or self.estimate is None:
            return self.inputs
        return self.estimate.inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Cite:
    """A mark that points into the reference list."""

    record_ids: tuple[RecordId, ...]

    def __post_init__(self) -> None:
        if not self.record_ids:
            raise DataError("a citation cites no record; name at least one")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossReference:
    """``Table 2`` or ``Figure 1``: the target's number is filled in when the report is set."""

    target: str


Inline = Text | Link | Number | Cite | CrossReference
Content = tuple[Inline, ...]

NOT_REPORTED = Text(text="not reported", style=TextStyle.MISSING)


def content(*parts: str | Inline | Content) -> Content:
    """Return inline content from words, numbers, links and other content, in order."""
    made: list[Inline] = []
    for part in parts:
        if isinstance(part, str):
            made.append(Text(text=part))
        elif isinstance(part, tuple):
            made.extend(part)
        else:
            made.append(part)
    return tuple(made)


def _require_id(value: str, *, what: str) -> None:
    if not _ID.fullmatch(value):
        raise DataError(
            f"id {value!r} of a {what} is not letters, digits, dot, dash and underscore "
            "beginning with a letter",
            field="id",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Sentences. ``items`` name the checklist items it answers (``"PRISMA2020:7"``)."""

    content: Content
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list; ``is_numbered`` where order matters."""

    entries: tuple[Content, ...]
    is_numbered: bool = False
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbatim:
    """Text exactly as it was run or printed, such as a search strategy."""

    text: str
    label: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its heading, its side and how much of the width it asks for."""

    title: str
    align: str = "left"
    weight: float = 1.0

    def __post_init__(self) -> None:
        require_one_of(self.align, ("left", "right", "centre"), field="align", where=self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row. ``anchor`` lets links point at it; ``is_group`` is a heading across the table."""

    cells: tuple[Content, ...]
    anchor: str | None = None
    is_group: bool = False
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its caption above and its notes below.

    ``is_wide`` asks for a landscape page in Word and in print.
    """

    table_id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Content, ...] = ()
    items: tuple[str, ...] = ()
    is_wide: bool = False
    is_numbered: bool = True
    sticky_columns: int = 1

    def __post_init__(self) -> None:
        _require_id(self.table_id, what="table")
        require_text(self.caption, field="caption", where=f"table {self.table_id!r}")
        for number, row in enumerate(self.rows, start=1):
            wanted = 1 if row.is_group else len(self.columns)
            if len(row.cells) != wanted:
                raise DataError(
                    f"row {number} of table {self.table_id!r} has {len(row.cells)} cells, "
                    f"not {wanted}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing as SVG (for the page) and PNG (for Word), with words for who cannot see it.

    ``width_cm`` is the width on paper, at most 26 (A4 landscape).
    """

    figure_id: str
    caption: str
    alt: str
    svg: str
    png: bytes
    notes: tuple[Content, ...] = ()
    numbers: tuple[Number, ...] = ()
    items: tuple[str, ...] = ()
    width_cm: float = 16.0

    def __post_init__(self) -> None:
        _require_id(self.figure_id, what="figure")
        require_text(self.caption, field="caption", where=f"figure {self.figure_id!r}")
        require_text(self.alt, field="alt", where=f"figure {self.figure_id!r}")
        if not self.svg.lstrip().startswith("<") or not self.png.startswith(b"\x89PNG"):
            raise DataError(f"figure {self.figure_id!r} needs an SVG text and PNG bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    """A boxed remark: ``warning``, ``limit``, ``note`` or ``finding``."""

    kind: str
    title: str
    content: tuple[Content, ...]
    items: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        allowed = ("warning", "limit", "note", "finding")
        require_one_of(self.kind, allowed, field="kind", where=f"callout {self.title!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """One headline number with its label and a line of detail."""

    label: str
    number: Number
    detail: Content = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigures:
    """The few numbers a reader should see first, side by side."""

    figures: tuple[KeyFigure, ...]
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """The list of cited records, in the report's citation style."""

    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBreak:
    """A new page on paper; nothing on screen."""

    items: tuple[str, ...] = ()


Block = (
    Paragraph | Bullets | Verbatim | Table | Figure | Callout | KeyFigures | References | PageBreak
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with its blocks, then its subsections.

    ``items`` name the checklist items the section as a whole answers.
    ``is_result`` marks where every number must be live; ``is_landscape`` turns
    the whole section's pages on paper.
    """

    section_id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    items: tuple[str, ...] = ()
    is_result: bool = False
    is_landscape: bool = False

    def __post_init__(self) -> None:
        _require_id(self.section_id, what="section")
        require_text(self.title, field="title", where=f"section {self.section_id!r}")

    def walk(self) -> Iterator[Section]:
        """Yield this section and all below it, in reading order."""
        yield self
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report: what the writers set and the audit reads.

    Parameters
    ----------
    title, subtitle : str
        As they stand on the first page.
    snapshot_line : str
        One line naming the version: number, date, short hash.
    made_at : datetime
        The snapshot's time, with zone. It is the only date the files carry,
        so that the same snapshot gives the same bytes.
    records : tuple of Record
        What may be cited.
    evidence : tuple of Evidence
        What numbers may rest on.
    citation_style : CitationStyle
        How marks and reference list are set.
    software : mapping of str to str
        Name and version of what made it.
    is_compact : bool
        Set small on paper, so that a sheet stays on one page.
    """

    title: str
    snapshot_line: str
    made_at: datetime
    sections: tuple[Section, ...]
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    citation_style: CitationStyle = CitationStyle.VANCOUVER
    software: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    language: str = "en"
    is_compact: bool = False

    def __post_init__(self) -> None:
        require_text(self.title, field="title", where="the report")
        require_text(self.snapshot_line, field="snapshot_line", where="the report")
        require_aware(self.made_at, field="made_at", where="the report")
        require_tuple(self.sections, field="sections", where="the report")

    def walk(self) -> Iterator[Section]:
        """Yield every section in reading order."""
        for section in self.sections:
            yield from section.walk()
