"""Work that takes a while, done in the background from a queue on the team's database."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from resartus.app.background.counting import seldom
from resartus.app.background.kinds import ASKED_FOR, KINDS, JobKind, attempted
from resartus.app.permissions import Role, require
from resartus.app.team.server import TeamServer
from resartus.domain.job import Job, JobAnswer, JobState, Tell
from resartus.errors import DataError, SourceUnavailable, StoreError
from resartus.stores.database import open_database
from resartus.stores.jobs import JobRows

__all__ = [
    "KINDS",
    "JobKind",
    "TeamLine",
    "Tell",
    "Worker",
    "answer_of",
    "ask_for",
    "job_of",
    "jobs_of",
    "put_in_line",
]

LEASE = timedelta(seconds=60)
_RENEW_SECONDS = 15.0
_LOOK_SECONDS = 1.0
_ATTEMPTS = 3
_PUT_OFF = timedelta(minutes=1)
_ANSWERS_KEPT = timedelta(days=30)
_AWAY = (SourceUnavailable, StoreError)


def ask_for(
    server: TeamServer,
    review_id: str,
    *,
    kind: str,
    role: Role,
    person: str,
    data: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Job:
    """Put a job in line; asked twice under one ``key`` it is done once.

    Raises
    ------
    DataError
        If no such kind exists.
    PermissionDenied
        If the role does not allow it.
    """
    if kind not in ASKED_FOR:
        raise DataError(f"kind {kind!r} is not one of: {', '.join(ASKED_FOR)}", field="kind")
    require(role, KINDS[kind].action)
    return put_in_line(server, review_id, kind=kind, person=person, data=data, key=key)


def put_in_line(
    server: TeamServer,
    review_id: str,
    *,
    kind: str,
    person: str,
    data: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Job:
    """Put a job in line for a person who was found to be allowed it."""
    return JobRows(server.database).add(
        review_id,
        kind=kind,
        asked_by=person,
        data=data or {},
        at=server.clock(),
        key=None if key is None else f"{review_id}:{key}",
    )


def jobs_of(server: TeamServer, review_id: str) -> list[Job]:
    """Return a review's jobs, the newest first."""
    return JobRows(server.database).jobs(review_id)


def job_of(server: TeamServer, review_id: str, job_id: int) -> Job:
    """Return one job of a review."""
    return JobRows(server.database).job(review_id, job_id)


def answer_of(server: TeamServer, job: Job) -> JobAnswer | None:
    """Return what a job gave, kept for 30 days."""
    return JobRows(server.database).answer(job)


class TeamLine:
    """What the pages of one review put in line, for whichever worker is free."""

    def __init__(self, server: TeamServer, review_id: str) -> None:
        self._server = server
        self._review_id = review_id

    def ask(self, kind: str, data: Mapping[str, Any], *, person: str) -> Job:
        """Put work in line for a person who was found to be allowed it."""
        return put_in_line(self._server, self._review_id, kind=kind, person=person, data=data)

    def find(self, kind: str, data: Mapping[str, Any]) -> Job | None:
        """Return the newest job that was asked for so, among the review's last fifty."""
        jobs = jobs_of(self._server, self._review_id)
        return next((job for job in jobs if job.kind == kind and job.data == data), None)

    def job(self, job_id: int) -> Job:
        """Return one job, or raise ``NotFoundError``."""
        return job_of(self._server, self._review_id, job_id)


class Worker:
    """Takes one job after another, over a connection of its own.

    Any number may work on one database, in one process or in several.

    Parameters
    ----------
    more : mapping of str to JobKind, optional
        Kinds that a face adds, such as calls of the API.
    """

    def __init__(self, server: TeamServer, *, more: Mapping[str, JobKind] | None = None) -> None:
        self._server = server
        self._more = more or {}
        self._database = open_database(server.database_url)
        self._rows = JobRows(self._database)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work in a thread until ``stop``."""
        self._thread = threading.Thread(target=self._loop, name="resartus-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the job at hand, then stop."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._database.close()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                is_busy = self.work_once()
            except StoreError:
                # The database is away; the queue is still there when it comes back.
                is_busy = False
            if not is_busy:
                self._stopping.wait(_LOOK_SECONDS)

    def work_once(self) -> bool:
        """Do the oldest job, if there is one; return whether there was."""
        at = self._server.clock()
        job = self._rows.take(at=at, silent_since=at - LEASE)
        if job is None:
            return False
        if job.attempts > _ATTEMPTS:
            reason = f"given up: begun {_ATTEMPTS} times without an end"
            self._rows.end(job, state=JobState.FAILED, result=reason, at=at)
            return True
        self._rows.forget_answers(before=at - _ANSWERS_KEPT)
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(job, done), daemon=True)
        renewing.start()
        try:
            self._do(job)
        finally:
            done.set()
            renewing.join()
        return True

    def _renew(self, job: Job, done: threading.Event) -> None:
        while not done.wait(_RENEW_SECONDS):
            self._rows.renew(job, at=self._server.clock())

    def _do(self, job: Job) -> None:
        clock = self._server.clock

        def work() -> str | JobAnswer:
            kind = KINDS.get(job.kind) or self._more.get(job.kind)
            if kind is None:
                raise DataError(f"this server does not know work of the kind {job.kind!r}")
            with self._server.open_review(
                job.review_id,
                person=job.asked_by,
                own_connection=True,
                retry_key=f"job-{job.job_id}",
            ) as review:
                return kind.work(review, job.data, seldom(partial(self._tell, job)))

        try:
            state, result, answer = attempted(
                work, job, letting_through=_AWAY if job.attempts < _ATTEMPTS else ()
            )
        except _AWAY as error:
            until = clock() + _PUT_OFF * job.attempts
            self._rows.put_off(job, until=until, reason=error.message)
            return
        self._rows.end(job, state=state, result=result, at=clock(), answer=answer)

    def _tell(self, job: Job, n_done: int, n_all: int) -> None:
        self._rows.tell(job, n_done=n_done, n_all=n_all)
