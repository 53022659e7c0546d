"""Intervals for one proportion: exact (Clopper-Pearson), Wilson and Jeffreys."""

from __future__ import annotations

import math

from resartus.domain.checks import require_level
from resartus.domain.estimate import Estimate, Interval
from resartus.synthesis.distributions import beta_quantile, normal_quantile
from resartus.synthesis.meta.counts import checked_pair

__all__ = ["clopper_pearson", "jeffreys", "single_proportion", "wilson"]


def clopper_pearson(events: int, total: int, *, level: float = 0.95) -> Interval:
    """Return the exact interval of a proportion (Clopper-Pearson).

    Use it as the main interval of a small series: its coverage is never
    below ``level``, at the price of some width.

    Parameters
    ----------
    events, total : int
        Patients with the event, and all patients; 0 <= events <= total, total >= 1.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        Limits as fractions; the lower is 0 without events, the upper 1 when all had it.

    Raises
    ------
    DataError
        If the counts are not whole or do not fit each other.

    References
    ----------
    .. [1] Clopper CJ, Pearson ES. The use of confidence or fiducial limits
       illustrated in the case of the binomial. Biometrika 1934;26:404-413.

    Examples
    --------
    >>> round(clopper_pearson(0, 24).high, 4)
    0.1425
    """
    x, n = checked_pair(events, total, where="a proportion")
    require_level(level, where="a Clopper-Pearson interval")
    alpha = 1.0 - level
    return Interval(
        low=0.0 if x == 0 else beta_quantile(alpha / 2, x, n - x + 1),
        high=1.0 if x == n else beta_quantile(1 - alpha / 2, x + 1, n - x),
        level=level,
        method="Clopper-Pearson",
    )


def wilson(events: int, total: int, *, level: float = 0.95) -> Interval:
    """Return Wilson's score interval of a proportion.

    Use it for display beside many studies: shorter than the exact interval
    and right on average, but it may cover less than ``level`` for one value.

    Parameters
    ----------
    events, total : int
        Patients with the event, and all patients; 0 <= events <= total, total >= 1.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        Limits as fractions.

    Raises
    ------
    DataError
        If the counts are not whole or do not fit each other.

    References
    ----------
    .. [1] Wilson EB. Probable inference, the law of succession, and
       statistical inference. J Am Stat Assoc 1927;22:209-212.
    """
    x, n = checked_pair(events, total, where="a proportion")
    require_level(level, where="a Wilson interval")
    z = normal_quantile(0.5 + level / 2)
    p = x / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return Interval(
        # Rounding must not turn the exact ends into 1e-17 or 0.9999999.
        low=0.0 if x == 0 else max(0.0, centre - half),
        high=1.0 if x == n else min(1.0, centre + half),
        level=level,
        method="Wilson",
    )


def jeffreys(events: int, total: int, *, level: float = 0.95) -> Interval:
    """Return the equal-tailed Jeffreys interval of a proportion (beta(1/2, 1/2) prior).

    Parameters
    ----------
    events, total : int
        Patients with the event, and all patients; 0 <= events <= total, total >= 1.
    level : float
        Credible level, between 0 and 1.

    Returns
    -------
    Interval
        Limits as fractions; 0 without events and 1 when all had it, as Brown and others advise.

    Raises
    ------
    DataError
        If the counts are not whole or do not fit each other.

    References
    ----------
    .. [1] Brown LD, Cai TT, DasGupta A. Interval estimation for a binomial
       proportion. Stat Sci 2001;16:101-133.
    """
    x, n = checked_pair(events, total, where="a proportion")
    require_level(level, where="a Jeffreys interval")
    alpha = 1.0 - level
    return Interval(
        low=0.0 if x == 0 else beta_quantile(alpha / 2, x + 0.5, n - x + 0.5),
        high=1.0 if x == n else beta_quantile(1 - alpha / 2, x + 0.5, n - x + 0.5),
        level=level,
        method="Jeffreys",
    )


def single_proportion(
    events: int, total: int, *, level: float = 0.95, inputs: tuple[str, ...] = ()
) -> Estimate:
    """Return one study's proportion with its exact interval, as an ``Estimate``."""
    x, n = checked_pair(events, total, where="a proportion")
    return Estimate(
        value=x / n,
        scale="proportion",
        method="observed proportion",
        interval=clopper_pearson(x, n, level=level),
        n_studies=1,
        n_patients=n,
        n_events=x,
        inputs=inputs,
    )
