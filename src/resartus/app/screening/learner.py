"""``Learner``: a process of its own in which orders of judging are learnt, one after another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

from resartus.app.screening.learning import Learnt, Place
from resartus.domain.decision import Stage
from resartus.domain.ids import RecordId
from resartus.errors import StoreError

__all__ = ["Learner"]

_PROGRAM = "from resartus.app.screening.learning import main; main()"
_END_SECONDS = 5.0


class Learner:
    """Learns orders of judging beside the server, so that pages never wait for one.

    One for all reviews of a server: at most one core is taken, at low
    priority. The process is started by the first question, not by a fork, and
    ends when the server does, however that ends. One that was killed is
    started anew and asked again.
    """

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def learn(self, place: Place, stage: Stage) -> Learnt | None:
        """Return a review's order, ``None`` where its protocol wants no ranking; takes seconds.

        Raises
        ------
        StoreError
            If the review cannot be read, the process ended twice, or the learner is closed.
        """
        asked = {
            "folder": str(place.folder.absolute()),
            "database_url": place.database_url,
            "review_id": place.review_id,
            "stage": stage.value,
        }
        with self._asking:
            line = self._ask(asked) or self._ask(asked)
        if not line:
            raise StoreError("the process that learns the order of judging ended; look at its log")
        answer = json.loads(line)
        if "error" in answer:
            raise StoreError(answer["error"])
        if "record_ids" not in answer:
            return None
        ids = tuple(RecordId(record_id) for record_id in answer["record_ids"])
        return Learnt(record_ids=ids, label=answer["label"])

    def _ask(self, asked: dict[str, str | None]) -> bytes:
        """Return the answer's line, nothing if the process ended before it was whole."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):
            line = b""
        if line.endswith(b"\n"):
            return line
        with self._starting:
            self._release()
        return b""

    def _started(self) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._is_closed:
                raise StoreError("the order of judging is not learnt any more: the server stops")
            if self.pid is None:
                self._release()
                # The address of the database is not for other people's lists of processes,
                # so questions go by the pipe. One thread for algebra: one core.
                threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
                self._process = subprocess.Popen(
                    [sys.executable, "-c", _PROGRAM],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    # A file in the folder one happens to stand in is not taken for a library.
                    env={**os.environ, "PYTHONSAFEPATH": "1", **threads},
                    creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
                )
            assert self._process is not None
            return self._process

    def _release(self) -> None:
        """Let go of a process that has ended, or end it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait(timeout=_END_SECONDS)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    # Bytes that nobody will read any more.
                    continue

    def close(self) -> None:
        """End the process, whatever it is learning; who waits for an answer is told at once."""
        with self._starting:
            self._is_closed = True
            process = self._process
        if process is not None:
            process.kill()
        # Whoever reads from the pipe lets go of it first.
        with self._asking, self._starting:
            self._release()
