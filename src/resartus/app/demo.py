"""The founding review from search to report, offline, then its update: ``resartus demo``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from resartus.app.review import Review
from resartus.app.search.on_hand import OnHand
from resartus.app.search.planning import from_where_it_stood
from resartus.app.search.running import run_search
from resartus.app.versions import pin_version
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.event import EventKind, NewEvent
from resartus.domain.extracted import Cell
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.plain import to_plain
from resartus.domain.record import Record
from resartus.domain.state import Imported, StudyEntry
from resartus.example import bundle

__all__ = ["build_demo"]

_OTHER = "reference lists, review tables and publishers' pages (curated sample)"


def _clock() -> datetime:
    """Return the day the bundle was compiled, so that everyone's demo is the same."""
    return datetime.fromisoformat(bundle.BUNDLED_ON).replace(tzinfo=UTC)


def _vote(
    decision: bundle.BundledDecision, stage: Stage, verdict: Verdict, *, is_reason: bool
) -> Decision:
    return Decision(
        record_id=decision.record_id,
        stage=stage,
        verdict=verdict,
        decided_by=bundle.CURATOR,
        decided_at=_clock(),
        reasons=(decision.reason,) if is_reason else (),
        note=decision.note or None,
    )


def _judged(review: Review, decision: bundle.BundledDecision) -> list[NewEvent]:
    """Return the votes of one citation, as the curator decided."""

    def voted(stage: Stage, verdict: Verdict) -> NewEvent:
        vote = _vote(decision, stage, verdict, is_reason=verdict is Verdict.EXCLUDE)
        return review.new_event(EventKind.DECISION_MADE, to_plain(vote), by=bundle.CURATOR)

    if decision.outcome == "exclude":
        return [voted(Stage.SCREENING, Verdict.EXCLUDE)]
    events = [voted(Stage.SCREENING, Verdict.INCLUDE)]
    if decision.outcome == "include":
        events.append(voted(Stage.ELIGIBILITY, Verdict.INCLUDE))
    elif decision.outcome == "exclude at full text":
        events.append(voted(Stage.ELIGIBILITY, Verdict.EXCLUDE))
    else:
        data = {"record_id": decision.record_id, "reason": decision.reason}
        events.append(review.new_event(EventKind.FULLTEXT_MISSING, data, by=bundle.CURATOR))
    return events


def _extracted(review: Review, period: str) -> list[NewEvent]:
    cells: dict[StudyId, list[Cell]] = defaultdict(list)
    for cell in bundle.load_cells():
        cells[cell.study_id].append(cell)
    events = []
    for study in bundle.load_studies():
        if study.period != period:
            continue
        entry = StudyEntry(
            study_id=study.study_id,
            label=study.label,
            design=study.design,
            record_ids=(bundle.record_id(study.study_id),),
            role=study.role,
            year=study.year,
        )
        entered = {"cells": [to_plain(cell) for cell in cells[study.study_id]]}
        events.append(review.new_event(EventKind.STUDY_DEFINED, to_plain(entry), by=bundle.CURATOR))
        events.append(review.new_event(EventKind.CELL_ENTERED, entered, by=bundle.CURATOR))
    return events


def _contradictions(review: Review) -> list[NewEvent]:
    """Return the contradictions whose last study has just come in."""
    state = review.state()
    noted = {c.topic for c in state.contradictions}
    known = set(state.studies) | {d.record_id.partition(":")[2] for d in state.decisions.values()}
    return [
        review.new_event(EventKind.CONTRADICTION_NOTED, to_plain(c), by=bundle.CURATOR)
        for c in bundle.load_conflicts()
        if c.topic not in noted and set(c.study_ids) <= known
    ]


def _bring_others(review: Review, records: Sequence[Record], found: set[RecordId]) -> None:
    others = [record for record in records if record.record_id not in found]
    imported = Imported(
        origin=_OTHER,
        record_ids=tuple(record.record_id for record in others),
        is_other_method=True,
        note="found by following references and reviews, not by the search",
    )
    review.append(EventKind.RECORDS_IMPORTED, imported, by=bundle.CURATOR)


def _period(decision: bundle.BundledDecision) -> str:
    # The 18 citations without any date were met while the update was compiled.
    return decision.period if decision.period == bundle.FOUNDING_YEARS else "2012+"


def build_demo(folder: Path, *, tell: Callable[[str], None] = lambda _: None) -> Review:
    """Make the worked example in a folder and return it open.

    Two versions are pinned: the founding review's years (1990-2011) and the
    update to the day the bundle was compiled.

    Parameters
    ----------
    folder : Path
        Made if missing; must hold no review yet.
    tell : callable
        Is given one line per step.
    """
    folder.mkdir(parents=True, exist_ok=True)
    review = Review.create(
        folder,
        protocol_text=bundle.load_protocol_text(),
        person="resartus demo",
        clock=_clock,
    )
    records = bundle.load_records()
    # A value may have been read in a table of a later review: every citation is kept at once,
    # while the log says which of them each version knew.
    review.store.save_records(records)
    decisions = bundle.load_decisions()
    steps = (
        (bundle.FOUNDING_YEARS, review.protocol.searches, "the founding review, 1990 to 2011"),
        (
            "2012+",
            tuple(from_where_it_stood(s, today=_clock().date()) for s in review.protocol.searches),
            "the update of the founding review, 2012 to today",
        ),
    )
    engine = OnHand(records, bundle.CORPUS, today=_clock().date(), payloads=review.payloads)
    for period, searches, trigger in steps:
        here = [d for d in decisions if _period(d) == period]
        ids = {d.record_id for d in here}
        found: set[RecordId] = set()
        for search in searches:
            run = run_search(review, search, engine=engine)
            found |= set(run.record_ids)
            tell(f"search {search.search_id!r}: {run.count} of {len(records)} citations")
        _bring_others(review, [r for r in records if r.record_id in ids], found)
        tell(f"other methods: {len(ids - found)} citations")
        votes = [event for decision in here for event in _judged(review, decision)]
        review.append_all(votes)
        tell(f"screened {len(here)}, with {len(votes)} decisions")
        review.append_all(_extracted(review, period))
        review.append_all(_contradictions(review))
        snapshot = pin_version(review, trigger=trigger)
        tell(f"version {snapshot.version}: {trigger}")
    return review
