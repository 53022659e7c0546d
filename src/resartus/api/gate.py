"""Who calls: a member of a team by a key, or the one person of this machine."""

from __future__ import annotations

import hmac
from typing import Protocol

from resartus.app.desk import Desk
from resartus.app.permissions import Role
from resartus.app.team.server import TeamServer
from resartus.domain.account import Account, ReviewSummary
from resartus.errors import NotFoundError

__all__ = ["THE_REVIEW", "Gate", "Guest", "SoloGate", "TeamGate", "member_named"]

THE_REVIEW = "this"
"""The id of the only review of one person's server."""


class Guest(Protocol):
    """A caller whose key holds."""

    @property
    def name(self) -> str:
        """The name written on every event."""
        ...

    def reviews(self) -> list[ReviewSummary]:
        """Return the reviews this caller is a member of."""
        ...

    def enter(self, review_id: str) -> tuple[Desk, Role]:
        """Return a review's desk and the caller's role, or raise ``NotFoundError``."""
        ...

    def team(self) -> tuple[TeamServer, Account]:
        """Return the server and the account, or raise ``NotFoundError`` where there is no team."""
        ...


class Gate(Protocol):
    """Turns a key into a caller."""

    def admit(self, key: str) -> Guest | None:
        """Return who holds the key, or nobody."""
        ...


class _Member:
    def __init__(self, server: TeamServer, account: Account) -> None:
        self._server = server
        self._account = account
        self.name = account.name

    def reviews(self) -> list[ReviewSummary]:
        return self._server.rows.reviews(self._account.account_id)

    def enter(self, review_id: str) -> tuple[Desk, Role]:
        role = self._server.role_of(self._account, review_id)
        return self._server.desk(review_id), role

    def team(self) -> tuple[TeamServer, Account]:
        return self._server, self._account


def member_named(server: TeamServer, name: str) -> Guest:
    """Return the member of that name, as if with a key, or raise ``NotFoundError``."""
    for account in server.rows.accounts():
        if account.name == name and not account.is_closed:
            return _Member(server, account)
    raise NotFoundError(f"{name!r} has no open account on this server any more")


class TeamGate:
    """Admits the members of a team's server by the keys they made on the page *Account*."""

    def __init__(self, server: TeamServer) -> None:
        self._server = server

    def admit(self, key: str) -> Guest | None:
        """Return who holds the key, or nobody."""
        account = self._server.accounts.of_token(key)
        return None if account is None else _Member(self._server, account)


class _Owner:
    def __init__(self, desk: Desk, name: str) -> None:
        self._desk = desk
        self.name = name

    def reviews(self) -> list[ReviewSummary]:
        return [ReviewSummary(review_id=THE_REVIEW, title=self._desk.title, role=Role.OWNER.value)]

    def enter(self, review_id: str) -> tuple[Desk, Role]:
        if review_id != THE_REVIEW:
            raise NotFoundError(f"review {review_id!r} is not here; the only one is {THE_REVIEW!r}")
        return self._desk, Role.OWNER

    def team(self) -> tuple[TeamServer, Account]:
        raise NotFoundError("one person's server has no accounts; 'resartus team serve' has")


class SoloGate:
    """Admits the one person of this machine by the key printed when the server started."""

    def __init__(self, desk: Desk, *, person: str, key: str) -> None:
        self._owner = _Owner(desk, person)
        self._key = key.encode()

    def admit(self, key: str) -> Guest | None:
        """Return the owner if the key is theirs."""
        return self._owner if hmac.compare_digest(key.encode(), self._key) else None
