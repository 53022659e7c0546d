"""What the rooms ask of each other: small interfaces with several implementations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from resartus.domain.event import Event, NewEvent
from resartus.domain.ids import RecordId
from resartus.domain.record import Record

__all__ = ["PayloadStore", "Store"]


@runtime_checkable
class Store(Protocol):
    """Records and the event log of one review.

    An event that ``append`` returned is kept through a killed process; one
    that it did not return may be kept or not, and its ``key`` tells which.
    """

    def save_records(self, records: Iterable[Record]) -> int:
        """Keep records; a known id with new content becomes a newer version. Return the new."""
        ...

    def load_record(self, record_id: RecordId) -> Record:
        """Return one record or raise ``NotFoundError``."""
        ...

    def iterate_records(self, record_ids: Sequence[RecordId] | None = None) -> Iterator[Record]:
        """Yield the current version of all records, or of those named, in order of arrival."""
        ...

    def count_records(self) -> int:
        """Return how many records there are."""
        ...

    def records_hash(self) -> str:
        """Return one SHA-256 over the ids and contents of all current records."""
        ...

    def append(
        self, events: Sequence[NewEvent], *, expected_seq: int | None = None
    ) -> tuple[Event, ...]:
        """Add events in one transaction: all or none.

        With ``expected_seq``, raise ``ConflictError`` if the log has moved on
        since. An event whose key is known is not added again: the first one
        is returned in its place.
        """
        ...

    def load_events(self, *, after: int = 0) -> Iterator[Event]:
        """Yield events with ``seq`` above ``after``, in order."""
        ...

    def last_seq(self) -> int:
        """Return the last event's number, 0 for an empty log."""
        ...

    def close(self) -> None:
        """Release the files or the connection."""
        ...


@runtime_checkable
class PayloadStore(Protocol):
    """Raw bytes by their SHA-256."""

    def save(self, content: bytes) -> str:
        """Keep the bytes and return their hash."""
        ...

    def load(self, digest: str) -> bytes:
        """Return the bytes, checked against their hash, or raise ``NotFoundError``."""
        ...
