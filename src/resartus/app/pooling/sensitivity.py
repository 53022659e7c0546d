"""How far a pooled effect depends on single studies, on their order and on small ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

from resartus.app.pooling.effects import NOT_POOLED, PooledEffect, pool_again
from resartus.domain.estimate import Estimate
from resartus.errors import DataError, EstimationError
from resartus.synthesis.distributions import normal_lower
from resartus.synthesis.meta.bias.asymmetry import AsymmetryTest, begg, egger
from resartus.synthesis.meta.bias.trim_and_fill import TrimAndFill, trim_and_fill
from resartus.synthesis.meta.exploring.influence import BaujatPoint, Influence, baujat, influence
from resartus.synthesis.meta.swim.direction import count_directions
from resartus.synthesis.meta.swim.p_values import combine_p_values

__all__ = ["EXAMINATIONS", "Sensitivity", "examine"]

EXAMINATIONS = ("leave-one-out", "cumulative", "influence", "asymmetry", "directions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What was asked for, each on the pooled scale; ``None`` or empty is not asked or not possible.

    ``below`` is the share of studies below no effect with the sign test,
    ``combined`` the p values for an effect below and above no effect put
    together. ``notes`` say why something asked for is missing.
    """

    without: tuple[Estimate, ...] = ()
    cumulative_order: tuple[int, ...] = ()
    cumulative: tuple[Estimate, ...] = ()
    influence: tuple[Influence, ...] = ()
    baujat: tuple[BaujatPoint, ...] = ()
    asymmetry: tuple[AsymmetryTest, ...] = ()
    trim_and_fill: TrimAndFill | None = None
    below: Estimate | None = None
    combined: tuple[Estimate, ...] = ()
    notes: tuple[str, ...] = ()


def examine(result: PooledEffect, *, what: tuple[str, ...], level: float = 0.95) -> Sensitivity:
    """Return the examinations asked for, of ``EXAMINATIONS``."""
    y, v = list(result.values), list(result.variances)
    model = "random" if result.plan.model in ("auto", "random") else "common"
    fitting = {"model": model, "estimator": result.plan.estimator}
    of_counts = result.plan.model in ("GLMM", "beta-binomial")
    parts: dict[str, object] = {}
    notes: list[str] = []

    def leave() -> None:
        everyone = range(len(y))
        if len(y) < 3:
            raise DataError(f"{len(y)} studies cannot lose one and still be pooled; show them")
        parts["without"] = tuple(
            pool_again(result, [j for j in everyone if j != i], level=level) for i in everyone
        )

    def add() -> None:
        years = result.years
        if not y:
            raise DataError("there is no study to begin with")
        if any(year is None for year in years):
            notes.append("A study has no year; the cumulative analysis takes the order given.")
            order = list(range(len(y)))
        else:
            order = sorted(range(len(y)), key=lambda i: (years[i] or 0, i))
        parts["cumulative_order"] = tuple(order)
        parts["cumulative"] = tuple(
            pool_again(result, order[:n], level=level) for n in range(1, len(y) + 1)
        )

    def diagnose() -> None:
        if result.plan.model == NOT_POOLED:
            raise DataError("the plan pools nothing here")
        if of_counts:
            notes.append(f"Deletion diagnostics are not defined for the {result.plan.model}.")
            return
        parts["influence"] = influence(y, v, **fitting)  # type: ignore[arg-type]
        parts["baujat"] = baujat(y, v, **fitting)

    def weigh_sides() -> None:
        if result.measure.null is None:
            notes.append(
                "Asymmetry is not tested: single arms are selected on their outcome, and a funnel "
                "answers another question."
            )
            return
        if result.plan.model == NOT_POOLED:
            raise DataError("the plan pools nothing here")
        parts["asymmetry"] = (egger(y, v), egger(y, v, form="mixed"), begg(y, v))
        parts["trim_and_fill"] = trim_and_fill(y, v, level=level, test="z", **fitting)

    def count() -> None:
        null = result.measure.null
        if null is None:
            raise DataError("a single arm has no direction; only a comparison does")
        signs = [(value < null) - (value > null) for value in y]
        found = count_directions(signs, level=level)
        where = f"proportion of studies with a {result.measure.natural} below no effect"
        parts["below"] = replace(found, scale=where)
        z = [(value - null) / variance**0.5 for value, variance in zip(y, v, strict=True)]
        lower = [max(normal_lower(score), 1e-300) for score in z]
        upper = [max(normal_lower(-score), 1e-300) for score in z]
        parts["combined"] = tuple(
            replace(combine_p_values(side), scale=f"combined p value, {words} no effect")
            for side, words in ((lower, "below"), (upper, "above"))
        )

    acts = (leave, add, diagnose, weigh_sides, count)
    for name, act in zip(EXAMINATIONS, acts, strict=True):
        if name not in what:
            continue
        try:
            act()
        except (DataError, EstimationError) as error:
            notes.append(f"No {name}: {error.message}.")
    return Sensitivity(notes=tuple(notes), **parts)  # type: ignore[arg-type]
