"""Counts among the treated, such as deaths and complications, per series and pooled."""

from __future__ import annotations

from resartus.app.reporting.material import Material
from resartus.app.synthesising import PooledProportion, pooled_proportion
from resartus.reporting.document import (
    Block,
    Bullets,
    Callout,
    Cite,
    Column,
    Content,
    Figure,
    Number,
    Paragraph,
    Row,
    Section,
    Table,
    content,
)
from resartus.reporting.figures.forest import ForestRow, ForestSummary, forest
from resartus.reporting.numbers import count_number, estimate_number, sum_number

__all__ = ["names_of", "pooled", "safety_section", "series_number"]

_NAMES = {
    "mortality_n": ("mortality", "operative mortality", "Operative deaths"),
    "morbidity_n": ("morbidity", "morbidity", "Patients with complications"),
}


def pooled(material: Material, field: str) -> PooledProportion:
    """Return one pooled count of the plan, at the plan's level."""
    known = material.pools.get(field)
    if known is None:
        known = material.pools[field] = pooled_proportion(
            material.studies,
            field,
            treated=material.treated_ids,
            denominator=material.protocol.analysis.denominator,
            level=material.protocol.analysis.level,
        )
    return known


def names_of(field: str) -> tuple[str, str, str]:
    """Return a count's short id, its name in a sentence and on an axis."""
    plain = field.removesuffix("_n").replace("_", " ")
    return _NAMES.get(field, (field.removesuffix("_n"), plain, plain.capitalize()))


def series_number(result: PooledProportion) -> Number:
    """Return how many series a pooled count rests on."""
    return count_number(
        f"{names_of(result.field)[0]}.series",
        [f"study:{study.study_id}" for study in result.studies],
        derivation="series that report it with its denominator",
    )


def _sentence(result: PooledProportion, material: Material) -> Content:
    key, name, _ = names_of(result.field)
    estimate = result.pooled
    if not result.studies:
        return content(f"No series reports {name} together with the number of the treated.")
    events = sum_number(
        f"{key}.events",
        [material.evidence[f"{s.study_id}/{result.field}"] for s in result.studies],
        derivation="events of the series, added up",
    )
    totals = sum_number(
        f"{key}.patients",
        [
            material.evidence[f"{s.study_id}/{material.protocol.analysis.denominator}"]
            for s in result.studies
        ],
        derivation="treated patients of the series, added up",
    )
    counts = content(
        events, " of ", totals, " treated patients in ", series_number(result), " series"
    )
    number = estimate_number(f"{key}.pooled", estimate, style="percent")
    if sum(result.events) == 0:
        return content(
            f"No series that reports {name} saw an event: ",
            counts,
            ". What the data rule out is a rate above the exact upper limit: ",
            number,
            ".",
        )
    return content(f"Pooled {name}: ", number, ", from ", counts, ".")


def _forest(result: PooledProportion, material: Material) -> Figure | None:
    if not result.studies:
        return None
    key, _, axis = names_of(result.field)
    rows = [
        ForestRow(label=study.label, estimate=estimate, counts=f"{events}/{total}")
        for study, estimate, events, total in zip(
            result.studies, result.per_study, result.events, result.totals, strict=True
        )
    ]
    summary = ForestSummary(
        label="All series, exact upper limit" if sum(result.events) == 0 else "Pooled",
        estimate=result.pooled,
        counts=f"{sum(result.events)}/{sum(result.totals)}",
    )
    drawing = forest(rows, x_label=f"{axis} (% of the treated)", summaries=[summary])
    return Figure(
        figure_id=f"figure-{key}",
        caption=f"{axis} among the treated, by series, with exact intervals",
        alt=drawing.alt,
        svg=drawing.svg,
        png=drawing.png,
        width_cm=min(drawing.width_cm, 17.0),
        numbers=tuple(
            estimate_number(f"{key}.{study.study_id}", estimate, style="percent")
            for study, estimate in zip(result.studies, result.per_study, strict=True)
        ),
    )


def _definitions(result: PooledProportion, material: Material) -> Table | None:
    field = result.field.removesuffix("_n") + "_definition"
    key, name, _ = names_of(result.field)
    rows = [
        Row(
            cells=(
                content(study.label, " ", Cite(record_ids=study.record_ids)),
                material.cell(f"{study.study_id}/{result.field}"),
                material.cell(f"{study.study_id}/{material.protocol.analysis.denominator}"),
                content(estimate_number(f"{key}.{study.study_id}", estimate, style="percent")),
                material.cell(f"{study.study_id}/{field}"),
            )
        )
        for study, estimate in zip(result.studies, result.per_study, strict=True)
    ]
    if not rows:
        return None
    return Table(
        table_id=f"table-{key}",
        caption=f"{name.capitalize()} by series, and what each series counted",
        columns=(
            Column(title="Series", weight=1.6),
            Column(title="Events", align="right"),
            Column(title="Treated", align="right"),
            Column(title="Per cent (exact interval)", weight=1.6),
            Column(title="Counted as", weight=2.4),
        ),
        rows=tuple(rows),
    )


def _left_out(result: PooledProportion) -> Block | None:
    if not result.left_out:
        return None
    reasons: dict[str, list[str]] = {}
    for study, reason in result.left_out:
        reasons.setdefault(reason, []).append(study.label)
    return Bullets(
        entries=tuple(
            content(f"Not pooled, {reason}: {', '.join(names)}.")
            for reason, names in reasons.items()
        )
    )


def _doubts(result: PooledProportion) -> Block | None:
    notes = result.pooled.diagnostics
    if not notes or not result.studies:
        return None
    return Callout(
        kind="warning", title="Read with care", content=tuple(content(note) for note in notes)
    )


def safety_section(material: Material) -> Section:
    """Return each planned count with its forest plot and definitions."""
    parts = []
    for field in material.protocol.analysis.proportions:
        result = pooled(material, field)
        key, _, axis = names_of(field)
        blocks: list[Block | None] = [Paragraph(content=_sentence(result, material))]
        if result.pooled.prediction is not None:
            shown = estimate_number(
                f"{key}.prediction", result.pooled, style="percent", part="prediction"
            )
            blocks.append(Paragraph(content=content("In a new series like these: ", shown, ".")))
        blocks += [
            _doubts(result),
            _forest(result, material),
            _definitions(result, material),
            _left_out(result),
        ]
        parts.append(
            Section(
                section_id=f"safety-{key}",
                title=axis,
                is_result=True,
                items=("PRISMA2020:20b", "PRISMA2020:20a", "PRISMA2020:19"),
                blocks=tuple(block for block in blocks if block is not None),
            )
        )
    return Section(
        section_id="safety", title="Events among the treated", sections=tuple(parts), is_result=True
    )
