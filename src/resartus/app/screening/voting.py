"""Votes: what a person may see of the others', and how a vote enters the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from resartus.app.review import Review
from resartus.app.screening.outcome import outcome_of, votes_needed
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.plain import to_plain
from resartus.domain.protocol import Protocol
from resartus.domain.settled import is_told
from resartus.domain.state import ReviewState
from resartus.errors import ConflictError, DataError, NotFoundError, PermissionDenied

__all__ = ["decide", "is_vote_told", "visible_votes"]


def visible_votes(review: Review, record_id: RecordId, *, stage: Stage) -> Mapping[str, Decision]:
    """Return the votes this person may see on a record, by who gave them.

    Blinded: until as many have voted as must, everybody sees their own vote alone.
    """
    state = review.state()
    votes = state.votes.get((record_id, stage.value), {})
    needed = votes_needed(state, record_id, stage=stage, reviewers=review.protocol.reviewers)
    return {
        by: vote
        for by, vote in votes.items()
        if is_vote_told(vote, votes, needed=needed, to=review.person)
    }


def is_vote_told(
    vote: Decision, votes: Mapping[str, Decision], *, needed: int, to: str | None
) -> bool:
    """Whether a vote, among all on its record, may be told to somebody."""
    given = [by for by, one in votes.items() if one.verdict is not Verdict.SKIP]
    return is_told(
        by=vote.decided_by,
        to=to,
        given=given,
        needed=needed,
        is_settled=any(votes[by].is_adjudication for by in given),
    )


def _require_may_settle(
    protocol: Protocol, state: ReviewState, record_id: RecordId, *, stage: Stage, by: str
) -> None:
    earlier = state.votes.get((record_id, stage.value), {}).get(by)
    has_voted = earlier is not None and not earlier.is_adjudication
    if protocol.screening.settled_by == "third person" and has_voted:
        raise PermissionDenied(
            f"{by!r} has voted on {record_id!r}; review.toml wants conflicts settled by a third "
            'person (screening.settled_by), so ask one, or set it to "discussion"'
        )


def decide(
    review: Review,
    record_id: RecordId,
    *,
    stage: Stage,
    verdict: Verdict,
    reasons: Iterable[str] = (),
    tags: Iterable[str] = (),
    note: str | None = None,
    by: str | None = None,
    is_adjudication: bool = False,
    ranked_by: str | None = None,
    key: str | None = None,
) -> Decision:
    """Log one vote; a vote sent twice under one ``key`` counts once.

    Reasons are kept in the order of rank that ``review.toml`` gives them, so
    that two reviewers who name the same ones agree on the first.

    Raises
    ------
    NotFoundError
        If no search or import brought the record.
    DataError
        If a reason is not one of the protocol's, or the stage has not come yet.
    ConflictError
        If it is linked as a duplicate of another, which is the one to judge.
    PermissionDenied
        If a third person must settle a conflict and this one has voted.
    """
    state, who = review.state(), by or review.person
    if record_id in state.duplicate_of:
        raise ConflictError(
            f"record {record_id!r} is a duplicate of {state.duplicate_of[record_id]!r}; "
            "judge that one"
        )
    if record_id not in state.arrived:
        raise NotFoundError(
            f"record {record_id!r} is not in this review; 'resartus screen --list' shows what is"
        )
    standing = outcome_of(state, record_id, reviewers=review.protocol.reviewers)
    if stage is Stage.ELIGIBILITY and standing.stage is not Stage.ELIGIBILITY:
        raise DataError(
            f"record {record_id!r} has not passed title and abstract; judge it there first"
        )
    known = [criterion.name for criterion in review.protocol.eligibility.exclude]
    chosen = tuple(dict.fromkeys(reasons))
    for reason in chosen:
        if known and reason not in known:
            raise DataError(
                f"reason {reason!r} for {record_id!r} is not in review.toml; it has: "
                + ", ".join(known)
            )
    if known:
        chosen = tuple(sorted(chosen, key=known.index))
    if is_adjudication:
        _require_may_settle(review.protocol, state, record_id, stage=stage, by=who)
    decision = Decision(
        record_id=record_id,
        stage=stage,
        verdict=verdict,
        decided_by=who,
        decided_at=review.clock(),
        reasons=chosen,
        tags=tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip())),
        note=note,
        is_adjudication=is_adjudication,
        ranked_by=ranked_by,
    )
    review.append(EventKind.DECISION_MADE, to_plain(decision), by=decision.decided_by, key=key)
    return decision
