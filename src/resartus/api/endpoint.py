"""``Endpoint``: one line of the table that routes, rights and OpenAPI are all made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from resartus.api.gate import Guest
from resartus.app.desk import Desk
from resartus.app.permissions import Action, Role
from resartus.app.review import Review
from resartus.domain.job import Tell
from resartus.errors import NotFoundError

__all__ = ["Call", "Endpoint", "File"]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An answer that is a file and not JSON."""

    content: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, checked: who asks, in which role, with what."""

    guest: Guest
    path: Mapping[str, str]
    query: Any = None
    body: Any = None
    role: Role | None = None
    open_desk: Desk | None = None
    opened: Review | None = None
    """The review, where it is open already for work in the background."""
    tell: Tell = lambda n_done, n_all: None
    """Is told how far the work has come, where it can be counted; a job shows it."""

    @property
    def desk(self) -> Desk:
        """The desk of the review that is asked about."""
        if self.open_desk is None:
            raise NotFoundError("this call names no review")
        return self.open_desk

    def number(self, name: str) -> int:
        """Return a number that stands in the path, or raise ``NotFoundError``."""
        text = self.path[name]
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise NotFoundError(f"{text!r} is not a {name}; give its number")
        return int(text)

    @contextmanager
    def review(self) -> Iterator[Review]:
        """Yield the review at its desk, for this person."""
        if self.opened is not None:
            yield self.opened
            return
        with self.desk.review(self.guest.name) as review:
            yield review

    @contextmanager
    def aside(self) -> Iterator[Review]:
        """Yield the review opened once more, for work that takes seconds."""
        if self.opened is not None:
            yield self.opened
            return
        with self.desk.aside(self.guest.name) as review:
            yield review


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One call of the API.

    ``action`` is what a role must allow, ``None`` where the call is about the
    caller alone. ``query`` and ``body`` are dataclasses that the request must
    fit (a body of ``bytes`` is taken as it comes); ``answer`` is what it gives.
    One that ``is_long`` may be asked for with ``Prefer: respond-async``: then it is
    put in line, and its answer is fetched from the job.
    """

    method: str
    path: str
    summary: str
    work: Callable[[Call], Any]
    answer: Any
    action: Action | None = None
    query: Any = None
    body: Any = None
    status: int = 200
    media_types: tuple[str, ...] = ("application/json",)
    is_long: bool = False

    @property
    def needs_review(self) -> bool:
        """Whether it is about one review."""
        return "{review_id}" in self.path
