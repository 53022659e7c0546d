"""Follow-up times and events of patients, checked once and put in order for every method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resartus.errors import DataError

__all__ = ["BoolArray", "FloatArray", "IntArray", "RiskTable", "checked_follow_up", "risk_table"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


def checked_follow_up(
    times: Sequence[float] | FloatArray, is_event: Sequence[bool] | BoolArray
) -> tuple[FloatArray, BoolArray]:
    """Return times and events as arrays of shape (n,), n >= 1.

    Raises
    ------
    DataError
        If lengths differ, nobody is given, a time is missing, not finite or
        below 0, or an event is anything but true or false (1 or 0).
    """
    if len(times) != len(is_event):
        raise DataError(
            f"{len(times)} times but {len(is_event)} events were given; give one each per patient"
        )
    if len(times) == 0:
        raise DataError("no patient was given; give at least one follow-up time")
    try:
        t = np.asarray(times, dtype=np.float64)
        flags = np.asarray(is_event)
    except (TypeError, ValueError) as error:
        raise DataError("a follow-up time is not a number; leave such patients out") from error
    if t.ndim != 1 or flags.ndim != 1:
        raise DataError("times and events are not plain lists; give one number per patient")
    bad = ~np.isfinite(t) | (t < 0)
    if bad.any():
        row = int(np.argmax(bad))
        raise DataError(
            f"time {float(t[row])!r} of patient {row + 1} is not a finite number of at least 0; "
            "leave the patient out or correct it"
        )
    if flags.dtype != np.bool_:
        if flags.dtype.kind not in "iuf" or not np.isin(flags, (0, 1)).all():
            odd = next((f for f in flags.tolist() if f not in (0, 1)), None)
            raise DataError(f"event {odd!r} is neither true nor false; give 1 for an event, else 0")
        flags = flags.astype(np.bool_)
    return t, flags


@dataclass(frozen=True, slots=True, eq=False)
class RiskTable:
    """Who is at risk and what happens at each distinct time; all arrays have shape (m,)."""

    times: FloatArray
    at_risk: IntArray
    n_events: IntArray
    n_censored: IntArray


def risk_table(times: FloatArray, is_event: BoolArray) -> RiskTable:
    """Count patients at risk, events and censored at each distinct time, in order of time.

    A patient censored at a time is still at risk for the events of that time.
    """
    order = np.argsort(times)
    t = times[order]
    last = np.empty(len(t), dtype=np.bool_)
    np.not_equal(t[1:], t[:-1], out=last[:-1])
    last[-1] = True
    ends = np.flatnonzero(last)
    leaving = np.diff(ends, prepend=-1)
    events = np.diff(np.cumsum(is_event[order], dtype=np.int64)[ends], prepend=0)
    at_risk = len(t) - np.concatenate(([0], ends[:-1] + 1))
    return RiskTable(t[ends], at_risk, events, leaving - events)
