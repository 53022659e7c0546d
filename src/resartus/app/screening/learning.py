"""What the process does that learns orders of judging: one line asked, one line answered.

``python -c "from resartus.app.screening.learning import main; main()"`` reads requests as
lines of JSON and answers each with one; it ends when nobody is there to ask. ``Learner``
is the other side.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from resartus.app.review import DATABASE, PROTOCOL, Review
from resartus.app.screening.ranking import ScreeningOrder
from resartus.domain.decision import Stage
from resartus.domain.ids import RecordId
from resartus.errors import ResartusError
from resartus.stores.database import open_database
from resartus.stores.shared import SharedStore
from resartus.stores.sqlite import SqliteStore

__all__ = ["Learnt", "Place", "learn", "main"]

_IDLE_SECONDS = 600.0
"""After so long without a question it gives its memory back; the next starts another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a review is kept, as another process can be told.

    Parameters
    ----------
    folder : Path
        The review's folder.
    database_url : str, optional
        The team's database; ``review.db`` in the folder if left out.
    review_id : str, optional
        The review's id in the team's database.
    """

    folder: Path
    database_url: str | None = None
    review_id: str | None = None

    def open_to_read(self) -> Review:
        """Open the review so that nothing of it can be changed."""
        store: SqliteStore | SharedStore
        if self.database_url is None:
            store = SqliteStore(self.folder / DATABASE, is_read_only=True)
        else:
            database = open_database(self.database_url, is_read_only=True)
            store = SharedStore(database, self.review_id or "", owns_database=True)
        return Review(self.folder, person="ranking", store=store)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """An order of judging: all records of a stage, and the ranking that made it."""

    record_ids: tuple[RecordId, ...]
    label: str


def learn(order: ScreeningOrder, stage: Stage) -> Learnt | None:
    """Return the order as the votes have it now, ``None`` where the protocol wants no ranking."""
    if order.review.protocol.screening.order != "ranked":
        return None
    return Learnt(record_ids=tuple(order.iterate(stage)), label=order.label)


class _Held:
    """Holds the review asked for last open, since its features are slow to make."""

    def __init__(self) -> None:
        self._key: tuple[Place, int] | None = None
        self._order: ScreeningOrder | None = None

    def order(self, place: Place) -> ScreeningOrder:
        key = (place, (place.folder / PROTOCOL).stat().st_mtime_ns)
        if self._order is None or key != self._key:
            self.drop()
            self._order, self._key = ScreeningOrder(place.open_to_read()), key
        return self._order

    def drop(self) -> None:
        if self._order is not None:
            self._order.review.close()
            self._order = None


def _answer(held: _Held, asked: dict[str, Any]) -> dict[str, Any]:
    place = Place(
        folder=Path(asked["folder"]),
        database_url=asked["database_url"],
        review_id=asked["review_id"],
    )
    try:
        learnt = learn(held.order(place), Stage(asked["stage"]))
    except (ResartusError, OSError) as error:
        # What broke may have left the review half read.
        held.drop()
        return {"error": str(error)}
    if learnt is None:
        return {}
    return {"record_ids": learnt.record_ids, "label": learnt.label}


def _give_way() -> None:
    """Take second place: pages come first."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(10)
    # Ctrl-C reaches every process at a terminal; the server says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _read(asked: IO[bytes], waiting: queue.Queue[bytes]) -> None:
    for line in asked:
        waiting.put(line)
    # The server closed its end or is gone, whatever is being learnt: nobody wants it.
    os._exit(0)


def main() -> None:
    """Answer until the one who asks is gone, or has not asked for ten minutes."""
    _give_way()
    # Whatever a library prints goes to the log and not among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    waiting: queue.Queue[bytes] = queue.Queue()
    reading = threading.Thread(target=_read, args=(sys.stdin.buffer, waiting), daemon=True)
    reading.start()
    held = _Held()
    while True:
        try:
            line = waiting.get(timeout=_IDLE_SECONDS)
        except queue.Empty:
            held.drop()
            os._exit(0)
        answers.write(json.dumps(_answer(held, json.loads(line))).encode() + b"\n")
        answers.flush()
