"""Sharing the screening among people, and how far they agree."""

from __future__ import annotations

from typing import Annotated

import msgspec

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.screening import stage_of
from resartus.api.endpoints.types import Body, Id, Line
from resartus.app.extraction.double_entry import settle, unsettled
from resartus.app.permissions import Action
from resartus.app.screening import (
    Pace,
    PairAgreement,
    Share,
    agreements,
    pace_of,
    share_out,
    start_round,
)
from resartus.domain.extracted import Cell

__all__ = ["SHARING"]

_STAGE = "/reviews/{review_id}/screening/{stage}"
People = Annotated[tuple[Line, ...], msgspec.Meta(min_length=1, max_length=100)]


class Dealt(Body):
    """Among whom to deal what is open."""

    people: People


class Round(Body):
    """A pilot round: everybody named judges the same records."""

    name: Id
    count: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    people: People


class Taken(Body):
    """Whose entry of a value settles it."""

    cell_id: Id
    take: Id


def _pace(call: Call) -> tuple[Pace, ...]:
    stage = stage_of(call)
    with call.review() as review:
        return pace_of(review, stage)


def _agreement(call: Call) -> tuple[PairAgreement, ...]:
    stage = stage_of(call)
    with call.review() as review:
        return agreements(review, stage)


def _deal(call: Call) -> tuple[Share, ...]:
    stage = stage_of(call)
    with call.review() as review:
        return share_out(review, stage=stage, people=call.body.people)


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
