"""Run the protocol's searches and keep each run so that it can be said again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from resartus import __version__
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.query import Search, SearchRun
from resartus.domain.record import Record
from resartus.errors import NotFoundError, SourceUnavailable
from resartus.example import bundle
from resartus.search.matcher import SearchResult, search_records

__all__ = ["corpus_of", "from_where_it_stood", "limited", "planned_searches", "run_search"]


def planned_searches(review: Review, search_id: str | None = None) -> tuple[Search, ...]:
    """Return all searches of the protocol, or the one named."""
    searches = review.protocol.searches
    if search_id is None:
        return searches
    for search in searches:
        if search.search_id == search_id:
            return (search,)
    known = ", ".join(repr(search.search_id) for search in searches) or "none"
    raise NotFoundError(f"search {search_id!r} is not in review.toml; it has: {known}")


def _year_status(record: Record, search: Search) -> bool | None:
    """Whether the record is inside the dates; ``None`` when it carries no date."""
    year = record.year
    if year is None:
        period = dict(record.fields).get("period")
        if period is None:
            return None
        # A period of the curated sample stands for a year inside it.
        year = int(period[:4])
    return (search.from_year or 0) <= year <= (search.to_year or 9999)


def limited(records: Iterable[Record], search: Search) -> tuple[list[Record], list[str]]:
    """Return the records inside the search's limits, with a remark on those that cannot tell.

    A record without a date is left out of a dated search; one without a
    language is kept, since most sources leave out "English".
    """
    kept = []
    undated = unspoken = 0
    for record in records:
        if search.from_year or search.to_year:
            inside = _year_status(record, search)
            undated += inside is None
            if not inside:
                continue
        if search.languages:
            if not record.languages:
                unspoken += 1
            elif not set(record.languages) & set(search.languages):
                continue
        kept.append(record)
    remarks = []
    if undated:
        remarks.append(f"{undated} records carry no date and could not be found by a dated search")
    if unspoken:
        remarks.append(f"{unspoken} records inside the dates carry no language and were kept")
    return kept, remarks


def run_search(
    review: Review, search: Search, *, corpus: Sequence[Record], corpus_name: str
) -> SearchRun:
    """Run one search over records on hand, keep what it found and log the run.

    Parameters
    ----------
    corpus : sequence of Record
        Where to look.
    corpus_name : str
        What that is, for the methods section: name, size, date.
    """
    candidates, remarks = limited(corpus, search)
    result = search_records(search.query, candidates, today=review.clock().date())
    by_id = {record.record_id: record for record in candidates}
    found = [by_id[record_id] for record_id in result.record_ids]
    review.store.save_records(found)
    run = SearchRun(
        search=search,
        translation=result.translation,
        engine=f"Resartus {__version__} matcher",
        corpus=corpus_name,
        ran_at=review.clock(),
        record_ids=tuple(record.record_id for record in found),
        diagnostics=(*remarks, *(note.message for note in result.diagnostics)),
    )
    review.append(EventKind.SEARCH_RAN, run)
    return run


def try_query(review: Review, query: str) -> SearchResult:
    """Return what a query finds among the records of this review; nothing is logged."""
    records = list(review.store.iterate_records())
    return search_records(query, records, today=review.clock().date())


def from_where_it_stood(search: Search, *, today: date) -> Search:
    """Return the search for the time since: from the year after its last to this year."""
    return replace(
        search,
        from_year=None if search.to_year is None else search.to_year + 1,
        to_year=today.year,
    )


def corpus_of(review: Review, search: Search) -> tuple[Sequence[Record], str]:
    """Return the records a search runs over, and the corpus's name.

    Raises
    ------
    SourceUnavailable
        If the source is not on this machine.
    """
    if search.source == "snapshot":
        return bundle.load_records(), bundle.CORPUS
    if search.source == "file":
        records = list(review.store.iterate_records())
        return records, f"the {len(records)} records already in this review"
    raise SourceUnavailable(
        f"search {search.search_id!r} asks for source {search.source!r}, which is not on this "
        "machine; export the result from PubMed and bring it with 'resartus import'",
        field="source",
    )
