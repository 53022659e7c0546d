"""The queue of background work, in the team's own database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from resartus.domain.job import Job, JobState
from resartus.errors import NotFoundError
from resartus.stores.database import Database

__all__ = ["JobRows"]

_COLUMNS = "job_id, review_id, kind, asked_by, data, state, attempts, asked_at, ended_at, result"


def _job(row: Sequence[Any]) -> Job:
    job_id, review_id, kind, asked_by, data, state, attempts, asked_at, ended_at, result = row
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

    def end(self, job: Job, *, state: JobState, result: str, at: datetime) -> None:
        """Keep how a job ended; a worker that lost it to another changes nothing."""
        self._db.query(
            "UPDATE jobs SET state = ?, result = ?, ended_at = ? "
            "WHERE job_id = ? AND attempts = ? AND state = 'running'",
            state.value,
            result,
            at.isoformat(),
            job.job_id,
            job.attempts,
        )

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
