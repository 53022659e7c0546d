"""Work in the background: what was asked for, how far it has come, what it gave."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from resartus.api.endpoint import Call, Endpoint, File
from resartus.api.endpoints.types import Body, Id, Line
from resartus.app.permissions import Action, Role
from resartus.app.team.working import answer_of, ask_for, job_of, jobs_of
from resartus.domain.job import Job, JobState
from resartus.errors import ConflictError, NotFoundError, PermissionDenied

__all__ = ["WORK", "JobView"]

_REVIEW = "/reviews/{review_id}"
_TYPES = ("application/json", "text/html", "application/zip",
          "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
          "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")  # fmt: skip


class Work(Body):
    """What to do in the background; asked twice under one ``key`` it is done once."""

    kind: Literal["search", "update", "fulltexts", "simulate"]
    search_id: Id | None = None
    key: Line | None = None


class JobView(Body):
    """A job: where it stands, ``n_done`` of ``n_all`` steps where they can be counted.

    ``result`` is a sentence: what it gave, or why it failed. A call that was
    put in line (``kind`` "call") keeps its answer at ``answer``, for who asked.
    """

    job_id: int
    review_id: str
    kind: str
    asked_by: str
    data: dict[str, Any]
    state: JobState
    attempts: int
    asked_at: datetime
    ended_at: datetime | None
    result: str | None
    n_done: int | None
    n_all: int | None
    answer: str | None

    @classmethod
    def of(cls, job: Job) -> JobView:
        """Return a job as its colleagues may see it: of a call, not what was asked in it."""
        is_call = job.kind == "call"
        shown = ("method", "path") if is_call else job.data
        place = f"/reviews/{job.review_id}/work/{job.job_id}/answer"
        return cls(
            job_id=job.job_id,
            review_id=job.review_id,
            kind=job.kind,
            asked_by=job.asked_by,
            data={name: job.data[name] for name in shown},
            state=job.state,
            attempts=job.attempts,
            asked_at=job.asked_at,
            ended_at=job.ended_at,
            result=job.result,
            n_done=job.n_done,
            n_all=job.n_all,
            answer=place if is_call and job.state is JobState.DONE else None,
        )


def _jobs(call: Call) -> list[JobView]:
    server, _ = call.guest.team()
    return [JobView.of(job) for job in jobs_of(server, call.path["review_id"])]


def _found(call: Call) -> Job:
    server, _ = call.guest.team()
    return job_of(server, call.path["review_id"], call.number("job"))


def _job(call: Call) -> JobView:
    return JobView.of(_found(call))


def _answer(call: Call) -> File:
    server, _ = call.guest.team()
    job = _found(call)
    if job.asked_by != call.guest.name:
        # It may hold what only they may see.
        raise PermissionDenied(f"job {job.job_id} was asked for by {job.asked_by!r}; ask yourself")
    if job.state is JobState.FAILED:
        raise ConflictError(f"job {job.job_id} failed: {job.result}")
    if job.state is not JobState.DONE:
        raise ConflictError(f"job {job.job_id} is {job.state.value}; ask again in a while")
    answer = answer_of(server, job)
    if answer is None:
        raise NotFoundError(f"job {job.job_id} keeps no answer (any more); ask anew")
    return File(
        content=answer.content, media_type=answer.media_type, name=answer.name or "answer.json"
    )


def _ask(call: Call) -> JobView:
    server, _ = call.guest.team()
    job = ask_for(
        server,
        call.path["review_id"],
        kind=call.body.kind,
        role=call.role or Role.READER,
        person=call.guest.name,
        data={"search_id": call.body.search_id} if call.body.search_id else {},
        key=call.body.key,
    )
    return JobView.of(job)


WORK = (
    Endpoint(
        method="GET",
        path=_REVIEW + "/work",
        summary="What is done in the background, the newest first",
        work=_jobs,
        action=Action.READ,
        answer=list[JobView],
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/work",
        summary="Do something in the background",
        work=_ask,
        action=Action.SEARCH,
        body=Work,
        answer=JobView,
        status=202,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/work/{job}",
        summary="One job: where it stands and how far it has come",
        work=_job,
        action=Action.READ,
        answer=JobView,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/work/{job}/answer",
        summary="What a call that was put in line gave, as it would have been answered at once",
        work=_answer,
        action=Action.READ,
        answer=bytes,
        media_types=_TYPES,
    ),
)
