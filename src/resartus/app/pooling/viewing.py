"""Survival and examinations of effects for a page: what can be shown, and why not the rest."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from resartus.app.pooling.effects import PooledEffect
from resartus.app.pooling.sensitivity import Sensitivity, examine
from resartus.app.pooling.survival import SurvivalSynthesis
from resartus.domain.estimate import Estimate
from resartus.errors import DataError
from resartus.reporting.figures.kaplan_meier import Curve, kaplan_meier
from resartus.reporting.numbers import estimate_text

__all__ = ["examined", "months_text", "survival_svg"]

_FEWEST_PER_TICK = 8
_MONTHS_A_TICK = (6, 12, 24, 60, 120, 240)


def examined(
    result: PooledEffect, what: Iterable[str], *, level: float
) -> tuple[Sensitivity, list[str]]:
    """Return the examinations that these studies allow, and why the others are missing."""
    possible, problems = [], []
    for one in what:
        try:
            examine(result, what=(one,), level=level)
        except DataError as error:
            problems.append(f"{one}: {error.message}")
        else:
            possible.append(one)
    return examine(result, what=tuple(possible), level=level), problems


def months_text(estimate: Estimate) -> str:
    """Return months with their interval; what a curve does not reach is "not reached"."""
    return "not reached" if estimate.value is None else estimate_text(estimate, style="months")


def survival_svg(found: SurvivalSynthesis) -> tuple[str, str] | None:
    """Return the curve of the patients alone as SVG with its description, if there is one."""
    curve = found.curve
    if curve is None or not curve.times:
        return None
    times, last = curve.times, curve.times[-1]
    step = next((s for s in _MONTHS_A_TICK if last / s <= _FEWEST_PER_TICK), _MONTHS_A_TICK[-1])
    ticks = [float(t) for t in range(0, int(last) + step, step)]
    places = [bisect_left(times, tick) for tick in ticks]
    steps = [i for i, t in enumerate(times) if t > 0]
    drawing = kaplan_meier(
        [
            Curve(
                label="patients alone",
                n=curve.n_patients,
                times=tuple(times[i] for i in steps),
                survival=tuple(curve.survival[i] for i in steps),
                censored_at=tuple(t for t, n in zip(times, curve.n_censored, strict=True) if n),
                at_risk=tuple(curve.at_risk[i] if i < len(times) else 0 for i in places),
            )
        ],
        ticks=ticks,
        time_label=f"Months from {found.origin}",
    )
    return drawing.svg, drawing.alt
