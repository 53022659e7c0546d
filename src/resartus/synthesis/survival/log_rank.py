"""The log-rank test and its Peto-Peto weighting, for two groups or more, with strata."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from resartus.domain.checks import require_finite
from resartus.errors import DataError
from resartus.synthesis.distributions import chi2_tail
from resartus.synthesis.survival.follow_up import BoolArray, FloatArray, checked_follow_up
from resartus.synthesis.survival.risk_sets import codes, risk_sets

__all__ = ["LogRankTest", "log_rank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRankTest:
    """Observed against expected events by group, and the test that they agree.

    ``expected`` is what each group would have seen at the common hazard.
    With ``rho`` above 0 both are weighted sums, as in R's ``survdiff``.
    """

    groups: tuple[str, ...]
    n_patients: tuple[int, ...]
    observed: tuple[float, ...]
    expected: tuple[float, ...]
    statistic: float
    degrees_of_freedom: int
    p_value: float
    method: str


def log_rank(
    times: Sequence[float] | FloatArray,
    is_event: Sequence[bool] | BoolArray,
    groups: Sequence[str],
    *,
    strata: Sequence[Hashable] | None = None,
    rho: float = 0.0,
) -> LogRankTest:
    """Test whether groups share one survival curve.

    Parameters
    ----------
    times, is_event : sequences, length n
    groups : sequence of str, length n
        At least two different; reported in sorted order.
    strata : sequence, length n, optional
        Patients are compared within their stratum (study) alone.
    rho : float, at least 0
        Weight S(t-)^rho: 0 is the log-rank test, 1 Peto and Peto's
        modification of the Wilcoxon test, which stresses early events.

    Returns
    -------
    LogRankTest
        On the number of groups with an expected event, less one, degrees of freedom.

    Raises
    ------
    DataError
        If input is impossible, there is one group, or nobody has the event.

    References
    ----------
    .. [1] Peto R, Peto J. Asymptotically efficient rank invariant test
       procedures. J R Stat Soc A 1972;135:185-207.
    .. [2] Harrington DP, Fleming TR. A class of rank test procedures for
       censored survival data. Biometrika 1982;69:553-566.
    """
    require_finite(rho, field="rho", where="log_rank")
    if rho < 0:
        raise DataError(f"rho {rho!r} is below 0; 0 is the log-rank test, 1 Peto and Peto's")
    t, e = checked_follow_up(times, is_event)
    n = len(t)
    codes(groups, n, what="groups")
    names = tuple(sorted({str(group) for group in groups}))
    if len(names) < 2:
        raise DataError(f"all {n} patients are in group {names[0]!r}; a test compares two or more")
    if not e.any():
        raise DataError("no patient had the event; there is nothing to compare")
    place = {name: i for i, name in enumerate(names)}
    member = np.zeros((n, len(names)))
    member[np.arange(n), [place[str(group)] for group in groups]] = 1.0
    stratum = codes(strata, n, what="strata")
    sets = risk_sets(t, e, stratum)
    rows = member[sets.order]
    at_risk = sets.over_risk_set(rows)
    died = sets.over_deaths(rows)
    total, d = at_risk.sum(axis=1), sets.n_deaths.astype(np.float64)
    weight = np.ones(len(d))
    if rho:
        weight = _survival_before(sets.first, sets.time, total, d) ** rho
    share = at_risk / total[:, None]
    observed = (weight[:, None] * died).sum(axis=0)
    expected = (weight[:, None] * d[:, None] * share).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(total > 1, d * (total - d) / (total - 1), 0.0) * weight**2
    covariance = (
        np.diag((spread[:, None] * share).sum(axis=0)) - (spread[:, None] * share).T @ share
    )
    seen = np.flatnonzero(expected > 0)
    # One group follows from the others, so it is left out of the quadratic form.
    kept = seen[1:]
    difference = (observed - expected)[kept]
    inner = covariance[np.ix_(kept, kept)]
    statistic = float(difference @ np.linalg.lstsq(inner, difference, rcond=None)[0])
    df = max(len(seen) - 1, 1)
    name = "log-rank" if rho == 0 else f"Fleming-Harrington, rho {rho:g}"
    return LogRankTest(
        groups=names,
        n_patients=tuple(int(k) for k in member.sum(axis=0)),
        observed=tuple(observed.tolist()),
        expected=tuple(expected.tolist()),
        statistic=statistic,
        degrees_of_freedom=df,
        p_value=chi2_tail(statistic, df),
        method=name if strata is None else f"{name}, stratified",
    )


def _survival_before(
    stratum_start: np.ndarray, time: FloatArray, at_risk: FloatArray, deaths: FloatArray
) -> FloatArray:
    """Return the stratum's Kaplan-Meier curve just before each event time."""
    before = np.ones(len(time))
    for start in np.unique(stratum_start):
        rows = np.flatnonzero(stratum_start == start)
        rows = rows[np.argsort(time[rows])]
        curve = np.cumprod(1 - deaths[rows] / at_risk[rows])
        before[rows[1:]] = curve[:-1]
    return before
