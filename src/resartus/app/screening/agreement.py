"""How far the reviewers agreed before they saw each other's votes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from resartus.app.review import Review
from resartus.app.screening.outcome import votes_needed
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.domain.protocol import Protocol
from resartus.domain.state import ReviewState, fold
from resartus.errors import DataError, NotFoundError
from resartus.screening.agreement import Agreement, measure_agreement

__all__ = ["PairAgreement", "agreements", "independent_votes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAgreement:
    """Two people at one stage: over all answers, on going on or not, and reason by reason."""

    first: str
    second: str
    stage: Stage
    verdicts: Agreement
    """Include, maybe and exclude as three answers."""
    going_on: Agreement
    """Whether the record goes on: at title and abstract a maybe does."""
    reasons: Mapping[str, Agreement]
    """Whether each named a reason, over the records that either excluded."""


def _state(review: Review, until: int | None) -> ReviewState:
    return review.state() if until is None else fold(review.store.load_events(), until=until)


def independent_votes(
    review: Review,
    stage: Stage,
    *,
    only: Iterable[RecordId] | None = None,
    until: int | None = None,
    protocol: Protocol | None = None,
) -> dict[RecordId, dict[str, Decision]]:
    """Return each person's vote as it stood before anyone could see the other's.

    A vote changed after both had voted, in a discussion, does not count here;
    one corrected before does. ``until`` is the last event of a version, and
    ``protocol`` the one it was pinned with: today's if left out.
    """
    state = _state(review, until)
    reviewers = (protocol or review.protocol).reviewers
    wanted = None if only is None else set(only)
    found: dict[RecordId, dict[str, Decision]] = {}
    for (record_id, at), given in state.ballots.items():
        if at != stage.value or (wanted is not None and record_id not in wanted):
            continue
        needed = votes_needed(state, record_id, stage=stage, reviewers=reviewers)
        votes = found.setdefault(record_id, {})
        for decision in given:
            if decision.is_adjudication or len(votes) >= needed:
                continue
            if decision.verdict is Verdict.SKIP:
                votes.pop(decision.decided_by, None)
            else:
                votes[decision.decided_by] = decision
    return found


def _goes_on(vote: Decision) -> bool:
    passing = {Verdict.INCLUDE}
    if vote.stage is Stage.SCREENING:
        passing.add(Verdict.MAYBE)
    return vote.verdict in passing


def agreements(
    review: Review,
    stage: Stage,
    *,
    round_name: str | None = None,
    until: int | None = None,
    protocol: Protocol | None = None,
) -> tuple[PairAgreement, ...]:
    """Return the agreement of every two people who judged the same records.

    ``until`` and ``protocol`` ask for an earlier version, as in ``independent_votes``.

    Raises
    ------
    NotFoundError
        If there is no round of that name.
    DataError
        If no record was judged by two people.
    """
    rounds = _state(review, until).rounds
    if round_name is not None and round_name not in rounds:
        known = ", ".join(repr(name) for name in rounds) or "none"
        raise NotFoundError(f"round {round_name!r} is not in this review; it has: {known}")
    only = None if round_name is None else rounds[round_name]
    protocol = protocol or review.protocol
    votes = independent_votes(review, stage, only=only, until=until, protocol=protocol)
    people = sorted({by for given in votes.values() for by in given})
    names = [criterion.name for criterion in protocol.eligibility.exclude]
    found = []
    for first, second in combinations(people, 2):
        both = [(v[first], v[second]) for v in votes.values() if first in v and second in v]
        if not both:
            continue
        excluded = [pair for pair in both if Verdict.EXCLUDE in (pair[0].verdict, pair[1].verdict)]
        given = [pair for pair in excluded if pair[0].reasons or pair[1].reasons]
        found.append(
            PairAgreement(
                first=first,
                second=second,
                stage=stage,
                verdicts=measure_agreement(
                    [(a.verdict.value, b.verdict.value) for a, b in both], categories=3
                ),
                going_on=measure_agreement([(_goes_on(a), _goes_on(b)) for a, b in both]),
                reasons={
                    name: measure_agreement(
                        [(name in a.reasons, name in b.reasons) for a, b in given]
                    )
                    for name in names
                    if given
                },
            )
        )
    if not found:
        raise DataError(
            f"no record has been judged by two reviewers at {stage.value} yet; "
            "set reviewers_per_stage = 2 in review.toml, or assign a pilot round to two people"
        )
    return tuple(found)
