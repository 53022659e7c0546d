"""Survival at one time, pooled over studies on the complementary log-log scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError
from resartus.synthesis.distributions import normal_quantile
from resartus.synthesis.meta.pooling import pool

__all__ = ["PublishedSurvival", "cloglog", "cloglog_variance", "pool_survival_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSurvival:
    """Survival at one time as one study gives it, with what is known of its error.

    One of ``std_error``, ``low`` and ``high`` (at ``level``), ``at_risk`` at
    that time, or ``n`` at the start, in this order of preference.
    """

    study_id: str
    survival: float
    std_error: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    at_risk: float | None = None
    n: float | None = None

    def __post_init__(self) -> None:
        where = f"survival of study {self.study_id!r}"
        if not 0 <= self.survival <= 1:
            raise DataError(f"{where} is {self.survival!r}; give a fraction between 0 and 1")
        low, high = self.low, self.high
        is_bounded = low is not None and high is not None
        if is_bounded and not 0 <= (low or 0) <= self.survival <= (high or 0) <= 1:
            raise DataError(
                f"{where} {self.survival!r} is not between its limits {low!r} and "
                f"{high!r}; check the three figures"
            )
        for name in ("std_error", "at_risk", "n"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise DataError(f"{name} {value!r} of {where} is not above 0; leave it out")


def cloglog(survival: float) -> float:
    """Return log(-log S), which has no bounds and falls as survival rises."""
    return math.log(-math.log(survival))


def cloglog_variance(published: PublishedSurvival) -> tuple[float, str | None]:
    """Return the variance of log(-log S), and a sentence where it is an approximation.

    Raises
    ------
    DataError
        If survival is 0 or 1, or nothing is known of its error.

    Notes
    -----
    Var = (se / (S log S))^2. With only the number at risk r, Peto's
    se = S sqrt((1 - S) / r); with only n at the start, sqrt(S (1 - S) / n),
    which is too small by what was censored.
    """
    s = published.survival
    where = f"study {published.study_id!r}"
    if s in (0, 1):
        raise DataError(f"survival {s!r} of {where} has no log-log scale; list the study apart")
    slope = 1 / (s * math.log(s))
    if published.std_error is not None:
        return (published.std_error * slope) ** 2, None
    low, high = published.low, published.high
    if low is not None and high is not None and 0 < low < high < 1:
        width = cloglog(low) - cloglog(high)
        return (width / (2 * normal_quantile(0.5 + published.level / 2))) ** 2, None
    if published.at_risk is not None:
        std_error = s * math.sqrt((1 - s) / published.at_risk)
        return (std_error * slope) ** 2, f"The error of {where} follows from its number at risk."
    if published.n is not None:
        std_error = math.sqrt(s * (1 - s) / published.n)
        return (
            (std_error * slope) ** 2,
            f"The error of {where} is too small: only its number at the start is known.",
        )
    raise DataError(
        f"nothing is known of the error of survival {s!r} of {where}; "
        "give its interval, the number at risk or the number at the start"
    )


def pool_survival_at(
    studies: Sequence[PublishedSurvival],
    *,
    time: float,
    unit: str = "months",
    model: str = "auto",
    test: str = "HK-guarded",
    prediction: str = "HTS",
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Pool the survival that several studies report at one time.

    Parameters
    ----------
    studies : sequence of PublishedSurvival
        All from one time zero. Those with survival 0 or 1 have no variance
        on this scale: they are left out and named.
    time : float
        In ``unit``, for the words of the result.
    model, test, prediction, level
        As for ``meta.pooling.pool``.

    Returns
    -------
    Estimate
        On scale ``"survival at <time> <unit>"``, a fraction; its ``value`` is
        ``None`` where the rules for few studies show and do not pool.

    Raises
    ------
    DataError
        If no study can be used.

    References
    ----------
    Combescure C, Foucher Y, Jackson D. Meta-analysis of single-arm survival
    studies. Stat Med 2014;33:2521-2537 (transformations in section 2).
    """
    usable = [study for study in studies if 0 < study.survival < 1]
    if not usable:
        raise DataError(
            f"none of {len(studies)} studies gives a survival between 0 and 1 at {time:g}; "
            "list them instead"
        )
    doubts = [
        f"Study {study.study_id!r} reports {study.survival:g} and is not pooled."
        for study in studies
        if study not in usable
    ]
    variances = []
    for study in usable:
        variance, doubt = cloglog_variance(study)
        variances.append(variance)
        if doubt:
            doubts.append(doubt)
    pooled = pool(
        [cloglog(study.survival) for study in usable],
        variances,
        model=model,
        test=test,
        prediction=prediction,
        level=level,
        scale="log(-log survival)",
        inputs=inputs,
    )

    def back(estimate: Estimate) -> Estimate:
        # The scale falls, so that limits change places: turn it round first.
        turned = replace(
            estimate,
            value=None if estimate.value is None else -estimate.value,
            interval=_turned(estimate.interval),
            prediction=_turned(estimate.prediction),
        )
        return turned.transformed(
            lambda x: math.exp(-math.exp(-x)), scale=f"survival at {time:g} {unit}"
        )

    found = back(pooled)
    return replace(found, diagnostics=(*doubts, *found.diagnostics))


def _turned(interval: Interval | None) -> Interval | None:
    """Return an interval with its sign changed."""
    if interval is None:
        return None
    return replace(
        interval,
        low=None if interval.high is None else -interval.high,
        high=None if interval.low is None else -interval.low,
    )
