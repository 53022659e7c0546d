"""Follow a number of a report to its rows, and a value to its words, its person and its events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from resartus.app.evidence import chosen_cells
from resartus.app.extraction.form_in_use import field_finder
from resartus.app.reporting.audit import Audit, audit_built
from resartus.app.reporting.build import build_report
from resartus.app.reporting.material import Material, gather
from resartus.app.review import PROTOCOL, Review
from resartus.app.settled import settled
from resartus.domain.event import Event, EventKind
from resartus.domain.extracted import Cell, Extracted
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.job import Tell
from resartus.domain.patient_table import PatientTable
from resartus.domain.plain import from_plain
from resartus.domain.record import Record
from resartus.domain.snapshot import Snapshot
from resartus.errors import NotFoundError, PermissionDenied
from resartus.extraction.spans import find_span
from resartus.reporting.anchors import number_anchor
from resartus.reporting.document import NumberKind, Report
from resartus.reporting.evidence import Evidence, value_text
from resartus.reporting.provenance import how_computed
from resartus.reporting.reading import iterate_numbers

__all__ = [
    "CellEvent",
    "Followed",
    "FollowedNumber",
    "FollowedRow",
    "FollowedValue",
    "Words",
    "files_of_people",
    "follow_report",
    "follow_value",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedRow:
    """A row behind a number, and where in the review it leads.

    ``what`` is ``"value"``, ``"study"``, ``"record"``, ``"search"`` or ``"curve"``.
    """

    evidence: Evidence
    shown: str
    what: str
    study_id: StudyId | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedNumber:
    """A computed number: how it reads, where it first stands, how it follows, from which rows."""

    number_id: str
    text: str
    section_id: str
    section: str
    how: str
    anchor: str
    rows: tuple[FollowedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A version's report, audited, with every computed number by its name."""

    audit: Audit
    numbers: dict[str, FollowedNumber]


def _row(evidence: Evidence, material: Material, cells: dict[str, Cell]) -> FollowedRow:
    key, study_id = evidence.evidence_id, None
    head, _, rest = key.partition(":")
    if key in cells:
        what, study_id = "value", cells[key].study_id
    elif head == "study":
        what, study_id = "study", StudyId(rest)
    elif head == "curve":
        what, study_id = "curve", material.state.curves[rest].study_id
    else:
        what = "search" if head == "search" else "record"
    record = material.records.get(evidence.record_id) if evidence.record_id else None
    return FollowedRow(
        evidence=evidence,
        shown=evidence.nothing or value_text(evidence.value),
        what=what,
        study_id=study_id,
        article=record.label if record else None,
    )


def _numbers(report: Report, material: Material) -> Iterator[FollowedNumber]:
    cells = {cell.cell_id: cell for cell in chosen_cells(material.state)}
    evidence = {row.evidence_id: row for row in report.evidence}
    seen = set()
    for section, _, number in iterate_numbers(report):
        name = number.number_id
        if name is None or number.kind is NumberKind.CELL or name in seen:
            continue
        seen.add(name)
        rows = [evidence[key] for key in number.all_inputs if key in evidence]
        yield FollowedNumber(
            number_id=name,
            text=number.text,
            section_id=section.section_id,
            section=section.title,
            how=how_computed(number),
            anchor=number_anchor(name),
            rows=tuple(_row(row, material, cells) for row in rows),
        )


_Key = tuple[Path, int, str, int, tuple[tuple[str, int], ...]]
_kept: dict[_Key, tuple[Report, Material, dict[str, FollowedNumber]]] = {}
_MOST_KEPT = 2


def files_of_people(review: Review) -> tuple[Path, ...]:
    """Return the files that people write for a report, those there are."""
    files = [review.folder / PROTOCOL]
    for below in ("text", "appraisal", "vocabularies"):
        files += sorted((review.folder / below).glob("*"))
    files += (review.folder / "factors.toml",)
    return tuple(path for path in files if path.is_file())


def _key(review: Review, snapshot: Snapshot) -> _Key:
    """Return what a built report depends on: version, log, and the files people write."""
    return (
        review.folder,
        snapshot.version,
        snapshot.events_hash,
        review.store.last_seq(),
        tuple((path.name, path.stat().st_mtime_ns) for path in files_of_people(review)),
    )


