"""How far a pooled effect depends on single studies, on their order and on small ones."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.app.pooling.effects import PooledEffect, pool_options
from resartus.domain.estimate import Estimate
from resartus.errors import DataError, EstimationError
from resartus.synthesis.meta.bias.asymmetry import AsymmetryTest, begg, egger
from resartus.synthesis.meta.bias.trim_and_fill import TrimAndFill, trim_and_fill
from resartus.synthesis.meta.exploring.influence import BaujatPoint, Influence, baujat, influence
from resartus.synthesis.meta.exploring.one_by_one import cumulate, leave_one_out

__all__ = ["EXAMINATIONS", "Sensitivity", "examine"]

EXAMINATIONS = ("leave-one-out", "cumulative", "influence", "asymmetry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What was asked for, each on the pooled scale; ``None`` or empty is not asked or not possible.

    ``notes`` say why something asked for is missing.
    """

    without: tuple[Estimate, ...] = ()
    cumulative_order: tuple[int, ...] = ()
    cumulative: tuple[Estimate, ...] = ()
    influence: tuple[Influence, ...] = ()
    baujat: tuple[BaujatPoint, ...] = ()
    asymmetry: tuple[AsymmetryTest, ...] = ()
    trim_and_fill: TrimAndFill | None = None
    notes: tuple[str, ...] = ()


def examine(
    result: PooledEffect, *, what: tuple[str, ...], level: float = 0.95, minimum_studies: int = 3
) -> Sensitivity:
    """Return the examinations asked for, of ``EXAMINATIONS``."""
    y, v = list(result.values), list(result.variances)
    options = pool_options(result.plan, level=level, minimum_studies=minimum_studies)
    options |= {"scale": result.measure.scale}
    options["model"] = "common" if options["model"] == "common" else "random"
    fitting = {"model": str(options["model"]), "estimator": result.plan.estimator}
    parts: dict[str, object] = {}
    notes: list[str] = []

    def leave() -> None:
        parts["without"] = leave_one_out(y, v, **options)

    def add() -> None:
        years = result.years
        has_years = all(year is not None for year in years)
        if not has_years:
            notes.append("A study has no year; the cumulative analysis takes the order given.")
        order = [float(year or 0) for year in years] if has_years else None
        parts["cumulative_order"], parts["cumulative"] = cumulate(y, v, order=order, **options)

    def diagnose() -> None:
        parts["influence"] = influence(y, v, **fitting)  # type: ignore[arg-type]
        parts["baujat"] = baujat(y, v, **fitting)

    def weigh_sides() -> None:
        if result.measure.null is None:
            notes.append(
                "Asymmetry is not tested: single arms are selected on their outcome, and a funnel "
                "answers another question."
            )
            return
        parts["asymmetry"] = (egger(y, v), egger(y, v, form="mixed"), begg(y, v))
        parts["trim_and_fill"] = trim_and_fill(y, v, level=level, test="z", **fitting)

    for name, act in zip(EXAMINATIONS, (leave, add, diagnose, weigh_sides), strict=True):
        if name not in what:
            continue
        try:
            act()
        except (DataError, EstimationError) as error:
            notes.append(f"No {name}: {error.message}.")
    return Sensitivity(notes=tuple(notes), **parts)  # type: ignore[arg-type]
