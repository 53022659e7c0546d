"""The Kaplan-Meier curve with its intervals, quantiles and numbers at risk."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from resartus.domain.checks import require_finite, require_level, require_one_of
from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError
from resartus.synthesis.distributions import normal_quantile
from resartus.synthesis.survival.follow_up import (
    BoolArray,
    FloatArray,
    RiskTable,
    checked_follow_up,
    risk_table,
)

__all__ = ["CURVE_INTERVALS", "SurvivalCurve", "kaplan_meier"]

CURVE_INTERVALS = ("log-log", "log", "plain")
"""Scales of the pointwise interval, named as in R's ``survfit(conf.type=)``."""

_TOLERANCE = math.sqrt(np.finfo(np.float64).eps)


def _with_gaps(numbers: FloatArray) -> tuple[float | None, ...]:
    """Return plain numbers, with ``None`` where no limit exists."""
    values: list[float | None] = numbers.tolist()
    for i in np.flatnonzero(np.isnan(numbers)).tolist():
        values[i] = None
    return tuple(values)


# No slots: the tuples are made when first asked for, which keeps 100,000 patients fast.
@dataclass(frozen=True, kw_only=True, eq=False)
class SurvivalCurve:
    """A Kaplan-Meier curve: one step per distinct time, with what each step rests on.

    Each of ``times``, ``survival``, ``at_risk``, ``n_events``, ``n_censored``,
    ``std_error``, ``low`` and ``high`` is a tuple with one entry per distinct
    follow-up time. ``low`` and ``high`` are ``None`` where the formula has no
    limit: before the first event (log-log) and once the curve is at 0.
    """

    table: RiskTable
    values: FloatArray
    hazard_variance: FloatArray
    level: float
    interval: str
    unit: str
    inputs: tuple[str, ...] = ()

    @cached_property
    def times(self) -> tuple[float, ...]:
        """Distinct follow-up times, rising."""
        return tuple(self.table.times.tolist())

    @cached_property
    def survival(self) -> tuple[float, ...]:
        """Share still event-free just after each time."""
        return tuple(self.values.tolist())

    @cached_property
    def at_risk(self) -> tuple[int, ...]:
        """Patients followed until just before each time."""
        return tuple(self.table.at_risk.tolist())

    @cached_property
    def n_events(self) -> tuple[int, ...]:
        """Events at each time."""
        return tuple(self.table.n_events.tolist())

    @cached_property
    def n_censored(self) -> tuple[int, ...]:
        """Patients whose follow-up ends at each time without the event."""
        return tuple(self.table.n_censored.tolist())

    @cached_property
    def std_error(self) -> tuple[float | None, ...]:
        """Greenwood's standard error of the survival; ``None`` once the curve is at 0."""
        with np.errstate(invalid="ignore"):
            return _with_gaps(self.values * np.sqrt(self.hazard_variance))

    @cached_property
    def _limits(self) -> tuple[FloatArray, FloatArray]:
        return _limits(self.values, self.hazard_variance, level=self.level, kind=self.interval)

    @cached_property
    def low(self) -> tuple[float | None, ...]:
        """Lower pointwise limit."""
        return _with_gaps(self._limits[0])

    @cached_property
    def high(self) -> tuple[float | None, ...]:
        """Upper pointwise limit."""
        return _with_gaps(self._limits[1])

    @property
    def n_patients(self) -> int:
        """All patients on the curve."""
        return int(self.table.at_risk[0])

    @property
    def total_events(self) -> int:
        """All events on the curve."""
        return int(self.table.n_events.sum())

    @property
    def last_time(self) -> float:
        """The longest follow-up; beyond it the curve says nothing unless it is at 0."""
        return float(self.table.times[-1])

    @cached_property
    def median(self) -> Estimate:
        """Median time with its interval by test inversion (Brookmeyer and Crowley)."""
        return self.quantile(0.5)

    def at_risk_at(self, time: float) -> int:
        """Return how many patients are followed until just before ``time``."""
        i = int(np.searchsorted(self.table.times, time, side="left"))
        return int(self.table.at_risk[i]) if i < len(self.table.times) else 0

    def survival_at(self, time: float) -> Estimate:
        """Return the survival at ``time`` with its interval; ``None`` beyond the follow-up.

        Parameters
        ----------
        time : float
            In the curve's unit, at least 0.

        Returns
        -------
        Estimate
            On scale ``"survival at <time> <unit>"``, a fraction.

        Raises
        ------
        DataError
            If ``time`` is below 0 or not finite.
        """
        require_finite(time, field="time", where="a survival curve")
        if time < 0:
            raise DataError(f"time {time!r} is below 0; survival is counted from time zero")
        i = int(np.searchsorted(self.table.times, time, side="right")) - 1
        value: float | None = 1.0 if i < 0 else float(self.values[i])
        low = high = std_error = None
        diagnostics: list[str] = []
        if time > self.last_time and value != 0.0:
            value = None
            diagnostics.append(
                f"Nobody was followed to {time:g} {self.unit}; the longest follow-up is "
                f"{self.last_time:g}."
            )
        elif i >= 0:
            low, high, std_error = self.low[i], self.high[i], self.std_error[i]
        if value is not None and (low is None or high is None):
            reason = "no event was seen by then" if value == 1.0 else "the curve has reached 0"
            diagnostics.append(f"No interval: {reason}.")
        remaining = self.at_risk_at(time)
        if value is not None and 0 < remaining < 5:
            diagnostics.append(f"Only {remaining} patients were still followed at {time:g}.")
        return Estimate(
            value=value,
            scale=f"survival at {time:g} {self.unit}",
            method=f"Kaplan-Meier, {self.interval} interval",
            interval=None
            if low is None or high is None
            else Interval(
                low=low, high=high, level=self.level, method=f"Greenwood, {self.interval}"
            ),
            std_error=std_error,
            n_patients=self.n_patients,
            n_events=self.total_events,
            diagnostics=tuple(diagnostics),
            inputs=self.inputs,
        )

    def quantile(self, probability: float) -> Estimate:
        """Return the time by which a share of the patients has had the event.

        Parameters
        ----------
        probability : float
            Between 0 and 1; 0.5 is the median.

        Returns
        -------
        Estimate
            In the curve's unit; ``None`` with a sentence when not reached.
            Limits not reached are ``None``. Where the curve is flat at just
            that share, the middle of the flat part, as R does.

        Raises
        ------
        DataError
            If ``probability`` is not between 0 and 1.
        """
        if not 0 < probability < 1:
            raise DataError(
                f"probability {probability!r} is not between 0 and 1; give 0.5 for half"
            )
        lower_curve, upper_curve = self._limits
        name = "median" if probability == 0.5 else f"{probability:g} quantile"
        value = _crossing(self.table.times, self.values, probability)
        diagnostics: list[str] = []
        if value is None:
            diagnostics.append(
                f"The {name} was not reached: survival is {self.values[-1]:.2f} at the end of "
                f"follow-up, {self.last_time:g} {self.unit}."
            )
        return Estimate(
            value=value,
            scale=self.unit,
            method=f"Kaplan-Meier {name}, {self.interval} interval",
            interval=Interval(
                low=_crossing(self.table.times, lower_curve, probability),
                high=_crossing(self.table.times, upper_curve, probability),
                level=self.level,
                method=f"Brookmeyer-Crowley, {self.interval}",
            ),
            n_patients=self.n_patients,
            n_events=self.total_events,
            diagnostics=tuple(diagnostics),
            inputs=self.inputs,
        )


