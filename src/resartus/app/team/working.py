"""Work that takes a while, done in the background from a queue on the team's database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from resartus.app.fulltexts import look_up, wanted_records
from resartus.app.living.updating import update_review
from resartus.app.permissions import Action, Role, require
from resartus.app.review import Review
from resartus.app.searching import run_planned
from resartus.app.team.server import TeamServer
from resartus.domain.job import Job, JobState
from resartus.errors import DataError, ResartusError, SourceUnavailable, StoreError
from resartus.stores.database import open_database
from resartus.stores.jobs import JobRows

__all__ = ["KINDS", "JobKind", "Worker", "ask_for", "job_of", "jobs_of"]

LEASE = timedelta(seconds=60)
_RENEW_SECONDS = 15.0
_LOOK_SECONDS = 1.0
_ATTEMPTS = 3
_PUT_OFF = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """What a kind of job asks of a role, and does; it returns a sentence."""

    action: Action
    work: Callable[[Review, Mapping[str, Any]], str]


def _search(review: Review, data: Mapping[str, Any]) -> str:
    runs = run_planned(review, data.get("search_id") or None)
    return f"{sum(run.count for run in runs)} records found"


def _update(review: Review, data: Mapping[str, Any]) -> str:
    return f"{len(update_review(review).new_ids)} records are new"


def _look_up(review: Review, data: Mapping[str, Any]) -> str:
    attached, refused = look_up(review, wanted_records(review))
    return f"{len(attached)} full texts found, {len(refused)} not"


def _simulate(review: Review, data: Mapping[str, Any]) -> str:
    # Imported here: a server that simulates nothing need not load the rankings.
    from resartus.app.simulating.reviews import simulate_review
    from resartus.app.simulating.runs import mean_quality

    runs = simulate_review(review)
    mean = mean_quality(runs)
    return (
        f"{runs[0].ranking}: {100 * mean['wss95']:.0f} % of the work saved at 95 % recall, "
        f"{100 * mean['recall_at_10_percent']:.0f} % of the relevant after a tenth of the "
        f"{runs[0].quality.n_records} records ranked (mean of {len(runs)} runs)"
    )


# A retried job logs nothing twice: its events carry keys (``Review.retry_key``).
KINDS: Mapping[str, JobKind] = {
    "search": JobKind(action=Action.SEARCH, work=_search),
    "update": JobKind(action=Action.SEARCH, work=_update),
    "fulltexts": JobKind(action=Action.SEARCH, work=_look_up),
    "simulate": JobKind(action=Action.SEARCH, work=_simulate),
}


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
    if kind not in KINDS:
        raise DataError(f"kind {kind!r} is not one of: {', '.join(KINDS)}", field="kind")
    require(role, KINDS[kind].action)
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


class Worker:
    """Takes one job after another, over a connection of its own.

    Any number may work on one database, in one process or in several.
    """

    def __init__(self, server: TeamServer) -> None:
        self._server = server
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
        try:
            with self._server.open_review(
                job.review_id,
                person=job.asked_by,
                own_connection=True,
                retry_key=f"job-{job.job_id}",
            ) as review:
                result = KINDS[job.kind].work(review, job.data)
        except (SourceUnavailable, StoreError) as error:
            if job.attempts < _ATTEMPTS:
                until = clock() + _PUT_OFF * job.attempts
                self._rows.put_off(job, until=until, reason=error.message)
                return
            self._rows.end(job, state=JobState.FAILED, result=error.message, at=clock())
        except ResartusError as error:
            self._rows.end(job, state=JobState.FAILED, result=error.message, at=clock())
        else:
            self._rows.end(job, state=JobState.DONE, result=result, at=clock())
