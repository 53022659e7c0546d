"""The queue of background work, in the team's own database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from resartus.domain.job import Job, JobAnswer, JobState
from resartus.errors import NotFoundError
from resartus.stores.database import Database

__all__ = ["JobRows"]

_COLUMNS = (
    "job_id, review_id, kind, asked_by, data, state, attempts, asked_at, ended_at, result, "
    "n_done, n_all"
)


def _job(row: Sequence[Any]) -> Job:
    (job_id, review_id, kind, asked_by, data, state, attempts, asked_at, ended_at, result,
     n_done, n_all) = row  # fmt: skip
    return Job(
        job_id=int(job_id),
        review_id=review_id,
        kind=kind,
        asked_by=asked_by,
        data=json.loads(data),
        state=JobState(state),
        attempts=int(attempts),
        asked_at=datetime.fromisoformat(asked_at),
        ended_at=None if ended_at is None else datetime.fromisoformat(ended_at),
        result=result,
        n_done=None if n_done is None else int(n_done),
        n_all=None if n_all is None else int(n_all),
    )


class JobRows:
    """Puts jobs in line, and lends each to one worker at a time.

    A worker holds a job for as long as it renews it; one that was killed
    renews nothing, and the job goes to the next.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(
        self,
        review_id: str,
        *,
        kind: str,
        asked_by: str,
        data: Mapping[str, Any],
        at: datetime,
        key: str | None = None,
    ) -> Job:
        """Put a job in line; one whose ``key`` is known is not put there again."""
        with self._db.transaction():
            known = (
                []
                if key is None
                else self._db.query(f"SELECT {_COLUMNS} FROM jobs WHERE key = ?", key)
            )
            if known:
                return _job(known[0])
            rows = self._db.query(
                "INSERT INTO jobs (review_id, kind, asked_by, data, asked_at, key) "
                f"VALUES (?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}",
                review_id,
                kind,
                asked_by,
                json.dumps(dict(data), sort_keys=True),
                at.isoformat(),
                key,
            )
            return _job(rows[0])

    def take(self, *, at: datetime, silent_since: datetime) -> Job | None:
        """Lend out the oldest job that waits, or whose worker has been silent since then."""
        skip = " FOR UPDATE SKIP LOCKED" if self._db.is_postgres else ""
        with self._db.transaction():
            rows = self._db.query(
                "SELECT job_id FROM jobs WHERE "
                "(state = 'waiting' AND (not_before IS NULL OR not_before <= ?)) "
                f"OR (state = 'running' AND taken_at < ?) ORDER BY job_id LIMIT 1{skip}",
                at.isoformat(),
                silent_since.isoformat(),
            )
            if not rows:
                return None
            taken = self._db.query(
                "UPDATE jobs SET state = 'running', taken_at = ?, attempts = attempts + 1 "
                f"WHERE job_id = ? RETURNING {_COLUMNS}",
                at.isoformat(),
                rows[0][0],
            )
            return _job(taken[0])

    def renew(self, job: Job, *, at: datetime) -> None:
        """Say that the job is still being worked on."""
        self._db.query(
            "UPDATE jobs SET taken_at = ? WHERE job_id = ? AND attempts = ? AND state = 'running'",
            at.isoformat(),
            job.job_id,
            job.attempts,
        )

    def tell(self, job: Job, *, n_done: int, n_all: int) -> None:
        """Keep how far a job has come."""
        self._db.query(
            "UPDATE jobs SET n_done = ?, n_all = ? "
            "WHERE job_id = ? AND attempts = ? AND state = 'running'",
            n_done,
            n_all,
            job.job_id,
            job.attempts,
        )

    def end(
        self,
        job: Job,
        *,
        state: JobState,
        result: str,
        at: datetime,
        answer: JobAnswer | None = None,
    ) -> None:
        """Keep how a job ended; a worker that lost it to another changes nothing."""
        with self._db.transaction():
            ended = self._db.query(
                "UPDATE jobs SET state = ?, result = ?, ended_at = ? "
                "WHERE job_id = ? AND attempts = ? AND state = 'running' RETURNING job_id",
                state.value,
                result,
                at.isoformat(),
                job.job_id,
                job.attempts,
            )
            if ended and answer is not None:
                self._db.query(
                    "INSERT INTO job_answers VALUES (?, ?, ?, ?, ?)",
                    job.job_id,
                    at.isoformat(),
                    answer.media_type,
                    answer.name,
                    answer.content,
                )

    def answer(self, job: Job) -> JobAnswer | None:
        """Return what a job gave, ``None`` where nothing of it is kept."""
        rows = self._db.query(
            "SELECT content, media_type, name FROM job_answers WHERE job_id = ?", job.job_id
        )
        if not rows:
            return None
        content, media_type, name = rows[0]
        return JobAnswer(content=bytes(content), media_type=media_type, name=name)

    def forget_answers(self, *, before: datetime) -> None:
        """Let go of what was kept before a moment."""
        self._db.query("DELETE FROM job_answers WHERE kept_at < ?", before.isoformat())

    def put_off(self, job: Job, *, until: datetime, reason: str) -> None:
        """Let a job wait for another try."""
        self._db.query(
            "UPDATE jobs SET state = 'waiting', not_before = ?, result = ? "
            "WHERE job_id = ? AND attempts = ? AND state = 'running'",
            until.isoformat(),
            reason,
            job.job_id,
            job.attempts,
        )

    def jobs(self, review_id: str, *, count: int = 50) -> list[Job]:
        """Return a review's jobs, the newest first."""
        rows = self._db.query(
            f"SELECT {_COLUMNS} FROM jobs WHERE review_id = ? ORDER BY job_id DESC LIMIT {count:d}",
            review_id,
        )
        return [_job(row) for row in rows]

    def job(self, review_id: str, job_id: int) -> Job:
        """Return one job of a review, or raise ``NotFoundError``."""
        rows = self._db.query(
            f"SELECT {_COLUMNS} FROM jobs WHERE review_id = ? AND job_id = ?", review_id, job_id
        )
        if not rows:
            raise NotFoundError(f"job {job_id} is not in this review")
        return _job(rows[0])
