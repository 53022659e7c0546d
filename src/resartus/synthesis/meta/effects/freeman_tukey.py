"""Back from Freeman and Tukey's double arcsine, for comparison with old results only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from resartus.errors import DataError

__all__ = ["back_transform", "harmonic_mean"]


def harmonic_mean(totals: Sequence[float]) -> float:
    """Return the harmonic mean of the studies' sizes, Miller's choice for the back-transform."""
    if not totals or any(not n > 0 for n in totals):
        raise DataError("the harmonic mean needs sizes above 0; leave empty studies out")
    return len(totals) / sum(1 / n for n in totals)


def back_transform(value: float, n: float) -> float:
    """Return the proportion a double arcsine ``value`` stands for in a sample of ``n``.

    Miller JJ. The inverse of the Freeman-Tukey double arcsine
    transformation. Am Stat 1978;32:138. The answer depends on ``n``, which a
    pooled value does not have; see ``FREEMAN_TUKEY_WARNING``.
    """
    # metafor's angle is half of Miller's t.
    t = 2 * value
    low = math.asin(0.0) + math.asin(math.sqrt(1 / (n + 1)))
    high = math.asin(math.sqrt(n / (n + 1))) + math.asin(1.0)
    if t <= low:
        return 0.0
    if t >= high:
        return 1.0
    sine = math.sin(t)
    inner = 1 - (sine + (sine - 1 / sine) / n) ** 2
    return 0.5 * (1 - math.copysign(1.0, math.cos(t)) * math.sqrt(max(inner, 0.0)))
