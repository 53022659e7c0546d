"""Search again from where each search stood."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.app.review import Review
from resartus.app.searching import corpus_of, from_where_it_stood, planned_searches, run_search
from resartus.domain.ids import RecordId
from resartus.domain.query import SearchRun

__all__ = ["Update", "update_review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """The new runs, each with how many records it found for the first time."""

    runs: tuple[tuple[SearchRun, int], ...]
    new_ids: tuple[RecordId, ...]


def update_review(review: Review) -> Update:
    """Run every search of the protocol for the years since, and keep what is new."""
    runs = []
    seen = set(review.state().record_ids())
    fresh: dict[RecordId, None] = {}
    today = review.clock().date()
    for search in planned_searches(review):
        since = from_where_it_stood(search, today=today)
        corpus, name = corpus_of(review, since)
        run = run_search(review, since, corpus=corpus, corpus_name=name)
        new = [r for r in run.record_ids if r not in seen]
        fresh.update(dict.fromkeys(new))
        runs.append((run, len(new)))
    return Update(runs=tuple(runs), new_ids=tuple(fresh))
