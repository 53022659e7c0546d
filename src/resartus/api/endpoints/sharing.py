"""Sharing the screening among people, in which order, when to stop, and how far they agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.screening import stage_of
from resartus.api.endpoints.types import Body, Count, Id, Line
from resartus.app.extraction.double_entry import settle, unsettled
from resartus.app.permissions import Action
from resartus.app.screening import (
    Pace,
    PairAgreement,
    Share,
    agreements,
    assign,
    pace_of,
    share_out,
    start_round,
)
from resartus.app.screening.ranking import RankedRecord, ScreeningOrder
from resartus.app.screening.stopping import StopAdvice, stop_advice
from resartus.domain.extracted import Cell
from resartus.domain.ids import RecordId

__all__ = ["SHARING"]

_STAGE = "/reviews/{review_id}/screening/{stage}"
People = Annotated[tuple[Line, ...], msgspec.Meta(min_length=1, max_length=100)]


class Dealt(Body):
    """Among whom to deal what is open."""

    people: People


class HandedOn(Body):
    """Records to show to these people alone; to everybody again if nobody is named."""

    record_ids: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=10_000)]
    people: Annotated[tuple[Line, ...], msgspec.Meta(max_length=100)] = ()


class Round(Body):
    """A pilot round: everybody named judges the same records."""

    name: Id
    count: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    people: People


class Taken(Body):
    """Whose entry of a value settles it."""

    cell_id: Id
    take: Id


class Order(Body):
    """The records you can judge, the likeliest relevant first, by a named ranking."""

    ranking: str
    records: tuple[RankedRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankPage:
    """How many records, and whether with the terms that raise and lower each."""

    count: Count = 20
    why: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which stopping rule; the one for a set of this size if left out."""

    rule: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InRound:
    """Only the records of a pilot round."""

    round: Line | None = None


def _ranking(call: Call) -> Order:
    stage = stage_of(call)
    with call.aside() as review:
        order = ScreeningOrder(review)
        found = order.ranked(stage, count=call.query.count, explain=call.query.why)
        return Order(ranking=order.label, records=found)


def _stop(call: Call) -> tuple[StopAdvice, ...]:
    stage, rule = stage_of(call), call.query.rule
    with call.aside() as review:
        return stop_advice(review, stage, rules=() if rule is None else (rule,))


def _pace(call: Call) -> tuple[Pace, ...]:
    stage = stage_of(call)
    with call.review() as review:
        return pace_of(review, stage)


def _agreement(call: Call) -> tuple[PairAgreement, ...]:
    stage = stage_of(call)
    with call.review() as review:
        return agreements(review, stage, round_name=call.query.round)


def _deal(call: Call) -> tuple[Share, ...]:
    stage = stage_of(call)
    with call.review() as review:
        return share_out(review, stage=stage, people=call.body.people)


def _hand_on(call: Call) -> Share:
    stage, asked = stage_of(call), call.body
    ids = [RecordId(record_id) for record_id in asked.record_ids]
    with call.review() as review:
        return assign(review, ids, stage=stage, people=asked.people)


def _round(call: Call) -> Share:
    stage, asked = stage_of(call), call.body
    with call.review() as review:
        return start_round(review, asked.name, count=asked.count, people=asked.people, stage=stage)


def _unsettled(call: Call) -> list[list[Cell]]:
    with call.review() as review:
        return unsettled(review.state())


def _settle(call: Call) -> Cell:
    with call.review() as review:
        return settle(review, call.body.cell_id, take=call.body.take)


SHARING = (
    Endpoint(
        method="GET",
        path=_STAGE + "/ranking",
        summary="What you can judge, the likeliest relevant first, and why",
        work=_ranking,
        action=Action.READ,
        query=RankPage,
        answer=Order,
    ),
    Endpoint(
        method="GET",
        path=_STAGE + "/stop",
        summary="Whether the team may stop, and what recall that guarantees",
        work=_stop,
        action=Action.READ,
        query=Rule,
        answer=list[StopAdvice],
    ),
    Endpoint(
        method="GET",
        path=_STAGE + "/pace",
        summary="How fast people are, and how long it will take",
        work=_pace,
        action=Action.READ,
        answer=list[Pace],
    ),
    Endpoint(
        method="GET",
        path=_STAGE + "/agreement",
        summary="How far every two people agree, by their votes before they saw each other's",
        work=_agreement,
        action=Action.READ,
        query=InRound,
        answer=list[PairAgreement],
    ),
    Endpoint(
        method="POST",
        path=_STAGE + "/shares",
        summary="Deal what is open to people",
        work=_deal,
        action=Action.MANAGE,
        body=Dealt,
        answer=list[Share],
        status=201,
    ),
    Endpoint(
        method="POST",
        path=_STAGE + "/assignments",
        summary="Hand records on to people, or show them to everybody again",
        work=_hand_on,
        action=Action.MANAGE,
        body=HandedOn,
        answer=Share,
        status=201,
    ),
    Endpoint(
        method="POST",
        path=_STAGE + "/rounds",
        summary="Begin a pilot round",
        work=_round,
        action=Action.MANAGE,
        body=Round,
        answer=Share,
        status=201,
    ),
    Endpoint(
        method="GET",
        path="/reviews/{review_id}/consensus",
        summary="Values that two people entered differently",
        work=_unsettled,
        action=Action.ADJUDICATE,
        answer=list[list[Cell]],
    ),
    Endpoint(
        method="POST",
        path="/reviews/{review_id}/consensus",
        summary="Settle a value by one person's entry",
        work=_settle,
        action=Action.ADJUDICATE,
        body=Taken,
        answer=Cell,
        status=201,
    ),
)
