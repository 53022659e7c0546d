"""Harrell's concordance: how often the patient with the higher risk has the event first."""

from __future__ import annotations

import numpy as np

from resartus.synthesis.survival.follow_up import BoolArray, FloatArray, IntArray

__all__ = ["concordance"]

_SMALL = 128


def _against(risk: FloatArray, later: FloatArray) -> tuple[int, int, int]:
    """Count pairs of an event's risk against those of longer follow-up: lower, tied, all."""
    ranked = np.sort(later)
    below = np.searchsorted(ranked, risk, side="left")
    up_to = np.searchsorted(ranked, risk, side="right")
    return int(below.sum()), int((up_to - below).sum()), len(risk) * len(later)


def _pairs(t: FloatArray, e: BoolArray, risk: FloatArray) -> tuple[int, int, int]:
    """Count comparable pairs among rows in order of time: concordant, tied, all."""
    n = len(t)
    if n <= _SMALL:
        # A patient censored at the time of an event outlived it.
        longer = (t[None, :] > t[:, None]) | ((t[None, :] == t[:, None]) & ~e[None, :])
        comparable = longer & e[:, None]
        lower = (risk[None, :] < risk[:, None]) & comparable
        tied = (risk[None, :] == risk[:, None]) & comparable
        return int(lower.sum()), int(tied.sum()), int(comparable.sum())
    # Split where the time changes, so that ties are only compared within one part.
    middle = int(np.searchsorted(t, t[n // 2], side="left"))
    if middle == 0:
        middle = int(np.searchsorted(t, t[0], side="right"))
    if middle == n:
        return _against(risk[e], risk[~e])
    parts = (
        _pairs(t[:middle], e[:middle], risk[:middle]),
        _pairs(t[middle:], e[middle:], risk[middle:]),
        _against(risk[:middle][e[:middle]], risk[middle:]),
    )
    a, b, c = (sum(part[k] for part in parts) for k in range(3))
    return a, b, c


def concordance(
    times: FloatArray, is_event: BoolArray, risk: FloatArray, strata: IntArray
) -> float | None:
    """Return the share of comparable pairs ranked rightly, ties in risk counting half.

    Pairs are compared within strata alone. ``None`` when no pair can be compared.

    References
    ----------
    Harrell FE, Lee KL, Mark DB. Multivariable prognostic models. Stat Med
    1996;15:361-387.
    """
    lower = tied = comparable = 0
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        rows = rows[np.argsort(times[rows], kind="stable")]
        a, b, c = _pairs(times[rows], is_event[rows], risk[rows])
        lower, tied, comparable = lower + a, tied + b, comparable + c
    return (lower + tied / 2) / comparable if comparable else None
