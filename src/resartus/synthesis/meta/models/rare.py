"""Rare events in two arms without correcting zeros: Mantel-Haenszel, Peto, O-E and V."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from resartus.domain.checks import require_level, require_one_of
from resartus.domain.estimate import Estimate, Heterogeneity, Interval
from resartus.errors import DataError, EstimationError
from resartus.synthesis.distributions import chi2_tail, normal_quantile, normal_two_sided
from resartus.synthesis.meta.counts import FloatArray, checked_counts
from resartus.synthesis.meta.effects.two_arms import compare_counts
from resartus.synthesis.meta.models.weighted import checked_effects

__all__ = ["pool_mantel_haenszel", "pool_observed_expected", "pool_peto"]

_MEASURES = ("RR", "OR", "RD")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arms:
    """Two by two tables: events a, c and non-events b, d of the arms, totals n1, n2, n."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray

    @property
    def n1(self) -> FloatArray:
        return self.a + self.b

    @property
    def n2(self) -> FloatArray:
        return self.c + self.d

    @property
    def n(self) -> FloatArray:
        return self.n1 + self.n2


def _arms(
    events_1: Sequence[float],
    totals_1: Sequence[float],
    events_2: Sequence[float],
    totals_2: Sequence[float],
) -> _Arms:
    a, n1 = checked_counts(events_1, totals_1)
    c, n2 = checked_counts(events_2, totals_2)
    if len(a) != len(c):
        raise DataError(f"{len(a)} first arms but {len(c)} second arms; give one each per study")
    return _Arms(a=a, b=n1 - a, c=c, d=n2 - c)


def _odds_ratio(t: _Arms) -> tuple[float, float]:
    """Return the log odds ratio and its variance (Robins, Breslow and Greenland 1986)."""
    r, s = t.a * t.d / t.n, t.b * t.c / t.n
    p, q = (t.a + t.d) / t.n, (t.b + t.c) / t.n
    big_r, big_s = float(np.sum(r)), float(np.sum(s))
    if big_r == 0 or big_s == 0:
        raise EstimationError(
            "one arm has no event, or only events, in all studies together, so that the "
            "Mantel-Haenszel odds ratio is 0 or infinite; show the studies"
        )
    variance = (
        np.sum(p * r) / big_r**2
        + np.sum(p * s + q * r) / (big_r * big_s)
        + np.sum(q * s) / big_s**2
    ) / 2
    return math.log(big_r / big_s), float(variance)


def _risk_ratio(t: _Arms) -> tuple[float, float]:
    """Return the log risk ratio and its variance (Greenland and Robins 1985)."""
    big_r, big_s = float(np.sum(t.a * t.n2 / t.n)), float(np.sum(t.c * t.n1 / t.n))
    if big_r == 0 or big_s == 0:
        raise EstimationError(
            "one arm has no event in all studies together, so that the Mantel-Haenszel risk "
            "ratio is 0 or infinite; show the studies"
        )
    top = np.sum((t.n1 / t.n) * (t.n2 / t.n) * (t.a + t.c) - t.a * t.c / t.n)
    return math.log(big_r / big_s), float(top) / (big_r * big_s)


def _risk_difference(t: _Arms) -> tuple[float, float]:
    """Return the risk difference and its variance (Sato, Greenland and Robins 1989)."""
    weight = float(np.sum(t.n1 * t.n2 / t.n))
    value = float(np.sum(t.a * t.n2 / t.n - t.c * t.n1 / t.n)) / weight
    p = np.sum(
        t.c * (t.n1 / t.n) ** 2
        - t.a * (t.n2 / t.n) ** 2
        + (t.n1 / t.n) * (t.n2 / t.n) * (t.n2 - t.n1) / 2
    )
    q = np.sum(t.a * (t.n2 - t.c) / t.n + t.c * (t.n1 - t.a) / t.n) / 2
    return value, float(value * p + q) / weight**2


def _estimate(
    value: float,
    variance: float,
    *,
    scale: str,
    method: str,
    level: float,
    q: float,
    q_df: int,
    counts: tuple[int, int | None, int | None],
    diagnostics: tuple[str, ...],
    inputs: tuple[str, ...],
) -> Estimate:
    if not variance > 0:
        raise EstimationError(
            f"the {method} variance is {variance:g}, not above 0; there are too few events"
        )
    std_error = math.sqrt(variance)
    half = normal_quantile(0.5 + level / 2) * std_error
    return Estimate(
        value=value,
        scale=scale,
        method=method,
        interval=Interval(low=value - half, high=value + half, level=level, method="Wald, normal"),
        std_error=std_error,
        statistic=value / std_error,
        p_value=normal_two_sided(value / std_error),
        heterogeneity=Heterogeneity(
            q=q,
            degrees_of_freedom=q_df,
            p_value=chi2_tail(q, q_df) if q_df > 0 else None,
            i2=max(0.0, 1 - q_df / q) if q > 0 else 0.0,
            h2=q / q_df if q_df > 0 else None,
        ),
        n_studies=counts[0],
        n_patients=counts[1],
        n_events=counts[2],
        diagnostics=diagnostics,
        inputs=inputs,
    )


