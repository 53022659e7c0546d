"""Who is at risk when, and who dies then: one ordering that every Cox-type model sums over."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from resartus.errors import DataError
from resartus.synthesis.survival.follow_up import BoolArray, FloatArray, IntArray

__all__ = ["RiskSets", "codes", "risk_sets"]


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """Patients in order of stratum and falling time, so that every risk set is one run of rows.

    Parameters
    ----------
    order : array, shape (n,)
        Row of the input behind each sorted row.
    is_event : array, shape (n,)
        Whether each sorted row ends with the event.
    first, last : arrays, shape (g,)
        For each distinct event time (within a stratum): its risk set is the
        sorted rows ``first[g]`` to ``last[g]``, inclusive.
    tied_from : array, shape (g,)
        First sorted row of those whose follow-up ends at that time.
    n_deaths : array, shape (g,)
        Events at that time.
    time : array, shape (g,)
        That time.
    death_group : array, shape (n_events,)
        Group of each event, events in sorted order.
    """

    order: IntArray
    is_event: BoolArray
    first: IntArray
    last: IntArray
    tied_from: IntArray
    n_deaths: IntArray
    time: FloatArray
    death_group: IntArray

    def over_risk_set(self, rows: FloatArray) -> FloatArray:
        """Return the sum of ``rows`` (n, …) over each risk set, shape (g, …)."""
        summed = np.cumsum(rows, axis=0)
        before = np.concatenate([np.zeros_like(summed[:1]), summed])
        total: FloatArray = summed[self.last] - before[self.first]
        return total

    def over_deaths(self, rows: FloatArray) -> FloatArray:
        """Return the sum of ``rows`` over the events of each group, shape (g, …)."""
        kept = rows[self.is_event]
        if len(kept) == 0:
            return np.zeros((0, *rows.shape[1:]))
        starts = np.concatenate(([0], np.cumsum(self.n_deaths)[:-1]))
        total: FloatArray = np.add.reduceat(kept, starts, axis=0)
        return total

    def over_groups_at_risk(self, groups: FloatArray) -> FloatArray:
        """Return for each sorted row the sum of ``groups`` (g, …) over the risk sets it is in."""
        n = len(self.order)
        change = np.zeros((n + 1, *groups.shape[1:]))
        np.add.at(change, self.first, groups)
        np.subtract.at(change, self.last + 1, groups)
        total: FloatArray = np.cumsum(change, axis=0)[:n]
        return total


def codes(labels: Sequence[Hashable] | None, n: int, *, what: str) -> IntArray:
    """Return labels as numbers from 0 in order of first appearance, all 0 without labels.

    Raises
    ------
    DataError
        If there are not ``n`` labels, or one is ``None``.
    """
    if labels is None:
        return np.zeros(n, dtype=np.int64)
    if len(labels) != n:
        raise DataError(f"{len(labels)} {what} were given for {n} patients; give one each")
    seen: dict[Hashable, int] = {}
    numbers = []
    for row, label in enumerate(labels):
        if label is None:
            raise DataError(f"patient {row + 1} has no {what}; give one or leave the patient out")
        numbers.append(seen.setdefault(label, len(seen)))
    return np.asarray(numbers, dtype=np.int64)


def risk_sets(times: FloatArray, is_event: BoolArray, strata: IntArray) -> RiskSets:
    """Order checked follow-up into risk sets; a patient censored at an event time is at risk."""
    n = len(times)
    # Among ties the events come last, so that they stand together at the end of their run.
    order = np.lexsort((is_event, -times, strata))
    t, e, s = times[order], is_event[order], strata[order]
    new_stratum = np.empty(n, dtype=np.bool_)
    new_stratum[0] = True
    np.not_equal(s[1:], s[:-1], out=new_stratum[1:])
    new_time = new_stratum.copy()
    new_time[1:] |= t[1:] != t[:-1]
    run_starts = np.flatnonzero(new_time)
    run_ends = np.append(run_starts[1:], n) - 1
    deaths = np.add.reduceat(e.astype(np.int64), run_starts)
    stratum_start = np.maximum.accumulate(np.where(new_stratum, np.arange(n), 0))
    kept = deaths > 0
    n_deaths = deaths[kept]
    return RiskSets(
        order=order,
        is_event=e,
        first=stratum_start[run_ends[kept]],
        last=run_ends[kept],
        tied_from=run_starts[kept],
        n_deaths=n_deaths,
        time=t[run_ends[kept]],
        death_group=np.repeat(np.arange(len(n_deaths)), n_deaths),
    )
