"""Restricted mean survival time: the mean time lived up to a horizon."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resartus.domain.checks import require_finite, require_level
from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError
from resartus.synthesis.distributions import normal_quantile, normal_two_sided
from resartus.synthesis.survival.follow_up import (
    BoolArray,
    FloatArray,
    checked_follow_up,
    risk_table,
)

__all__ = ["RestrictedMeanComparison", "compare_restricted_means", "restricted_mean"]


def _mean_and_variance(times: FloatArray, events: BoolArray, horizon: float) -> tuple[float, float]:
    """Return the area under the curve up to the horizon, and its variance.

    Var = sum over event times u up to the horizon of A(u)^2 d / (n (n - d)),
    with A(u) the area under the curve from u to the horizon (Royston and Parmar 2013).
    """
    table = risk_table(times, events)
    kept = (table.times <= horizon) & (table.n_events > 0)
    u, d, n = table.times[kept], table.n_events[kept], table.at_risk[kept]
    edges = np.concatenate(([0.0], u, [horizon]))
    curve = np.concatenate(([1.0], np.cumprod(1 - d / n)))
    areas = curve * np.diff(edges)
    ahead = np.cumsum(areas[::-1])[::-1][1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(n > d, ahead**2 * d / (n * (n - d).astype(np.float64)), 0.0)
    return float(areas.sum()), float(terms.sum())


def _check_horizon(horizon: float, times: FloatArray, events: BoolArray, who: str) -> None:
    require_finite(horizon, field="horizon", where="a restricted mean")
    last = float(times.max())
    ends_in_event = bool(events[times == last].any())
    if horizon <= 0 or (horizon > last and not ends_in_event):
        raise DataError(
            f"horizon {horizon!r} is not between 0 and the longest follow-up of {who}, {last!r}; "
            "the curve says nothing beyond it"
        )


def restricted_mean(
    times: Sequence[float] | FloatArray,
    is_event: Sequence[bool] | BoolArray,
    *,
    horizon: float,
    unit: str = "months",
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Return the mean time lived up to ``horizon``, with its interval.

    Parameters
    ----------
    times, is_event : sequences, length n
    horizon : float
        In the unit of the times, above 0, not beyond the longest follow-up
        (unless that ends in an event).

    Returns
    -------
    Estimate
        In ``unit``, between 0 and ``horizon``.

    Raises
    ------
    DataError
        If input is impossible.

    References
    ----------
    Royston P, Parmar MKB. Restricted mean survival time. BMC Med Res Methodol
    2013;13:152.
    """
    require_level(level, where="a restricted mean")
    t, e = checked_follow_up(times, is_event)
    _check_horizon(horizon, t, e, "the patients")
    mean, variance = _mean_and_variance(t, e, horizon)
    std_error = math.sqrt(variance)
    z = normal_quantile(0.5 + level / 2)
    return Estimate(
        value=mean,
        scale=f"mean {unit} lived of the first {horizon:g}",
        method="restricted mean survival time",
        std_error=std_error,
        interval=Interval(
            low=mean - z * std_error, high=mean + z * std_error, level=level, method="normal"
        ),
        n_patients=len(t),
        n_events=int(e.sum()),
        diagnostics=()
        if variance
        else ("No event before the horizon; the interval has no width.",),
        inputs=tuple(inputs),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedMeanComparison:
    """Two groups up to one horizon: difference, ratio, and ratio of the time lost."""

    first: Estimate
    second: Estimate
    difference: Estimate
    ratio: Estimate | None
    time_lost_ratio: Estimate | None


def compare_restricted_means(
    first: tuple[Sequence[float], Sequence[bool]],
    second: tuple[Sequence[float], Sequence[bool]],
    *,
    horizon: float | None = None,
    unit: str = "months",
    level: float = 0.95,
) -> RestrictedMeanComparison:
    """Compare the mean time lived up to a horizon: first minus (or over) second.

    Parameters
    ----------
    first, second : pairs of times and events
    horizon : float, optional
        By default the shorter of the two longest follow-ups.

    Returns
    -------
    RestrictedMeanComparison
        Ratios are ``None`` where a mean or a time lost is 0.

    References
    ----------
    Uno H, et al. Moving beyond the hazard ratio. J Clin Oncol 2014;32:2380-2385.
    """
    a, b = checked_follow_up(*first), checked_follow_up(*second)
    tau = min(float(a[0].max()), float(b[0].max())) if horizon is None else horizon
    x = restricted_mean(*a, horizon=tau, unit=unit, level=level)
    y = restricted_mean(*b, horizon=tau, unit=unit, level=level)
    m1, s1 = x.value or 0.0, x.std_error or 0.0
    m0, s0 = y.value or 0.0, y.std_error or 0.0
    z = normal_quantile(0.5 + level / 2)

    def on(value: float, std_error: float, scale: str) -> Estimate:
        tested = value / std_error if std_error else None
        return Estimate(
            value=value,
            scale=scale,
            method="restricted mean survival time",
            std_error=std_error,
            statistic=tested,
            p_value=None if tested is None else normal_two_sided(tested),
            interval=Interval(
                low=value - z * std_error, high=value + z * std_error, level=level, method="normal"
            ),
            n_patients=len(a[0]) + len(b[0]),
            n_events=int(a[1].sum() + b[1].sum()),
        )

    def quotient(u: float, v: float, scale: str) -> Estimate | None:
        if u <= 0 or v <= 0:
            return None
        log = on(math.log(u / v), math.hypot(s1 / u, s0 / v), f"log {scale}")
        return log.transformed(math.exp, scale=scale)

    return RestrictedMeanComparison(
        first=x,
        second=y,
        difference=on(m1 - m0, math.hypot(s1, s0), f"difference in mean {unit} lived"),
        ratio=quotient(m1, m0, "ratio of mean time lived"),
        time_lost_ratio=quotient(tau - m1, tau - m0, "ratio of mean time lost"),
    )
