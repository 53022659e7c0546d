"""Search again from where each search stood, and see what happened to the reports included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta

from resartus.app.living.notices import (
    Notice,
    included_reports,
    note_deleted,
    note_notices,
    notices,
)
from resartus.app.review import Review
from resartus.app.search.choosing import engine_for
from resartus.app.search.engine import Progress, SearchEngine
from resartus.app.search.planning import planned_searches
from resartus.app.search.running import changed_of, run_search
from resartus.app.searching import from_where_it_stood
from resartus.domain.event import EventKind
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.query import Search, SearchRun
from resartus.domain.record import Record

__all__ = [
    "OVERLAP_DAYS",
    "Update",
    "revise_included",
    "search_since",
    "summed_up",
    "update_review",
]

OVERLAP_DAYS = 7
"""Days searched again, since a record may reach PubMed's index after its entry date."""
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What an update brought.

    ``runs`` are the new runs, each with how many records it found for the
    first time; ``revised`` the included reports whose record changed at its
    source; ``notices`` the retractions and corrections that are new, gravest
    first; ``open_notices`` how many still wait for a person.
    """

    runs: tuple[tuple[SearchRun, int], ...]
    new_ids: tuple[RecordId, ...]
    revised: tuple[RecordId, ...] = ()
    notices: tuple[Notice, ...] = ()
    open_notices: int = 0

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came that a person must look at."""
        return not (self.new_ids or self.notices)


def search_since(search: Search, runs: Sequence[SearchRun], *, today: date) -> Search:
    """Return a search for the time since its last run.

    The first update of a search whose years have ended asks for the years
    since. Later ones, and those of a search without an end, ask PubMed for what
    it entered since the last run, with a week's overlap; what is known already
    is not counted as new.
    """
    mine = [run for run in runs if run.search.search_id == search.search_id]
    reached = [run for run in mine if (run.search.to_year or today.year) >= today.year]
    if not reached or search.source in ("snapshot", "file"):
        return from_where_it_stood(search, today=today)
    since = reached[-1].ran_at.date() - timedelta(days=OVERLAP_DAYS)
    begun = from_where_it_stood(search, today=today) if search.to_year else search
    return replace(begun, entered_since=since)


def _refresh(review: Review, engine: SearchEngine) -> tuple[RecordId, ...]:
    """Ask a source for the included reports again; keep and log those that changed there."""
    ids = list(included_reports(review.state()))
    included = list(review.store.iterate_records(ids))
    pmids = [record.pmid for record in included if record.pmid is not None]
    revised: list[RecordId] = []
    for start in range(0, len(pmids), _AT_ONCE):
        arrived = engine.fetch(pmids[start : start + _AT_ONCE])
        revised += revise_included(review, arrived, included)
    return tuple(revised)


def revise_included(
    review: Review, arrived: Iterable[Record], included: Sequence[Record]
) -> list[RecordId]:
    """Keep newer versions of included records under their own ids; log which changed."""
    by_pmid = {record.pmid: record for record in included if record.pmid is not None}
    mine = []
    for record in arrived:
        before = by_pmid.get(record.pmid) if record.pmid is not None else None
        if before is not None:
            mine.append(replace(record, record_id=before.record_id))
    changed = changed_of(review, mine)
    ids = [record.record_id for record in changed]
    if ids:
        # Logged before it is saved: cut off in between, a second attempt does both again.
        review.append(EventKind.RECORDS_REVISED, {"record_ids": ids})
        review.store.save_records(changed)
    return ids


def summed_up(
    review: Review,
    runs: Sequence[SearchRun],
    seen: set[RecordId],
    revised: tuple[RecordId, ...],
    gone: Sequence[Pmid] = (),
    also: Sequence[Record] = (),
) -> Update:
    """Log the notices that came with these runs, and return what the update brought.

    ``gone`` are PMIDs that NLM deleted; ``also`` records that no search found
    but which may be notices.
    """
    fresh: dict[RecordId, None] = {}
    counted = []
    for run in runs:
        new = [r for r in run.record_ids if r not in seen]
        fresh.update(dict.fromkeys(new))
        counted.append((run, len(new)))
    # The included records' own notices, and those that came as records of their own.
    look_at = dict.fromkeys((*included_reports(review.state()), *fresh))
    found = note_notices(review, [*review.store.iterate_records(list(look_at)), *also])
    deleted = note_deleted(review, gone)
    new_notices = {n.notice_id for n in (*found, *deleted)}
    standing = notices(review.state())
    return Update(
        runs=tuple(counted),
        new_ids=tuple(fresh),
        revised=revised,
        notices=tuple(n for n in standing if n.notice_id in new_notices),
        open_notices=sum(n.settled is None for n in standing),
    )


def update_review(
    review: Review, *, on_progress: Callable[[Search], Progress] | None = None
) -> Update:
    """Run every search for the time since, refresh the included reports, keep what is new.

    Raises
    ------
    SourceUnavailable
        If a source cannot be reached; runs before it are logged and stay, and
        the next update goes on from there.
    """
    state = review.state()
    seen = set(state.record_ids())
    earlier = list(state.search_runs)
    today = review.clock().date()
    runs: list[SearchRun] = []
    revised: tuple[RecordId, ...] = ()
    has_refreshed = False
    for planned in planned_searches(review):
        search = search_since(planned, earlier, today=today)
        with closing(engine_for(review, search)) as engine:
            if search.source not in ("snapshot", "file") and not has_refreshed:
                revised = _refresh(review, engine)
                has_refreshed = True
            told = None if on_progress is None else on_progress(search)
            runs.append(run_search(review, search, engine=engine, on_progress=told))
    return summed_up(review, runs, seen, revised)
