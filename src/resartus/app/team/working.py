"""Work that takes a while, done in the background from a queue on the team's database."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from resartus.app.fulltexts import look_up, wanted_records
from resartus.app.living.updating import update_review
from resartus.app.permissions import Action, Role, require
from resartus.app.review import Review
from resartus.app.searching import planned_searches, run_planned
from resartus.app.team.server import TeamServer
from resartus.domain.job import Job, JobAnswer, JobState
from resartus.errors import DataError, ResartusError, SourceUnavailable, StoreError
from resartus.stores.database import open_database
from resartus.stores.jobs import JobRows

__all__ = [
    "KINDS",
    "JobKind",
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
_OUR_FAULT = "something went wrong on our side; it is in the server's log"
_log = logging.getLogger(__name__)

Tell = Callable[[int, int], None]
"""Is told how many steps of how many are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """What a kind of job asks of a role, and does; it returns a sentence, or an answer to keep."""

    action: Action
    work: Callable[[Review, Mapping[str, Any], Tell], str | JobAnswer]


def _search(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
    planned = planned_searches(review, data.get("search_id") or None)
    count = 0
    for number, search in enumerate(planned):
        tell(number, len(planned))
        count += sum(run.count for run in run_planned(review, search.search_id))
    return f"{count} records found"


def _update(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
    return f"{len(update_review(review).new_ids)} records are new"


def _look_up(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
    wanted = wanted_records(review)
    steps = itertools.count(1)
    tell(0, len(wanted))
    attached, refused = look_up(review, wanted, advance=lambda _: tell(next(steps), len(wanted)))
    return f"{len(attached)} full texts found, {len(refused)} not"


def _simulate(review: Review, data: Mapping[str, Any], tell: Tell) -> str:
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
        kind = KINDS.get(job.kind) or self._more.get(job.kind)
        answer = None
        try:
            if kind is None:
                raise DataError(f"this server does not know work of the kind {job.kind!r}")
            with self._server.open_review(
                job.review_id,
                person=job.asked_by,
                own_connection=True,
                retry_key=f"job-{job.job_id}",
            ) as review:
                given = kind.work(review, job.data, partial(self._tell, job))
            if isinstance(given, JobAnswer):
                answer, result = given, f"{len(given.content)} bytes, {given.media_type}"
            else:
                result = given
        except (SourceUnavailable, StoreError) as error:
            if job.attempts < _ATTEMPTS:
                until = clock() + _PUT_OFF * job.attempts
                self._rows.put_off(job, until=until, reason=error.message)
                return
            self._rows.end(job, state=JobState.FAILED, result=error.message, at=clock())
        except ResartusError as error:
            self._rows.end(job, state=JobState.FAILED, result=error.message, at=clock())
        except Exception:  # noqa: BLE001 - the edge of the background: the queue goes on
            _log.exception("job %d (%s) failed", job.job_id, job.kind)
            self._rows.end(job, state=JobState.FAILED, result=_OUR_FAULT, at=clock())
        else:
            self._rows.end(job, state=JobState.DONE, result=result, at=clock(), answer=answer)

    def _tell(self, job: Job, n_done: int, n_all: int) -> None:
        self._rows.tell(job, n_done=n_done, n_all=n_all)
