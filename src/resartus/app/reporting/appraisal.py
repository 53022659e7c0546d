"""How far each study can be trusted, and how sure the body of evidence makes us."""

from __future__ import annotations

from collections.abc import Iterable

from resartus.app.appraisal.answering import bias_figures, conflicts, judgements
from resartus.app.appraisal.grading import grades
from resartus.app.reporting.material import Material
from resartus.appraisal.checklists import Tool, load_tools
from resartus.reporting.document import (
    Block,
    Bullets,
    Callout,
    Figure,
    Paragraph,
    Section,
    content,
)

__all__ = ["appraisal_methods", "appraisal_section"]


def _used(material: Material) -> Iterable[Tool]:
    """Yield the tools under which something was answered; a file of the review may be gone."""
    keys = {key for _, key, _, _ in material.state.appraisals}
    return (tool for tool in load_tools() if tool.key in keys)


def appraisal_methods(material: Material) -> str:
    """Return one or two sentences on how the studies were appraised."""
    tools = list(_used(material))
    if not tools:
        return ""
    people = sorted({person for *_, person in material.state.appraisals})
    named = "; ".join(f"{tool.name} ({tool.source})" for tool in tools)
    who = "One person" if len(people) == 1 else f"{len(people)} people, each alone,"
    settled = len(material.state.settled_appraisals)
    return (
        f"{who} ({', '.join(people)}) appraised the studies with {named}. "
        f"Answers that differed were settled by consensus ({settled} items). No score was computed "
        "from the answers."
    )


def _of_tool(material: Material, tool: Tool) -> tuple[Block, ...]:
    known = judgements(material.state, tool)
    figures = bias_figures(material.state, tool, known=known)
    blocks: list[Block] = [
        Figure(
            figure_id=f"figure-bias-{tool.tool_id}-{name}",
            caption=f"{tool.short}: {caption}",
            alt=drawing.alt,
            svg=drawing.svg,
            png=drawing.png,
            width_cm=min(drawing.width_cm, 17.0),
            items=("PRISMA2020:18",),
        )
        for name, caption, drawing in (
            ("lights", "each study by item", figures["traffic-lights"]),
            ("summary", "studies at each level, by item", figures["summary"]),
        )
    ]
    if tool.warning:
        blocks.append(Callout(kind="note", title=tool.short, content=(content(tool.warning),)))
    open_items = conflicts(material.state, tool)
    if open_items:
        blocks.append(
            Paragraph(
                content=content(
                    f"Answers that still differ between people, and count as not judged: "
                    f"{len(open_items)}."
                )
            )
        )
    return tuple(blocks)


def appraisal_section(material: Material) -> Section | None:
    """Return the appraisal study by study and the certainty of each outcome, or ``None``."""
    tools = [tool for tool in _used(material) if judgements(material.state, tool)]
    rated = grades(material.state)
    if not tools and not rated:
        return None
    blocks: list[Block] = [block for tool in tools for block in _of_tool(material, tool)]
    if rated:
        entries = tuple(
            content(f"{outcome}. {f'{grade.summary} ' if grade.summary else ''}"
                    f"{' '.join(grade.sentences())}")
            for outcome, grade in rated.items()
        )  # fmt: skip
        blocks.append(
            Paragraph(content=content("Certainty of each outcome (GRADE), with every step:"))
        )
        blocks.append(Bullets(entries=entries, items=("PRISMA2020:22",)))
    return Section(section_id="appraisal", title="Risk of bias and certainty", blocks=tuple(blocks))
