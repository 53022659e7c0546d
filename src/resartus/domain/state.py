"""The state of a review: the fold of its events. Undo is an event like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from resartus.domain.curve import PublishedCurve
from resartus.domain.decision import Decision, Verdict
from resartus.domain.duplicates import DuplicateLinks, DuplicateQuestion
from resartus.domain.event import Event, EventKind
from resartus.domain.extracted import Cell
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.patient_table import PatientTable
from resartus.domain.plain import from_plain
from resartus.domain.query import SearchRun
from resartus.domain.snapshot import Snapshot
from resartus.domain.suggestion import Suggestion

__all__ = ["Contradiction", "Imported", "ReviewState", "StudyEntry", "advance", "fold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Records that came from a file or by hand, and which way (PRISMA's right-hand column).

    ``payload`` names the file's bytes; ``unread_payload`` the lines that ended
    in no record, of which there were ``unread_lines``, one JSON list of line
    number, reason and text each.
    """

    origin: str
    record_ids: tuple[RecordId, ...]
    is_other_method: bool = False
    note: str | None = None
    format: str | None = None
    encoding: str | None = None
    payload: str | None = None
    unread_lines: int = 0
    unread_payload: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyEntry:
    """A study as defined by a person: its name, design, role and reports."""

    study_id: StudyId
    label: str
    design: str
    record_ids: tuple[RecordId, ...]
    role: str = "included"
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two sources that disagree, side by side, and how the review handles it."""

    study_ids: tuple[str, ...]
    topic: str
    one_side: str
    other_side: str
    handling: str


@dataclass(slots=True)
class ReviewState:
    """Everything the events add up to, at event ``seq``.

    ``decisions`` keeps each person's latest vote per record and stage, and
    ``votes`` the same by record and stage, ``ballots`` every vote ever given that was not
    undone, in order; ``first_judged`` each record and stage in the
    order in which somebody first judged it, with the ranking that brought it up;
    ``cells`` keeps each person's latest
    entry per cell, ``consensus`` what was settled between them; ``arrived`` every
    record that a search or import brought, in order of arrival; ``assigned`` who
    alone is shown a record at a stage;
    ``rounds`` the records of each named round, such as a pilot, and
    ``votes_wanted`` how many must vote on a record of one; ``notices`` the
    retractions and corrections of included reports, with ``settled`` once judged.
    """

    seq: int = 0
    search_runs: list[SearchRun] = field(default_factory=list)
    imports: list[Imported] = field(default_factory=list)
    duplicates: DuplicateLinks = field(default_factory=DuplicateLinks)
    arrived: dict[RecordId, None] = field(default_factory=dict)
    decisions: dict[tuple[RecordId, str, str], Decision] = field(default_factory=dict)
    votes: dict[tuple[RecordId, str], dict[str, Decision]] = field(default_factory=dict)
    ballots: dict[tuple[RecordId, str], list[Decision]] = field(default_factory=dict)
    first_judged: dict[tuple[RecordId, str], str | None] = field(default_factory=dict)
    missing_fulltexts: dict[RecordId, str] = field(default_factory=dict)
    fulltexts: dict[RecordId, str] = field(default_factory=dict)
    studies: dict[StudyId, StudyEntry] = field(default_factory=dict)
    assigned: dict[tuple[RecordId, str], tuple[str, ...]] = field(default_factory=dict)
    rounds: dict[str, tuple[RecordId, ...]] = field(default_factory=dict)
    votes_wanted: dict[tuple[RecordId, str], int] = field(default_factory=dict)
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    consensus: dict[str, Cell] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    set_aside: list[Cell] = field(default_factory=list)
    suggestions: dict[str, Suggestion] = field(default_factory=dict)
    suggestion_verdicts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    suggestion_runs: list[Mapping[str, Any]] = field(default_factory=list)
    curves: dict[str, PublishedCurve] = field(default_factory=dict)
    appraisals: dict[tuple[StudyId, str, str, str], Mapping[str, Any]] = field(default_factory=dict)
    settled_appraisals: dict[tuple[StudyId, str, str], Mapping[str, Any]] = field(
        default_factory=dict
    )
    certainties: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    overlaps: list[Mapping[str, Any]] = field(default_factory=list)
    related: list[Mapping[str, Any]] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    notices: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: list[Snapshot] = field(default_factory=list)
    undone: set[int] = field(default_factory=set)

    @property
    def duplicate_of(self) -> Mapping[RecordId, RecordId]:
        """For each linked record, the one that stands for it; read only."""
        return self.duplicates.kept

    def record_ids(self) -> list[RecordId]:
        """Return the ids that any search or import brought, each once, in order of arrival."""
        return list(self.arrived)


def _search_ran(state: ReviewState, data: Mapping[str, Any]) -> None:
    run = from_plain(SearchRun, data)
    state.search_runs.append(run)
    state.arrived.update(dict.fromkeys(run.record_ids))


def _imported(state: ReviewState, data: Mapping[str, Any]) -> None:
    imported = from_plain(Imported, data)
    state.imports.append(imported)
    state.arrived.update(dict.fromkeys(imported.record_ids))


def _linked(state: ReviewState, data: Mapping[str, Any]) -> None:
    for link in data.get("links", (data,)):
        state.duplicates.link(RecordId(link["record_id"]), RecordId(link["same_as"]))


def _unlinked(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.duplicates.unlink(RecordId(data["record_id"]))


def _duplicates_asked(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.duplicates.ask(
        (from_plain(DuplicateQuestion, plain) for plain in data["questions"]),
        n_looked_at=data["n_records"],
    )


def _kept_apart(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.duplicates.keep_apart(RecordId(data["record_id"]), RecordId(data["other_id"]))


def _decided(state: ReviewState, data: Mapping[str, Any]) -> None:
    decision = from_plain(Decision, data)
    key = (decision.record_id, decision.stage.value)
    state.decisions[*key, decision.decided_by] = decision
    state.votes.setdefault(key, {})[decision.decided_by] = decision
    state.ballots.setdefault(key, []).append(decision)
    if decision.verdict is not Verdict.SKIP:
        state.first_judged.setdefault(key, decision.ranked_by)


def _assigned(state: ReviewState, data: Mapping[str, Any]) -> None:
    ids = tuple(RecordId(record_id) for record_id in data["record_ids"])
    people = tuple(data["to"])
    for record_id in ids:
        key = (record_id, data["stage"])
        state.assigned.pop(key, None)
        state.votes_wanted.pop(key, None)
        if people:
            state.assigned[key] = people
        if data.get("round"):
            state.votes_wanted[key] = len(people)
    if data.get("round"):
        state.rounds[data["round"]] = ids


def _fulltext_attached(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.fulltexts[RecordId(data["record_id"])] = data["payload"]
    state.missing_fulltexts.pop(RecordId(data["record_id"]), None)


def _fulltext_missing(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.missing_fulltexts[RecordId(data["record_id"])] = data["reason"]


def _study_defined(state: ReviewState, data: Mapping[str, Any]) -> None:
    entry = from_plain(StudyEntry, data)
    state.studies[entry.study_id] = entry


def _cell_entered(state: ReviewState, data: Mapping[str, Any]) -> None:
    for plain in data["cells"]:
        cell = from_plain(Cell, plain)
        state.cells[cell.cell_id, cell.extracted.entered_by] = cell


def _form_adopted(state: ReviewState, data: Mapping[str, Any]) -> None:
    """Put each entry under its new name; entries of fields no longer asked are set aside."""
    state.form = data["form"]
    for name, kept in (("moved", state.cells), ("moved_consensus", state.consensus)):
        moves = {
            (move["cell_id"], move["by"]) if name == "moved" else move["cell_id"]: move["after"]
            for move in data.get(name, ())
        }
        entries: dict[Any, Cell] = {}
        for key, cell in kept.items():
            if key not in moves:
                entries[key] = cell
            elif moves[key] is None:
                state.set_aside.append(cell)
            else:
                after = from_plain(Cell, moves[key])
                new = (after.cell_id, after.extracted.entered_by)
                entries[new if name == "moved" else after.cell_id] = after
        kept.clear()
        kept.update(entries)


def _consensus_reached(state: ReviewState, data: Mapping[str, Any]) -> None:
    for plain in data["cells"]:
        cell = from_plain(Cell, plain)
        state.consensus[cell.cell_id] = cell


def _patients_imported(state: ReviewState, data: Mapping[str, Any]) -> None:
    for cell in from_plain(PatientTable, data).cells():
        state.cells[cell.cell_id, cell.extracted.entered_by] = cell


def _suggestions_made(state: ReviewState, data: Mapping[str, Any]) -> None:
    for plain in data["suggestions"]:
        suggestion = from_plain(Suggestion, plain)
        state.suggestions[suggestion.suggestion_id] = suggestion
    state.suggestion_runs.append(data)


def _suggestion_answered(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.suggestion_verdicts[data["suggestion_id"]] = data
    _cell_entered(state, {"cells": data.get("cells", ())})


def _curve_digitised(state: ReviewState, data: Mapping[str, Any]) -> None:
    curve = from_plain(PublishedCurve, data)
    state.curves[curve.curve_id] = curve


def _appraised(state: ReviewState, data: Mapping[str, Any]) -> None:
    key = (StudyId(data["study_id"]), data["tool"], data["item"], data["by"])
    state.appraisals[key] = data


def _appraisal_settled(state: ReviewState, data: Mapping[str, Any]) -> None:
    key = (StudyId(data["study_id"]), data["tool"], data["item"])
    state.settled_appraisals[key] = data


def _rated(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.certainties[data["outcome"]] = data


def _overlap_judged(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.overlaps.append(data)


def _related(state: ReviewState, data: Mapping[str, Any]) -> None:
    for pair in data.get("pairs", (data,)):
        state.related.append(pair)
        if pair.get("is_judged"):
            # A person who says "related" says "not the same".
            state.duplicates.keep_apart(RecordId(pair["record_id"]), RecordId(pair["other_id"]))


def _contradicted(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.contradictions.append(from_plain(Contradiction, data))


def _notice_found(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.notices.setdefault(data["notice_id"], data)


def _notice_settled(state: ReviewState, data: Mapping[str, Any]) -> None:
    notice = state.notices[data["notice_id"]]
    state.notices[data["notice_id"]] = {**notice, "settled": data["note"]}


def _versioned(state: ReviewState, data: Mapping[str, Any]) -> None:
    state.versions.append(from_plain(Snapshot, data))


def _noted(state: ReviewState, data: Mapping[str, Any]) -> None:
    """Leave the state alone: some events only tell that something happened."""


_STEPS: Mapping[EventKind, Callable[[ReviewState, Mapping[str, Any]], None]] = {
    EventKind.REVIEW_CREATED: _noted,
    EventKind.PROTOCOL_CHANGED: _noted,
    EventKind.SEARCH_RAN: _search_ran,
    EventKind.RECORDS_IMPORTED: _imported,
    EventKind.DUPLICATES_LINKED: _linked,
    EventKind.DUPLICATES_UNLINKED: _unlinked,
    EventKind.DUPLICATES_ASKED: _duplicates_asked,
    EventKind.DUPLICATES_KEPT_APART: _kept_apart,
    EventKind.REPORTS_RELATED: _related,
    EventKind.OVERLAP_JUDGED: _overlap_judged,
    EventKind.CONTRADICTION_NOTED: _contradicted,
    EventKind.DECISION_MADE: _decided,
    EventKind.RECORDS_ASSIGNED: _assigned,
    EventKind.FULLTEXT_ATTACHED: _fulltext_attached,
    EventKind.FULLTEXT_MISSING: _fulltext_missing,
    EventKind.STUDY_DEFINED: _study_defined,
    EventKind.CELL_ENTERED: _cell_entered,
    EventKind.FORM_ADOPTED: _form_adopted,
    EventKind.CONSENSUS_REACHED: _consensus_reached,
    EventKind.PATIENTS_IMPORTED: _patients_imported,
    EventKind.SUGGESTIONS_MADE: _suggestions_made,
    EventKind.SUGGESTION_ANSWERED: _suggestion_answered,
    EventKind.CURVE_DIGITISED: _curve_digitised,
    EventKind.APPRAISAL_ANSWERED: _appraised,
    EventKind.APPRAISAL_SETTLED: _appraisal_settled,
    EventKind.CERTAINTY_RATED: _rated,
    EventKind.NOTICE_FOUND: _notice_found,
    EventKind.NOTICE_SETTLED: _notice_settled,
    EventKind.RECORDS_REVISED: _noted,
    EventKind.VERSION_MADE: _versioned,
}


def _undone(events: Iterable[Event]) -> set[int]:
    """Return the events that no longer count; undoing an undo brings the first back."""
    undone: set[int] = set()
    # Newest first, since an undo that was itself undone changes nothing.
    for event in sorted(events, key=lambda event: event.seq, reverse=True):
        if event.kind is EventKind.EVENT_UNDONE and event.seq not in undone:
            undone.add(int(event.data["seq"]))
    return undone


def _apply(state: ReviewState, event: Event) -> None:
    state.seq = event.seq
    if event.seq not in state.undone and event.kind is not EventKind.EVENT_UNDONE:
        _STEPS[event.kind](state, event.data)


def advance(state: ReviewState, events: Iterable[Event]) -> bool:
    """Bring a state forward by the events after it; return whether that was possible.

    An undo reaches back, so it leaves the state as it is and returns false:
    fold the whole log again.
    """
    later = list(events)
    if any(event.kind is EventKind.EVENT_UNDONE for event in later):
        return False
    for event in later:
        _apply(state, event)
    return True


def fold(events: Iterable[Event], *, until: int | None = None) -> ReviewState:
    """Return the state after all events, or after those up to and with ``until``.

    The same events give the same state, on any machine and in any process.
    """
    kept = [event for event in events if until is None or event.seq <= until]
    state = ReviewState(undone=_undone(kept))
    for event in kept:
        _apply(state, event)
    return state
