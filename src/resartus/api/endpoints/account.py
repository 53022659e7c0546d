"""The caller: reviews and keys."""

from __future__ import annotations

from typing import Annotated

import msgspec

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Text
from resartus.app.starting import TEMPLATE
from resartus.domain.account import ReviewSummary, Token

__all__ = ["ACCOUNT"]


class Me(Body):
    """Who the key belongs to."""

    name: str


class NewReview(Body):
    """A review to begin; without a protocol it begins with the template."""

    review_id: Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
    protocol: Text | None = None


class NewKey(Body):
    """A key to make."""

    label: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 90


class MadeKey(Body):
    """The key itself, given this once."""

    key: str


def _me(call: Call) -> Me:
    return Me(name=call.guest.name)


def _reviews(call: Call) -> list[ReviewSummary]:
    return call.guest.reviews()


def _begin(call: Call) -> ReviewSummary:
    server, account = call.guest.team()
    review_id = call.body.review_id
    server.create_review(review_id, protocol_text=call.body.protocol or TEMPLATE, owner=account)
    return next(r for r in call.guest.reviews() if r.review_id == review_id)


def _keys(call: Call) -> list[Token]:
    server, account = call.guest.team()
    return server.rows.tokens(account.account_id)


def _make_key(call: Call) -> MadeKey:
    server, account = call.guest.team()
    key = server.accounts.make_token(account, label=call.body.label, days=call.body.days)
    return MadeKey(key=key)


def _end_key(call: Call) -> None:
    server, account = call.guest.team()
    server.rows.end_token(call.path["digest"], account_id=account.account_id)


ACCOUNT = (
    Endpoint(method="GET", path="/me", summary="Who the key belongs to", work=_me, answer=Me),
    Endpoint(
        method="GET",
        path="/reviews",
        summary="The reviews you are a member of",
        work=_reviews,
        answer=list[ReviewSummary],
    ),
    Endpoint(
        method="POST",
        path="/reviews",
        summary="Begin a review",
        work=_begin,
        body=NewReview,
        answer=ReviewSummary,
        status=201,
    ),
    Endpoint(method="GET", path="/keys", summary="Your keys", work=_keys, answer=list[Token]),
    Endpoint(
        method="POST",
        path="/keys",
        summary="Make a key; it is given this once",
        work=_make_key,
        body=NewKey,
        answer=MadeKey,
        status=201,
    ),
    Endpoint(
        method="DELETE",
        path="/keys/{digest}",
        summary="End a key",
        work=_end_key,
        answer=None,
        status=204,
    ),
)
