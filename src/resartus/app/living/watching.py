"""Watch many reviews: search them when due, read each day's update file once, tell what is new."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from resartus.app.living.day import Day, FileNotWhole, open_day
from resartus.app.living.feed import write_feed
from resartus.app.living.summary import since
from resartus.app.living.updating import update_review
from resartus.app.review import Review, now
from resartus.domain.watch import Letter, WatchPlan
from resartus.errors import NotFoundError, ResartusError, SourceRefused, SourceUnavailable
from resartus.sources.mail.smtp import send_letter
from resartus.stores.watch_log import NOT_ASKED, SENDING, SENT, WAITING, FeedEntry, WatchLog
from resartus.stores.watch_toml import load_watch_plan

__all__ = ["WATCHER", "Watched", "Watcher"]

WATCHER = "Resartus watch"
STATE = "watch.db"
_FIRST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(hours=12)
_FAR_AHEAD = timedelta(days=2)
_ALL = "*"


@dataclass(slots=True)
class Watched:
    """What one round did."""

    searched: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    entries: list[FeedEntry] = field(default_factory=list)
    mailed: int = 0


class Watcher:
    """Works through a plan in rounds; each piece of work is done once.

    A round may be cut off anywhere: what was logged in a review stays, a task
    that had not ended is done again without logging anything twice, and a
    letter that may have gone out is not sent again (the feed holds it).

    Parameters
    ----------
    plan : WatchPlan
    clock : callable
        Gives the time; it may be set back or forward between rounds.
    """

    def __init__(
        self,
        plan: WatchPlan,
        *,
        clock: Callable[[], datetime] = now,
        send: Callable[[Letter], None] | None = None,
    ) -> None:
        self.plan, self.clock = plan, clock
        self.log = WatchLog(plan.folder / STATE)
        mail = plan.mail
        self._send = send or (None if mail is None else lambda letter: send_letter(letter, mail))

    @classmethod
    def from_file(cls, path: Path, *, clock: Callable[[], datetime] = now) -> Watcher:
        """Return a watcher for a ``watch.toml``.

        Raises
        ------
        NotFoundError
            If there is no such file.
        DataError
            If it does not hold, with the line of the mistake.
        """
        return cls(load_watch_plan(path), clock=clock)

    def told(self, *, count: int = 200) -> list[FeedEntry]:
        """Return what was told, newest first."""
        return self.log.entries(count=count)

    def close(self) -> None:
        """Release the state."""
        self.log.close()

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Be the only watcher of this plan.

        Raises
        ------
        ConflictError
            If another one is at work.
        """
        with self.log.hold():
            yield

    def round(self, *, tell: Callable[[str], None] = lambda _: None) -> Watched:
        """Do all that is due now, then write the feed and send what waits."""
        done = Watched()
        for path in self._update_files():
            self._read_file(path, done, tell)
        for folder in self.plan.reviews:
            self._search(folder, done, tell)
        self._tell(done)
        return done

    # Searching

    def _slot(self, at: datetime) -> str:
        """Name the stretch of time that ``at`` falls in; each is searched once."""
        hours = int(at.timestamp() // 3600)
        return f"search:{hours // self.plan.every_hours}"

    def _is_due(self, name: str, task: str, at: datetime) -> bool:
        known = self.log.task(name, task)
        if known is not None and known.ended_at is not None:
            return False
        if known is not None and known.next_at is not None and known.next_at > at:
            # A waiting time far ahead was set by a clock that has been put right since.
            return known.next_at - at > _FAR_AHEAD
        last = self.log.last_ended(name, prefix="search:")
        if last is None or last.ended_at is None:
            return True
        ahead = last.ended_at - at
        # A clock set back a little must not search the same days again.
        return not timedelta() < ahead < _FAR_AHEAD

    def _search(self, folder: Path, done: Watched, tell: Callable[[str], None]) -> None:
        at, name = self.clock(), self.plan.name_of(folder)
        task = self._slot(at)
        if not self._is_due(name, task, at):
            return
        tell(f"{name}: searching")
        try:
            with self._open(folder, f"watch/{task}") as review:
                begun = self.log.begin(name, task, at=at, seq=review.store.last_seq())
                update_review(review)
                self._finish(review, name, task, begun.began_seq or 0, done)
        except ResartusError as error:
            self._fail(name, task, error, done)
        else:
            done.searched.append(name)

    def _open(self, folder: Path, key: str) -> Review:
        return Review(folder, person=WATCHER, clock=self.clock, retry_key=key)

    def _finish(self, review: Review, name: str, task: str, seq: int, done: Watched) -> None:
        summary = since(review, seq)
        entry = None
        if not summary.is_quiet:
            entry = self._entry(
                name, task, summary.headline(), summary.body(), dict(summary.data())
            )
            done.entries.append(entry)
        self.log.end(name, task, at=self.clock(), said=summary.headline(), entry=entry)

    def _fail(self, name: str, task: str, error: ResartusError, done: Watched) -> None:
        """Note a failure and wait longer each time; tell about it once a task."""
        at = self.clock()
        known = self.log.task(name, task) or self.log.begin(name, task, at=at)
        wait = min(_FIRST_WAIT * 2 ** max(known.attempts - 1, 0), _LONGEST_WAIT)
        self.log.put_off(name, task, at=at, by=wait, why=error.message)
        done.failed.append((name, error.message))
        is_passing = isinstance(error, SourceUnavailable) and known.attempts < 3
        if not is_passing:
            title = f"{name} could not be checked"
            self.log.add_entry(self._entry(name, f"{task}/failed", title, error.message, {}))

    def _entry(
        self, name: str, task: str, title: str, body: str, data: dict[str, object]
    ) -> FeedEntry:
        return FeedEntry(
            entry_id=f"{name}/{task}".replace(" ", "-"),
            review=name,
            at=self.clock(),
            title=title,
            body=body,
            data=data,
            mail=WAITING if self._send is not None else NOT_ASKED,
        )

    # PubMed's update files

    def _update_files(self) -> list[Path]:
        """Return the update files that are not read yet, in NLM's order."""
        folder = self.plan.updates
        if folder is None:
            return []
        if not folder.is_dir():
            raise NotFoundError(
                f"the folder of update files, {str(folder)!r}, does not exist; "
                "make it, or correct 'updates' in watch.toml"
            )
        names = sorted(p for p in folder.iterdir() if p.name.endswith((".xml.gz", ".xml")))
        return [path for path in names if self._is_unread(path)]

    def _is_unread(self, path: Path) -> bool:
        known = self.log.task(_ALL, self._file_task(path))
        if known is None:
            return True
        if known.ended_at is not None:
            return False
        at = self.clock()
        return known.next_at is None or known.next_at <= at or known.next_at - at > _FAR_AHEAD

    @staticmethod
    def _file_task(path: Path) -> str:
        # A file that grows or is replaced is another file.
        found = path.stat()
        return f"file:{path.name}:{found.st_size}:{found.st_mtime_ns}"

    def _read_file(self, path: Path, done: Watched, tell: Callable[[str], None]) -> None:
        task = self._file_task(path)
        at = self.clock()
        tell(f"{path.name}: reading")
        self.log.begin(_ALL, task, at=at)
        try:
            with open_day(path, clock=self.clock) as day:
                touched = day.touched(self.plan.reviews, tell=tell)
                for folder in touched:
                    self._apply(folder, day, task, done)
        except FileNotWhole as error:
            # Most likely still being copied: look again at the next round, without alarm.
            self.log.put_off(_ALL, task, at=at, by=timedelta(minutes=5), why=error.message)
            done.failed.append((path.name, error.message))
        except ResartusError as error:
            self._fail(_ALL, task, error, done)
        else:
            self.log.end(_ALL, task, at=self.clock(), said=f"{path.name}: {len(touched)} reviews")
            done.files.append(path.name)

    def _apply(self, folder: Path, day: Day, task: str, done: Watched) -> None:
        name = self.plan.name_of(folder)
        known = self.log.task(name, task)
        if known is not None and known.ended_at is not None:
            return
        with self._open(folder, f"watch/{task}") as review:
            begun = self.log.begin(name, task, at=self.clock(), seq=review.store.last_seq())
            day.apply(review)
            self._finish(review, name, task, begun.began_seq or 0, done)

    # Telling

    def _tell(self, done: Watched) -> None:
        if self.plan.feed is not None:
            write_feed(self.plan.feed, self.log.entries(), at=self.clock())
        if self._send is None:
            return
        for entry in reversed(self.log.entries(mail=WAITING)):
            # Marked before it is sent: killed in between, it is not sent a second time.
            self.log.mark_mail(entry.entry_id, SENDING)
            letter = Letter(
                letter_id=entry.entry_id.replace("/", "."),
                subject=entry.title,
                body=entry.body,
                at=entry.at,
            )
            try:
                self._send(letter)
            except (SourceUnavailable, SourceRefused) as error:
                self.log.mark_mail(entry.entry_id, WAITING)
                done.failed.append(("mail", error.message))
                return
            self.log.mark_mail(entry.entry_id, SENT)
            done.mailed += 1
