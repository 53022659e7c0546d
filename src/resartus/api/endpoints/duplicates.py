"""Duplicates: find them, judge what is open, see what was linked."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Count, Id, Line
from resartus.app.dedup.judging import (
    GroupView,
    PairVerdict,
    PairView,
    asked_pairs,
    judge_pair,
    linked_groups,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPage:
    """How many open questions to give."""

    count: Count = 50


def _find(call: Call) -> DedupRun:
    with call.review() as review:
        return find_and_link(review)


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
    ),
    Endpoint(
        method="GET",
        path=_AT + "/groups",
        summary="Reports of which several records were linked",
        work=_groups,
        action=Action.READ,
        answer=list[GroupView],
    ),
)
