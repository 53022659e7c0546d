"""What the planned effects add up to, each with its forest plot, doubts and dependence."""

from __future__ import annotations

from collections.abc import Sequence

from resartus.app.pooling.effects import PooledEffect, natural
from resartus.app.pooling.figures import draw_effect
from resartus.app.pooling.run import among_studies
from resartus.app.pooling.sensitivity import Sensitivity, examine
from resartus.app.pooling.table import table_of_studies
from resartus.app.reporting.directions import directions_section, effect_key, effect_style
from resartus.app.reporting.material import Material
from resartus.domain.estimate import Estimate
from resartus.domain.protocol import PlannedEffect
from resartus.reporting.document import (
    Block,
    Bullets,
    Callout,
    Column,
    Figure,
    Number,
    Paragraph,
    Row,
    Section,
    Table,
    content,
)
from resartus.reporting.figures.forest import heterogeneity_text
from resartus.reporting.numbers import computed_number, estimate_number, estimate_text, p_text

__all__ = ["effects_section"]


def _pooled(material: Material, plan: PlannedEffect) -> PooledEffect:
    """Return one planned effect at the plan's level, over the studies of its role."""
    from resartus.app.pooling.effects import pool_effect

    analysis = material.protocol.analysis
    among = among_studies(material.protocol, material.roles, plan)
    table = table_of_studies(material.studies, plan, among=among)
    return pool_effect(table, plan, level=analysis.level, minimum_studies=analysis.minimum_studies)


def _sentences(result: PooledEffect, key: str) -> list[Block]:
    shown, style = natural(result.pooled, result.measure), effect_style(result)
    counted = computed_number(
        f"effect.{key}.studies",
        f"{len(result.values)} {'study' if len(result.values) == 1 else 'studies'}",
        inputs=shown.inputs,
        derivation="studies that report what the measure needs",
    )
    if shown.value is None:
        said = f"{result.measure.natural.capitalize()}: not pooled, from "
        return [Paragraph(content=content(said, counted, "."))]
    number = estimate_number(f"effect.{key}.pooled", shown, style=style)
    blocks: list[Block] = [
        Paragraph(
            content=content(
                f"Pooled {result.measure.natural}: ",
                number,
                ", from ",
                counted,
                f" ({shown.method}; interval: "
                f"{shown.interval.method if shown.interval else 'none'}).",
            )
        )
    ]
    words: list[str | Number] = []
    if shown.prediction is not None:
        ahead = estimate_number(f"effect.{key}.prediction", shown, style=style, part="prediction")
        words += ["In a new study like these: ", ahead, f" ({shown.prediction.method}). "]
    spread = heterogeneity_text(shown)
    if spread is not None:
        words.append(
            computed_number(
                f"effect.{key}.spread",
                f"{spread}.",
                inputs=shown.inputs,
                derivation=f"heterogeneity of the studies' effects ({shown.method})",
            )
        )
    if words:
        blocks.append(Paragraph(content=content(*words)))
    return blocks


def _said(result: PooledEffect, name: str, sentence: str, how: str) -> Block:
    """Return a sentence full of figures as one live number of the effect's inputs."""
    inputs = result.pooled.inputs
    if not inputs:
        return Paragraph(content=content(sentence))
    number_id = f"effect.{effect_key(result.plan)}.{name}"
    return Paragraph(
        content=content(computed_number(number_id, sentence, inputs=inputs, derivation=how))
    )


def _dependence(result: PooledEffect, found: Sensitivity) -> Block | None:
    """Say how far the pooled effect moves when one study is left out."""
    moved = [
        (e.value, label)
        for e, label in zip(
            (natural(e, result.measure) for e in found.without), result.labels, strict=False
        )
        if e.value is not None
    ]
    if not moved:
        return None
    scale = 100 if effect_style(result) == "percent" else 1
    (low, first), (high, last) = min(moved), max(moved)
    influential = [
        label
        for label, one in zip(result.labels, found.influence, strict=False)
        if one.is_influential
    ]
    words = (
        f"Leaving out one study at a time, the pooled effect runs from {scale * low:.2f} (without "
        f"{first}) to {scale * high:.2f} (without {last})."
    )
    if influential:
        words += f" Influential by deletion diagnostics: {', '.join(influential)}."
    return _said(result, "left-out", words, "pooled again without each study in turn")


def _studies(result: PooledEffect, key: str) -> Table:
    style = effect_style(result)
    weights: Sequence[float | None] = result.weights or (None,) * len(result.values)
    rows = [
        Row(
            cells=(
                content(label),
                content(
                    estimate_number(f"effect.{key}.{i}", natural(own, result.measure), style=style)
                ),
                *((content(f"{100 * w:.1f}%"),) if w is not None else ()),
            )
        )
        for i, (label, own, w) in enumerate(
            zip(result.labels, result.per_study, weights, strict=True), start=1
        )
    ]
    return Table(
        table_id=f"table-effect-{key}",
        caption=f"{result.plan.name}: {result.measure.natural} by study",
        columns=(
            Column(title="Study", weight=2),
            Column(title=result.measure.natural.capitalize(), weight=2),
            *((Column(title="Weight", align="right"),) if result.weights else ()),
        ),
        rows=tuple(rows),
    )


