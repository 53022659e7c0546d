"""When to stop: several rules behind one interface, each saying what it guarantees."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from resartus.errors import DataError
from resartus.screening.recall_bound import History, most_relevant

__all__ = [
    "RULES",
    "SMALL",
    "Audit",
    "Buscar",
    "Consecutive",
    "History",
    "JudgeAll",
    "Safe",
    "StopAdvice",
    "StoppingRule",
    "default_rule",
]

SMALL = 1_000
"""Below so many records the default is to judge all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAdvice:
    """What a rule says now.

    Parameters
    ----------
    may_stop : bool
        Whether the rule's condition holds.
    recall : float or None
        The recall reached at least, 0 to 1, with ``confidence``; ``None`` for
        a rule that guarantees none.
    confidence : float or None
        Holds over all looks together, not look by look.
    assumption : str or None
        What the guarantee rests on, where it is more than arithmetic.
    relevant_at_most : int or None
        How many relevant records there may be in all, at this confidence.
    sentence : str
        The advice in words.
    """

    rule: str
    may_stop: bool
    recall: float | None
    confidence: float | None
    assumption: str | None
    relevant_at_most: int | None
    sentence: str


class StoppingRule(Protocol):
    """Looks at the votes and says whether one may stop."""

    name: str

    def check(self, history: History, *, recall: float, confidence: float) -> StopAdvice:
        """Return the advice for a wanted recall and confidence; any number of looks is fine."""
        ...


def _all_judged(rule: str, history: History) -> StopAdvice:
    return StopAdvice(
        rule=rule,
        may_stop=True,
        recall=1.0,
        confidence=1.0,
        assumption=None,
        relevant_at_most=history.n_found,
        sentence=f"All {history.n_records} records have been judged.",
    )


class JudgeAll:
    """Judge every record; the ranking only decides what comes first."""

    name = "all"

    def check(self, history: History, *, recall: float, confidence: float) -> StopAdvice:
        """Return whether every record was judged."""
        if history.n_judged == history.n_records:
            return _all_judged(self.name, history)
        left = history.n_records - history.n_judged
        why = (
            f" With fewer than {SMALL:,} records the default is to judge all: with few relevant "
            "ones, no rule can promise to miss none before nearly all are read, and what it "
            "could save is hours."
        )
        return StopAdvice(
            rule=self.name,
            may_stop=False,
            recall=None,
            confidence=None,
            assumption=None,
            relevant_at_most=history.n_found + left,
            sentence=(
                f"{left} of {history.n_records} records are left to judge."
                + (why if history.n_records < SMALL else "")
            ),
        )


def _bounded(
    rule: str,
    history: History,
    *,
    recall: float,
    confidence: float,
    trust_ranking: bool,
    assumption: str | None,
    how: str,
) -> StopAdvice:
    if history.n_judged == history.n_records:
        return _all_judged(rule, history)
    most = most_relevant(history, confidence=confidence, trust_ranking=trust_ranking)
    reached = history.n_found / most if history.n_found else 0.0
    may_stop = reached >= recall
    hidden = most - history.n_found
    if not history.n_found:
        return StopAdvice(
            rule=rule,
            may_stop=False,
            recall=0.0,
            confidence=confidence,
            assumption=assumption,
            relevant_at_most=most,
            sentence=(
                f"No relevant record was found in {history.n_judged}; a recall needs some. At most "
                f"{most} are among the {history.n_records - history.n_judged} left, with "
                f"{confidence:.0%} confidence."
            ),
        )
    return StopAdvice(
        rule=rule,
        may_stop=may_stop,
        recall=reached,
        confidence=confidence,
        assumption=assumption,
        relevant_at_most=most,
        sentence=(
            f"{history.n_found} relevant found; with {confidence:.0%} confidence {how} at most "
            f"{hidden} more are among the {history.n_records - history.n_judged} left, so the "
            f"recall is at least {reached:.1%}: "
            + ("you may stop." if may_stop else f"not yet the {recall:.0%} wanted.")
        ),
    )


class Audit:
    """Draw at random from what is left: the guarantee needs no trust in the ranking.

    After the ranking has run dry, the rest is judged in an order drawn by
    chance. Only these votes count as evidence, see ``recall_bound``.
    """

    name = "audit"

    def check(self, history: History, *, recall: float, confidence: float) -> StopAdvice:
        """Return what the random draws prove."""
        return _bounded(
            self.name,
            history,
            recall=recall,
            confidence=confidence,
            trust_ranking=False,
            assumption=None,
            how=f"by {int(history.at_random.sum())} random draws",
        )


