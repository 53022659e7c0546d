"""``SharedStore``: one review's records and events in a team's database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from resartus.domain.event import Event, EventKind, NewEvent
from resartus.domain.ids import RecordId
from resartus.domain.plain import from_plain, to_plain
from resartus.domain.record import Record
from resartus.errors import ConflictError, NotFoundError
from resartus.stores.database import Database

__all__ = ["SharedStore"]

_BATCH = 500


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _event(row: Sequence[Any]) -> Event:
    seq, kind, by, at, data, key = row
    return Event(
        seq=int(seq),
        kind=EventKind(kind),
        by=by,
        at=datetime.fromisoformat(at),
        data=json.loads(data),
        key=key,
    )


class SharedStore:
    """Keeps one review among others in a database that was migrated.

    Writers of one review wait for each other at its row, so events are
    numbered without gaps whatever server they come through.
    """

    def __init__(self, database: Database, review_id: str, *, owns_database: bool = False) -> None:
        self._db = database
        self._owns_database = owns_database
        self._review = review_id
        if not database.query("SELECT 1 FROM reviews WHERE review_id = ?", review_id):
            raise NotFoundError(f"review {review_id!r} is not in this database")

    def _hold(self) -> int:
        """Take this review's row for the transaction; return its last event's number."""
        lock = " FOR UPDATE" if self._db.is_postgres else ""
        rows = self._db.query(
            f"SELECT last_seq FROM reviews WHERE review_id = ?{lock}", self._review
        )
        return int(rows[0][0])

    def save_records(self, records: Iterable[Record]) -> int:
        """Keep records in one transaction; return how many were new or had changed."""
        changed = 0
        waiting = iter(records)
        with self._db.transaction():
            self._hold()
            while batch := list(islice(waiting, _BATCH)):
                changed += self._save(batch)
        return changed

    def _save(self, batch: Sequence[Record]) -> int:
        """Keep up to ``_BATCH`` records: one question for all that may be known."""
        marks = ",".join("?" * len(batch))
        known = {
            row[0]: (int(row[1]), row[2], row[3])
            for row in self._db.query(
                "SELECT record_id, revision, hash, content FROM records WHERE review_id = ? "
                f"AND record_id IN ({marks})",
                self._review,
                *(record.record_id for record in batch),
            )
        }
        fresh: dict[str, tuple[int, str, str]] = {}
        changed = 0
        for record in batch:
            content = _compact(to_plain(record))
            digest = hashlib.sha256(content.encode()).hexdigest()
            # A record may come twice in one batch: the second is a newer form of the first.
            before = known.get(record.record_id)
            if before is not None and before[1] == digest:
                continue
            changed += 1
            if before is None:
                known[record.record_id] = fresh[record.record_id] = (1, digest, content)
                continue
            if record.record_id in fresh:
                self._insert(fresh)
                fresh = {}
            self._revise(record.record_id, before, digest=digest, content=content)
            known[record.record_id] = (before[0] + 1, digest, content)
        self._insert(fresh)
        return changed

    def _insert(self, rows: Mapping[str, tuple[int, str, str]]) -> None:
        if not rows:
            return
        marks = ", ".join(["(?, ?, ?, ?)"] * len(rows))
        values = [
            part
            for record_id, (_, digest, content) in rows.items()
            for part in (self._review, record_id, digest, content)
        ]
        self._db.query(
            f"INSERT INTO records (review_id, record_id, hash, content) VALUES {marks}", *values
        )

    def _revise(
        self, record_id: str, before: tuple[int, str, str], *, digest: str, content: str
    ) -> None:
        self._db.query(
            "INSERT INTO earlier_records VALUES (?, ?, ?, ?, ?)", self._review, record_id, *before
        )
        self._db.query(
            "UPDATE records SET revision = revision + 1, hash = ?, content = ? "
            "WHERE review_id = ? AND record_id = ?",
            digest,
            content,
            self._review,
            record_id,
        )

    def load_record(self, record_id: RecordId) -> Record:
        """Return one record's current version."""
        rows = self._db.query(
            "SELECT content FROM records WHERE review_id = ? AND record_id = ?",
            self._review,
            record_id,
        )
        if not rows:
            raise NotFoundError(
                f"record {record_id!r} is not in this review; 'resartus status' shows what is"
            )
        return from_plain(Record, json.loads(rows[0][0]))

    def iterate_records(self, record_ids: Sequence[RecordId] | None = None) -> Iterator[Record]:
        """Yield current versions in order of arrival; of those named, in the order named."""
        if record_ids is not None:
            for start in range(0, len(record_ids), _BATCH):
                wanted = record_ids[start : start + _BATCH]
                marks = ",".join("?" * len(wanted))
                found = {
                    row[0]: row[1]
                    for row in self._db.query(
                        "SELECT record_id, content FROM records WHERE review_id = ? "
                        f"AND record_id IN ({marks})",
                        self._review,
                        *wanted,
                    )
                }
                for record_id in wanted:
                    if record_id not in found:
                        raise NotFoundError(f"record {record_id!r} is not in this review")
                    yield from_plain(Record, json.loads(found[record_id]))
            return
        last = 0
        while True:
            rows = self._db.query(
                "SELECT arrival, content FROM records WHERE review_id = ? AND arrival > ? "
                f"ORDER BY arrival LIMIT {_BATCH}",
                self._review,
                last,
            )
            if not rows:
                return
            for _, content in rows:
                yield from_plain(Record, json.loads(content))
            last = int(rows[-1][0])

    def count_records(self) -> int:
        """Return how many records there are."""
        rows = self._db.query("SELECT count(*) FROM records WHERE review_id = ?", self._review)
        return int(rows[0][0])

    def records_hash(self) -> str:
        """Return one SHA-256 over the ids and hashes of all current records."""
        rows = self._db.query(
            "SELECT record_id, hash FROM records WHERE review_id = ?", self._review
        )
        # Sorted here: a database sorts text by its own locale.
        lines = sorted(f"{record_id} {content_hash}\n" for record_id, content_hash in rows)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def append(
        self, events: Sequence[NewEvent], *, expected_seq: int | None = None
    ) -> tuple[Event, ...]:
        """Add events, all or none; see ``domain.ports.Store``."""
        # A value without a plain form is refused before the database is asked.
        plain = [_compact(to_plain(event.data)) for event in events]
        kept = []
        with self._db.transaction():
            first = last = self._hold()
            if expected_seq is not None and last != expected_seq:
                raise ConflictError(
                    f"the review is at event {last}, not at {expected_seq}: somebody else wrote "
                    "meanwhile; load it again, then repeat"
                )
            for event, data in zip(events, plain, strict=True):
                if event.key is not None:
                    known = self._db.query(
                        "SELECT seq, kind, made_by, made_at, data, key FROM events "
                        "WHERE review_id = ? AND key = ?",
                        self._review,
                        event.key,
                    )
                    if known:
                        kept.append(_event(known[0]))
                        continue
                last += 1
                row = (
                    last,
                    event.kind.value,
                    event.by,
                    event.at.isoformat(),
                    data,
                    event.key,
                )
                self._db.query(
                    "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", self._review, *row
                )
                kept.append(_event(row))
            if last != first:
                self._db.query(
                    "UPDATE reviews SET last_seq = ? WHERE review_id = ?", last, self._review
                )
        return tuple(kept)

    def load_events(self, *, after: int = 0) -> Iterator[Event]:
        """Yield events with ``seq`` above ``after``, in order."""
        while True:
            rows = self._db.query(
                "SELECT seq, kind, made_by, made_at, data, key FROM events "
                f"WHERE review_id = ? AND seq > ? ORDER BY seq LIMIT {_BATCH}",
                self._review,
                after,
            )
            for row in rows:
                yield _event(row)
            if len(rows) < _BATCH:
                return
            after = int(rows[-1][0])

    def last_seq(self) -> int:
        """Return the last event's number, 0 for an empty log."""
        rows = self._db.query("SELECT last_seq FROM reviews WHERE review_id = ?", self._review)
        return int(rows[0][0])

    def close(self) -> None:
        """Release the database where it is this store's own."""
        if self._owns_database:
            self._db.close()
