"""Duplicates: find them, judge what is open, see what was linked and take it apart."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Count, Id, Line
from resartus.app.background.counting import advancing
from resartus.app.dedup.judging import (
    GroupView,
    MergedRecord,
    PairVerdict,
    PairView,
    asked_pairs,
    judge_pair,
    linked_groups,
    merged_view,
    pair_view,
    unlink,
)
from resartus.app.dedup.running import DedupRun, find_and_link
from resartus.app.permissions import Action
from resartus.domain.ids import RecordId

__all__ = ["DUPLICATES"]

_AT = "/reviews/{review_id}/duplicates"


class Judgement(Body):
    """What you say of two records; ``relation`` is for related ones."""

    record_id: Id
    other_id: Id
    verdict: PairVerdict
    relation: Line | None = None
    note: Line | None = None


class Judged(Body):
    """The event that keeps it."""

    seq: int


class Unlinking(Body):
    """Which record is one of its own again."""

    record_id: Id
    note: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Two:
    """Any two records."""

    record_id: Id
    other_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """A record of the report."""

    record_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPage:
    """How many open questions to give."""

    count: Count = 50


def _find(call: Call) -> DedupRun:
    with call.review() as review:
        return find_and_link(review, advance=advancing(call.tell, 3 * review.store.count_records()))


def _asked(call: Call) -> list[PairView]:
    with call.review() as review:
        return asked_pairs(review, count=call.query.count)


def _judge(call: Call) -> Judged:
    said = call.body
    with call.review() as review:
        event = judge_pair(
            review,
            RecordId(said.record_id),
            RecordId(said.other_id),
            verdict=said.verdict,
            relation=said.relation,
            note=said.note,
        )
    return Judged(seq=event.seq)


def _groups(call: Call) -> list[GroupView]:
    with call.review() as review:
        return linked_groups(review)


def _pair(call: Call) -> PairView:
    with call.review() as review:
        return pair_view(review, RecordId(call.query.record_id), RecordId(call.query.other_id))


def _merged(call: Call) -> MergedRecord:
    with call.review() as review:
        return merged_view(review, RecordId(call.query.record_id))


def _unlink(call: Call) -> Judged:
    with call.review() as review:
        event = unlink(review, RecordId(call.body.record_id), note=call.body.note)
    return Judged(seq=event.seq)


DUPLICATES = (
    Endpoint(
        method="GET",
        path=_AT,
        summary="Pairs that a person must judge",
        work=_asked,
        action=Action.READ,
        query=PairPage,
        answer=list[PairView],
    ),
    Endpoint(
        method="POST",
        path=_AT,
        summary="Judge a pair",
        work=_judge,
        action=Action.SEARCH,
        body=Judgement,
        answer=Judged,
        status=201,
    ),
    Endpoint(
        method="POST",
        path=_AT + "/find",
        summary="Find duplicates, link the sure ones and ask about the others",
        work=_find,
        action=Action.SEARCH,
        answer=DedupRun,
        status=201,
        is_long=True,
    ),
    Endpoint(
        method="GET",
        path=_AT + "/groups",
        summary="Reports of which several records were linked",
        work=_groups,
        action=Action.READ,
        answer=list[GroupView],
    ),
    Endpoint(
        method="GET",
        path=_AT + "/pair",
        summary="Any two records side by side",
        work=_pair,
        action=Action.READ,
        query=Two,
        answer=PairView,
    ),
    Endpoint(
        method="GET",
        path=_AT + "/merged",
        summary="A report as all its records tell it",
        work=_merged,
        action=Action.READ,
        query=Whose,
        answer=MergedRecord,
    ),
    Endpoint(
        method="POST",
        path=_AT + "/unlink",
        summary="Take a record out of the report it was linked to",
        work=_unlink,
        action=Action.SEARCH,
        body=Unlinking,
        answer=Judged,
        status=201,
    ),
)
