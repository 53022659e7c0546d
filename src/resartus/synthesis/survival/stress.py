"""How many unpublished early deaths would overturn a survival result?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from resartus.domain.checks import require_finite, require_level
from resartus.errors import DataError
from resartus.synthesis.survival.follow_up import BoolArray, FloatArray, checked_follow_up
from resartus.synthesis.survival.kaplan_meier import SurvivalCurve, kaplan_meier

__all__ = ["StressTest", "stress_test"]

_MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StressTest:
    """The number of unseen early deaths at which a result no longer holds.

    ``to_lose_interval`` and ``to_lose_estimate`` are ``None`` where the
    published patients alone do not show the result: then nothing is left to
    overturn. ``per_published`` is ``to_lose_estimate`` per published patient.
    """

    measure: str
    threshold: float
    death_time: float
    n_patients: int
    published: float | None
    to_lose_interval: int | None
    to_lose_estimate: int | None

    @property
    def per_published(self) -> float | None:
        """Unseen deaths per published patient that overturn the estimate."""
        if self.to_lose_estimate is None:
            return None
        return self.to_lose_estimate / self.n_patients

    def sentence(self, *, unit: str = "months") -> str:
        """Say it in plain words."""
        what = (
            f"median survival above {self.threshold:g} {unit}"
            if self.measure == "median"
            else f"{self.measure} above {self.threshold:g}"
        )
        if self.to_lose_estimate is None:
            return f"The {self.n_patients} published patients do not show a {what}."
        parts = (
            f"{self.to_lose_estimate} unpublished patients who died by {self.death_time:g} {unit} "
            f"({self.per_published:.2g} for each published one) would end a {what}"
        )
        if self.to_lose_interval is None:
            return f"{parts}; its interval does not exclude that now."
        return f"{parts}; {self.to_lose_interval} would end it for the lower limit."


def stress_test(
    times: Sequence[float] | FloatArray,
    is_event: Sequence[bool] | BoolArray,
    *,
    threshold: float,
    death_time: float,
    survival_time: float | None = None,
    level: float = 0.95,
    unit: str = "months",
) -> StressTest:
    """Add unseen early deaths to published patients until a result no longer holds.

    Case reports are selected for their outcome, so that a curve from them is
    too good. This asks how much selection it would take.

    Parameters
    ----------
    times, is_event : sequences, length n
        Published patients from one time zero.
    threshold : float
        What the result is held against: a median in ``unit``, for example of
        patients not operated, or with ``survival_time`` a fraction.
    death_time : float
        When the unseen patients died, in ``unit``, above 0.
    survival_time : float, optional
        Test the survival at this time instead of the median.

    Returns
    -------
    StressTest
        The smallest numbers; found by bisection, since each further early
        death can only lower the curve and its limits of the median.

    Raises
    ------
    DataError
        If a number is impossible.
    """
    require_level(level, where="a stress test")
    t, e = checked_follow_up(times, is_event)
    for name, value in (("threshold", threshold), ("death_time", death_time)):
        require_finite(value, field=name, where="a stress test")
        if value <= 0:
            raise DataError(f"{name} {value!r} of a stress test is not above 0; correct it")
    if survival_time is not None and threshold >= 1:
        raise DataError(f"threshold {threshold!r} is not a fraction below 1; give the survival")

    def curve(extra: int) -> SurvivalCurve:
        return kaplan_meier(
            np.concatenate([t, np.full(extra, float(death_time))]),
            np.concatenate([e, np.full(extra, True)]),
            level=level,
            unit=unit,
        )

    def is_above(extra: int, *, is_limit: bool) -> bool:
        c = curve(extra)
        if survival_time is None:
            median = c.median
            value = median.value
            if is_limit:
                # Without an event the curve has no limits and shows nothing.
                low = median.interval.low if median.interval else None
                return low is not None and low > threshold
            # A median not reached lies beyond all follow-up.
            return value > threshold if value is not None else c.last_time >= threshold
        at = c.survival_at(survival_time)
        bound = at.interval.low if is_limit and at.interval else (None if is_limit else at.value)
        return bound is not None and bound > threshold

    def smallest(holds: Callable[[int], bool]) -> int | None:
        if not holds(0):
            return None
        low, high = 0, 1
        while holds(high):
            low, high = high, high * 2
            if high > _MOST:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if holds(middle) else (low, middle)
        return high

    c = curve(0)
    published = c.median.value if survival_time is None else c.survival_at(survival_time).value
    return StressTest(
        measure="median" if survival_time is None else f"survival at {survival_time:g} {unit}",
        threshold=threshold,
        death_time=death_time,
        n_patients=len(t),
        published=published,
        to_lose_interval=smallest(lambda k: is_above(k, is_limit=True)),
        to_lose_estimate=smallest(lambda k: is_above(k, is_limit=False)),
    )
