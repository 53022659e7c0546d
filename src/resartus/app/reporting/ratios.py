"""Selection factors on one scale: hazard ratios for death where a study gives one, pooled by rule.

The numbers are read from the fields ``hazard_ratio``, ``ratio_low`` and
``ratio_high`` of a finding, or from its figures as printed (``"HR 0.37
(0.18-0.75)"``). What a study gives otherwise keeps its direction only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from resartus.app.appraisal.answering import judgements
from resartus.app.appraisal.grading import grades
from resartus.app.reporting.material import Material
from resartus.appraisal.checklists import Level, Tool
from resartus.domain.estimate import Estimate, Interval
from resartus.domain.guidance import Certainty, Finding
from resartus.errors import DataError
from resartus.reporting.document import Content, Figure, Text, TextStyle, content
from resartus.reporting.figures.forest import ForestRow, ForestSummary, forest
from resartus.reporting.numbers import estimate_number
from resartus.synthesis.meta.effects.hazard_ratio import from_interval
from resartus.synthesis.meta.pooling import pool
from resartus.tailoring.matrix import MatrixRow

__all__ = ["Ratio", "bias_level", "bias_of", "certainty_of", "pooled_ratio", "ratio_content",
           "ratio_figure", "ratio_of"]  # fmt: skip

_PRINTED = re.compile(
    r"\b(?:adjusted )?(?:HR|hazard ratio)\b[^\d(;,]{0,24}(\d+(?:[.·]\d+)?)\s*"
    r"[(\[](?:95 ?% ?(?:CI|confidence interval)?[:,]?\s*)?"
    r"(\d+(?:[.·]\d+)?)\s*(?:-|–|to|,)\s*(\d+(?:[.·]\d+)?)\s*[)\]]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One finding's hazard ratio for death: on the log scale, and as people read it."""

    finding: Finding
    log: Estimate
    natural: Estimate


def _number(text: str) -> float:
    return float(text.replace("·", "."))


def _printed(material: Material, finding: Finding) -> tuple[tuple[float, float, float], str] | None:
    """Return ratio, low and high with the cell that they stand in, or ``None``."""
    prefix = (finding.cell_id or "").removesuffix("factor")
    fields = [
        material.evidence.get(prefix + n) for n in ("hazard_ratio", "ratio_low", "ratio_high")
    ]
    numbers = [row.number for row in fields if row is not None and row.number is not None]
    if len(numbers) == 3:
        return (numbers[0], numbers[1], numbers[2]), prefix + "hazard_ratio"
    row = material.evidence.get(prefix + "figures")
    found = _PRINTED.search(str(row.value)) if row is not None and row.value else None
    if found is None:
        return None
    return (_number(found[1]), _number(found[2]), _number(found[3])), prefix + "figures"


def ratio_of(material: Material, finding: Finding) -> Ratio | None:
    """Return a finding's hazard ratio with its interval, or ``None`` where none was printed."""
    told = _printed(material, finding)
    if told is None:
        return None
    (ratio, low, high), cell = told
    try:
        made = from_interval(ratio, low, high)
    except DataError:
        # Three figures that cannot be a ratio and its interval: the direction stands alone.
        return None
    log = replace(made, inputs=(cell,), n_patients=finding.n_patients)
    # What the reader sees is the interval as printed; pooling takes the one on the log scale.
    printed = Interval(low=low, high=high, level=0.95, method="as printed")
    return Ratio(finding=finding, log=log, natural=replace(_natural(log), interval=printed))


def _natural(log: Estimate) -> Estimate:
    return log.transformed(math.exp, scale="hazard ratio")


def pooled_ratio(ratios: list[Ratio], *, level: float, minimum_studies: int) -> Estimate | None:
    """Return the direct ratios of one factor pooled by the rules for few studies, or ``None``.

    One ratio a study: the first of each; groups compared otherwise than the
    rest would not be one effect, so that the level compared has to be alike.
    """
    direct: dict[str, Ratio] = {}
    for ratio in ratios:
        if ratio.finding.is_direct:
            direct.setdefault(ratio.finding.study_id, ratio)
    alike = {ratio.finding.level.lower() for ratio in direct.values()}
    if len(direct) < minimum_studies or len(alike) > 1:
        return None
    logs = [ratio.log for ratio in direct.values()]
    pooled = pool(
        [log.value or 0.0 for log in logs],
        [(log.std_error or 0.0) ** 2 for log in logs],
        level=level,
        minimum_studies=minimum_studies,
        scale="log hazard ratio",
        inputs=tuple(key for log in logs for key in log.inputs),
    )
    return None if pooled.value is None else _natural(pooled)


def ratio_content(ratio: Ratio | None) -> Content:
    """Return the ratio as a live number, or a dash."""
    if ratio is None:
        return content("–")
    name = (ratio.finding.cell_id or "").removesuffix(".factor").replace("/", ".")
    number_id = "ratio." + re.sub(r"[^\w.-]", "-", name)
    return content(estimate_number(number_id, ratio.natural, style="ratio"))


def ratio_figure(
    ratios: Mapping[str, list[Ratio]], pooled: Mapping[str, Estimate], labels: Mapping[str, str]
) -> Figure | None:
    """Return all hazard ratios side by side, factor by factor, or ``None`` without any."""
    rows = [
        ForestRow(
            label=labels[r.finding.study_id]
            + ("" if r.finding.is_direct else " †")
            + f": {r.finding.level}",
            estimate=r.natural,
            n=r.finding.n_patients,
            group=factor,
        )
        for factor, group in ratios.items()
        for r in group
    ]
    if not rows:
        return None
    drawing = forest(
        rows,
        scale="ratio",
        x_label="Hazard ratio for death (below 1: longer survival)",
        summaries=[
            ForestSummary(label="Pooled, direct only", estimate=one, group=factor)
            for factor, one in pooled.items()
        ],
    )
    return Figure(
        figure_id="figure-ratios",
        caption="Selection factors on one scale, where a study gives a hazard ratio",
        alt=drawing.alt,
        svg=drawing.svg,
        png=drawing.png,
        width_cm=min(drawing.width_cm, 17.0),
        notes=(content("† indirect: another population or treatment; never pooled."),),
        items=("SWiM:2",),
    )


def bias_level(material: Material, study_id: str) -> tuple[Level, Tool] | None:
    """Return a study's risk of bias with the tool that says so, or ``None``."""
    for tool in material.tools:
        for judgement in judgements(material.state, tool):
            if judgement.study_id == study_id:
                level = judgement.overall_level or judgement.worst
                if level is not None:
                    return level, tool
    return None


def bias_of(material: Material, study_id: str) -> Content:
    """Return a study's risk of bias as appraised, or that nobody appraised it."""
    found = bias_level(material, study_id)
    if found is None:
        return content(Text(text="not appraised", style=TextStyle.MISSING))
    return content(f"{found[0].value} ({found[1].short})")


def certainty_of(material: Material, row: MatrixRow) -> Certainty:
    """Return the certainty a person rated for a factor, else the one by rule."""
    for outcome, grade in grades(material.state).items():
        if outcome.lower() == row.factor.lower():
            return grade.certainty
    return row.certainty
