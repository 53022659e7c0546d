"""Run a search, keep its records and log the run so that it can be said and done again."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

from resartus.app.review import Review
from resartus.app.search.engine import Found, Progress, SearchEngine
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.query import Search, SearchRun
from resartus.domain.record import Record

__all__ = ["changed_of", "run_search"]

_AT_ONCE = 500


def run_search(
    review: Review,
    search: Search,
    *,
    engine: SearchEngine,
    on_progress: Progress | None = None,
) -> SearchRun:
    """Run one search, save the records it found and log the run.

    Records come first and the event last: a run that was cut off has left no
    trace in the log, and the next run of the same search completes it.

    Raises
    ------
    SourceUnavailable
        If the engine cannot be reached; nothing is logged.
    """
    found = engine.find(search, now=review.clock(), on_progress=on_progress)
    saved = _save(review, found.records)
    run = SearchRun(
        search=search,
        translation=found.translation,
        engine=engine.name,
        corpus=found.corpus,
        ran_at=found.searched_at or review.clock(),
        record_ids=_in_order(found, saved),
        payload_hashes=tuple(found.payloads),
        diagnostics=(*found.diagnostics, *found.unreadable),
        term=found.term,
        corpus_version=found.corpus_version,
        term_translations=found.term_translations,
        line_counts=found.line_counts,
        undelivered=found.undelivered,
    )
    review.append(EventKind.SEARCH_RAN, run)
    found.finish()
    return run


def _in_order(found: Found, saved: dict[RecordId, None]) -> tuple[RecordId, ...]:
    if not found.order:
        return tuple(saved)
    known = [record_id for record_id in found.order if record_id in saved]
    # A record that came unasked (a merged PMID) is not dropped either.
    return tuple(dict.fromkeys((*known, *saved)))


def _save(review: Review, records: Iterable[Record]) -> dict[RecordId, None]:
    """Keep records some hundreds at a time; return their ids in order of arrival."""
    seen: dict[RecordId, None] = {}
    arriving = iter(records)
    while batch := list(itertools.islice(arriving, _AT_ONCE)):
        seen.update(dict.fromkeys(record.record_id for record in batch))
        review.store.save_records(changed_of(review, batch))
    return seen


def changed_of(review: Review, batch: list[Record]) -> list[Record]:
    """Return the records that say something new: when and how they came is not news."""
    arrived = review.state().arrived
    named = [record.record_id for record in batch if record.record_id in arrived]
    known = {record.record_id: record for record in review.store.iterate_records(named)}
    fresh = []
    for record in batch:
        before = known.get(record.record_id)
        if before is not None:
            same = replace(record, raw_hash=before.raw_hash, fetched_at=before.fetched_at)
            if same == before:
                continue
        fresh.append(record)
    return fresh
