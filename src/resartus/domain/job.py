"""``Job``: a piece of work that a server does in the background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = ["Job", "JobState"]


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Asked for by a person, for one review; ``attempts`` counts how often it was begun.

    ``result`` is what it gave, or the sentence that says why it failed.
    """

    job_id: int
    review_id: str
    kind: str
    asked_by: str
    data: Mapping[str, Any]
    state: JobState
    attempts: int
    asked_at: datetime
    ended_at: datetime | None = None
    result: str | None = None
