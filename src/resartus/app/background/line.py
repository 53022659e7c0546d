"""``Line``: where pages put work that they do not wait for; ``OwnLine`` is one person's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from resartus.app.background.kinds import KINDS, attempted
from resartus.app.review import Review, now
from resartus.domain.job import Job, JobAnswer, JobState
from resartus.errors import ConflictError, NotFoundError

__all__ = ["Line", "OwnLine"]

_MOST_KEPT = 50


class Line(Protocol):
    """Takes work for one review, and says how far it has come."""

    def ask(self, kind: str, data: Mapping[str, Any], *, person: str) -> Job:
        """Put work in line for a person who was found to be allowed it."""
        ...

    def find(self, kind: str, data: Mapping[str, Any]) -> Job | None:
        """Return the newest job that was asked for so."""
        ...

    def job(self, job_id: int) -> Job:
        """Return one job, or raise ``NotFoundError``."""
        ...


class OwnLine:
    """Does one thing after another in a thread of one person's server.

    What waits is forgotten when the server stops: pages ask for it again.

    Parameters
    ----------
    opening : callable
        Opens the review for a person, on its own.
    """

    def __init__(self, opening: Callable[[str], AbstractContextManager[Review]]) -> None:
        self._opening = opening
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="resartus-line")
        self._lock = threading.Lock()
        self._jobs: dict[int, Job] = {}
        self._last = 0
        self._stopping = threading.Event()

    def ask(self, kind: str, data: Mapping[str, Any], *, person: str) -> Job:
        """Put work in line; what is in line or under way is not put there again."""
        known = self.find(kind, data)
        if known is not None and known.ended_at is None:
            return known
        with self._lock:
            self._last += 1
            job = Job(
                job_id=self._last,
                review_id="this",
                kind=kind,
                asked_by=person,
                data=dict(data),
                state=JobState.WAITING,
                attempts=0,
                asked_at=now(),
            )
            self._jobs[job.job_id] = job
            for old in [one for one in self._jobs.values() if one.ended_at][:-_MOST_KEPT]:
                del self._jobs[old.job_id]
        self._worker.submit(self._do, job)
        return job

    def find(self, kind: str, data: Mapping[str, Any]) -> Job | None:
        """Return the newest job that was asked for so."""
        with self._lock:
            alike = [j for j in self._jobs.values() if j.kind == kind and j.data == data]
        return alike[-1] if alike else None

    def job(self, job_id: int) -> Job:
        """Return one job, or raise ``NotFoundError``."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise NotFoundError(f"job {job_id} is not in this review")
        return job

    def close(self) -> None:
        """Stop at the next step of the job at hand."""
        self._stopping.set()
        self._worker.shutdown(cancel_futures=True)

    def _change(self, job_id: int, **fields: Any) -> None:
        with self._lock:
            self._jobs[job_id] = replace(self._jobs[job_id], **fields)

    def _tell(self, job_id: int, n_done: int, n_all: int) -> None:
        if self._stopping.is_set():
            raise ConflictError("the server was stopped; ask again")
        self._change(job_id, n_done=n_done, n_all=n_all)

    def _do(self, job: Job) -> None:
        self._change(job.job_id, state=JobState.RUNNING, attempts=1)

        def work() -> str | JobAnswer:
            with self._opening(job.asked_by) as review:
                return KINDS[job.kind].work(review, job.data, partial(self._tell, job.job_id))

        state, result, _ = attempted(work, job)
        self._change(job.job_id, state=state, result=result, ended_at=now())
