"""What studies say where nothing is pooled: directions counted, and drawn as a harvest plot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from resartus.app.appraisal.answering import tools_of_review
from resartus.app.pooling.effects import PooledEffect, natural
from resartus.app.reporting.material import Material
from resartus.app.reporting.ratios import bias_level
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.app.versions import draft_version
from resartus.appraisal.checklists import Level
from resartus.domain.guidance import Direction
from resartus.domain.ids import StudyId
from resartus.domain.protocol import PlannedEffect
from resartus.reporting.document import Block, Bullets, Figure, Number, Paragraph, Section, content
from resartus.reporting.figures.harvest import HarvestBar, harvest
from resartus.reporting.numbers import computed_number, estimate_number
from resartus.synthesis.meta.swim.direction import count_directions

__all__ = ["directions_section", "effect_key", "effect_style", "harvest_now"]

_OUTCOMES_A_FIGURE = 5
"""As many rows as fit on one page."""
_KINDS = 4
_SIZES = (100, 30)
_HEIGHT_OF = {Level.LOW: 3, Level.SOME: 2, Level.UNCLEAR: 2, Level.HIGH: 1, Level.CRITICAL: 1}
_BY_BIAS = "lower risk of bias (high, some or unclear, low)"
_BY_SIZE = f"more patients (fewer than {_SIZES[1]} or not told, {_SIZES[1]}–{_SIZES[0] - 1}, more)"


def effect_key(plan: PlannedEffect) -> str:
    """Return a planned effect's name as part of an id."""
    return re.sub(r"[^a-z0-9]+", "-", plan.name.lower()).strip("-")


def effect_style(result: PooledEffect) -> str:
    """Return how numbers of an effect are written."""
    if result.measure.natural == "proportion":
        return "percent"
    if result.measure.name.startswith("MEDIAN"):
        return "months"
    return "ratio" if result.measure.is_ratio else "decimal"


@dataclass(frozen=True, slots=True)
class _Told:
    """One effect that is not pooled: the sign of each study, 1 where it points to benefit."""

    result: PooledEffect
    study_ids: tuple[StudyId, ...]
    signs: tuple[int, ...]


def _told(result: PooledEffect, *, knows_benefit: bool) -> _Told | None:
    """Return an effect's directions, ``None`` where it is pooled or compares nothing."""
    null = result.measure.null
    if null is None or result.pooled.value is not None or not result.values:
        return None
    good = 1 if knows_benefit and result.plan.better == "higher" else -1
    return _Told(
        result=result,
        study_ids=tuple(
            StudyId(result.table.cells[i][0].partition("/")[0]) for i in result.positions
        ),
        # By the effect itself and never by its p value.
        signs=tuple(good * ((y > null) - (y < null)) for y in result.values),
    )


def _sentence(told: _Told, *, knows_benefit: bool, level: float) -> Paragraph:
    result, name = told.result, told.result.plan.name
    key, measure = effect_key(result.plan), result.measure.natural
    found = count_directions(told.signs, level=level, inputs=result.pooled.inputs)
    points = "point to benefit" if knows_benefit else f"have a {measure} below no effect"
    parts: list[str | Number] = [
        f"{name}: ",
        computed_number(
            f"effect.{key}.direction",
            f"{sum(sign > 0 for sign in told.signs)} of {len(told.signs)}",
            inputs=result.pooled.inputs,
            derivation=f"studies that {points}, of those with a {measure}",
        ),
        f" studies {points}",
    ]
    if found.value is not None:
        share = replace(found, scale=f"proportion of studies that {points}")
        parts += [
            ", of those with a direction ",
            estimate_number(f"effect.{key}.direction-share", share, style="percent"),
            " (sign test: ",
            estimate_number(f"effect.{key}.direction-p", share, style="percent", part="p"),
            ")",
        ]
    return Paragraph(content=content(*parts, ". ", " ".join(found.diagnostics)), items=("SWiM:8",))


def _heights(
    material: Material, told: Sequence[_Told]
) -> tuple[Mapping[tuple[str, StudyId], int], str]:
    """Return each bar's height and its meaning: trust where all are appraised, else size."""
    shown = [(t.result.plan.name, s) for t in told for s in t.study_ids]
    levels = {study_id: bias_level(material, study_id) for _, study_id in shown}
    by_bias = {s: _HEIGHT_OF.get(found[0]) for s, found in levels.items() if found is not None}
    if all(by_bias.get(s) is not None for _, s in shown):
        return {(name, s): by_bias[s] or 1 for name, s in shown}, _BY_BIAS
    studies = {study.study_id: study for study in material.studies}
    heights = {}
    for one in told:
        for study_id, counted in zip(one.study_ids, one.result.n_patients, strict=True):
            study = studies[study_id]
            n = counted or study.number(material.size_field(study)) or 0
            heights[one.result.plan.name, study_id] = 1 + sum(n >= least for least in _SIZES)
    return heights, _BY_SIZE


