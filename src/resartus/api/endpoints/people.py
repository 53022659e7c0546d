"""The people of a review."""

from __future__ import annotations

from typing import Annotated

import msgspec

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body
from resartus.app.permissions import Action, Role

__all__ = ["PEOPLE"]

_MEMBERS = "/reviews/{review_id}/members"


class Member(Body):
    """An account with a role in the review."""

    account_id: str
    name: str
    role: Role


class Change(Body):
    """A member's new role."""

    role: Role


class Offer(Body):
    """An invitation to make."""

    email: Annotated[str, msgspec.Meta(max_length=254)]
    role: Role


class Invited(Body):
    """The path of the link to send; it holds once, for 14 days."""

    link: str


def _members(call: Call) -> list[Member]:
    server, _ = call.guest.team()
    return [
        Member(account_id=account.account_id, name=account.name, role=Role(role))
        for account, role in server.rows.members(call.path["review_id"])
    ]


def _change(call: Call) -> list[Member]:
    server, _ = call.guest.team()
    review_id, account_id = call.path["review_id"], call.path["account_id"]
    server.change_member(review_id, account_id=account_id, role=call.body.role)
    return _members(call)


def _remove(call: Call) -> None:
    server, _ = call.guest.team()
    server.change_member(call.path["review_id"], account_id=call.path["account_id"], role=None)


def _invite(call: Call) -> Invited:
    server, account = call.guest.team()
    secret = server.accounts.invite(
        call.path["review_id"], email=call.body.email, role=call.body.role, by=account
    )
    return Invited(link=f"/invitations/{secret}")


PEOPLE = (
    Endpoint(
        method="GET",
        path=_MEMBERS,
        summary="Who is a member, in which role",
        work=_members,
        action=Action.READ,
        answer=list[Member],
    ),
    Endpoint(
        method="PUT",
        path=_MEMBERS + "/{account_id}",
        summary="Give a member another role",
        work=_change,
        action=Action.MANAGE,
        body=Change,
        answer=list[Member],
    ),
    Endpoint(
        method="DELETE",
        path=_MEMBERS + "/{account_id}",
        summary="End a membership",
        work=_remove,
        action=Action.MANAGE,
        answer=None,
        status=204,
    ),
    Endpoint(
        method="POST",
        path="/reviews/{review_id}/invitations",
        summary="Invite an address to a role",
        work=_invite,
        action=Action.MANAGE,
        body=Offer,
        answer=Invited,
        status=201,
    ),
)
