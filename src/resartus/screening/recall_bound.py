"""What the votes so far prove of the recall, at any moment and however often one looks.

The votes bet against each number of relevant records that may exist. Suppose
there are R in all. When the next record is a random one of those left, it is
relevant with a known chance p. A bet pays (1 - q) / (1 - p) if it is not and
q / p if it is, for a q chosen beforehand, at most p; started at 1, the wealth
is then a martingale, and the chance that it ever reaches 20 is at most 1 in 20
(Ville). An R whose wealth has reached 1 / (1 - confidence) is ruled out, for
good. So the bound holds at every look at once and needs no correction.

Where the next record is the ranking's choice, p is a floor: a ranking that is
not worse than chance finds relevant records at least as often. The wealth is
then a supermartingale and the bound still holds, under that assumption alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resartus.domain.checks import require_level
from resartus.errors import DataError

__all__ = ["History", "most_relevant", "recall_bound", "wealth_against"]

_ON_RANKING = ((0.1, 0.4), (0.1, 0.05), (0.3, 0.05), (0.5, 0.05))
"""Bettors on the ranking: asleep until this share is judged; how far below p they put q."""
_LONGEST = 1.5
"""They bet while the dry run is longer than this many times the longest before it."""
_ON_DRAWS = ((0, 0.4), (0, 0.05), (1, 0.05), (3, 0.05))
"""Bettors on random draws: asleep until the draws have found so many; how far below p."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The votes at one stage in the order given.

    Parameters
    ----------
    n_records : int
        All records of the stage, judged or not.
    relevant : array of bool, length n judged
        Whether each judged record was found relevant.
    at_random : array of bool, length n judged
        Whether each was drawn at random of those then left.
    """

    n_records: int
    relevant: NDArray[Any]
    at_random: NDArray[Any]

    def __post_init__(self) -> None:
        if len(self.relevant) != len(self.at_random) or len(self.relevant) > self.n_records:
            raise DataError(
                f"{len(self.relevant)} votes and {len(self.at_random)} marks do not fit "
                f"{self.n_records} records"
            )

    @classmethod
    def of(cls, n_records: int, relevant: Sequence[bool], at_random: Sequence[bool]) -> History:
        """Return a history of plain sequences."""
        return cls(
            n_records=n_records,
            relevant=np.asarray(relevant, dtype=bool),
            at_random=np.asarray(at_random, dtype=bool),
        )

    @property
    def n_judged(self) -> int:
        """Records judged so far."""
        return len(self.relevant)

    @property
    def n_found(self) -> int:
        """Relevant records found so far."""
        return int(self.relevant.sum())

    @property
    def since_last(self) -> int:
        """Votes since the last relevant record."""
        found = np.flatnonzero(self.relevant)
        return self.n_judged - (int(found[-1]) + 1 if len(found) else 0)


def _bets(history: History, *, trust_ranking: bool) -> list[tuple[NDArray[Any], float]]:
    """Return for each bettor when it bets, told by earlier votes alone, and its shrinkage."""
    relevant = np.asarray(history.relevant, bool)
    at = np.arange(history.n_judged)
    if not trust_ranking:
        drawn = np.asarray(history.at_random, bool)
        hits = np.concatenate([[0], np.cumsum(relevant & drawn)[:-1]]) if len(at) else at
        return [(drawn & (hits >= first), shrink) for first, shrink in _ON_DRAWS]
    last = np.maximum.accumulate(np.where(relevant, at, -1)) if len(at) else at
    run = at - np.concatenate([[-1], last[:-1]]) - 1 if len(at) else at
    # The longest run that had ended, with a relevant record, before this vote.
    ended = np.where(relevant, run, 0)
    longest = np.concatenate([[0], np.maximum.accumulate(ended)[:-1]]) if len(at) else at
    is_dry = run > np.maximum(_LONGEST * longest, 10)
    return [(is_dry & (at >= start * history.n_records), shrink) for start, shrink in _ON_RANKING]


def wealth_against(history: History, total: int, *, trust_ranking: bool) -> float:
    """Return the natural logarithm of the wealth won against ``total`` relevant records.

    Infinite where so many cannot be: fewer than were found, or more than could
    still be hidden.
    """
    relevant = np.asarray(history.relevant, bool)
    found_before = np.concatenate([[0], np.cumsum(relevant)[:-1]]) if len(relevant) else relevant
    left = history.n_records - np.arange(history.n_judged)
    hidden = total - found_before
    if total < history.n_found or total - history.n_found > history.n_records - history.n_judged:
        return math.inf
    chance = np.clip(hidden / np.maximum(left, 1), 0.0, 1.0)
    logs = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for bets, shrink in _bets(history, trust_ranking=trust_ranking):
            paid = np.where(relevant, math.log(shrink), np.log1p(-shrink * chance))
            paid = paid - np.where(relevant, 0.0, np.log1p(-chance))
            logs.append(float(paid[bets].sum()))
    top = max(logs)
    if math.isinf(top):
        return top
    return top + math.log(sum(math.exp(one - top) for one in logs) / len(logs))


def most_relevant(history: History, *, confidence: float, trust_ranking: bool) -> int:
    """Return the largest number of relevant records that the votes do not rule out."""
    require_level(confidence, where="the stopping rule")
    limit = math.log(1 / (1 - confidence))
    low = history.n_found
    high = low + history.n_records - history.n_judged
    # More hidden records make a dry run less likely, so the wealth grows with the number.
    while low < high:
        middle = (low + high + 1) // 2
        if wealth_against(history, middle, trust_ranking=trust_ranking) < limit:
            low = middle
        else:
            high = middle - 1
    return low


def recall_bound(history: History, *, confidence: float, trust_ranking: bool) -> float:
    """Return the recall that has been reached at least, 0 to 1, with this confidence.

    It is 0 while nothing was found, and 1 when every record has been judged.
    """
    if history.n_judged == history.n_records:
        return 1.0
    if not history.n_found:
        return 0.0
    return history.n_found / most_relevant(
        history, confidence=confidence, trust_ranking=trust_ranking
    )
