"""The appendix ``Where each number comes from``, made from the numbers themselves."""

from __future__ import annotations

from dataclasses import replace

from resartus.domain.estimate import Estimate
from resartus.reporting.anchors import evidence_anchor, number_anchor
from resartus.reporting.document import (
    Cite,
    Column,
    Content,
    Inline,
    Link,
    Number,
    NumberKind,
    Paragraph,
    Report,
    Row,
    Section,
    Table,
    Text,
    TextStyle,
    content,
)
from resartus.reporting.evidence import Evidence, value_text
from resartus.reporting.reading import (
    block_contents,
    iterate_blocks,
    iterate_numbers,
    named_numbers,
)

__all__ = ["how_computed", "provenance_section", "with_provenance"]

_SECTION_ID = "where-numbers-come-from"
_MOST_SHOWN = 60


def _estimate_words(estimate: Estimate) -> str:
    parts = [estimate.method]
    if estimate.interval is not None:
        parts.append(f"interval: {estimate.interval.method}")
    if estimate.prediction is not None:
        parts.append(f"prediction interval: {estimate.prediction.method}")
    base = [
        f"{count} {noun}"
        for count, noun in (
            (estimate.n_studies, "studies"),
            (estimate.n_patients, "patients"),
            (estimate.n_events, "events"),
        )
        if count is not None
    ]
    text = "; ".join(parts)
    if base:
        text += f" ({', '.join(base)})"
    return text + "".join(f". {sentence.rstrip('.')}" for sentence in estimate.diagnostics)


def how_computed(number: Number) -> str:
    """Return in words how a number follows from the rows behind it."""
    if number.estimate is not None:
        return _estimate_words(number.estimate)
    words = {
        NumberKind.CELL: "As extracted",
        NumberKind.COUNT: "Count of the rows named",
        NumberKind.SUM: "Sum of the rows named",
    }.get(number.kind, "Computed")
    return f"{words}: {number.derivation}" if number.derivation else words


def _input_links(number: Number, evidence: dict[str, Evidence]) -> Content:
    parts: list[Inline] = []
    inputs = number.all_inputs
    for position, key in enumerate(inputs[:_MOST_SHOWN]):
        row = evidence[key]
        if position:
            parts.append(Text(text="; "))
        parts.append(
            Link(text=f"{row.owner}: {value_text(row.value)}", href=f"#{evidence_anchor(key)}")
        )
    if len(inputs) > _MOST_SHOWN:
        parts.append(Text(text=f"; and {len(inputs) - _MOST_SHOWN} more in the next table"))
    return tuple(parts) or (Text(text="no row counts", style=TextStyle.MISSING),)


def _numbers_table(report: Report, evidence: dict[str, Evidence]) -> Table:
    rows = tuple(
        Row(
            cells=(
                content(Text(text=number_id, style=TextStyle.CODE)),
                content(Text(text=number.text, style=TextStyle.STRONG)),
                content(how_computed(number)),
                _input_links(number, evidence),
            ),
            anchor=number_anchor(number_id),
        )
        for number_id, number in named_numbers(report).items()
    )
    return Table(
        table_id="table-numbers",
        caption="Every computed number, how it was computed and the rows it rests on",
        columns=(
            Column(title="Name", weight=1.7),
            Column(title="Reads", weight=1.2),
            Column(title="How", weight=2.2),
            Column(title="Rows behind it", weight=3.0),
        ),
        rows=rows,
        is_wide=True,
    )


def _printed(row: Evidence) -> Content:
    parts: list[str | Text] = []
    if row.span:
        parts.append(f"“{row.span}”")
    if row.derivation:
        parts.append(Text(text=f"{' ' if parts else ''}Derived: {row.derivation}"))
    if row.note:
        parts.append(Text(text=f"{' ' if parts else ''}Note: {row.note}"))
    return content(*parts)


def _evidence_table(report: Report, used: list[Evidence]) -> Table:
    labels = {record.record_id: record.label for record in report.records}
    rows = []
    for row in used:
        article: list[str | Inline] = []
        if row.record_id is not None:
            article += [f"{labels[row.record_id]} ", Cite(record_ids=(row.record_id,))]
        if row.place:
            article.append(f", {row.place}" if article else row.place)
        if row.url:
            article += [" ", Link(text="address", href=row.url)]
        rows.append(
            Row(
                cells=(
                    content(row.owner),
                    content(row.label),
                    content(value_text(row.value)),
                    content(*article),
                    _printed(row),
                    content(row.entered_by),
                ),
                anchor=evidence_anchor(row.evidence_id),
            )
        )
    return Table(
        table_id="table-evidence",
        caption="The evidence rows: article, place, words as printed or how derived, who entered",
        columns=(
            Column(title="Study, patient or step", weight=1.4),
            Column(title="What", weight=1.6),
            Column(title="Value", weight=0.9),
            Column(title="Article and place", weight=1.9),
            Column(title="As printed, or how derived", weight=2.6),
            Column(title="Entered by", weight=1.1),
        ),
        rows=tuple(rows),
        is_wide=True,
    )


def _made_with(report: Report) -> tuple[Paragraph, ...]:
    if not report.software:
        return ()
    names = ", ".join(f"{name} {version}" for name, version in report.software.items())
    return (Paragraph(content=content(f"{report.snapshot_line}. Made with {names}.")),)


def provenance_section(report: Report) -> Section:
    """Return the appendix that resolves every number of the report down to its cells.

    Evidence that no number uses and no link names is left out.
    """
    evidence = {row.evidence_id: row for row in report.evidence}
    wanted: set[str] = set()
    for _, _, number in iterate_numbers(report):
        wanted.update(number.all_inputs)
    linked = {
        inline.href
        for _, block in iterate_blocks(report)
        for run in block_contents(block)
        for inline in run
        if isinstance(inline, Link)
    }
    used = [
        row
        for key, row in evidence.items()
        if key in wanted or f"#{evidence_anchor(key)}" in linked
    ]
    return Section(
        section_id=_SECTION_ID,
        title="Where each number comes from",
        is_landscape=True,
        blocks=(
            Paragraph(
                content=content(
                    "Every number in this report is computed. The first table names each with "
                    "its method and the rows it rests on; the second shows each row with the "
                    "article and place it was read at, the printed words or the derivation, "
                    "and who entered it."
                )
            ),
            *_made_with(report),
            _numbers_table(report, evidence),
            _evidence_table(report, used),
        ),
    )


def with_provenance(report: Report) -> Report:
    """Return the report with its appendix of numbers at the end, unless it has one."""
    if any(section.section_id == _SECTION_ID for section in report.sections):
        return report
    return replace(report, sections=(*report.sections, provenance_section(report)))
