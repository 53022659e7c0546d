"""Competing risks: cumulative incidence of each kind of event, and Gray's test between groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resartus.domain.checks import require_finite, require_level
from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError
from resartus.synthesis.distributions import chi2_tail, normal_quantile
from resartus.synthesis.survival.follow_up import FloatArray, IntArray, checked_follow_up
from resartus.synthesis.survival.risk_sets import codes

__all__ = ["CumulativeIncidence", "GrayTest", "cumulative_incidence", "gray_test"]


_ROUNDING = 1e-12


def _checked(
    times: Sequence[float], causes: Sequence[int], cause: int
) -> tuple[FloatArray, IntArray]:
    """Return times and kinds: 0 censored, 1 the cause of interest, 2 any other cause."""
    t, _ = checked_follow_up(times, [False] * len(causes))
    kinds = np.asarray(causes)
    if kinds.dtype.kind not in "iu" or (kinds < 0).any():
        odd = next((c for c in causes if not isinstance(c, int) or c < 0), causes[0])
        raise DataError(f"cause {odd!r} is not a whole number of at least 0; 0 means censored")
    if cause < 1 or not (kinds == cause).any():
        raise DataError(f"cause {cause!r} was seen in no patient; name one that was, 1 or above")
    return t, np.where(kinds == cause, 1, np.where(kinds == 0, 0, 2)).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Per group and distinct time, shape (k, m): at risk, first-cause and other events."""

    times: FloatArray
    at_risk: FloatArray
    first: FloatArray
    other: FloatArray
    survival_before: FloatArray
    survival: FloatArray
    incidence_before: FloatArray
    incidence: FloatArray


def _shifted(rows: FloatArray, begin: float) -> FloatArray:
    moved: FloatArray = np.concatenate([np.full((len(rows), 1), begin), rows[:, :-1]], axis=1)
    return moved


