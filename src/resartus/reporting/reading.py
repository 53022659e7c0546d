"""Reading a report from front to back: its content, its numbers, its tables and its anchors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from resartus.domain.ids import RecordId
from resartus.reporting.document import (
    Block,
    Bullets,
    Callout,
    Cite,
    Content,
    Figure,
    KeyFigures,
    Number,
    NumberKind,
    Paragraph,
    Report,
    Section,
    Table,
)

__all__ = [
    "Numbering",
    "block_contents",
    "iterate_blocks",
    "iterate_numbers",
    "named_numbers",
    "number_report",
]


def block_contents(block: Block) -> Iterator[Content]:
    """Yield every run of inline content in a block, in reading order."""
    if isinstance(block, Paragraph):
        yield block.content
    elif isinstance(block, Bullets):
        yield from block.entries
    elif isinstance(block, Callout):
        yield from block.content
    elif isinstance(block, Table):
        for row in block.rows:
            yield from row.cells
        yield from block.notes
    elif isinstance(block, Figure):
        yield from block.notes
    elif isinstance(block, KeyFigures):
        for figure in block.figures:
            yield (figure.number,)
            yield figure.detail


def iterate_blocks(report: Report) -> Iterator[tuple[Section, Block]]:
    """Yield each block with its section, in reading order."""
    for section in report.walk():
        for block in section.blocks:
            yield section, block


def iterate_numbers(report: Report) -> Iterator[tuple[Section, Block, Number]]:
    """Yield each number with its place, repetitions included."""
    for section, block in iterate_blocks(report):
        for run in block_contents(block):
            for inline in run:
                if isinstance(inline, Number):
                    yield section, block, inline
        if isinstance(block, Figure):
            for number in block.numbers:
                yield section, block, number


def named_numbers(report: Report) -> dict[str, Number]:
    """Return the report's live numbers by name, in order of first appearance."""
    found: dict[str, Number] = {}
    for _, _, number in iterate_numbers(report):
        if number.number_id is not None and number.kind is not NumberKind.CELL:
            found.setdefault(number.number_id, number)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """What position gives: reference numbers, ``Table 2``, ``3.1``."""

    references: dict[RecordId, int]
    labels: dict[str, str]
    section_numbers: dict[str, str]


def _number_sections(report: Report) -> dict[str, str]:
    numbers: dict[str, str] = {}

    def visit(sections: tuple[Section, ...], prefix: str) -> None:
        for position, section in enumerate(sections, start=1):
            numbers[section.section_id] = f"{prefix}{position}"
            visit(section.sections, f"{prefix}{position}.")

    visit(report.sections, "")
    return numbers


def number_report(report: Report) -> Numbering:
    """Return the numbers of sections, tables, figures and, by first mention, references."""
    references: dict[RecordId, int] = {}
    section_numbers = _number_sections(report)
    labels = {key: f"Section {number}" for key, number in section_numbers.items()}
    tables = figures = 0
    for _, block in iterate_blocks(report):
        if isinstance(block, Table) and block.is_numbered:
            tables += 1
            labels[block.table_id] = f"Table {tables}"
        elif isinstance(block, Figure):
            figures += 1
            labels[block.figure_id] = f"Figure {figures}"
        for run in block_contents(block):
            for inline in run:
                if isinstance(inline, Cite):
                    for record_id in inline.record_ids:
                        references.setdefault(record_id, len(references) + 1)
    return Numbering(references=references, labels=labels, section_numbers=section_numbers)