def _designs(material: Material, told: Sequence[_Told]) -> dict[StudyId, str]:
    """Return each study's design; the rarer ones together where the figure cannot tell them."""
    shown = {s for one in told for s in one.study_ids}
    of = {s.study_id: s.design for s in material.studies if s.study_id in shown}
    by_number = [design for design, _ in Counter(of.values()).most_common()]
    kept = by_number if len(by_number) <= _KINDS else by_number[: _KINDS - 1]
    return {study_id: d if d in kept else "other design" for study_id, d in of.items()}


def _drawn(
    material: Material, told: Sequence[_Told], *, knows_benefit: bool, number: int
) -> Figure:
    heights, meaning = _heights(material, told)
    designs, labels = _designs(material, told), material.labels
    sides = {1: Direction.BETTER, 0: Direction.NO_DIFFERENCE, -1: Direction.WORSE}
    bars = [
        HarvestBar(
            outcome=one.result.plan.name,
            study=labels[study_id],
            direction=sides[sign],
            height=heights[one.result.plan.name, study_id],
            kind=designs[study_id],
        )
        for one in told
        for study_id, sign in zip(one.study_ids, one.signs, strict=True)
    ]
    headings = (
        ("Harm", "No difference", "Benefit")
        if knows_benefit
        else ("Above no effect", "No difference", "Below no effect")
    )
    drawing = harvest(bars, height_means=meaning, headings=headings)
    return Figure(
        figure_id="figure-harvest" + (f"-{number}" if number > 1 else ""),
        caption="Harvest plot: which way each study points, by outcome, where nothing is pooled",
        alt=drawing.alt,
        svg=drawing.svg,
        png=drawing.png,
        width_cm=min(drawing.width_cm, 17.0),
        notes=(
            content(
                "One bar is one study, under the side its effect lies on whatever its p value; "
                f"filling tells the design, a taller bar {meaning}. Bars say nothing of how large "
                "an effect is."
            ),
        ),
        numbers=tuple(
            estimate_number(
                f"effect.{effect_key(one.result.plan)}.{place}",
                natural(own, one.result.measure),
                style=effect_style(one.result),
            )
            for one in told
            for place, own in enumerate(one.result.per_study, start=1)
        ),
        items=("SWiM:7", "SWiM:8"),
    )


def harvest_now(review: Review, result: PooledEffect) -> Figure | None:
    """Return the harvest plot of one effect as the review stands, ``None`` where it has none."""
    knows_benefit = result.plan.better is not None
    told = _told(result, knows_benefit=knows_benefit)
    if told is None:
        return None
    material = Material(
        protocol=review.protocol,
        snapshot=draft_version(review),
        state=settled(review),
        records={},
        tools=tools_of_review(review),
    )
    return _drawn(material, [told], knows_benefit=knows_benefit, number=1)


def directions_section(material: Material, results: Sequence[PooledEffect]) -> Section | None:
    """Return the comparisons that are not pooled by direction, or ``None`` without any.

    References
    ----------
    .. [1] Campbell M et al. Synthesis without meta-analysis (SWiM) in
       systematic reviews: reporting guideline. BMJ 2020;368:l6890.
    .. [2] Ogilvie D et al. The harvest plot. BMC Med Res Methodol 2008;8:8.
    """
    unpooled = [r for r in results if r.measure.null is not None and r.pooled.value is None]
    knows_benefit = all(r.plan.better for r in unpooled if r.values)
    told = [one for r in unpooled if (one := _told(r, knows_benefit=knows_benefit)) is not None]
    if not told:
        return None
    level = material.protocol.analysis.level
    starts = range(0, len(told), _OUTCOMES_A_FIGURE)
    figures = [
        _drawn(
            material,
            told[start : start + _OUTCOMES_A_FIGURE],
            knows_benefit=knows_benefit,
            number=number,
        )
        for number, start in enumerate(starts, start=1)
    ]
    sentences = [_sentence(one, knows_benefit=knows_benefit, level=level) for one in told]
    listed: tuple[Block, ...] = tuple(sentences)
    if len(sentences) > 1:
        listed = (Bullets(entries=tuple(p.content for p in sentences), items=("SWiM:8",)),)
    return Section(
        section_id="directions",
        title="Which way the studies point where nothing is pooled",
        is_result=True,
        blocks=(*listed, *figures),
    )
