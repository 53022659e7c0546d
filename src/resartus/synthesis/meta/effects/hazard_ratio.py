"""Log hazard ratios from whatever a paper reports: an interval, a p value, events, curves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from resartus.domain.checks import require_level
from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError, EstimationError
from resartus.synthesis.distributions import normal_quantile, normal_two_sided

__all__ = [
    "from_interval",
    "from_log_rank",
    "from_medians",
    "from_observed_expected",
    "from_p_value",
]

SCALE = "log hazard ratio"


def _estimate(
    value: float,
    variance: float,
    *,
    method: str,
    level: float,
    n_patients: int | None = None,
    n_events: int | None = None,
    diagnostics: tuple[str, ...] = (),
) -> Estimate:
    std_error = math.sqrt(variance)
    half = normal_quantile(0.5 + level / 2) * std_error
    return Estimate(
        value=value,
        scale=SCALE,
        method=method,
        std_error=std_error,
        statistic=value / std_error,
        p_value=normal_two_sided(value / std_error),
        interval=Interval(low=value - half, high=value + half, level=level, method="Wald, normal"),
        n_studies=1,
        n_patients=n_patients,
        n_events=n_events,
        diagnostics=diagnostics,
    )


def from_interval(ratio: float, low: float, high: float, *, level: float = 0.95) -> Estimate:
    """Return the log hazard ratio of a printed ratio and its interval.

    A ratio that does not lie near the geometric middle of its interval is
    probably a misprint or another kind of interval, and a diagnostic says so.

    References
    ----------
    .. [1] Tierney JF, Stewart LA, Ghersi D, Burdett S, Sydes MR. Practical
       methods for incorporating summary time-to-event data into
       meta-analysis. Trials 2007;8:16, method 3 and 4.

    Examples
    --------
    >>> effect = from_interval(0.69, 0.52, 0.92)
    >>> round(effect.value, 3), round(effect.std_error, 3)
    (-0.371, 0.146)
    """
    require_level(level, where="the printed interval")
    if not 0 < low < high or not low <= ratio <= high:
        raise DataError(
            f"ratio {ratio!r} with interval {low!r} to {high!r} is impossible; "
            "give the three numbers as printed, all above 0"
        )
    width = math.log(high / low)
    off = abs(math.log(ratio) - (math.log(low) + math.log(high)) / 2)
    doubts: tuple[str, ...] = ()
    if off > 0.1 * width + 0.01:
        doubts = (
            f"The ratio {ratio:g} is not near the middle of {low:g} to {high:g} on the log scale; "
            "check the figures.",
        )
    variance = (width / (2 * normal_quantile(0.5 + level / 2))) ** 2
    return _estimate(
        math.log(ratio),
        variance,
        method="from the ratio and its interval",
        level=level,
        diagnostics=doubts,
    )


def from_p_value(
    p_value: float,
    *,
    ratio: float | None = None,
    events: int | None = None,
    n_1: int | None = None,
    n_2: int | None = None,
    favours_first: bool | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the log hazard ratio of a log-rank p value.

    With ``ratio`` the standard error is log(ratio) / z [1]_. Without it, the
    variance of O - E is ``events`` n1 n2 / (n1 + n2)^2 (a quarter of the
    events when the arms' sizes are not given) and the ratio follows from z
    and the direction ``favours_first``.

    Parameters
    ----------
    p_value : float
        Two-sided, above 0 and below 1.
    ratio : float, optional
        Printed hazard ratio of arm 1 against arm 2.
    events : int, optional
        Deaths in both arms.
    n_1, n_2 : int, optional
        Patients in the arms.
    favours_first : bool, optional
        Whether arm 1 fared better.

    References
    ----------
    .. [1] Parmar MKB, Torri V, Stewart L. Extracting summary statistics to
       perform meta-analyses of the published literature for survival
       endpoints. Stat Med 1998;17:2815-2834.
    """
    if not 0 < p_value < 1:
        raise DataError(f"p value {p_value!r} is not between 0 and 1; 'p < 0.05' is not enough")
    z = normal_quantile(1 - p_value / 2)
    n = None if n_1 is None or n_2 is None else n_1 + n_2
    if ratio is not None:
        if not ratio > 0 or ratio == 1:
            raise DataError(f"ratio {ratio!r} with a p value gives no standard error; give events")
        return _estimate(
            math.log(ratio),
            (math.log(ratio) / z) ** 2,
            method="from the ratio and its p value",
            level=level,
            n_patients=n,
            n_events=events,
        )
    if events is None or events < 1 or favours_first is None:
        raise DataError(
            "a p value alone gives no hazard ratio; give the ratio, or events and direction"
        )
    share = 0.25 if n is None or n_1 is None or n_2 is None else n_1 * n_2 / n**2
    variance = events * share
    value = (-z if favours_first else z) / math.sqrt(variance)
    return _estimate(
        value,
        1 / variance,
        method="from the log-rank p value and events",
        level=level,
        n_patients=n,
        n_events=events,
        diagnostics=("The variance is approximated from the number of events.",),
    )


