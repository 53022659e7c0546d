"""``Review``: a review's folder, opened: its protocol, its records and its log of events."""

from __future__ import annotations

import getpass
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from resartus.domain.event import Event, EventKind, NewEvent
from resartus.domain.plain import to_plain
from resartus.domain.ports import Store
from resartus.domain.protocol import Protocol
from resartus.domain.state import ReviewState, advance, fold
from resartus.errors import ConflictError, NotFoundError
from resartus.stores.fulltexts import FullTexts
from resartus.stores.payloads import FilePayloads, write_whole
from resartus.stores.protocol_toml import load_protocol, parse_protocol
from resartus.stores.sqlite import SqliteStore

__all__ = ["Review", "current_person", "now"]

PROTOCOL = "review.toml"
DATABASE = "review.db"


def now() -> datetime:
    """Return the time, to the second, with its zone."""
    return datetime.now(UTC).replace(microsecond=0)


def current_person() -> str:
    """Return who is at the keyboard: ``RESARTUS_PERSON``, or the name of the login."""
    named = os.environ.get("RESARTUS_PERSON", "").strip()
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return "unnamed"


def _subject(data: Mapping[str, Any]) -> str:
    """Return what an event is about, by the first id its data hold."""
    search = data.get("search")
    if isinstance(search, Mapping):
        return str(search.get("search_id"))
    ids = ("notice_id", "record_id", "study_id", "outcome", "origin")
    return next((str(data[name]) for name in ids if name in data), "")


class Review:
    """An open review. Close it, or use it in a ``with`` block.

    Parameters
    ----------
    folder : Path
        Holds ``review.toml``, ``review.db``, ``payloads/``, ``fulltext/``, ``out/``.
    person : str, optional
        Who acts, written on every event.
    clock : callable, optional
        Gives the time of an event; a fixed one makes a review reproducible.
    store : Store, optional
        Where records and events are kept; ``review.db`` in the folder by default.
    retry_key : str, optional
        Names a piece of work that may be begun again after a crash: its
        events carry keys made of this, their kind and what they are about, so
        that the log takes each once, whatever a second attempt finds done.
    """

    def __init__(
        self,
        folder: Path,
        *,
        person: str | None = None,
        clock: Callable[[], datetime] = now,
        store: Store | None = None,
        retry_key: str | None = None,
    ) -> None:
        if not folder.is_dir():
            raise NotFoundError(
                f"{str(folder)!r} is not a folder; run 'resartus init {folder}' to begin a review"
            )
        self.folder = folder
        self.person = person or current_person()
        self.clock = clock
        self.protocol: Protocol = load_protocol(folder / PROTOCOL)
        self.store: Store = store or SqliteStore(folder / DATABASE)
        self.payloads = FilePayloads(folder / "payloads")
        self.fulltexts = FullTexts(folder / "fulltext")
        self._state: ReviewState | None = None
        self._stands_at: int | None = None
        self._retry_key = retry_key
        self._retried: Counter[str] = Counter()

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        protocol_text: str,
        person: str | None = None,
        clock: Callable[[], datetime] = now,
    ) -> Review:
        """Begin a review in a folder that holds none yet.

        Raises
        ------
        ConflictError
            If there is a review already; nothing is overwritten.
        DataError
            If the protocol does not hold; nothing is written.
        """
        protocol = parse_protocol(protocol_text)
        for name in (PROTOCOL, DATABASE):
            if (folder / name).exists():
                raise ConflictError(
                    f"{str(folder)!r} already holds a review ({name}); choose another folder"
                )
        write_whole(folder / PROTOCOL, protocol_text.encode())
        review = cls(folder, person=person, clock=clock)
        review.append(EventKind.REVIEW_CREATED, {"title": protocol.title})
        return review

    def __enter__(self) -> Review:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def load_fulltext(self, digest: str) -> bytes:
        """Return an attached full text by its hash, or raise ``NotFoundError``."""
        kept = self.fulltexts if self.fulltexts.has(digest) else self.payloads
        return kept.load(digest)

    @property
    def out(self) -> Path:
        """Where computed files go; made when missing."""
        folder = self.folder / "out"
        folder.mkdir(exist_ok=True)
        return folder

    def new_event(
        self,
        kind: EventKind,
        data: Mapping[str, Any],
        *,
        by: str | None = None,
        key: str | None = None,
    ) -> NewEvent:
        """Return an event of this person at this moment, not yet in the log."""
        if key is None and self._retry_key is not None:
            about = f"{self._retry_key}:{kind.value}:{_subject(data)}"
            self._retried[about] += 1
            key = f"{about}:{self._retried[about]}"
        return NewEvent(kind=kind, by=by or self.person, at=self.clock(), data=data, key=key)

    def append(
        self, kind: EventKind, data: Any, *, by: str | None = None, key: str | None = None
    ) -> Event:
        """Add one event; ``data`` may be a domain type. A known ``key`` adds none."""
        return self.append_all([self.new_event(kind, to_plain(data), by=by, key=key)])[0]

    def append_all(self, events: Iterable[NewEvent]) -> tuple[Event, ...]:
        """Add events in one transaction."""
        kept = self.store.append(list(events))
        if self._stands_at is not None and kept:
            self._stands_at = max(self._stands_at, kept[-1].seq)
        return kept

    def last_seq(self) -> int:
        """Return where the log stands; within ``steady`` as it stood at its beginning."""
        return self.store.last_seq() if self._stands_at is None else self._stands_at

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Ask the store once where the log stands, for one page or one vote.

        What others log meanwhile is seen the next time; what is logged here, at once.
        """
        self._stands_at = self.store.last_seq()
        try:
            yield
        finally:
            self._stands_at = None

    def state(self) -> ReviewState:
        """Return the fold of all events, kept until the log moves on."""
        state = self._state
        # Past where a steady review stands is what came with an event of its own.
        if state is not None and state.seq >= self.last_seq():
            return state
        if state is None or not advance(state, self.store.load_events(after=state.seq)):
            state = fold(self.store.load_events())
        self._state = state
        return state
