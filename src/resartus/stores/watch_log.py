"""``WatchLog``: what a watcher has done and told, so that it acts once whatever interrupts it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from resartus.errors import ConflictError, StoreError

__all__ = ["FeedEntry", "WatchLog", "WatchTask"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
  review TEXT NOT NULL, task TEXT NOT NULL, began_at TEXT NOT NULL, began_seq INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0, next_at TEXT, ended_at TEXT, said TEXT,
  PRIMARY KEY (review, task));
CREATE TABLE IF NOT EXISTS entries (
  entry_id TEXT PRIMARY KEY, review TEXT NOT NULL, at TEXT NOT NULL, title TEXT NOT NULL,
  body TEXT NOT NULL, data TEXT NOT NULL, mail TEXT NOT NULL);
"""
WAITING, SENDING, SENT, NOT_ASKED = "waiting", "sending", "sent", "not asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchTask:
    """One piece of work: a review's daily search, or a day's update file.

    ``began_seq`` is where the review's log stood at the first attempt, so that
    what a task brought can be told after any number of interruptions.
    """

    review: str
    task: str
    began_at: datetime
    began_seq: int | None
    attempts: int
    next_at: datetime | None
    ended_at: datetime | None
    said: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """Something worth telling: an entry of the feed and, where asked, a letter."""

    entry_id: str
    review: str
    at: datetime
    title: str
    body: str
    data: Mapping[str, Any]
    mail: str = NOT_ASKED


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


class WatchLog:
    """A SQLite file beside ``watch.toml``. One watcher at a time holds it."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(str(path), isolation_level=None, timeout=30)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise StoreError(
                f"{str(path)!r} cannot be opened ({error}); free it or choose another state file",
                where=str(path),
            ) from error
        self._path = path
        self._held: sqlite3.Connection | None = None

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the only watcher while the block runs; a dead one lets go by itself.

        Raises
        ------
        ConflictError
            If another watcher holds it.
        """
        lock = sqlite3.connect(f"{self._path}.lock", isolation_level=None, timeout=0)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            raise ConflictError(
                f"another watcher works with {self._path.name!r}; stop it first"
            ) from error
        try:
            yield
        finally:
            lock.rollback()
            lock.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def task(self, review: str, task: str) -> WatchTask | None:
        """Return a task that was begun, or ``None``."""
        row = self._db.execute(
            "SELECT review, task, began_at, began_seq, attempts, next_at, ended_at, said "
            "FROM tasks WHERE review = ? AND task = ?",
            (review, task),
        ).fetchone()
        if row is None:
            return None
        return WatchTask(
            review=row[0],
            task=row[1],
            began_at=datetime.fromisoformat(row[2]),
            began_seq=row[3],
            attempts=row[4],
            next_at=_time(row[5]),
            ended_at=_time(row[6]),
            said=row[7],
        )

    def last_ended(self, review: str, *, prefix: str) -> WatchTask | None:
        """Return the review's task of a kind that ended last."""
        row = self._db.execute(
            "SELECT task FROM tasks WHERE review = ? AND task LIKE ? AND ended_at IS NOT NULL "
            "ORDER BY ended_at DESC LIMIT 1",
            (review, f"{prefix}%"),
        ).fetchone()
        return None if row is None else self.task(review, row[0])

    def begin(self, review: str, task: str, *, at: datetime, seq: int | None = None) -> WatchTask:
        """Begin or begin again; the first time's ``seq`` stays."""
        with self._transaction():
            self._db.execute(
                "INSERT INTO tasks (review, task, began_at, began_seq) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                (review, task, at.isoformat(), seq),
            )
            self._db.execute(
                "UPDATE tasks SET attempts = attempts + 1 WHERE review = ? AND task = ?",
                (review, task),
            )
        begun = self.task(review, task)
        assert begun is not None
        return begun

    def put_off(self, review: str, task: str, *, at: datetime, by: timedelta, why: str) -> None:
        """Note a failed attempt; the task is due again later."""
        self._db.execute(
            "UPDATE tasks SET next_at = ?, said = ? WHERE review = ? AND task = ?",
            ((at + by).isoformat(), why, review, task),
        )

    def end(
        self,
        review: str,
        task: str,
        *,
        at: datetime,
        said: str,
        entry: FeedEntry | None = None,
    ) -> None:
        """End a task and keep what it has to tell, in one transaction: both or neither."""
        with self._transaction():
            self._db.execute(
                "UPDATE tasks SET ended_at = ?, said = ?, next_at = NULL "
                "WHERE review = ? AND task = ?",
                (at.isoformat(), said, review, task),
            )
            if entry is not None:
                self._add(entry)

    def add_entry(self, entry: FeedEntry) -> None:
        """Keep an entry that belongs to no ended task; one with a known id is kept once."""
        with self._transaction():
            self._add(entry)

    def _add(self, entry: FeedEntry) -> None:
        self._db.execute(
            "INSERT INTO entries (entry_id, review, at, title, body, data, mail) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                entry.entry_id,
                entry.review,
                entry.at.isoformat(),
                entry.title,
                entry.body,
                json.dumps(dict(entry.data), sort_keys=True, ensure_ascii=False),
                entry.mail,
            ),
        )

    def entries(self, *, count: int = 200, mail: str | None = None) -> list[FeedEntry]:
        """Return the newest entries, newest first; only those in one state of mailing if asked."""
        rows = self._db.execute(
            "SELECT entry_id, review, at, title, body, data, mail FROM entries "
            "WHERE (? IS NULL OR mail = ?) ORDER BY at DESC, entry_id LIMIT ?",
            (mail, mail, count),
        ).fetchall()
        return [
            FeedEntry(
                entry_id=row[0],
                review=row[1],
                at=datetime.fromisoformat(row[2]),
                title=row[3],
                body=row[4],
                data=json.loads(row[5]),
                mail=row[6],
            )
            for row in rows
        ]

    def mark_mail(self, entry_id: str, state: str) -> None:
        """Note how far the mailing of an entry has come."""
        self._db.execute("UPDATE entries SET mail = ? WHERE entry_id = ?", (state, entry_id))

    def close(self) -> None:
        """Release the file."""
        self._db.close()