def _limits(
    survival: FloatArray, hazard_variance: FloatArray, *, level: float, kind: str
) -> tuple[FloatArray, FloatArray]:
    """Return pointwise limits, NaN where the formula has none; these NaN never leave the room."""
    z = normal_quantile(0.5 + level / 2)
    root = np.sqrt(hazard_variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "plain":
            half = z * survival * root
            low, high = survival - half, survival + half
        elif kind == "log":
            low, high = survival * np.exp(-z * root), survival * np.exp(z * root)
        else:
            log_s = np.log(survival)
            half = z * root / log_s
            low, high = np.exp(log_s * np.exp(-half)), np.exp(log_s * np.exp(half))
            low[survival == 1.0] = high[survival == 1.0] = np.nan
        at_zero = survival == 0.0
        low[at_zero] = high[at_zero] = np.nan
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def _crossing(times: FloatArray, curve: FloatArray, probability: float) -> float | None:
    """Return when 1 - curve first reaches ``probability``, by the rule of R's quantile.survfit."""
    fallen = 1.0 - curve
    usable = ~np.isnan(fallen)
    x, y = times[usable], fallen[usable]
    reached = y >= probability - _TOLERANCE
    if not reached.any():
        return None
    first = int(np.argmax(reached))
    beyond = y >= probability + _TOLERANCE
    if beyond.any():
        second = float(x[int(np.argmax(beyond))])
    elif usable[-1]:
        # The curve ends flat at exactly this share.
        second = float(times[-1])
    else:
        second = float(x[first])
    return (float(x[first]) + second) / 2


def kaplan_meier(
    times: Sequence[float] | FloatArray,
    is_event: Sequence[bool] | BoolArray,
    *,
    level: float = 0.95,
    interval: str = "log-log",
    unit: str = "months",
    inputs: tuple[str, ...] = (),
) -> SurvivalCurve:
    """Estimate the survival curve of patients with censored follow-up.

    Use it for the pooled rows of case reports and series with one time zero.

    Parameters
    ----------
    times : sequence of float, length n
        Follow-up of each patient, at least 0, all from the same time zero.
    is_event : sequence of bool, length n
        Whether the follow-up ended with the event; otherwise it is censored.
    level : float
        Confidence level, between 0 and 1.
    interval : str
        ``"log-log"`` (default, stays within 0 and 1), ``"log"`` (R's
        default) or ``"plain"``. The choice moves the limits of the median.
    unit : str
        Unit of the times, for the words of the result.
    inputs : tuple of str
        Ids of the patients.

    Returns
    -------
    SurvivalCurve
        With ``median``, ``quantile(p)``, ``survival_at(t)`` and ``at_risk_at(t)``.

    Raises
    ------
    DataError
        If lengths differ, nobody is given, or a time or event is impossible.

    Notes
    -----
    S(t) = prod(1 - d/n) over event times up to t [1]_; Greenwood's variance of
    log S(t) is sum(d / (n (n - d))) [2]_; the interval of the median inverts
    the pointwise interval [3]_.

    References
    ----------
    .. [1] Kaplan EL, Meier P. Nonparametric estimation from incomplete
       observations. J Am Stat Assoc 1958;53:457-481.
    .. [2] Greenwood M. The natural duration of cancer. London: HMSO, 1926.
    .. [3] Brookmeyer R, Crowley J. A confidence interval for the median
       survival time. Biometrics 1982;38:29-41.

    Examples
    --------
    >>> curve = kaplan_meier([6, 9, 12, 12, 24], [True, False, True, True, False])
    >>> [round(s, 3) for s in curve.survival]
    [0.8, 0.8, 0.267, 0.267]
    >>> curve.median.value
    12.0
    """
    require_level(level, where="a survival curve")
    require_one_of(interval, CURVE_INTERVALS, field="interval", where="kaplan_meier")
    t, events = checked_follow_up(times, is_event)
    table = risk_table(t, events)
    n, d = table.at_risk, table.n_events
    survival: FloatArray = np.cumprod((n - d) / n, dtype=np.float64)
    with np.errstate(divide="ignore"):
        hazard_variance = np.cumsum(d / (n * (n - d).astype(np.float64)))
    return SurvivalCurve(
        table=table,
        values=survival,
        hazard_variance=hazard_variance,
        level=level,
        interval=interval,
        unit=unit,
        inputs=tuple(inputs),
    )