def pool_mantel_haenszel(
    events_1: Sequence[float],
    totals_1: Sequence[float],
    events_2: Sequence[float],
    totals_2: Sequence[float],
    *,
    measure: str = "OR",
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Pool two-by-two tables under a common effect by Mantel and Haenszel.

    Use it for sparse tables: no zero is corrected, and a study without any
    event adds nothing to a ratio.

    Parameters
    ----------
    events_1, totals_1, events_2, totals_2 : sequence of int, length k
        Events and patients of the two arms.
    measure : str
        ``"OR"``, ``"RR"`` (results on the log scale) or ``"RD"``.

    Raises
    ------
    EstimationError
        If one arm has no event in all studies together.

    Notes
    -----
    Q uses each study's own inverse variance, with 0.5 added to the cells of
    a study that has a zero and without studies that have no event, or only
    events, as metafor's ``rma.mh`` does.

    References
    ----------
    .. [1] Mantel N, Haenszel W. J Natl Cancer Inst 1959;22:719-748.
    .. [2] Greenland S, Robins JM. Biometrics 1985;41:55-68.
    .. [3] Robins J, Breslow N, Greenland S. Biometrics 1986;42:311-323.
    .. [4] Sato T, Greenland S, Robins JM. Biometrics 1989;45:1323-1324.
    """
    require_level(level, where="the Mantel-Haenszel pooling")
    require_one_of(measure, _MEASURES, field="measure", where="the Mantel-Haenszel pooling")
    t = _arms(events_1, totals_1, events_2, totals_2)
    compute = {"OR": _odds_ratio, "RR": _risk_ratio, "RD": _risk_difference}[measure]
    value, variance = compute(t)
    empty = (t.a + t.c == 0) | (t.b + t.d == 0)
    own = compare_counts(measure, events_1, totals_1, events_2, totals_2)
    known = [
        (y, v)
        for y, v, is_empty in zip(own.values, own.variances, empty, strict=True)
        if y is not None and v and not is_empty
    ]
    q = sum((y - value) ** 2 / v for y, v in known)
    n_empty = int(np.sum(empty))
    doubts: tuple[str, ...] = ()
    if n_empty and measure != "RD":
        doubts = (
            f"{n_empty} of {len(t.a)} studies have no event, or only events, and add nothing.",
        )
    return _estimate(
        value,
        variance,
        scale={"OR": "log odds ratio", "RR": "log risk ratio", "RD": "risk difference"}[measure],
        method="common effect, Mantel-Haenszel",
        level=level,
        q=q,
        q_df=max(len(known) - 1, 0),
        counts=(len(t.a), int(np.sum(t.n)), int(np.sum(t.a + t.c))),
        diagnostics=doubts,
        inputs=inputs,
    )


def pool_peto(
    events_1: Sequence[float],
    totals_1: Sequence[float],
    events_2: Sequence[float],
    totals_2: Sequence[float],
    *,
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Pool log odds ratios by Peto's one-step method.

    Use it for events below one per cent, arms of similar size and small
    effects; otherwise it is biased [2]_.

    References
    ----------
    .. [1] Yusuf S, Peto R, Lewis J, Collins R, Sleight P. Beta blockade during
       and after myocardial infarction. Prog Cardiovasc Dis 1985;27:335-371.
    .. [2] Bradburn MJ, Deeks JJ, Berlin JA, Localio AR. Much ado about
       nothing. Stat Med 2007;26:53-77.
    """
    t = _arms(events_1, totals_1, events_2, totals_2)
    m = t.a + t.c
    excess = t.a - t.n1 * m / t.n
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(
            t.n > 1, t.n1 * t.n2 * m * (t.n - m) / (t.n**2 * np.maximum(t.n - 1, 1)), 0.0
        )
    informative = variance > 0
    if not np.any(informative):
        raise EstimationError("no study has both events and non-events; show the studies")
    pooled = pool_observed_expected(
        [float(x) for x in excess[informative]],
        [float(x) for x in variance[informative]],
        level=level,
        scale="log odds ratio",
        inputs=inputs,
    )
    ratio = t.n1 / t.n2
    doubts = []
    if np.any((ratio > 2) | (ratio < 0.5)):
        doubts.append("Arms differ more than twofold in size, where Peto's method is biased.")
    missing = int(np.sum(~informative))
    if missing:
        doubts.append(f"{missing} of {len(t.a)} studies have no event, or only events.")
    return replace(
        pooled,
        method="common effect, Peto",
        n_studies=len(t.a),
        n_patients=int(np.sum(t.n)),
        n_events=int(np.sum(m)),
        diagnostics=tuple(doubts),
    )


def pool_observed_expected(
    observed_minus_expected: Sequence[float],
    variances: Sequence[float],
    *,
    level: float = 0.95,
    scale: str = "log hazard ratio",
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Pool log-rank O - E and their variances V: log ratio = sum(O - E) / sum(V)."""
    require_level(level, where="the pooling of O - E")
    o, v = checked_effects(observed_minus_expected, variances)
    value = float(np.sum(o) / np.sum(v))
    return _estimate(
        value,
        float(1 / np.sum(v)),
        scale=scale,
        method="common effect, O - E and V",
        level=level,
        q=float(np.sum(v * (o / v - value) ** 2)),
        q_df=len(o) - 1,
        counts=(len(o), None, None),
        diagnostics=(),
        inputs=inputs,
    )
