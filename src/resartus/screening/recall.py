"""How soon an order of judging finds what is relevant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resartus.errors import DataError

__all__ = ["RankingQuality", "measure_order"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingQuality:
    """Measures of one order of judging; records known before it began are not counted.

    Parameters
    ----------
    n_records, n_relevant : int
        Records judged in this order, and the relevant among them.
    wss95, wss100 : float
        Work saved over sampling at 95 and 100 % recall: the share of records
        not read, less the share one would miss, -0.05 to 1 and 0 to 1 [1]_.
    recall_at_10_percent : float
        Share of the relevant found in the first tenth of the records.
    atd_percent : float
        Average time to discovery: the mean place of a relevant record, in
        percent of all records [2]_.
    last_relevant_at : int
        Place of the last relevant record, from 1.

    References
    ----------
    .. [1] Cohen AM, Hersh WR, Peterson K, Yen PY. J Am Med Inform Assoc 2006;13:206-219.
    .. [2] Ferdinands G, et al. Syst Rev 2023;12:100.
    """

    n_records: int
    n_relevant: int
    wss95: float
    wss100: float
    recall_at_10_percent: float
    atd_percent: float
    last_relevant_at: int


def measure_order(places: Sequence[int], *, n_records: int) -> RankingQuality:
    """Return the measures from the places, counted from 1, of the relevant records.

    Raises
    ------
    DataError
        If nothing is relevant or a place is not within the records.

    Examples
    --------
    >>> found = measure_order([1, 2, 5, 20], n_records=100)
    >>> found.wss100, found.recall_at_10_percent, found.atd_percent
    (0.8, 0.75, 7.0)
    """
    found = np.sort(np.asarray(places, dtype=float))
    if not len(found):
        raise DataError("no relevant record is left to be found; recall has no meaning here")
    if found[0] < 1 or found[-1] > n_records:
        raise DataError(f"places {places!r} are not all within 1..{n_records}")
    at95 = found[math.ceil(0.95 * len(found)) - 1]
    return RankingQuality(
        n_records=n_records,
        n_relevant=len(found),
        wss95=float(1 - at95 / n_records - 0.05),
        wss100=float(1 - found[-1] / n_records),
        recall_at_10_percent=float((found <= 0.1 * n_records).mean()),
        atd_percent=float(100 * found.mean() / n_records),
        last_relevant_at=int(found[-1]),
    )
