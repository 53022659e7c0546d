"""The reporting checklists as an appendix: each item with its place in this very document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from resartus.reporting.audit.checklist import load_checklists
from resartus.reporting.audit.scoring import Scored, Standing, score
from resartus.reporting.document import (
    Column,
    Content,
    CrossReference,
    Inline,
    Paragraph,
    Report,
    Row,
    Section,
    Table,
    Text,
    TextStyle,
    content,
)

__all__ = ["with_checklists"]

_MOST_PLACES = 3


def _where(one: Scored) -> Content:
    if one.standing is Standing.NOT_APPLICABLE:
        return content(f"not applicable: {one.sentence}")
    if one.standing is Standing.MISSING:
        return content(Text(text="not yet", style=TextStyle.MISSING))
    parts: list[str | Inline] = []
    for place in one.places[:_MOST_PLACES]:
        if parts:
            parts.append(", ")
        is_title = one.item.place is not None
        parts.append("title page" if is_title else CrossReference(target=place.anchor))
    return content(*parts)


def with_checklists(report: Report, facts: Mapping[str, object]) -> Report:
    """Return the report with its checklists before the references.

    The appendix answers no item itself, so that the score is of the rest.
    """
    rows = []
    for checklist, items in score(report, load_checklists(), facts=facts):
        met = sum(one.standing is Standing.MET for one in items)
        asked = sum(one.standing is not Standing.NOT_APPLICABLE for one in items)
        title = f"{checklist.name} ({checklist.version}): {met} of {asked}. {checklist.source}"
        rows.append(Row(cells=(content(title),), is_group=True))
        for one in items:
            cells = (content(one.item.item_id), content(one.item.asks), _where(one))
            rows.append(Row(cells=cells))
    section = Section(
        section_id="checklists",
        title="Reporting checklists",
        blocks=(
            Paragraph(
                content=content(
                    "What each standard asks, in our own words, and where this document answers "
                    "it. Scored by the program from the document and the review's log."
                )
            ),
            Table(
                table_id="table-checklists",
                caption="Items of the reporting standards, and where each is answered",
                columns=(
                    Column(title="Item", weight=0.6),
                    Column(title="Asks", weight=3),
                    Column(title="Where", weight=2.4),
                ),
                rows=tuple(rows),
            ),
        ),
    )
    *before, references = report.sections
    return replace(report, sections=(*before, section, references))
