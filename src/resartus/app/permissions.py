"""Who may do what in a review: roles, actions and one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from resartus.errors import PermissionDenied

__all__ = ["Action", "Role", "may", "require"]


class Role(StrEnum):
    """What a person is in one review."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    SECOND_REVIEWER = "second reviewer"
    ADJUDICATOR = "adjudicator"
    EXTRACTOR = "extractor"
    LIBRARIAN = "librarian"
    READER = "reader"


class Action(StrEnum):
    """What a page, a command or a call of the API does."""

    READ = "read"
    PLAN = "change the protocol"
    SEARCH = "search and import"
    SCREEN = "vote"
    ADJUDICATE = "settle conflicts"
    EXTRACT = "extract and appraise"
    PIN = "pin a version"
    UNDO = "undo"
    MANAGE = "manage people"


_READ = {Action.READ}
_VOTE = {Action.READ, Action.SCREEN, Action.UNDO}
_TABLE: Mapping[Role, frozenset[Action]] = {
    Role.OWNER: frozenset(Action),
    Role.REVIEWER: frozenset({*_VOTE, Action.SEARCH, Action.EXTRACT}),
    Role.SECOND_REVIEWER: frozenset({*_VOTE, Action.EXTRACT}),
    Role.ADJUDICATOR: frozenset({*_VOTE, Action.ADJUDICATE, Action.EXTRACT}),
    Role.EXTRACTOR: frozenset({*_READ, Action.EXTRACT, Action.UNDO}),
    Role.LIBRARIAN: frozenset({*_READ, Action.SEARCH, Action.UNDO}),
    Role.READER: frozenset(_READ),
}


def may(role: Role, action: Action) -> bool:
    """Whether a role allows an action."""
    return action in _TABLE[role]


def require(role: Role, action: Action) -> None:
    """Raise ``PermissionDenied`` where a role does not allow an action."""
    if not may(role, action):
        allowed = ", ".join(r.value for r in Role if may(r, action))
        raise PermissionDenied(
            f"a {role.value} may not {action.value} in this review; this takes one of: {allowed}"
        )
