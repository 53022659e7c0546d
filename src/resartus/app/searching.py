"""Searching in one call each: run what the protocol plans, try a query."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from resartus.app.review import Review
from resartus.app.search.choosing import engine_for
from resartus.app.search.engine import Progress
from resartus.app.search.planning import from_where_it_stood, limits_of, planned_searches, term_of
from resartus.app.search.running import run_search
from resartus.domain.query import Search, SearchRun
from resartus.search.matcher import SearchResult, search_records

__all__ = [
    "engine_for",
    "from_where_it_stood",
    "limits_of",
    "planned_searches",
    "run_planned",
    "run_search",
    "term_of",
    "try_query",
]


def run_planned(
    review: Review,
    search_id: str | None = None,
    *,
    local: Path | None = None,
    changed: Callable[[Search], Search] | None = None,
    on_progress: Callable[[Search], Progress] | None = None,
) -> tuple[SearchRun, ...]:
    """Run all searches of the protocol, or the one named, each where its source says.

    Parameters
    ----------
    local : Path, optional
        A local PubMed to ask in place of NCBI.
    changed : callable, optional
        Gives the search to run in place of the planned one, as an update does.
    on_progress : callable, optional
        Given a search, returns who is told of its progress.

    Raises
    ------
    SourceUnavailable
        If a source cannot be reached; runs before it are logged and stay.
    """
    runs = []
    for planned in planned_searches(review, search_id):
        search = planned if changed is None else changed(planned)
        with closing(engine_for(review, search, local=local)) as engine:
            told = None if on_progress is None else on_progress(search)
            runs.append(run_search(review, search, engine=engine, on_progress=told))
    return tuple(runs)


def try_query(review: Review, query: str) -> SearchResult:
    """Return what a query finds among the records of this review; nothing is logged."""
    records = list(review.store.iterate_records())
    return search_records(query, records, today=review.clock().date())
