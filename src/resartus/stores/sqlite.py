"""Records and events in one SQLite file, in WAL mode."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from resartus.domain.event import Event, EventKind, NewEvent
from resartus.domain.ids import RecordId
from resartus.domain.plain import from_plain, to_plain
from resartus.domain.record import Record
from resartus.errors import ConflictError, NotFoundError, StoreDamaged, StoreError

__all__ = ["Salvage", "SqliteStore", "copy_database", "salvage"]

_VERSION = 1
_SCHEMA = (
    """CREATE TABLE records (
        arrival   INTEGER PRIMARY KEY,
        record_id TEXT NOT NULL UNIQUE,
        revision  INTEGER NOT NULL DEFAULT 1,
        hash      TEXT NOT NULL,
        content   TEXT NOT NULL
    )""",
    """CREATE TABLE earlier_records (
        record_id TEXT NOT NULL,
        revision  INTEGER NOT NULL,
        hash      TEXT NOT NULL,
        content   TEXT NOT NULL,
        PRIMARY KEY (record_id, revision)
    )""",
    """CREATE TABLE events (
        seq  INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        by   TEXT NOT NULL,
        at   TEXT NOT NULL,
        data TEXT NOT NULL,
        key  TEXT UNIQUE
    )""",
    """CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN
        SELECT RAISE(ABORT, 'events are never changed');
    END""",
    """CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN
        SELECT RAISE(ABORT, 'events are never deleted');
    END""",
)
_CHECKED_BYTES = 64 * 2**20
_WAIT_SECONDS = 30.0
_BATCH = 500


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _event(row: Sequence[Any]) -> Event:
    seq, kind, by, at, data, key = row
    return Event(
        seq=seq,
        kind=EventKind(kind),
        by=by,
        at=datetime.fromisoformat(at),
        data=json.loads(data),
        key=key,
    )


class SqliteStore:
    """A review's records and events in one file; ``":memory:"`` keeps them in memory.

    Every commit reaches the disk before it is acknowledged
    (``synchronous=FULL``). Several processes may read and write; a writer
    waits up to 30 seconds for another. One opened with ``is_read_only`` refuses
    every change.

    Raises
    ------
    StoreDamaged
        If the file is not a database or fails SQLite's own check; the
        message says how much can still be read.
    StoreError
        If it cannot be opened, or comes from a newer Resartus.
    """

    def __init__(self, path: Path | str, *, is_read_only: bool = False) -> None:
        self.path = path
        if is_read_only and not Path(path).is_file():
            raise NotFoundError(f"{str(path)!r} is not there; look whether the folder was moved")
        is_file = str(path) != ":memory:"
        fresh = not is_file or not Path(path).exists() or Path(path).stat().st_size == 0
        self._connection: sqlite3.Connection | None = None
        try:
            # Transactions are opened by hand: BEGIN IMMEDIATE takes the write lock at once.
            self._connection = sqlite3.connect(
                str(path), timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            if is_file:
                self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            if fresh:
                self._create()
            self._check(is_file=is_file)
            self._connection.execute(f"PRAGMA query_only = {is_read_only:d}")
        except sqlite3.DatabaseError as error:
            self.close()
            raise self._mapped(error) from error
        except StoreError:
            self.close()
            raise

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError(f"the store {str(self.path)!r} is closed; open the review again")
        return self._connection

    def _create(self) -> None:
        with self._writing() as db:
            # Another process may have created it while this one waited for the lock.
            if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in _SCHEMA:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {_VERSION}")

    def _check(self, *, is_file: bool) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise StoreError(
                f"{str(self.path)!r} has schema {version}, this Resartus knows {_VERSION}; "
                "install a newer Resartus"
            )
        if is_file and Path(self.path).stat().st_size <= _CHECKED_BYTES:
            verdict = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise self._damaged(verdict)

    def _damaged(self, detail: object) -> StoreDamaged:
        # The first line of SQLite's verdict is enough to tell one damage from another.
        first = str(detail).splitlines()[-1]
        try:
            saved = salvage(Path(self.path))
            rescue = (
                f"{len(saved.records)} records and {len(saved.events)} events can still be read"
            )
        except StoreDamaged:
            rescue = "nothing in it can be read"
        return StoreDamaged(
            f"{str(self.path)!r} is damaged ({first}): {rescue}; "
            "run 'resartus export --salvage' to save them, or restore a backup",
            where=str(self.path),
        )

    def _mapped(self, error: sqlite3.DatabaseError) -> StoreError:
        text = str(error)
        if "malformed" in text or "not a database" in text:
            return self._damaged(text)
        if "locked" in text or "busy" in text:
            return StoreError(
                f"{str(self.path)!r} was busy for {_WAIT_SECONDS:.0f} seconds; "
                "close the other program that writes to it, then try again"
            )
        if "full" in text or "disk I/O" in text:
            return StoreError(
                f"{str(self.path)!r} could not be written ({text}); nothing was changed: "
                "free some space, then try again"
            )
        if "readonly" in text or "unable to open" in text:
            return StoreError(
                f"{str(self.path)!r} cannot be opened for writing ({text}); "
                "check that the folder exists and is yours"
            )
        return StoreError(f"{str(self.path)!r} failed: {text}")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                # A full disk may already have rolled the transaction back.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise self._mapped(error) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._db
        except sqlite3.DatabaseError as error:
            raise self._mapped(error) from error

    def save_records(self, records: Iterable[Record]) -> int:
        """Keep records in one transaction; return how many were new or had changed."""
        changed = 0
        rest = iter(records)
        with self._writing() as db:
            while batch := list(islice(rest, _BATCH)):
                changed += _save_batch(db, batch)
        return changed

    def load_record(self, record_id: RecordId) -> Record:
        """Return one record's current version."""
        with self._reading() as db:
            row = db.execute(
                "SELECT content FROM records WHERE record_id = ?", (record_id,)
            ).fetchone()
        if row is None:
            raise NotFoundError(
                f"record {record_id!r} is not in this review; 'resartus status' shows what is"
            )
        return from_plain(Record, json.loads(row[0]))

    def iterate_records(self, record_ids: Sequence[RecordId] | None = None) -> Iterator[Record]:
        """Yield current versions in order of arrival; of those named, in the order named."""
        if record_ids is not None:
            for start in range(0, len(record_ids), _BATCH):
                wanted = record_ids[start : start + _BATCH]
                marks = ",".join("?" * len(wanted))
                with self._reading() as db:
                    found: Mapping[str, str] = dict(
                        db.execute(
                            f"SELECT record_id, content FROM records WHERE record_id IN ({marks})",
                            wanted,
                        ).fetchall()
                    )
                for record_id in wanted:
                    if record_id not in found:
                        raise NotFoundError(f"record {record_id!r} is not in this review")
                    yield from_plain(Record, json.loads(found[record_id]))
            return
        last = 0
        while True:
            with self._reading() as db:
                rows = db.execute(
                    "SELECT arrival, content FROM records WHERE arrival > ? "
                    "ORDER BY arrival LIMIT ?",
                    (last, _BATCH),
                ).fetchall()
            if not rows:
                return
            for last, content in rows:  # noqa: B007 - the last arrival is where the next page starts
                yield from_plain(Record, json.loads(content))

    def count_records(self) -> int:
        """Return how many records there are."""
        with self._reading() as db:
            return int(db.execute("SELECT count(*) FROM records").fetchone()[0])

    def records_hash(self) -> str:
        """Return one SHA-256 over the ids and hashes of all current records."""
        digest = hashlib.sha256()
        with self._reading() as db:
            for record_id, content_hash in db.execute(
                "SELECT record_id, hash FROM records ORDER BY record_id"
            ):
                digest.update(f"{record_id} {content_hash}\n".encode())
        return digest.hexdigest()

    def append(
        self, events: Sequence[NewEvent], *, expected_seq: int | None = None
    ) -> tuple[Event, ...]:
        """Add events, all or none; see ``domain.ports.Store``."""
        kept = []
        with self._writing() as db:
            last = int(db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])
            if expected_seq is not None and last != expected_seq:
                raise ConflictError(
                    f"the review is at event {last}, not at {expected_seq}: somebody else wrote "
                    "meanwhile; load it again, then repeat"
                )
            for event in events:
                if event.key is not None:
                    row = db.execute(
                        "SELECT seq, kind, by, at, data, key FROM events WHERE key = ?",
                        (event.key,),
                    ).fetchone()
                    if row is not None:
                        kept.append(_event(row))
                        continue
                last += 1
                row = (
                    last,
                    event.kind.value,
                    event.by,
                    event.at.isoformat(),
                    _compact(to_plain(event.data)),
                    event.key,
                )
                db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", row)
                kept.append(_event(row))
        return tuple(kept)

    def load_events(self, *, after: int = 0) -> Iterator[Event]:
        """Yield events with ``seq`` above ``after``, in order."""
        while True:
            with self._reading() as db:
                rows = db.execute(
                    "SELECT seq, kind, by, at, data, key FROM events WHERE seq > ? "
                    "ORDER BY seq LIMIT ?",
                    (after, _BATCH),
                ).fetchall()
            if not rows:
                return
            for row in rows:
                yield _event(row)
            after = rows[-1][0]

    def last_seq(self) -> int:
        """Return the last event's number, 0 for an empty log."""
        with self._reading() as db:
            return int(db.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _save_batch(db: sqlite3.Connection, batch: Sequence[Record]) -> int:
    """Insert or revise up to ``_BATCH`` records: one question for all that may be known."""
    marks = ",".join("?" * len(batch))
    known: dict[str, tuple[int, str, str]] = {
        row[0]: row[1:]
        for row in db.execute(
            f"SELECT record_id, revision, hash, content FROM records WHERE record_id IN ({marks})",
            [record.record_id for record in batch],
        )
    }
    fresh: list[tuple[str, str, str]] = []
    earlier: list[tuple[str, int, str, str]] = []
    changed = 0
    waiting: dict[str, tuple[str, str]] = {}
    for record in batch:
        content = _compact(to_plain(record))
        digest = hashlib.sha256(content.encode()).hexdigest()
        before = known.get(record.record_id)
        if before is not None and before[1] == digest:
            continue
        changed += 1
        if before is None:
            revision = 1
            fresh.append((record.record_id, digest, content))
        else:
            revision = before[0] + 1
            earlier.append((record.record_id, *before))
            waiting[record.record_id] = (digest, content)
        # A record may come twice in one batch: the second is a newer form of the first.
        known[record.record_id] = (revision, digest, content)
    db.executemany("INSERT INTO records (record_id, hash, content) VALUES (?, ?, ?)", fresh)
    db.executemany("INSERT INTO earlier_records VALUES (?, ?, ?, ?)", earlier)
    db.executemany(
        "UPDATE records SET revision = ?, hash = ?, content = ? WHERE record_id = ?",
        [(known[name][0], *parts, name) for name, parts in waiting.items()],
    )
    return changed


def copy_database(path: Path, target: Path) -> None:
    """Copy a store as it is at one moment, while others may read and write it.

    Raises
    ------
    StoreError
        If it cannot be read, or the copy not be written.
    """
    try:
        source, copy = sqlite3.connect(str(path), timeout=_WAIT_SECONDS), sqlite3.connect(target)
        try:
            source.backup(copy)
        finally:
            source.close()
            copy.close()
    except sqlite3.Error as error:
        raise StoreError(f"{str(path)!r} cannot be copied ({error})", where=str(path)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """What a damaged file still gives, as stored: records and events in plain JSON."""

    records: tuple[Mapping[str, Any], ...]
    events: tuple[Mapping[str, Any], ...]


def salvage(path: Path) -> Salvage:
    """Read row by row whatever a damaged store still gives.

    Raises
    ------
    StoreDamaged
        If not even the list of tables can be read.
    """
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        connection.execute("SELECT name FROM sqlite_master").fetchall()
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(f"nothing in {str(path)!r} can be read ({error})") from error
    try:
        records = _readable(connection, "records", "content")
        events = _readable(connection, "events", "seq, kind, by, at, data")
    finally:
        connection.close()
    return Salvage(
        records=tuple(json.loads(row[0]) for row in records),
        events=tuple(
            {
                **dict(zip(("seq", "kind", "by", "at"), row, strict=False)),
                "data": json.loads(row[4]),
            }
            for row in events
        ),
    )


def _readable(connection: sqlite3.Connection, table: str, columns: str) -> list[Sequence[Any]]:
    """Return the rows that can be read, stepping in from both ends of the damage."""
    found: dict[int, Sequence[Any]] = {}
    for direction, beyond, start in (("ASC", ">", -1), ("DESC", "<", 2**62)):
        last = start
        while True:
            try:
                row = connection.execute(
                    f"SELECT rowid, {columns} FROM {table} WHERE rowid {beyond} ? "
                    f"ORDER BY rowid {direction} LIMIT 1",
                    (last,),
                ).fetchone()
            except sqlite3.DatabaseError:
                break
            if row is None or row[0] in found:
                break
            last = row[0]
            found[last] = row[1:]
    return [found[rowid] for rowid in sorted(found)]