class Buscar:
    """Callaghan and Müller-Hansen's criterion [1]_, kept valid over repeated looks.

    As published it takes the smallest of many p-values, again after every
    vote, so that its confidence is nominal. Here the same evidence (a dry run
    is unlikely while many are hidden) is gathered as a bet, which may be
    looked at any time.

    References
    ----------
    .. [1] Callaghan MW, Müller-Hansen F. Syst Rev 2020;9:273.
    """

    name = "buscar"

    def check(self, history: History, *, recall: float, confidence: float) -> StopAdvice:
        """Return what the run of the ranking proves, if it is not worse than chance."""
        return _bounded(
            self.name,
            history,
            recall=recall,
            confidence=confidence,
            trust_ranking=True,
            assumption="the ranking never does worse than drawing at random from what is left",
            how="and trust in the ranking",
        )


class Consecutive:
    """Stop after so many irrelevant records in a row: common, and without a guarantee.

    Parameters
    ----------
    run : int
        How many in a row.
    """

    name = "consecutive"

    def __init__(self, run: int = 50) -> None:
        self.run = run

    def check(self, history: History, *, recall: float, confidence: float) -> StopAdvice:
        """Return whether the run is long enough."""
        if history.n_judged == history.n_records:
            return _all_judged(self.name, history)
        may_stop = history.n_found > 0 and history.since_last >= self.run
        return StopAdvice(
            rule=self.name,
            may_stop=may_stop,
            recall=None,
            confidence=None,
            assumption=None,
            relevant_at_most=None,
            sentence=(
                f"{history.since_last} irrelevant in a row, of {self.run} wanted. This rule "
                "guarantees no recall: over 17 replayed reviews 50 in a row stopped at anything "
                "from 8 to 100 %."
            ),
        )


class Safe:
    """The stopping part of the SAFE procedure [1]_: four conditions, none of them a proof.

    A tenth of all records judged, twice as many judged as are expected to be
    relevant, 50 irrelevant in a row, and the known key papers found (the
    caller's ``keys_found``).

    References
    ----------
    .. [1] Boetje J, van de Schoot R. Syst Rev 2024;13:81.
    """

    name = "safe"

    def __init__(self, *, keys_found: bool = True, run: int = 50) -> None:
        self.keys_found = keys_found
        self.run = run

    def check(self, history: History, *, recall: float, confidence: float) -> StopAdvice:
        """Return which of the conditions hold."""
        if history.n_judged == history.n_records:
            return _all_judged(self.name, history)
        drawn = int(history.at_random.sum())
        share = float(history.relevant[history.at_random].mean()) if drawn else 0.0
        expected = max(history.n_found, math.ceil(share * history.n_records))
        conditions = {
            "the key papers are found": self.keys_found,
            "a tenth of the records is judged": history.n_judged >= 0.1 * history.n_records,
            f"{2 * expected} are judged, twice the expected": history.n_judged >= 2 * expected,
            f"{self.run} irrelevant in a row": history.n_found > 0
            and history.since_last >= self.run,
        }
        missing = [words for words, holds in conditions.items() if not holds]
        return StopAdvice(
            rule=self.name,
            may_stop=not missing,
            recall=None,
            confidence=None,
            assumption=None,
            relevant_at_most=None,
            sentence=(
                "The four conditions hold; look next with another model and over a sample of "
                "what was excluded. They guarantee no recall."
                if not missing
                else "Not yet: " + "; ".join(missing) + "."
            ),
        )


RULES: Mapping[str, type[StoppingRule]] = MappingProxyType(
    {
        "all": JudgeAll,
        "audit": Audit,
        "buscar": Buscar,
        "consecutive": Consecutive,
        "safe": Safe,
    }
)


def default_rule(n_records: int) -> StoppingRule:
    """Return the rule for a set of this size: all below 1,000, else the audit.

    Raises
    ------
    DataError
        If there is no record.
    """
    if n_records < 1:
        raise DataError("there is no record to judge; bring citations first")
    return JudgeAll() if n_records < SMALL else Audit()