def follow_report(
    review: Review,
    snapshot: Snapshot,
    *,
    written: tuple[Path, ...] = (),
    tell: Tell = lambda n_done, n_all: None,
) -> Followed:
    """Return a version's audit and its numbers, each with the rows it rests on.

    Building a report takes seconds: what was built is kept until the review,
    or a file that people write, changes.

    Parameters
    ----------
    tell : callable
        Is told how many steps of how many are done: the evidence gathered, the
        report built, each written file compared, the standards asked.
    """
    key, n_all = _key(review, snapshot), 3 + len(written)
    tell(0, n_all)
    if key not in _kept:
        material = gather(review, snapshot)
        tell(1, n_all)
        report = build_report(material)
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        numbers = {one.number_id: one for one in _numbers(report, material)}
        _kept[key] = (report, material, numbers)
    report, material, numbers = _kept[key]
    tell(2, n_all)
    audit = audit_built(
        review, material, report, written=written, advance=lambda n: tell(2 + n, n_all)
    )
    tell(n_all, n_all)
    return Followed(audit=audit, numbers=numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellEvent:
    """One thing that happened to a value: who entered, settled, moved or took back what, when."""

    seq: int
    at: datetime
    by: str
    text: str
    is_undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words a value stands in, with what stands before and after them in the text."""

    before: str
    span: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedValue:
    """A value with everything that leads to it.

    ``words`` is ``None`` where the text on hand does not hold them.
    """

    cell: Cell
    label: str
    owner: str
    entries: tuple[Cell, ...]
    record: Record | None
    words: Words | None
    events: tuple[CellEvent, ...]


def _said(extracted: Extracted) -> str:
    if extracted.value is None:
        return extracted.reported.value
    return value_text(extracted.value)


_DID = {
    EventKind.CELL_ENTERED: "entered",
    EventKind.CONSENSUS_REACHED: "settled as",
    EventKind.SUGGESTION_ANSWERED: "entered from a suggestion",
    EventKind.PATIENTS_IMPORTED: "came with a table of patients",
}


def _cells_in(event: Event, study_id: StudyId) -> Iterator[Cell]:
    """Yield what an event entered or settled of one study."""
    if event.kind is EventKind.PATIENTS_IMPORTED:
        if event.data["study_id"] == study_id:
            yield from from_plain(PatientTable, event.data).cells()
        return
    for plain in event.data.get("cells", ()):
        if plain["study_id"] == study_id:
            yield from_plain(Cell, plain)


def _touched(event: Event, cell: Cell) -> str | None:
    """Return what an event did to a value, or ``None``."""
    if event.kind in _DID:
        for one in _cells_in(event, cell.study_id):
            if one.cell_id == cell.cell_id:
                return f"{_DID[event.kind]}: {_said(one.extracted)}"
    if event.kind is EventKind.FORM_ADOPTED:
        for move in (*event.data.get("moved", ()), *event.data.get("moved_consensus", ())):
            after = from_plain(Cell, move["after"]) if move["after"] else None
            if cell.cell_id in (move["cell_id"], after.cell_id if after else None):
                became = f"{after.cell_id}, {_said(after.extracted)}" if after else "set aside"
                return f"a new form; {move['by']}'s entry of {move['cell_id']} became {became}"
    return None


def _events(review: Review, cell: Cell) -> Iterator[CellEvent]:
    undone = review.state().undone
    for event in review.store.load_events():
        text = _touched(event, cell)
        if text is not None:
            yield CellEvent(
                seq=event.seq, at=event.at, by=event.by, text=text, is_undone=event.seq in undone
            )


def _words(review: Review, cell: Cell, record: Record | None, around: int) -> Words | None:
    anchor = cell.extracted.anchor
    if anchor is None or not anchor.span or record is None:
        return None
    texts = [record.abstract or "", record.title or ""]
    digest = review.state().fulltexts.get(RecordId(anchor.record_id))
    if digest is not None and review.fulltexts.has(digest):
        texts.append(review.fulltexts.load_text(digest).replace("\f", "\n"))
    if anchor.place == "title":
        texts.reverse()
    for text in texts:
        found = find_span(text, anchor.span) if text else None
        if found is not None:
            start, end = found
            return Words(
                before=text[max(start - around, 0) : start],
                span=text[start:end],
                after=text[end : end + around],
            )
    return None


def follow_value(review: Review, cell_id: str, *, around: int = 400) -> FollowedValue:
    """Return a value that counts, its entries, its words in their text and its events.

    Raises
    ------
    NotFoundError
        If no such value was entered.
    PermissionDenied
        If a colleague alone has entered it, and it waits for a second person.
    """
    state = settled(review, to=review.person)
    known = {cell.cell_id: cell for cell in chosen_cells(state)}
    if cell_id not in known:
        if any(one == cell_id for one, _ in review.state().cells):
            raise PermissionDenied(
                f"{cell_id!r} waits for a second person; it is shown once two have entered it"
            )
        raise NotFoundError(f"no value {cell_id!r} was entered")
    cell = known[cell_id]
    entries = [c for (one, _), c in state.cells.items() if one == cell_id]
    anchor = cell.extracted.anchor
    known_record = anchor is not None and anchor.record_id in state.arrived
    record = review.store.load_record(anchor.record_id) if anchor and known_record else None
    study = state.studies.get(cell.study_id)
    field = field_finder(review)(cell)
    owner = study.label if study else str(cell.study_id)
    return FollowedValue(
        cell=cell,
        label=field.label if field else cell.field,
        owner=f"{owner}, patient {cell.patient}" if cell.patient else owner,
        entries=tuple(entries),
        record=record,
        words=_words(review, cell, record, around),
        events=tuple(_events(review, cell)),
    )
