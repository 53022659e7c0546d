"""One arm alone: proportions, rates, means and medians, raw and transformed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from resartus.domain.checks import require_level, require_one_of
from resartus.errors import DataError
from resartus.synthesis.distributions import normal_quantile
from resartus.synthesis.meta.counts import checked_pair
from resartus.synthesis.meta.effects.effect import MEASURES, EffectSizes, same_length

__all__ = ["FREEMAN_TUKEY_WARNING", "means", "medians", "proportions", "rates"]

FREEMAN_TUKEY_WARNING = (
    "Freeman-Tukey's double arcsine is given for comparison with old results only: bringing its "
    "mean back to a proportion depends on an arbitrary sample size and can be wrong by orders of "
    "magnitude (Schwarzer 2019; Rover and Friede 2022). Use the logistic GLMM."
)


def _proportion(measure: str, x: float, n: float) -> tuple[float, float]:
    """Return the transformed proportion and its variance; x and n already corrected."""
    p = x / n
    if measure == "PR":
        return p, p * (1 - p) / n
    if measure == "PLN":
        return math.log(p), 1 / x - 1 / n
    if measure == "PLO":
        return math.log(x / (n - x)), 1 / x + 1 / (n - x)
    if measure == "PAS":
        return math.asin(math.sqrt(p)), 1 / (4 * n)
    # metafor's form, half of Freeman and Tukey's sum of two angles.
    angles = math.asin(math.sqrt(x / (n + 1))) + math.asin(math.sqrt((x + 1) / (n + 1)))
    return angles / 2, 1 / (4 * n + 2)


def proportions(
    measure: str,
    events: Sequence[float],
    totals: Sequence[float],
    *,
    correction: float = 0.5,
) -> EffectSizes:
    """Return each study's proportion on one of five scales.

    ``correction`` is added to events and non-events of a study with none of
    one, except on the arcsine scales. For rare events pool the counts with
    ``pool_proportions`` instead, which corrects nothing.

    References
    ----------
    .. [1] Freeman MF, Tukey JW. Transformations related to the angular and the
       square root. Ann Math Stat 1950;21:607-611.
    .. [2] Schwarzer G, Chemaitelly H, Abu-Raddad LJ, Rucker G. Seriously
       misleading results using inverse of Freeman-Tukey double arcsine
       transformation. Res Synth Methods 2019;10:476-483.
    """
    names = ("PR", "PLN", "PLO", "PAS", "PFT")
    require_one_of(measure, names, field="measure", where="proportions")
    same_length(events=events, totals=totals)
    values, variances, notes = [], [], []
    for i, pair in enumerate(zip(events, totals, strict=True), start=1):
        x, n = (float(part) for part in checked_pair(*pair, where=f"study {i}"))
        if x in (0, n) and measure in ("PR", "PLN", "PLO"):
            x, n = x + correction, n + 2 * correction
            notes.append(f"Study {i} has none or all events; {correction:g} was added.")
        value, variance = _proportion(measure, x, n)
        if not variance > 0:
            raise DataError(
                f"study {i} has no variance on {measure} without a correction; use the GLMM"
            )
        values.append(value)
        variances.append(variance)
    if measure == "PFT":
        notes.append(FREEMAN_TUKEY_WARNING)
    return EffectSizes(
        measure=measure,
        scale=MEASURES[measure].scale,
        values=tuple(values),
        variances=tuple(variances),
        diagnostics=tuple(notes),
    )


def rates(
    measure: str, events: Sequence[float], times: Sequence[float], *, correction: float = 0.5
) -> EffectSizes:
    """Return each study's events per unit of person-time: ``IR``, ``IRLN`` or ``IRS``."""
    require_one_of(measure, ("IR", "IRLN", "IRS"), field="measure", where="rates")
    same_length(events=events, times=times)
    values, variances, notes = [], [], []
    for i, (x, t) in enumerate(zip(events, times, strict=True), start=1):
        if x is None or x < 0:
            raise DataError(f"events {x!r} of study {i} are below 0; count events")
        if t is None or not t > 0:
            raise DataError(f"time {t!r} of study {i} is not above 0; give person-time")
        if measure == "IRS":
            values.append(math.sqrt(x / t))
            variances.append(1 / (4 * t))
            continue
        if x == 0:
            x += correction
            notes.append(f"Study {i} has no event; {correction:g} was added.")
        values.append(x / t if measure == "IR" else math.log(x / t))
        variances.append(x / t**2 if measure == "IR" else 1 / x)
    return EffectSizes(
        measure=measure,
        scale=MEASURES[measure].scale,
        values=tuple(values),
        variances=tuple(variances),
        diagnostics=tuple(notes),
    )


def means(
    measure: str, mean: Sequence[float], sd: Sequence[float], n: Sequence[float]
) -> EffectSizes:
    """Return each study's mean (``MN``) or log mean (``MNLN``) from mean, SD and n."""
    require_one_of(measure, ("MN", "MNLN"), field="measure", where="means")
    same_length(mean=mean, sd=sd, n=n)
    values, variances = [], []
    for i, (m, s, count) in enumerate(zip(mean, sd, n, strict=True), start=1):
        if not s > 0 or not count >= 1:
            raise DataError(f"sd {s!r} or n {count!r} of study {i} is not above 0; check them")
        if measure == "MNLN" and not m > 0:
            raise DataError(f"mean {m!r} of study {i} has no logarithm; pool the plain means (MN)")
        values.append(m if measure == "MN" else math.log(m))
        variances.append(s**2 / count / (1.0 if measure == "MN" else m**2))
    return EffectSizes(
        measure=measure,
        scale=MEASURES[measure].scale,
        values=tuple(values),
        variances=tuple(variances),
    )


def medians(
    measure: str,
    median: Sequence[float],
    low: Sequence[float | None],
    high: Sequence[float | None],
    *,
    level: float = 0.95,
) -> EffectSizes:
    """Return each study's median from its interval: ``MEDIANLN`` (main) or ``MEDIAN``.

    The standard error is the interval's width over twice the normal
    quantile, which an asymmetric interval fits better on the log scale. A
    limit that was not reached gives no standard error, and the study is
    left out with a sentence: its median is not less true for that.

    References
    ----------
    .. [1] McGrath S, Zhao X, Qin ZZ, Steele R, Benedetti A. One-sample
       aggregate data meta-analysis of medians. Stat Med 2019;38:969-984.
    """
    require_one_of(measure, ("MEDIAN", "MEDIANLN"), field="measure", where="medians")
    require_level(level, where="the studies' intervals")
    same_length(median=median, low=low, high=high)
    z = normal_quantile(0.5 + level / 2)
    values: list[float | None] = []
    variances: list[float | None] = []
    notes = []
    for i, (m, a, b) in enumerate(zip(median, low, high, strict=True), start=1):
        if not m > 0:
            raise DataError(f"median {m!r} of study {i} is not above 0; check its unit")
        if a is None or b is None:
            values.append(None)
            variances.append(None)
            notes.append(f"Study {i} has a limit that was not reached, and cannot be weighted.")
            continue
        if not 0 < a <= m <= b or a == b:
            raise DataError(f"study {i}: median {m!r} does not lie within {a!r} to {b!r}")
        is_log = measure == "MEDIANLN"
        width = math.log(b / a) if is_log else b - a
        values.append(math.log(m) if is_log else m)
        variances.append((width / (2 * z)) ** 2)
    return EffectSizes(
        measure=measure,
        scale=MEASURES[measure].scale,
        values=tuple(values),
        variances=tuple(variances),
        diagnostics=tuple(notes),
    )