def _figures(result: PooledEffect, found: Sensitivity, key: str) -> list[Block]:
    return [
        Figure(
            figure_id=f"figure-effect-{key}-{kind}",
            caption=f"{result.plan.name}: {kind} plot, {result.measure.natural}",
            alt=drawing.alt,
            svg=drawing.svg,
            png=drawing.png,
            width_cm=min(drawing.width_cm, 17.0),
        )
        for kind, drawing in draw_effect(result, found).items()
        if kind in ("forest", "funnel", "cumulative")
    ]


def _coefficient(estimate: Estimate) -> str:
    """Return a slope with three significant digits, since it is per unit of anything."""
    bounds = estimate.interval
    if estimate.value is None or bounds is None or bounds.low is None or bounds.high is None:
        return "not estimable"
    level = f"{100 * bounds.level:g}%"
    return f"{estimate.value:.3g} ({level} CI {bounds.low:.3g} to {bounds.high:.3g})"


def _groups(result: PooledEffect) -> list[Block]:
    blocks: list[Block] = []
    s, r = result.subgroups, result.regression

    def text(estimate: Estimate) -> str:
        if estimate.value is None:
            return "not pooled"
        return estimate_text(natural(estimate, result.measure), style=effect_style(result))

    if s is not None:
        told = "not tested" if s.p_value is None else p_text(s.p_value)
        parts = [f"{name} {text(e)}" for name, e in zip(s.names, s.estimates, strict=True)]
        blocks.append(
            _said(
                result,
                "subgroups",
                f"By {result.plan.subgroup}: {'; '.join(parts)}. Difference between groups: "
                f"{told}.",
                "pooled within each group by the plan's model; Q between the groups, by their "
                "standard errors",
            )
        )
    if r is not None:
        parts = [
            f"{name} {_coefficient(c)}, {estimate_text(c, style='decimal', part='p')}"
            for name, c in zip(r.names[1:], r.coefficients[1:], strict=True)
        ]
        share = "" if r.r2 is None else f" It explains {100 * r.r2:.0f}% of tau2."
        blocks.append(
            _said(
                result,
                "regression",
                f"Meta-regression, change of the {result.measure.scale} per unit: "
                f"{'; '.join(parts)}.{share} Studies' averages need not hold within them.",
                "meta-regression over the studies' effects",
            )
        )
    return blocks


def _one(material: Material, result: PooledEffect) -> Section:
    plan, key = result.plan, effect_key(result.plan)
    level = material.protocol.analysis.level
    what: tuple[str, ...] = ("leave-one-out", "influence", "cumulative")
    if len(result.values) >= 10:
        what += ("asymmetry",)
    is_pooled = result.pooled.value is not None and len(result.values) > 2
    found = examine(result, what=what, level=level) if is_pooled else Sensitivity()
    notes = [*result.pooled.diagnostics, *result.notes]
    for part in (result.subgroups, result.regression):
        notes += part.diagnostics if part is not None else ()
    notes += [note for test in found.asymmetry[:1] for note in test.diagnostics]
    blocks: list[Block | None] = [*_sentences(result, key)]
    if notes:
        blocks.append(
            Callout(
                kind="warning", title="Read with care", content=tuple(content(n) for n in notes)
            )
        )
    if result.values:
        blocks += [_dependence(result, found), *_groups(result)]
        if found.asymmetry:
            tests = "; ".join(f"{t.method}: {p_text(t.p_value)}" for t in found.asymmetry)
            said = f"Asymmetry of the funnel: {tests}."
            blocks.append(_said(result, "asymmetry", said, "tests named in the sentence"))
        blocks += [*_figures(result, found, key), _studies(result, key)]
    reasons: dict[str, list[str]] = {}
    for label, reason in result.table.left_out:
        reasons.setdefault(reason, []).append(label)
    if reasons:
        entries = tuple(
            content(f"Not pooled, {reason}: {', '.join(names)}.")
            for reason, names in reasons.items()
        )
        blocks.append(Bullets(entries=entries))
    return Section(
        section_id=f"effect-{key}",
        title=plan.name,
        is_result=True,
        items=("PRISMA2020:20b", "PRISMA2020:20c", "PRISMA2020:20d"),
        blocks=tuple(block for block in blocks if block is not None),
    )


def effects_section(material: Material) -> Section | None:
    """Return the planned effects, or ``None`` when the plan has none."""
    results = [_pooled(material, plan) for plan in material.protocol.analysis.effects]
    if not results:
        return None
    told = directions_section(material, results)
    return Section(
        section_id="effects",
        title="What do the studies' effects add up to?",
        sections=(*(_one(material, result) for result in results), *((told,) if told else ())),
        is_result=True,
    )