def _counts(t: FloatArray, kinds: IntArray, group: IntArray, n_groups: int) -> _Counts:
    times, place = np.unique(t, return_inverse=True)
    leaving = np.zeros((3, n_groups, len(times)))
    np.add.at(leaving, (kinds, group, place), 1.0)
    gone = leaving.sum(axis=0).cumsum(axis=1)
    at_risk = gone[:, -1:] - _shifted(gone, 0.0)
    first, other = leaving[1], leaving[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(at_risk > 0, (at_risk - first - other) / at_risk, 1.0)
        hazard = np.where(at_risk > 0, first / at_risk, 0.0)
    survival = step.cumprod(axis=1)
    before = _shifted(survival, 1.0)
    incidence = (before * hazard).cumsum(axis=1)
    return _Counts(
        times, at_risk, first, other, before, survival, _shifted(incidence, 0.0), incidence
    )


def _finite_population(events: FloatArray, size: FloatArray) -> FloatArray:
    """Return 1 - (d - 1) / (n - 1): tied events are drawn without replacement."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor: FloatArray = np.where(events > 1, 1 - (events - 1) / (size - 1), 1.0)
    return factor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CumulativeIncidence:
    """The probability of one cause over time, others competing (Aalen-Johansen).

    ``times``, ``values`` and ``variance`` have shape (m,): one entry per
    distinct time of an event of this cause.
    """

    times: FloatArray
    values: FloatArray
    variance: FloatArray
    level: float
    unit: str
    last_time: float
    n_patients: int
    n_events: int
    inputs: tuple[str, ...]

    def at(self, time: float) -> Estimate:
        """Return the probability by ``time`` with a log-log interval; ``None`` beyond follow-up.

        Raises
        ------
        DataError
            If ``time`` is below 0 or not finite.
        """
        require_finite(time, field="time", where="a cumulative incidence")
        if time < 0:
            raise DataError(f"time {time!r} is below 0; incidence is counted from time zero")
        i = int(np.searchsorted(self.times, time, side="right")) - 1
        value: float | None = 0.0 if i < 0 else float(self.values[i])
        std_error = None if i < 0 else math.sqrt(max(float(self.variance[i]), 0.0))
        doubts: list[str] = []
        interval = None
        if time > self.last_time:
            value = std_error = None
            doubts.append(
                f"Nobody was followed to {time:g} {self.unit}; the longest follow-up is "
                f"{self.last_time:g}."
            )
        elif value and std_error and value < 1 - _ROUNDING:
            z = normal_quantile(0.5 + self.level / 2)
            half = z * std_error / ((1 - value) * -math.log(1 - value))
            low, high = (1 - (1 - value) ** math.exp(sign * half) for sign in (-1, 1))
            interval = Interval(low=low, high=high, level=self.level, method="log-log")
        elif value is not None:
            doubts.append("No interval: no event of this cause was seen by then.")
        return Estimate(
            value=value,
            scale=f"cumulative incidence at {time:g} {self.unit}",
            method="Aalen-Johansen",
            std_error=std_error,
            interval=interval,
            n_patients=self.n_patients,
            n_events=self.n_events,
            diagnostics=tuple(doubts),
            inputs=self.inputs,
        )


def cumulative_incidence(
    times: Sequence[float],
    causes: Sequence[int],
    *,
    cause: int = 1,
    unit: str = "months",
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
) -> CumulativeIncidence:
    """Estimate the probability of one kind of event while others compete.

    Use it for recurrence when death comes first for some: one minus the
    Kaplan-Meier curve overstates it.

    Parameters
    ----------
    times : sequence of float, length n
    causes : sequence of int, length n
        0 censored, 1 and above the kind of event that ended follow-up.
    cause : int
        The kind of interest.

    Returns
    -------
    CumulativeIncidence

    Raises
    ------
    DataError
        If input is impossible or nobody had this event.

    Notes
    -----
    F(t) = sum S(u-) d1(u) / n(u). Its variance sums, over all events,
    S(u-)^2 d / n^2 times the square of 1 + (F(u) - F(t)) / S(u) for this
    cause and (F(u) - F(t)) / S(u) for others, tied events drawn without
    replacement, as R's cmprsk has it.

    References
    ----------
    Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous
    Markov chains. Scand J Stat 1978;5:141-150.
    """
    require_level(level, where="a cumulative incidence")
    t, kinds = _checked(times, causes, cause)
    c = _counts(t, kinds, np.zeros(len(t), dtype=np.int64), 1)
    n, d1, d2 = c.at_risk[0], c.first[0], c.other[0]
    s_before, s, f = c.survival_before[0], c.survival[0], c.incidence[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(s > 0, 1 / s, 0.0)
    w1 = s_before**2 * _finite_population(d1, n) * d1 / n**2
    w2 = np.where(s > 0, s_before**2 * _finite_population(d2, n) * d2 / n**2, 0.0)
    u1, u2 = 1 + f * inverse, f * inverse
    squares = (u1**2 * w1 + u2**2 * w2).cumsum()
    crosses = (inverse * (u1 * w1 + u2 * w2)).cumsum()
    scale = (inverse**2 * (w1 + w2)).cumsum()
    jumps = d1 > 0
    variance = (squares + f**2 * scale - 2 * f * crosses)[jumps]
    return CumulativeIncidence(
        times=c.times[jumps],
        values=f[jumps],
        variance=variance,
        level=level,
        unit=unit,
        last_time=float(c.times[-1]),
        n_patients=len(t),
        n_events=int(d1.sum()),
        inputs=tuple(inputs),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GrayTest:
    """Gray's test that groups share the cumulative incidence of one cause."""

    groups: tuple[str, ...]
    statistic: float
    degrees_of_freedom: int
    p_value: float


def gray_test(
    times: Sequence[float], causes: Sequence[int], groups: Sequence[str], *, cause: int = 1
) -> GrayTest:
    """Compare the cumulative incidence of one cause between groups.

    Parameters
    ----------
    times, causes : sequences, length n
        As for ``cumulative_incidence``.
    groups : sequence of str, length n
        At least two different.

    Returns
    -------
    GrayTest

    Raises
    ------
    DataError
        If input is impossible, there is one group, or nobody had this event.

    Notes
    -----
    With h_k = n_k / S_k(t-) and R_k = h_k (1 - F_k(t-)), the score of group k
    sums d_k - d R_k / R over the events of this cause; its variance is that of
    section 2 of Gray 1988, with weight exponent 0.

    References
    ----------
    Gray RJ. A class of K-sample tests for comparing the cumulative incidence
    of a competing risk. Ann Stat 1988;16:1141-1154.
    """
    t, kinds = _checked(times, causes, cause)
    codes(groups, len(t), what="groups")
    names = tuple(sorted({str(group) for group in groups}))
    if len(names) < 2:
        raise DataError(f"all patients are in group {names[0]!r}; a test compares two or more")
    place = {name: i for i, name in enumerate(names)}
    k = len(names)
    group = np.asarray([place[str(g)] for g in groups], dtype=np.int64)
    c = _counts(t, kinds, group, k)
    d1 = c.first.sum(axis=0)
    present = c.at_risk > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        h = np.where(present, c.at_risk / c.survival_before, 0.0)
    h = np.where(np.isfinite(h), h, 0.0)
    h_all = h.sum(axis=0)
    r = h * (1 - c.incidence_before)
    r_all = r.sum(axis=0)

    def over(top: FloatArray, bottom: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio: FloatArray = np.where(bottom > 0, top / bottom, 0.0)
        return ratio

    score = (c.first - over(d1 * r, r_all)).sum(axis=1)
    # The pooled incidence under the hypothesis, before and after each time.
    pooled = over(d1, h_all).cumsum()
    pooled_before = np.concatenate(([0.0], pooled[:-1]))
    direct = np.eye(k)[:, :, None] * h[None] - h[:, None] * over(h, h_all)[None]
    running = (direct * over(d1, h_all * (1 - pooled_before))).cumsum(axis=2)
    ahead = running[:, :, -1:] - running
    reach = over(np.broadcast_to(1 - pooled, c.survival.shape), c.survival)
    own = np.where(c.survival > 0, 1 - reach, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        tied = np.where(d1 > 1, 1 - (d1 - 1) / (h_all * c.survival_before - 1), 1.0)
    w1 = np.where(present & (d1 > 0), tied * over(c.survival_before * d1, h_all * c.at_risk), 0.0)
    w2 = np.where(
        c.survival > 0,
        _finite_population(c.other, c.at_risk) * over(c.survival_before**2 * c.other, c.at_risk**2),
        0.0,
    )
    by_first = direct + own[None] * ahead
    by_other = reach[None] * ahead
    covariance = np.einsum("igm,jgm,gm->ij", by_first, by_first, w1)
    covariance += np.einsum("igm,jgm,gm->ij", by_other, by_other, w2)
    kept = slice(0, k - 1)
    statistic = float(
        score[kept] @ np.linalg.lstsq(covariance[kept, kept], score[kept], rcond=None)[0]
    )
    return GrayTest(
        groups=names,
        statistic=statistic,
        degrees_of_freedom=k - 1,
        p_value=chi2_tail(statistic, k - 1),
    )
