"""Axis habits that several plots share: ratios on a log axis, and what counts as no effect."""

from __future__ import annotations

import math
from typing import Any

from resartus.domain.checks import require_one_of

__all__ = ["NULLS", "shown_value", "style_effect_axis"]

NULLS = {"ratio": 0.0, "difference": 0.0}
"""No effect on the pooled scale: a ratio is given as its logarithm."""

_RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def shown_value(value: float, scale: str) -> float:
    """Return what people read: a log ratio as the ratio, anything else as it is."""
    return math.exp(value) if scale == "ratio" else value


def style_effect_axis(
    axes: Any, *, scale: str, label: str, low: float, high: float, vertical: bool = False
) -> None:
    """Give the effect's axis its limits, ticks and label; log ratios get ticks at ratios."""
    require_one_of(scale, tuple(NULLS), field="scale", where="the figure")
    axis = axes.yaxis if vertical else axes.xaxis
    set_limits = axes.set_ylim if vertical else axes.set_xlim
    set_limits(low, high)
    if scale == "ratio":
        ticks = [r for r in _RATIOS if low <= math.log(r) <= high]
        while len(ticks) > 7:
            ticks = [r for i, r in enumerate(ticks) if r == 1 or i % 2 == ticks.index(1) % 2]
        axis.set_ticks([math.log(r) for r in ticks], labels=[f"{r:g}" for r in ticks])
    (axes.set_ylabel if vertical else axes.set_xlabel)(label)
