"""Search again from where each search stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from resartus.app.review import Review
from resartus.app.search.engine import Progress
from resartus.app.searching import from_where_it_stood, run_planned
from resartus.domain.ids import RecordId
from resartus.domain.query import Search, SearchRun

__all__ = ["Update", "update_review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """The new runs, each with how many records it found for the first time."""

    runs: tuple[tuple[SearchRun, int], ...]
    new_ids: tuple[RecordId, ...]


def update_review(
    review: Review, *, on_progress: Callable[[Search], Progress] | None = None
) -> Update:
    """Run every search of the protocol for the years since, and keep what is new."""
    seen = set(review.state().record_ids())
    today = review.clock().date()
    runs = run_planned(
        review,
        changed=lambda search: from_where_it_stood(search, today=today),
        on_progress=on_progress,
    )
    fresh: dict[RecordId, None] = {}
    counted = []
    for run in runs:
        new = [r for r in run.record_ids if r not in seen]
        fresh.update(dict.fromkeys(new))
        counted.append((run, len(new)))
    return Update(runs=tuple(counted), new_ids=tuple(fresh))
