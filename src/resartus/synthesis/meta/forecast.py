"""A forecast of a pooled proportion: what further studies like those so far could do to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resartus.errors import DataError
from resartus.synthesis.meta.counts import checked_counts
from resartus.synthesis.meta.proportions import pool_proportions

__all__ = ["Forecast", "forecast_proportion"]

_DRAWS = 4000
_CHANGE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What pending records may bring.

    ``chance_of_signal`` is the probability that the crude rate leaves the
    present interval or its odds change by half; ``events_to_leave`` the
    smallest number of events, among ``expected_patients`` more, that takes the
    crude rate above the present interval, ``None`` if none does.
    """

    expected_studies: float
    expected_patients: float
    chance_of_signal: float
    events_to_leave: int | None


def _crude(
    events: npt.NDArray[np.float64], totals: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    rate: npt.NDArray[np.float64] = (events + 0.5) / (totals + 1.0)
    return rate


def forecast_proportion(
    events: Sequence[int],
    totals: Sequence[int],
    *,
    n_pending: int,
    n_judged: int,
    seed: int = 2007,
) -> Forecast:
    """Simulate the studies that pending records may hold.

    Parameters
    ----------
    events, totals : sequence of int, length k >= 1
        The studies so far.
    n_pending, n_judged : int
        Records still to be judged, and judged so far; k of the latter gave a
        study with this outcome.
    seed : int
        The same seed gives the same forecast.

    Returns
    -------
    Forecast

    Raises
    ------
    DataError
        If counts are impossible, or fewer records were judged than gave studies.

    Notes
    -----
    A pending record gives a study with probability drawn from
    Beta(k + 1/2, judged - k + 1/2); its size is drawn from those so far; its
    rate from Beta(a, b) fitted by moments to the studies' smoothed rates,
    never narrower than the binomial uncertainty of their sum. Compared are
    crude rates with half an event added, which move as the pooled one does.
    """
    x, n = checked_counts(events, totals)
    k = len(x)
    if n_judged < k or n_pending < 0:
        raise DataError(
            f"{n_judged} judged and {n_pending} pending records do not go with {k} studies; "
            "count the records again"
        )
    pooled = pool_proportions([int(e) for e in x], [int(t) for t in n])
    rng = np.random.default_rng(seed)
    yields = rng.beta(k + 0.5, n_judged - k + 0.5, size=_DRAWS)
    new = rng.binomial(n_pending, yields)
    total_events, total_patients = float(np.sum(x)), float(np.sum(n))
    rates = _crude(np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64))
    mean = float(_crude(np.asarray([total_events]), np.asarray([total_patients]))[0])
    spread = max(float(rates.var()), mean * (1 - mean) / (total_patients + 2))
    weight = max(mean * (1 - mean) / spread - 1, 0.5)
    more_events, more_patients = np.zeros(_DRAWS), np.zeros(_DRAWS)
    for i in range(int(new.max(initial=0))):
        has = new > i
        size = rng.choice(np.asarray(n, dtype=np.int64), size=_DRAWS)
        rate = rng.beta(mean * weight, (1 - mean) * weight, size=_DRAWS)
        more_patients += np.where(has, size, 0)
        more_events += np.where(has, rng.binomial(size, rate), 0)
    after = _crude(total_events + more_events, total_patients + more_patients)
    interval = pooled.interval
    low = 0.0 if interval is None or interval.low is None else interval.low
    high = 1.0 if interval is None or interval.high is None else interval.high
    change = (after / (1 - after)) / (mean / (1 - mean)) - 1
    is_signal = (after < low) | (after > high) | (np.abs(change) >= _CHANGE)
    patients = float(more_patients.mean())
    return Forecast(
        expected_studies=float(new.mean()),
        expected_patients=patients,
        chance_of_signal=float((is_signal & (new > 0)).mean()),
        events_to_leave=_events_to_leave(total_events, total_patients, round(patients), high),
    )


def _events_to_leave(events: float, patients: float, more: int, high: float) -> int | None:
    """Return the fewest events among ``more`` patients that take the crude rate above ``high``."""
    for extra in range(more + 1):
        if (events + extra) / (patients + more) > high:
            return extra
    return None
