"""``KeptOrder``: the order of judging, learnt aside while people go on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from resartus.app.review import Review
from resartus.app.screening.learner import Learner
from resartus.app.screening.learning import Learnt, Place, learn
from resartus.app.screening.ranking import ScreeningOrder
from resartus.domain.decision import Stage
from resartus.domain.ids import RecordId
from resartus.errors import ResartusError

__all__ = ["KeptOrder"]

_AT_ONCE = 2_000
"""Records that are ranked in the time of a page."""
_REST = 2
"""So many times as long as learning took it then rests, and leaves the machine to the pages."""
_REST_AFTER_FAILURE_SECONDS = 30.0
"""What ended a process once may end the next."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    learnt: Learnt
    places: Mapping[RecordId, int]


class KeptOrder:
    """Keeps the last order that was learnt, and has it learnt anew when enough votes have come.

    A ranking of 100,000 records takes a minute; whoever asks for the next
    record gets it in the order that stands, and before the first is learnt in
    order of arrival. Few records are ranked at once: there the order always
    is what the votes so far make of it.

    Parameters
    ----------
    opening : callable
        Opens the review once more, for few records, which are ranked here.
    place : Place
        Where the review is kept, for many, which are ranked in a process of its own.
    learner : Learner
        That process; whoever made it closes it.
    """

    def __init__(self, opening: Callable[[], Review], *, place: Place, learner: Learner) -> None:
        self._opening = opening
        self._place = place
        self._learner = learner
        self._kept: dict[Stage, _Kept | None] = {}
        self._seen: dict[Stage, tuple[int, int]] = {}
        self._pending: Future[None] | None = None
        self._lock = threading.Lock()
        self._worker: ThreadPoolExecutor | None = None
        self._here: tuple[int, ScreeningOrder] | None = None
        self._edition = 0
        self._rest_until = 0.0
        self._is_closed = False

    def kept(self, stage: Stage) -> tuple[RecordId, ...] | None:
        """Return the order that stands, ``None`` before the first was learnt."""
        found = self._kept.get(stage)
        return None if found is None else found.learnt.record_ids

    def label(self, stage: Stage) -> str | None:
        """Name and version of the ranking behind the order, as votes record it."""
        found = self._kept.get(stage)
        return None if found is None else found.learnt.label

    def place(self, stage: Stage, record_id: RecordId) -> int | None:
        """Return a record's place in the order, from 1; ``None`` where none was learnt."""
        found = self._kept.get(stage)
        return None if found is None else found.places.get(record_id)

    def follow(self, stage: Stage, *, n_records: int, n_votes: int) -> None:
        """Have it learnt again, if records came or the votes grew by a fiftieth."""
        seen = self._seen.get(stage)
        is_fresh = (
            seen is not None
            and seen[0] == n_records
            and 0 <= n_votes - seen[1] <= max(seen[1] // 50, 4)
        )
        is_small = n_records <= _AT_ONCE
        with self._lock:
            if (
                is_fresh
                or time.monotonic() < self._rest_until
                or self._is_closed
                or (self._pending and not self._pending.done())
            ):
                return
            self._seen[stage] = (n_records, n_votes)
            if self._worker is None:
                self._worker = ThreadPoolExecutor(1, thread_name_prefix="order")
            self._pending = self._worker.submit(self._learn, stage, is_small=is_small)
        if is_small:
            self.wait()

    def wait(self) -> None:
        """Wait until nothing is being learnt."""
        if self._pending is not None:
            self._pending.result()

    def renew(self) -> None:
        """Have orders learnt anew, since the protocol was edited; until then the old ones stand."""
        with self._lock:
            self._edition += 1
            self._seen.clear()
            self._rest_until = 0.0

    def _learn(self, stage: Stage, *, is_small: bool) -> None:
        began = time.monotonic()
        edition = self._edition
        try:
            learnt = (
                self._learnt_here(stage, edition)
                if is_small
                else self._learner.learn(self._place, stage)
            )
        except (ResartusError, OSError) as error:
            # Judging goes on in the order that stands, and it is tried again after a rest.
            with self._lock:
                self._seen.pop(stage, None)
                self._rest_until = time.monotonic() + _REST_AFTER_FAILURE_SECONDS
                if not self._is_closed:
                    _log.warning("the order of %s was not learnt: %s", stage.value, error)
            return
        kept = None
        if learnt is not None:
            places = {record_id: n for n, record_id in enumerate(learnt.record_ids, start=1)}
            kept = _Kept(learnt=learnt, places=places)
        with self._lock:
            self._kept[stage] = kept
            if not is_small and edition == self._edition:
                ended = time.monotonic()
                self._rest_until = ended + _REST * (ended - began)

    def _learnt_here(self, stage: Stage, edition: int) -> Learnt | None:
        if self._here is None or self._here[0] != edition:
            self._close_here()
            self._here = (edition, ScreeningOrder(self._opening()))
        return learn(self._here[1], stage)

    def _close_here(self) -> None:
        if self._here is not None:
            self._here[1].review.close()
            self._here = None

    def close(self) -> None:
        """Learn nothing more; what another process is learning is not waited for."""
        with self._lock:
            self._is_closed = True
            worker, self._worker = self._worker, None
        if worker is not None:
            # The review opened here is closed by the thread that reads from it.
            worker.submit(self._close_here)
            worker.shutdown(wait=False)