def from_observed_expected(
    observed_minus_expected: float, variance: float, *, level: float = 0.95
) -> Estimate:
    """Return the log hazard ratio (O - E) / V with variance 1 / V (Peto's approximation)."""
    if not variance > 0:
        raise DataError(f"variance {variance!r} of O - E is not above 0; check the table")
    return _estimate(
        observed_minus_expected / variance, 1 / variance, method="from O - E and V", level=level
    )


def from_log_rank(
    times_1: Sequence[float],
    events_1: Sequence[bool],
    times_2: Sequence[float],
    events_2: Sequence[bool],
    *,
    level: float = 0.95,
) -> Estimate:
    """Return the log hazard ratio of arm 1 against 2 from two curves' patient rows.

    The rows may be reconstructed from printed curves. O - E and V are the
    log-rank test's, with the hypergeometric variance at ties.

    References
    ----------
    .. [1] Mantel N. Evaluation of survival data and two new rank order
       statistics arising in its consideration. Cancer Chemother Rep
       1966;50:163-170.
    """
    t1, t2 = np.asarray(times_1, dtype=float), np.asarray(times_2, dtype=float)
    d1, d2 = np.asarray(events_1, dtype=bool), np.asarray(events_2, dtype=bool)
    if len(t1) != len(d1) or len(t2) != len(d2) or not len(t1) or not len(t2):
        raise DataError("each arm needs at least one patient, and a time and event for each")
    excess = variance = 0.0
    for time in np.unique(np.concatenate([t1[d1], t2[d2]])):
        n1, n2 = int(np.sum(t1 >= time)), int(np.sum(t2 >= time))
        dead1, dead2 = int(np.sum(d1 & (t1 == time))), int(np.sum(d2 & (t2 == time)))
        n, dead = n1 + n2, dead1 + dead2
        excess += dead1 - dead * n1 / n
        if n > 1:
            variance += dead * n1 * n2 * (n - dead) / (n**2 * (n - 1))
    if not variance > 0:
        raise EstimationError("nobody died while both arms were at risk; no ratio can be given")
    return _estimate(
        excess / variance,
        1 / variance,
        method="from the curves' log-rank O - E and V",
        level=level,
        n_patients=len(t1) + len(t2),
        n_events=int(np.sum(d1) + np.sum(d2)),
    )


def from_medians(
    median_1: float, median_2: float, *, events_1: int, events_2: int, level: float = 0.95
) -> Estimate:
    """Return log(median 2 / median 1), the hazard ratio if both arms die at constant rates."""
    if not (median_1 > 0 and median_2 > 0 and events_1 > 0 and events_2 > 0):
        raise DataError("medians and events must be above 0 to give a hazard ratio")
    return _estimate(
        math.log(median_2 / median_1),
        1 / events_1 + 1 / events_2,
        method="from medians, constant hazards assumed",
        level=level,
        n_events=events_1 + events_2,
        diagnostics=("Constant hazards were assumed to turn medians into a hazard ratio.",),
    )
