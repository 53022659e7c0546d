"""Event counts of studies, checked once before any method sees them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from resartus.errors import DataError

__all__ = ["FloatArray", "checked_counts", "checked_pair"]

FloatArray = npt.NDArray[np.float64]


def checked_pair(events: float, total: float, *, where: str) -> tuple[int, int]:
    """Return one study's events and patients as whole numbers, or say what is wrong."""
    for name, number in (("events", events), ("total", total)):
        if number is None or isinstance(number, bool) or number != int(number):
            raise DataError(
                f"{name} {number!r} of {where} is not a whole number; count patients", field=name
            )
    if total < 1:
        raise DataError(
            f"total {total!r} of {where} is below 1; leave the study out", field="total"
        )
    if not 0 <= events <= total:
        raise DataError(
            f"events {events!r} of {where} are not between 0 and its total {total!r}; "
            "count patients, not events per patient",
            field="events",
        )
    return int(events), int(total)


def checked_counts(
    events: Sequence[float], totals: Sequence[float]
) -> tuple[FloatArray, FloatArray]:
    """Return events and totals as arrays of shape (k,), k >= 1.

    Raises
    ------
    DataError
        If lengths differ, no study is given, a count is not whole, a total is
        below 1, or events lie outside 0 to the total.
    """
    if len(events) != len(totals):
        raise DataError(
            f"{len(events)} event counts but {len(totals)} totals were given; "
            "give one each per study"
        )
    if len(events) == 0:
        raise DataError("no study was given; give at least one")
    pairs = [
        checked_pair(x, n, where=f"study {i}")
        for i, (x, n) in enumerate(zip(events, totals, strict=True), start=1)
    ]
    x, n = np.array(pairs, dtype=np.float64).T
    return x, n
