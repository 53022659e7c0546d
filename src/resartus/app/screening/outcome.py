"""Where records stand at each stage: what votes add up to, what is open, how far it has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from resartus.app.review import Review
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.domain.state import ReviewState

__all__ = [
    "Outcome",
    "Progress",
    "Reviewers",
    "conflicts",
    "is_mine",
    "open_records",
    "outcome_of",
    "outcomes",
    "progress",
    "since_last_include",
    "skipped_records",
    "voted_outcomes",
    "votes_needed",
]

Reviewers = int | Mapping[Stage, int]
"""How many must vote: one number for both stages, or one for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where one record stands: its stage and what the votes there add up to."""

    record_id: RecordId
    stage: Stage
    verdict: Verdict | None
    reason: str | None = None
    is_conflict: bool = False

    @property
    def is_included(self) -> bool:
        """Included at full text, the last stage."""
        return self.stage is Stage.ELIGIBILITY and self.verdict is Verdict.INCLUDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one stage has come."""

    stage: Stage
    total: int
    decided: int
    included: int
    excluded: int
    conflicts: int

    @property
    def left(self) -> int:
        """Records still to be judged."""
        return self.total - self.decided


def _settled(votes: Collection[Decision], needed: int) -> tuple[Verdict | None, str | None, bool]:
    """Return verdict, first reason and whether the votes contradict each other."""
    final = [vote for vote in votes if vote.is_adjudication]
    counted = final[-1:] or [vote for vote in votes if vote.verdict is not Verdict.SKIP]
    if not final and len(counted) < needed:
        return None, None, False
    # At the first stage "maybe" goes on to full text, as every tool of the field has it.
    sides = {
        Verdict.INCLUDE
        if vote.verdict is Verdict.MAYBE and vote.stage is Stage.SCREENING
        else vote.verdict
        for vote in counted
    }
    if len(sides) > 1:
        return None, None, True
    reasons = [reason for vote in counted for reason in vote.reasons]
    return sides.pop(), reasons[0] if reasons else None, False


def outcomes(state: ReviewState, *, reviewers: Reviewers) -> dict[RecordId, Outcome]:
    """Return where every record stands; duplicates are left out."""
    return {
        record_id: outcome_of(state, record_id, reviewers=reviewers)
        for record_id in state.arrived
        if record_id not in state.duplicate_of
    }


def voted_outcomes(state: ReviewState, *, reviewers: Reviewers) -> list[Outcome]:
    """Return where the records stand that anybody voted on: all others wait at the first stage."""
    ids = dict.fromkeys(record_id for record_id, _ in state.votes)
    return [
        outcome_of(state, record_id, reviewers=reviewers)
        for record_id in ids
        if record_id in state.arrived and record_id not in state.duplicate_of
    ]


def votes_needed(
    state: ReviewState, record_id: RecordId, *, stage: Stage, reviewers: Reviewers
) -> int:
    """Return how many must vote on a record: all of a pilot round, else as the protocol says."""
    needed = reviewers if isinstance(reviewers, int) else reviewers[stage]
    return max(needed, state.votes_wanted.get((record_id, stage.value), 0))


def outcome_of(state: ReviewState, record_id: RecordId, *, reviewers: Reviewers) -> Outcome:
    """Return where one record stands."""

    def at(stage: Stage) -> tuple[Verdict | None, str | None, bool]:
        needed = votes_needed(state, record_id, stage=stage, reviewers=reviewers)
        return _settled(state.votes.get((record_id, stage.value), {}).values(), needed)

    stage = Stage.SCREENING
    verdict, reason, conflict = at(stage)
    if verdict is Verdict.INCLUDE:
        stage = Stage.ELIGIBILITY
        verdict, reason, conflict = at(stage)
    return Outcome(
        record_id=record_id, stage=stage, verdict=verdict, reason=reason, is_conflict=conflict
    )


def is_mine(state: ReviewState, record_id: RecordId, *, stage: Stage, person: str) -> bool:
    """Whether a person is shown a record at a stage: it is theirs, or nobody's in particular."""
    assigned = state.assigned.get((record_id, stage.value))
    return assigned is None or person in assigned


def open_records(review: Review, stage: Stage) -> list[RecordId]:
    """Return what this person can still judge at a stage, in order of arrival."""
    state, person = review.state(), review.person
    standing = outcomes(state, reviewers=review.protocol.reviewers)
    return [
        outcome.record_id
        for outcome in standing.values()
        if outcome.stage is stage
        and outcome.verdict is None
        and not outcome.is_conflict
        and person not in state.votes.get((outcome.record_id, stage.value), {})
        and outcome.record_id not in state.missing_fulltexts
        and is_mine(state, outcome.record_id, stage=stage, person=person)
    ]


def skipped_records(review: Review, stage: Stage) -> list[RecordId]:
    """Return what this person put aside at a stage and nobody has settled since."""
    state, person = review.state(), review.person
    found = []
    for (record_id, at), votes in state.votes.items():
        mine = votes.get(person)
        if at == stage.value and mine is not None and mine.verdict is Verdict.SKIP:
            outcome = outcome_of(state, record_id, reviewers=review.protocol.reviewers)
            if outcome.stage is stage and outcome.verdict is None and not outcome.is_conflict:
                found.append(record_id)
    return found


def since_last_include(state: ReviewState, stage: Stage) -> int:
    """Return how many votes at a stage came since the last that was not an exclusion."""
    count = 0
    for decision in reversed(state.decisions.values()):
        if decision.stage is stage:
            if decision.verdict in (Verdict.INCLUDE, Verdict.MAYBE):
                break
            count += 1
    return count


def conflicts(review: Review) -> list[Outcome]:
    """Return the records whose votes disagree, in the order in which they were voted on."""
    voted = voted_outcomes(review.state(), reviewers=review.protocol.reviewers)
    return [outcome for outcome in voted if outcome.is_conflict]


def progress(review: Review) -> tuple[Progress, Progress]:
    """Return how far each of the two stages has come."""
    state = review.state()
    standing = voted_outcomes(state, reviewers=review.protocol.reviewers)
    total = len(state.arrived) - sum(r in state.arrived for r in state.duplicate_of)
    at_full = [o for o in standing if o.stage is Stage.ELIGIBILITY]
    first = [o for o in standing if o.stage is Stage.SCREENING]
    excluded = sum(o.verdict is Verdict.EXCLUDE for o in first)
    tally = Counter(o.verdict for o in at_full)
    missing = sum(o.record_id in state.missing_fulltexts for o in at_full)
    return (
        Progress(
            stage=Stage.SCREENING,
            total=total,
            decided=excluded + len(at_full),
            included=len(at_full),
            excluded=excluded,
            conflicts=sum(o.is_conflict for o in first),
        ),
        Progress(
            stage=Stage.ELIGIBILITY,
            total=len(at_full) - missing,
            decided=tally[Verdict.INCLUDE] + tally[Verdict.EXCLUDE],
            included=tally[Verdict.INCLUDE],
            excluded=tally[Verdict.EXCLUDE],
            conflicts=sum(o.is_conflict for o in at_full),
        ),
    )
