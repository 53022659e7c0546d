"""Survival from each time zero over all evidence: patients, curves and published figures."""

from __future__ import annotations

from collections.abc import Iterable

from resartus.app.pooling.survival import (
    Contribution,
    Sensitivity,
    SurvivalSynthesis,
    sensitivity_at_state,
    survival_at_state,
)
from resartus.app.reporting.material import Material
from resartus.domain.overlap import OverlapRule
from resartus.domain.time_zero import TimeZero
from resartus.reporting.document import (
    Block,
    Bullets,
    Column,
    Content,
    Paragraph,
    Row,
    Section,
    Table,
    content,
)
from resartus.reporting.numbers import computed_number, estimate_number

__all__ = ["mixed_survival_section"]


def _slug(zero: TimeZero) -> str:
    return zero.replace(" ", "-")


def _inputs(material: Material, contribution: Contribution, found: SurvivalSynthesis) -> list[str]:
    """Return the rows one study's part rests on, or the study itself where it gives none."""
    prefix = f"{contribution.study_id}/"
    known = [i for i in found.inputs if i.removeprefix("curve:").startswith(prefix)]
    return [i for i in known if i in material.evidence] or [f"study:{contribution.study_id}"]


def _studies(contributions: Iterable[Contribution]) -> list[str]:
    return [f"study:{c.study_id}" for c in contributions]


def _others(found: SurvivalSynthesis) -> tuple[Content, ...]:
    left = [c for c in found.contributions if not c.is_used]
    if not left:
        return ()
    number = computed_number(
        f"survival.{_slug(found.origin)}.others",
        str(len(left)),
        inputs=_studies(left),
        derivation="studies of the treatment that give nothing from this time zero",
    )
    what = "study" if len(left) == 1 else "studies"
    return (content(number, f" other {what} of the treatment add nothing from this time zero."),)


def _contributions(material: Material, found: SurvivalSynthesis) -> Table:
    rows = []
    for c in found.used:
        number = computed_number(
            f"survival.{_slug(found.origin)}.{c.study_id}.n",
            str(c.n_patients),
            inputs=_inputs(material, c, found),
            derivation="patients this study adds",
        )
        rows.append(Row(cells=(content(c.label), content(c.kind), content(number))))
    return Table(
        table_id=f"table-survival-{_slug(found.origin)}",
        caption=f"What is counted from {found.origin}",
        columns=(
            Column(title="Study", weight=2),
            Column(title="Known as", weight=2),
            Column(title="Patients", align="right"),
        ),
        rows=tuple(rows),
        notes=_others(found),
    )


def _why_not(found: SurvivalSynthesis, name: str, why: str | None) -> Content:
    """Return why nothing is pooled; its counts rest on the studies that give something."""
    used = [f"study:{c.study_id}" for c in found.used]
    if not used:
        return content(why or "no study is left")
    return content(
        computed_number(
            f"survival.{_slug(found.origin)}.{name}",
            why or "no study is left",
            inputs=used,
            derivation="studies that give survival from this time zero",
        )
    )


def _median(found: SurvivalSynthesis) -> list[Block]:
    if found.model is None:
        said = computed_number(
            f"survival.{_slug(found.origin)}.why-not",
            f"Not pooled: {found.why_not}.",
            inputs=_studies(found.used),
            derivation="studies of the treatment that count from this time zero",
        )
        return [Paragraph(content=content(said))]
    median = found.model.median()
    key = f"survival.{_slug(found.origin)}"
    words: list[Content] = [
        content(
            "Median survival in the typical study: ",
            estimate_number(f"{key}.median", median, style="months"),
            f" ({median.method}).",
        )
    ]
    if median.prediction is not None:
        ahead = estimate_number(f"{key}.prediction", median, style="months", part="prediction")
        words.append(content(" A further study may show ", ahead, "."))
    blocks: list[Block] = [Paragraph(content=content(*words))]
    if median.diagnostics:
        blocks.append(Bullets(entries=tuple(content(doubt) for doubt in median.diagnostics)))
    return blocks


def _choices(found: SurvivalSynthesis, others: tuple[Sensitivity, ...]) -> Block | None:
    """Show the median under every other choice that changes which studies enter."""
    base = {c.study_id for c in found.used}
    entries = []
    for number, other in enumerate(others, start=1):
        result = other.result
        if {c.study_id for c in result.used} == base:
            continue
        if result.model is None:
            said = _why_not(result, f"choice-{number}", result.why_not)
            entries.append(content(f"{other.choice}: not pooled, ", said, "."))
            continue
        shown = estimate_number(
            f"survival.{_slug(found.origin)}.choice-{number}", result.model.median(), style="months"
        )
        entries.append(content(f"{other.choice}: ", shown))
    return Bullets(entries=tuple(entries)) if entries else None


def mixed_survival_section(material: Material) -> Section | None:
    """Return one part for each time zero that any study counts from, or ``None``."""
    parts = []
    for zero in material.times_zero:
        found = survival_at_state(
            material.protocol, material.state, origin=zero, rule=OverlapRule.KEEP_ALL
        )
        if not found.used:
            continue
        others = (
            sensitivity_at_state(
                material.protocol, material.state, origin=zero, tools=material.tools
            )
            if found.model is not None
            else ()
        )
        choices = _choices(found, others)
        parts.append(
            Section(
                section_id=f"survival-from-{_slug(zero)}",
                title=f"From {zero}",
                is_result=True,
                blocks=(
                    *_median(found),
                    _contributions(material, found),
                    *((choices,) if choices else ()),
                ),
            )
        )
    if not parts:
        return None
    return Section(
        section_id="survival-mixed",
        title="All evidence on survival together",
        is_result=True,
        blocks=(
            Paragraph(
                content=content(
                    "Reported patients, patients reconstructed from curves and published figures "
                    "enter one analysis for each time zero, every study once; below "
                    f"{material.protocol.analysis.minimum_studies} studies they are shown and not "
                    "pooled."
                )
            ),
        ),
        sections=tuple(parts),
    )
