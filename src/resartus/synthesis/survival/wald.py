"""An estimate with its Wald interval and test, as every regression here reports one."""

from __future__ import annotations

from resartus.domain.estimate import Estimate, Interval
from resartus.synthesis.distributions import normal_quantile, normal_two_sided

__all__ = ["wald_estimate"]


def wald_estimate(
    value: float,
    std_error: float,
    *,
    scale: str,
    method: str,
    level: float,
    interval: str = "Wald",
) -> Estimate:
    """Return ``value`` with value ± z se, and the test of its being 0.

    Parameters
    ----------
    value, std_error : float
        On ``scale``; the error above 0.
    level : float
        Confidence level, between 0 and 1.
    interval : str
        Name of the interval, where more must be said than "Wald".
    """
    half = normal_quantile(0.5 + level / 2) * std_error
    return Estimate(
        value=value,
        scale=scale,
        method=method,
        std_error=std_error,
        statistic=value / std_error,
        p_value=normal_two_sided(value / std_error),
        interval=Interval(low=value - half, high=value + half, level=level, method=interval),
    )
