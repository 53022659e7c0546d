"""``KeptOrder``: the order of judging, learnt in the background while people go on."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from resartus.app.review import Review
from resartus.domain.decision import Stage
from resartus.domain.ids import RecordId
from resartus.errors import ResartusError

__all__ = ["KeptOrder"]

_AT_ONCE = 2_000
"""Records that are ranked in the time of a page."""
_REST = 20
"""So many times as long as learning took it then rests, beside people who vote."""
_log = logging.getLogger(__name__)


class KeptOrder:
    """Keeps the last order that was learnt, and learns anew when enough votes have come.

    A ranking of 100,000 records takes seconds; whoever asks for the next
    record gets it in the order that stands, and before the first is learnt in
    order of arrival. Few records are ranked at once: there the order always
    is what the votes so far make of it.

    Parameters
    ----------
    opening : callable
        Opens the review once more, for the background alone.
    """

    def __init__(self, opening: Callable[[], Review]) -> None:
        self._opening = opening
        self._lists: dict[Stage, list[RecordId]] = {}
        self._labels: dict[Stage, str] = {}
        self._seen: dict[Stage, tuple[int, int]] = {}
        self._pending: Future[None] | None = None
        self._lock = threading.Lock()
        self._worker: ThreadPoolExecutor | None = None
        self._review: Review | None = None
        self._rest_until = 0.0
        self._is_closed = False

    def kept(self, stage: Stage) -> list[RecordId] | None:
        """Return the order that stands, ``None`` before the first was learnt."""
        return self._lists.get(stage)

    def label(self, stage: Stage) -> str | None:
        """Name and version of the ranking behind the order, as votes record it."""
        return self._labels.get(stage)

    def place(self, stage: Stage, record_id: RecordId) -> int | None:
        """Return a record's place in the order, from 1; ``None`` where none was learnt."""
        order = self._lists.get(stage, [])
        return order.index(record_id) + 1 if record_id in order else None

    def follow(self, stage: Stage, *, n_records: int, n_votes: int) -> None:
        """Learn in the background, if records came or the votes grew by a fiftieth."""
        seen = self._seen.get(stage)
        is_fresh = (
            seen is not None
            and seen[0] == n_records
            and 0 <= n_votes - seen[1] <= max(seen[1] // 50, 4)
        )
        is_resting = n_records > _AT_ONCE and time.monotonic() < self._rest_until
        with self._lock:
            if (
                is_fresh
                or is_resting
                or self._is_closed
                or (self._pending and not self._pending.done())
            ):
                return
            self._seen[stage] = (n_records, n_votes)
            if self._worker is None:
                self._worker = ThreadPoolExecutor(1, thread_name_prefix="order")
            self._pending = self._worker.submit(self._learn, stage)
        if n_records <= _AT_ONCE:
            self.wait()

    def wait(self) -> None:
        """Wait until nothing is being learnt."""
        if self._pending is not None:
            self._pending.result()

    def _learn(self, stage: Stage) -> None:
        # Heavy parts are loaded here: who does not screen does not wait for them.
        from resartus.app.screening.ranking import ScreeningOrder

        began = time.monotonic()
        usual = sys.getswitchinterval()
        # Whoever waits for a page gets the interpreter ten times sooner.
        sys.setswitchinterval(usual / 10)
        try:
            if self._review is None:
                self._review = self._opening()
                self._order = ScreeningOrder(self._review)
            if self._review.protocol.screening.order == "ranked":
                self._lists[stage] = list(self._order.iterate(stage))
                self._labels[stage] = self._order.label
        except (ResartusError, OSError) as error:
            # Judging goes on in the order that stands.
            _log.warning("the order of %s was not learnt: %s", stage.value, error)
        finally:
            sys.setswitchinterval(usual)
        ended = time.monotonic()
        self._rest_until = ended + _REST * (ended - began)

    def close(self) -> None:
        """Wait for what is being learnt, and close the review."""
        with self._lock:
            self._is_closed = True
        if self._worker is not None:
            self._worker.shutdown(wait=True, cancel_futures=True)
        if self._review is not None:
            self._review.close()
            self._review = None
