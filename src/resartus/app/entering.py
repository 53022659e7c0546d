"""Enter one study and one value at a time, as a form does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from resartus.app.extracting import study_cells
from resartus.app.extraction.form_in_use import value_reader
from resartus.app.review import Review
from resartus.app.screening import outcomes
from resartus.domain.event import EventKind
from resartus.domain.extracted import Anchor, Cell, Extracted, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.plain import to_plain
from resartus.domain.settled import is_told
from resartus.domain.state import StudyEntry
from resartus.errors import ConflictError, DataError, NotFoundError
from resartus.extraction.spans import find_span

__all__ = [
    "Entry",
    "build_cell",
    "cells_to_show",
    "define_study",
    "enter_value",
    "reports_without_study",
    "told_cells",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a person typed for one cell, with where it was read."""

    study_id: StudyId
    field: str
    value: str
    record_id: RecordId
    place: str
    reported: str = Reported.REPORTED.value
    patient: str | None = None
    span: str | None = None
    detail: str | None = None
    derivation: str | None = None
    note: str | None = None


def reports_without_study(review: Review) -> list[RecordId]:
    """Return the included reports that no study names yet."""
    state = review.state()
    named = {record_id for entry in state.studies.values() for record_id in entry.record_ids}
    standing = outcomes(state, reviewers=review.protocol.reviewers)
    return [o.record_id for o in standing.values() if o.is_included and o.record_id not in named]


def define_study(
    review: Review,
    study_id: StudyId,
    *,
    record_id: RecordId,
    design: str,
    role: str,
    label: str | None = None,
) -> StudyEntry:
    """Define a study by its first report.

    Raises
    ------
    ConflictError
        If the id is taken.
    NotFoundError
        If the report is not in the review.
    """
    state = review.state()
    if study_id in state.studies:
        raise ConflictError(f"study {study_id!r} exists already; choose another id")
    if record_id not in state.arrived:
        raise NotFoundError(f"record {record_id!r} is not in this review")
    review.protocol.part_of(role)
    record = review.store.load_record(record_id)
    entry = StudyEntry(
        study_id=study_id,
        label=label or record.label,
        design=design or "not stated",
        role=role,
        record_ids=(record_id,),
        year=record.year,
    )
    review.append(EventKind.STUDY_DEFINED, entry)
    return entry


def build_cell(review: Review, entry: Entry) -> Cell:
    """Return what was typed as a checked cell, not yet in the log.

    Raises
    ------
    NotFoundError
        If the study or the report is not in the review.
    DataError
        If the value breaks the form's rule, or a span is given that the text on hand lacks.
    """
    state = review.state()
    if entry.study_id not in state.studies:
        raise NotFoundError(f"study {entry.study_id!r} is not in this review; define it first")
    if entry.record_id not in state.arrived:
        raise NotFoundError(f"record {entry.record_id!r} is not in this review")
    where = f"{entry.study_id}, {entry.field}"
    text = entry.value.strip()
    is_reported = entry.reported == Reported.REPORTED.value
    if is_reported and not text:
        raise DataError(f"{where}: no value was given; say it is not reported if that is so")
    if not is_reported and text:
        raise DataError(f"{where}: value {text!r} was given and also called {entry.reported}")
    reading = value_reader(review)(entry.field, text, where) if is_reported else None
    start = end = None
    if entry.span and entry.place in ("abstract", "title"):
        record = review.store.load_record(entry.record_id)
        source = (record.abstract if entry.place == "abstract" else record.title) or ""
        place = find_span(source, entry.span)
        if place is None:
            raise DataError(
                f"{where}: the words {entry.span[:60]!r} do not stand in the {entry.place}; "
                "select them in the text again"
            )
        start, end = place
    return Cell(
        study_id=entry.study_id,
        patient=entry.patient or None,
        field=entry.field,
        extracted=Extracted(
            value=None if reading is None else reading.value,
            reported=Reported(entry.reported),
            entered_by=review.person,
            anchor=Anchor(
                record_id=entry.record_id,
                place=entry.place,
                detail=entry.detail or None,
                span=entry.span or None,
                start=start,
                end=end,
                derivation=entry.derivation or (reading and reading.derivation) or None,
            ),
            note=entry.note or None,
        ),
    )


def enter_value(review: Review, entry: Entry, *, key: str | None = None) -> Cell:
    """Log one value with its anchor; raises as ``build_cell`` does."""
    cell = build_cell(review, entry)
    review.append(EventKind.CELL_ENTERED, {"cells": [to_plain(cell)]}, key=key)
    return cell


def cells_to_show(review: Review, study_id: StudyId) -> tuple[list[Cell], int]:
    """Return a study's values for this person, and how many stay hidden.

    Double entry is blind: until two have entered a cell, or it was settled, each
    sees their own.
    """
    cells = study_cells(review, study_id)
    shown = told_cells(review, cells)
    return shown, len(cells) - len(shown)


def told_cells(review: Review, cells: Collection[Cell]) -> list[Cell]:
    """Return those of all entries of some cells that may be told to this person."""
    entered: dict[str, list[str]] = {}
    for cell in cells:
        entered.setdefault(cell.cell_id, []).append(cell.extracted.entered_by)
    consensus = review.state().consensus
    return [
        cell
        for cell in cells
        if is_told(
            by=cell.extracted.entered_by,
            to=review.person,
            given=entered[cell.cell_id],
            needed=review.protocol.extractors_needed,
            is_settled=cell.cell_id in consensus,
        )
    ]
