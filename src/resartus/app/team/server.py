"""``TeamServer``: the reviews of a team, in one folder and one database."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from argon2 import PasswordHasher

from resartus.app.desk import Desk
from resartus.app.permissions import Role
from resartus.app.review import PROTOCOL, Review, now
from resartus.app.screening.learner import Learner
from resartus.app.screening.learning import Place
from resartus.app.team.accounts import Accounts
from resartus.domain.account import Account
from resartus.domain.event import EventKind, NewEvent
from resartus.errors import ConflictError, DataError, NotFoundError, PermissionDenied
from resartus.stores.accounts import AccountRows
from resartus.stores.database import Database, open_database
from resartus.stores.migrations import migrate
from resartus.stores.payloads import write_whole
from resartus.stores.protocol_toml import parse_protocol
from resartus.stores.shared import SharedStore

__all__ = ["TeamServer"]

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class TeamServer:
    """Opens a team's reviews: protocols and payloads in the folder, all else in the database.

    Parameters
    ----------
    folder : Path
        Holds ``reviews/<id>/review.toml`` and ``payloads/``.
    database_url : str
        ``postgresql://…``, or ``sqlite:///path`` for a small team.
    hasher : PasswordHasher, optional
        How passwords are hashed; argon2-cffi's own choice (RFC 9106) by default.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str,
        clock: Callable[[], datetime] = now,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self.folder = folder
        (folder / "reviews").mkdir(parents=True, exist_ok=True)
        self.database_url = database_url
        self.clock = clock
        self.database: Database = open_database(database_url)
        migrate(self.database)
        self.rows = AccountRows(self.database)
        self.accounts = Accounts(self.rows, clock=clock, hasher=hasher)
        self._lock = threading.Lock()
        self._desks: dict[str, Desk] = {}
        self._learner = Learner()

    def close(self) -> None:
        """Close every review that is open, and release the database."""
        self._learner.close()
        with self._lock:
            for desk in self._desks.values():
                desk.close()
            self._desks.clear()
        self.database.close()

    def desk(self, review_id: str) -> Desk:
        """Return a review's desk, the same for everybody, opened at its first visit."""
        with self._lock:
            desk = self._desks.get(review_id)
            if desk is None:
                place = Place(
                    folder=self._place(review_id),
                    database_url=self.database_url,
                    review_id=review_id,
                )
                desk = Desk(
                    lambda: self.open_review(review_id, person="server", own_connection=True),
                    place=place,
                    learner=self._learner,
                )
                self._desks[review_id] = desk
            return desk

    def _place(self, review_id: str) -> Path:
        # Only what could have been made here is looked for: an id is never a path.
        if not _ID.fullmatch(review_id):
            raise NotFoundError(f"review {review_id!r} is not on this server")
        return self.folder / "reviews" / review_id

    def create_review(self, review_id: str, *, protocol_text: str, owner: Account) -> None:
        """Begin a review and make an account its owner.

        Raises
        ------
        DataError
            If the id or the protocol does not hold.
        ConflictError
            If the id is taken.
        """
        title = parse_protocol(protocol_text).title
        with self._new_review(review_id, protocol_text=protocol_text, owner=owner) as review:
            review.append(EventKind.REVIEW_CREATED, {"title": title})

    def adopt_review(self, given: Review, review_id: str, *, owner: Account) -> None:
        """Bring one person's review with its protocol, records, whole log and files.

        Raises
        ------
        ConflictError
            If the id is taken.
        """
        text = (given.folder / PROTOCOL).read_text(encoding="utf-8")
        with self._new_review(review_id, protocol_text=text, owner=owner) as review:
            _pour(given, review)

    def begin_empty(self, review_id: str, *, protocol_text: str, owner: Account) -> None:
        """Begin a review without any event, for ``fill_review`` to fill.

        Raises
        ------
        ConflictError
            If the id is taken, unless by a review of this owner that is empty still.
        """
        try:
            with self._new_review(review_id, protocol_text=protocol_text, owner=owner):
                pass
        except ConflictError:
            role = self.rows.role(review_id, account_id=owner.account_id)
            with self.open_review(review_id, person=owner.name) as review:
                if role != Role.OWNER.value or not _is_empty(review):
                    raise
            write_whole(self._place(review_id) / PROTOCOL, protocol_text.encode())

    def fill_review(self, review_id: str, given: Review) -> None:
        """Bring what one person's review holds into one that is empty, all of it at once.

        It takes a connection of its own: a large review takes a while, and nobody waits.

        Raises
        ------
        ConflictError
            If something is in it already; nothing is changed.
        """
        database = open_database(self.database_url)
        try:
            with database.transaction():
                AccountRows(database).hold_review(review_id)
                store = SharedStore(database, review_id)
                review = Review(self._place(review_id), clock=self.clock, store=store)
                if not _is_empty(review):
                    raise ConflictError(
                        f"review {review_id!r} is not empty any more; bring it under another id"
                    )
                _pour(given, review)
        finally:
            database.close()

    @contextmanager
    def _new_review(
        self, review_id: str, *, protocol_text: str, owner: Account
    ) -> Iterator[Review]:
        """Yield a new review; it is there whole at the end of the block, or not at all."""
        if not _ID.fullmatch(review_id):
            raise DataError(
                f"review id {review_id!r} does not fit; take small letters, figures and hyphens, "
                "63 at most",
                field="review_id",
            )
        protocol = parse_protocol(protocol_text)
        place = self._place(review_id)
        if self.rows.title(review_id) is not None:
            raise ConflictError(f"review {review_id!r} exists already; choose another id")
        is_mine = False
        try:
            with self.database.transaction():
                # Who lists it first has the id; another server waits here, and then is refused.
                self.rows.add_review(review_id, title=protocol.title, at=self.clock())
                is_mine = True
                if place.exists():
                    # Of a server that was killed while it made this review; nothing is lost.
                    stamp = self.clock().strftime("%Y%m%d%H%M%S")
                    place.rename(place.with_name(f".{review_id}.left-{stamp}"))
                self.rows.set_role(review_id, account_id=owner.account_id, role=Role.OWNER.value)
                write_whole(place / PROTOCOL, protocol_text.encode())
                with self.open_review(review_id, person=owner.name) as review:
                    yield review
        except BaseException:
            # Nothing is half made: the id stays free.
            if is_mine:
                shutil.rmtree(place, ignore_errors=True)
            raise

    def open_review(
        self,
        review_id: str,
        *,
        person: str,
        own_connection: bool = False,
        retry_key: str | None = None,
    ) -> Review:
        """Open one review for one person.

        With ``own_connection`` its store does not wait for the server's other
        reviews; ``retry_key`` is for work that may be begun again.
        """
        place = self._place(review_id)
        if not place.is_dir():
            raise NotFoundError(f"review {review_id!r} is not on this server")
        database = open_database(self.database_url) if own_connection else self.database
        store = SharedStore(database, review_id, owns_database=own_connection)
        review = Review(place, person=person, clock=self.clock, store=store, retry_key=retry_key)
        if self.rows.title(review_id) != review.protocol.title:
            self.rows.set_title(review_id, review.protocol.title)
        return review

    def role_of(self, account: Account, review_id: str) -> Role:
        """Return what an account is in a review.

        Raises
        ------
        NotFoundError
            If it is no member: whoever may not see a review does not learn that it exists.
        """
        self._place(review_id)
        role = self.rows.role(review_id, account_id=account.account_id)
        if role is None:
            raise NotFoundError(f"review {review_id!r} is not on this server")
        return Role(role)

    def change_member(self, review_id: str, *, account_id: str, role: Role | None) -> None:
        """Give a member another role, or end the membership; others come by invitation alone.

        Raises
        ------
        NotFoundError
            If the account is no member.
        """
        if self.rows.role(review_id, account_id=account_id) is None:
            raise NotFoundError(f"account {account_id!r} is no member of review {review_id!r}")
        self.set_role(review_id, account_id=account_id, role=role)

    def set_role(self, review_id: str, *, account_id: str, role: Role | None) -> None:
        """Make an account a member in a role, or no member; an owner remains.

        Raises
        ------
        PermissionDenied
            If it would leave the review without an owner.
        """
        with self.database.transaction():
            self.rows.hold_review(review_id)
            owners = [a for a, r in self.rows.members(review_id) if r == Role.OWNER.value]
            is_last = [a.account_id for a in owners] == [account_id]
            if is_last and role is not Role.OWNER:
                raise PermissionDenied("a review keeps at least one owner; name another one first")
            self.rows.set_role(
                review_id, account_id=account_id, role=None if role is None else role.value
            )


def _is_empty(review: Review) -> bool:
    return review.store.last_seq() == 0 and review.store.count_records() == 0


def _pour(given: Review, review: Review) -> None:
    """Bring records, the whole log and what lies beside them into a review that is empty."""
    review.store.save_records(given.store.iterate_records())
    events = [
        NewEvent(kind=e.kind, by=e.by, at=e.at, data=e.data, key=e.key)
        for e in given.store.load_events()
    ]
    review.store.append(events)
    for name in ("payloads", "fulltext", "text", "appraisal", "vocabularies"):
        if (given.folder / name).is_dir():
            shutil.copytree(given.folder / name, review.folder / name, dirs_exist_ok=True)
    if (given.folder / "factors.toml").exists():
        shutil.copy2(given.folder / "factors.toml", review.folder / "factors.toml")
