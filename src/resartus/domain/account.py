"""The people of a team's server, and what they are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Account", "Invitation", "ReviewSummary", "Token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who may sign in; ``password`` is a hash, ``None`` where another service vouches."""

    account_id: str
    name: str
    email: str
    password: str | None
    is_admin: bool
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An offer of a role in a review, to one address, for a time."""

    review_id: str
    email: str
    role: str
    ends_at: datetime
    is_used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A key to the API; only its digest is kept."""

    digest: str
    label: str
    made_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSummary:
    """Its id, title, and the role of the person who looks."""

    review_id: str
    title: str
    role: str | None = None
