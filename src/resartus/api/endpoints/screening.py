"""Votes and conflicts."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Count, Id, Line
from resartus.app.permissions import Action
from resartus.app.screening import Progress, conflicts, decide, skipped_records
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.errors import NotFoundError

__all__ = ["SCREENING", "stage_of"]

_STAGE = "/reviews/{review_id}/screening/{stage}"
_CONFLICTS = "/reviews/{review_id}/conflicts"


class Vote(Body):
    """One vote. Under one ``key`` it counts once, however often it is sent."""

    record_id: Id
    verdict: Verdict
    reasons: tuple[Line, ...] = ()
    tags: tuple[Line, ...] = ()
    note: Line | None = None
    key: Line | None = None


class Settlement(Body):
    """The vote that settles a conflict."""

    record_id: Id
    stage: Stage
    verdict: Verdict
    reasons: tuple[Line, ...] = ()
    tags: tuple[Line, ...] = ()
    note: Line | None = None
    key: Line | None = None


class Waiting(Body):
    """The next record that you can judge, ``null`` when none waits."""

    record: Record | None


class Conflict(Body):
    """A record whose votes disagree."""

    record_id: RecordId
    stage: Stage
    votes: tuple[Decision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """Past which record to look, to skip it for now."""

    after: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPage:
    """How many ids to give."""

    count: Count = 100


def stage_of(call: Call) -> Stage:
    """Return the stage that the path names, or raise ``NotFoundError``."""
    name = call.path["stage"]
    try:
        return Stage(name)
    except ValueError:
        known = ", ".join(stage.value for stage in Stage)
        raise NotFoundError(f"{name!r} is not a stage; there are: {known}") from None


def _progress(call: Call) -> Progress:
    stage = stage_of(call)
    with call.review():
        return call.desk.queue.progress(stage)


def _next(call: Call) -> Waiting:
    stage = stage_of(call)
    after = None if call.query.after is None else RecordId(call.query.after)
    with call.review() as review:
        found = call.desk.queue.next_open(stage, after=after)
        return Waiting(record=None if found is None else review.store.load_record(found))


def _open(call: Call) -> list[RecordId]:
    stage = stage_of(call)
    with call.review():
        found = call.desk.queue.open_from(stage)
        return [record_id for record_id, _ in zip(found, range(call.query.count), strict=False)]


def _skipped(call: Call) -> list[RecordId]:
    stage = stage_of(call)
    with call.review() as review:
        return skipped_records(review, stage)


def _vote(call: Call) -> Decision:
    stage, vote = stage_of(call), call.body
    with call.review() as review:
        return decide(
            review,
            RecordId(vote.record_id),
            stage=stage,
            verdict=vote.verdict,
            reasons=vote.reasons,
            tags=vote.tags,
            note=vote.note,
            ranked_by=call.desk.queue.ranked_by(stage),
            key=vote.key,
        )


def _conflicts(call: Call) -> list[Conflict]:
    with call.review() as review:
        votes = review.state().votes
        return [
            Conflict(
                record_id=outcome.record_id,
                stage=outcome.stage,
                votes=tuple(votes[outcome.record_id, outcome.stage.value].values()),
            )
            for outcome in conflicts(review)
        ]


def _settle(call: Call) -> Decision:
    vote = call.body
    with call.review() as review:
        return decide(
            review,
            RecordId(vote.record_id),
            stage=vote.stage,
            verdict=vote.verdict,
            reasons=vote.reasons,
            tags=vote.tags,
            note=vote.note,
            key=vote.key,
            is_adjudication=True,
        )


SCREENING = (
    Endpoint(
        method="GET",
        path=_STAGE,
        summary="How far a stage has come",
        work=_progress,
        action=Action.READ,
        answer=Progress,
    ),
    Endpoint(
        method="GET",
        path=_STAGE + "/next",
        summary="The next record that you can judge",
        work=_next,
        action=Action.READ,
        query=Next,
        answer=Waiting,
    ),
    Endpoint(
        method="GET",
        path=_STAGE + "/open",
        summary="The records that you can judge",
        work=_open,
        action=Action.READ,
        query=OpenPage,
        answer=list[RecordId],
    ),
    Endpoint(
        method="GET",
        path=_STAGE + "/skipped",
        summary="What you put aside and nobody has settled since",
        work=_skipped,
        action=Action.READ,
        answer=list[RecordId],
    ),
    Endpoint(
        method="POST",
        path=_STAGE + "/votes",
        summary="Vote",
        work=_vote,
        action=Action.SCREEN,
        body=Vote,
        answer=Decision,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_CONFLICTS,
        summary="Records whose votes disagree",
        work=_conflicts,
        action=Action.READ,
        answer=list[Conflict],
    ),
    Endpoint(
        method="POST",
        path=_CONFLICTS,
        summary="Settle a conflict",
        work=_settle,
        action=Action.ADJUDICATE,
        body=Settlement,
        answer=Decision,
        status=201,
    ),
)
