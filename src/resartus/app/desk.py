"""``Desk``: one review held open behind the pages and the API, one request at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from resartus.app.queue import ScreeningQueue
from resartus.app.review import PROTOCOL, Review
from resartus.app.screening.kept_order import KeptOrder
from resartus.app.screening.learner import Learner
from resartus.app.screening.learning import Place
from resartus.app.status import ReviewStatus, review_status
from resartus.domain.decision import Stage

__all__ = ["Desk"]

_FRESH_SECONDS = 0.5


class Desk:
    """Holds a review open and lets one request at a time at it.

    The store serialises writers anyway; one lock keeps the folded state and
    the queue in step with the log, and tells whose request it is.

    Parameters
    ----------
    opening : callable
        Opens the review; called again when its protocol was edited.
    place : Place
        Where the review is kept, for the process that learns its order of judging.
    learner : Learner
        That process, one for all desks of a server.
    """

    def __init__(self, opening: Callable[[], Review], *, place: Place, learner: Learner) -> None:
        self._opening = opening
        self._lock = threading.RLock()
        self._review = opening()
        self.order = KeptOrder(opening, place=place, learner=learner)
        self._queue = ScreeningQueue(self._review, kept=self.order)
        self._protocol_time = self._stamp()
        self._last_seq = 0
        self._asked_at = float("-inf")

    def _stamp(self) -> int:
        return (self._review.folder / PROTOCOL).stat().st_mtime_ns

    @contextmanager
    def review(self, person: str) -> Iterator[Review]:
        """Yield the review for one person; a protocol edited meanwhile is read again."""
        with self._lock:
            if self._stamp() != self._protocol_time:
                self.reopen()
            self._review.person = person
            review = self._review
            with review.steady():
                try:
                    yield review
                finally:
                    self._last_seq = review.last_seq()

    @contextmanager
    def aside(self, person: str) -> Iterator[Review]:
        """Yield the review opened once more, for work that takes seconds: nobody waits for it."""
        with self._opening() as review:
            review.person = person
            yield review

    def reopen(self) -> None:
        """Open the review anew, after its protocol was saved."""
        with self._lock:
            opened = self._opening()
            self._review.close()
            self._review = opened
            self.order.renew()
            self._queue = ScreeningQueue(opened, kept=self.order)
            self._protocol_time = self._stamp()

    @property
    def title(self) -> str:
        """The review's title."""
        return self._review.protocol.title

    @property
    def queue(self) -> ScreeningQueue:
        """What is open to the person at the desk; use it inside ``review()``."""
        return self._queue

    def status(self) -> ReviewStatus:
        """Return where the review stands, without counting every record again."""
        counted = (
            self._queue.progress(Stage.SCREENING),
            self._queue.progress(Stage.ELIGIBILITY),
        )
        return review_status(self._review, counted=counted)

    def last_seq(self) -> int:
        """Where the log stands, or stood within the last second: pages that follow ask often."""
        if time.monotonic() - self._asked_at > _FRESH_SECONDS and self._lock.acquire(timeout=0.1):
            # Who cannot have the desk at once takes what was known, and keeps no thread waiting.
            try:
                self._last_seq = self._review.store.last_seq()
                self._asked_at = time.monotonic()
            finally:
                self._lock.release()
        return self._last_seq

    def close(self) -> None:
        """Close the review."""
        self.order.close()
        with self._lock:
            self._review.close()
