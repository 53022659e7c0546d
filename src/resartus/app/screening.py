"""Judge records: what is open, what was decided, and the votes themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from resartus.app.review import Review
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.plain import to_plain
from resartus.domain.state import ReviewState
from resartus.errors import DataError, NotFoundError

__all__ = [
    "Outcome",
    "Progress",
    "conflicts",
    "decide",
    "open_records",
    "outcome_of",
    "outcomes",
    "progress",
    "since_last_include",
]


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


def outcomes(state: ReviewState, *, reviewers: int) -> dict[RecordId, Outcome]:
    """Return where every record stands; duplicates are left out."""
    return {
        record_id: outcome_of(state, record_id, reviewers=reviewers)
        for record_id in state.arrived
        if record_id not in state.duplicate_of
    }


def outcome_of(state: ReviewState, record_id: RecordId, *, reviewers: int) -> Outcome:
    """Return where one record stands."""

    def at(stage: Stage) -> tuple[Verdict | None, str | None, bool]:
        return _settled(state.votes.get((record_id, stage.value), {}).values(), reviewers)

    stage = Stage.SCREENING
    verdict, reason, conflict = at(stage)
    if verdict is Verdict.INCLUDE:
        stage = Stage.ELIGIBILITY
        verdict, reason, conflict = at(stage)
    return Outcome(
        record_id=record_id, stage=stage, verdict=verdict, reason=reason, is_conflict=conflict
    )


def open_records(review: Review, stage: Stage) -> list[RecordId]:
    """Return what this person can still judge at a stage, in order of arrival."""
    state = review.state()
    mine = {r for r, at, by in state.decisions if at == stage.value and by == review.person}
    standing = outcomes(state, reviewers=review.protocol.reviewers_per_stage)
    return [
        outcome.record_id
        for outcome in standing.values()
        if outcome.stage is stage
        and outcome.verdict is None
        and not outcome.is_conflict
        and outcome.record_id not in mine
        and outcome.record_id not in state.missing_fulltexts
    ]


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
    """Return the records whose votes disagree."""
    standing = outcomes(review.state(), reviewers=review.protocol.reviewers_per_stage)
    return [outcome for outcome in standing.values() if outcome.is_conflict]


def progress(review: Review) -> tuple[Progress, Progress]:
    """Return how far each of the two stages has come."""
    state = review.state()
    standing = list(outcomes(state, reviewers=review.protocol.reviewers_per_stage).values())
    at_full = [o for o in standing if o.stage is Stage.ELIGIBILITY]
    first = [o for o in standing if o.stage is Stage.SCREENING]
    excluded = sum(o.verdict is Verdict.EXCLUDE for o in first)
    tally = Counter(o.verdict for o in at_full)
    missing = sum(o.record_id in state.missing_fulltexts for o in at_full)
    return (
        Progress(
            stage=Stage.SCREENING,
            total=len(standing),
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


def decide(
    review: Review,
    record_id: RecordId,
    *,
    stage: Stage,
    verdict: Verdict,
    reasons: Iterable[str] = (),
    note: str | None = None,
    by: str | None = None,
    is_adjudication: bool = False,
    key: str | None = None,
) -> Decision:
    """Log one vote; a vote sent twice under one ``key`` counts once.

    Raises
    ------
    NotFoundError
        If no search or import brought the record.
    DataError
        If a reason is not one of the protocol's, or the stage has not come yet.
    """
    state = review.state()
    if record_id not in state.arrived or record_id in state.duplicate_of:
        raise NotFoundError(
            f"record {record_id!r} is not in this review; 'resartus screen --list' shows what is"
        )
    standing = outcome_of(state, record_id, reviewers=review.protocol.reviewers_per_stage)
    if stage is Stage.ELIGIBILITY and standing.stage is not Stage.ELIGIBILITY:
        raise DataError(
            f"record {record_id!r} has not passed title and abstract; judge it there first"
        )
    known = [criterion.name for criterion in review.protocol.eligibility.exclude]
    chosen = tuple(reasons)
    for reason in chosen:
        if known and reason not in known:
            raise DataError(
                f"reason {reason!r} for {record_id!r} is not in review.toml; it has: "
                + ", ".join(known)
            )
    decision = Decision(
        record_id=record_id,
        stage=stage,
        verdict=verdict,
        decided_by=by or review.person,
        decided_at=review.clock(),
        reasons=chosen,
        note=note,
        is_adjudication=is_adjudication,
    )
    review.append(EventKind.DECISION_MADE, to_plain(decision), by=decision.decided_by, key=key)
    return decision
