"""``Job``: a piece of work that a server does in the background."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = ["Job", "JobAnswer", "JobState", "Tell"]

Tell = Callable[[int, int], None]
"""Is told how many steps of how many are done."""


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Asked for by a person, for one review; ``attempts`` counts how often it was begun.

    ``result`` is what it gave, or the sentence that says why it failed; ``n_done`` of
    ``n_all`` steps are done, where the work can be counted.
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
    n_done: int | None = None
    n_all: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAnswer:
    """What a job gave, as it would have been answered at once."""

    content: bytes
    media_type: str
    name: str | None = None
