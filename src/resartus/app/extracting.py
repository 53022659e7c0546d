"""Enter what the papers say, each value with its anchor."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from resartus.app.extraction.form_in_use import value_reader
from resartus.app.review import Review
from resartus.domain.event import EventKind, NewEvent
from resartus.domain.extracted import Anchor, Cell, Extracted, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.plain import to_plain
from resartus.domain.state import StudyEntry
from resartus.errors import DataError, NotFoundError
from resartus.extraction.forms.form import Reading

__all__ = ["import_cells", "study_cells"]

_NEEDED = ("study_id", "field", "value", "record_id", "place")
_KNOWN = (*_NEEDED, "patient", "reported", "detail", "span", "derivation", "note", "design", "role")


def _cell(
    review: Review, row: dict[str, str], where: str, read: Callable[[str, str, str], Reading]
) -> Cell:
    text = row["value"].strip()
    reported = row.get("reported", "").strip() or (
        Reported.REPORTED.value if text else Reported.NOT_REPORTED.value
    )
    if reported not in [member.value for member in Reported]:
        allowed = ", ".join(member.value for member in Reported)
        raise DataError(f"{where}: reported {reported!r} is not one of: {allowed}", where=where)
    reading = read(row["field"], text, where) if text else None
    return Cell(
        study_id=StudyId(row["study_id"]),
        patient=row.get("patient") or None,
        field=row["field"],
        extracted=Extracted(
            value=None if reading is None else reading.value,
            reported=Reported(reported),
            entered_by=review.person,
            anchor=Anchor(
                record_id=RecordId(row["record_id"]),
                place=row["place"],
                detail=row.get("detail") or None,
                span=row.get("span") or None,
                derivation=row.get("derivation") or (reading and reading.derivation) or None,
            ),
            note=row.get("note") or None,
        ),
    )


def _rows(path: Path) -> list[tuple[str, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8 at byte {error.start}; save it so") from error
    reader = csv.DictReader(io.StringIO(text))
    columns = reader.fieldnames or []
    for name in _NEEDED:
        if name not in columns:
            raise DataError(
                f"{path.name} has no column {name!r}; it needs: {', '.join(_NEEDED)}", field=name
            )
    for name in columns:
        if name not in _KNOWN:
            raise DataError(
                f"{path.name} has an unknown column {name!r}; known: {', '.join(_KNOWN)}"
            )
    return [(f"{path.name}, line {reader.line_num}", dict(row)) for row in reader]


def import_cells(review: Review, path: Path) -> dict[str, int]:
    """Enter the values of a CSV in one transaction: all or none.

    A study met for the first time is defined by its first row (``design``,
    ``role``), with the record of that row as its report.

    Raises
    ------
    DataError
        Naming the line and column of the first value that breaks a rule.
    NotFoundError
        If a row names a record that is not in the review.
    """
    known = set(review.state().record_ids())
    studies = set(review.state().studies)
    events: list[NewEvent] = []
    cells: dict[str, list[Cell]] = defaultdict(list)
    read = value_reader(review)
    for where, row in _rows(path):
        if row["record_id"] not in known:
            raise NotFoundError(f"{where}: record {row['record_id']!r} is not in this review")
        cell = _cell(review, row, where, read)
        if cell.study_id not in studies:
            studies.add(cell.study_id)
            record = review.store.load_record(RecordId(row["record_id"]))
            entry = StudyEntry(
                study_id=cell.study_id,
                label=record.label,
                design=row.get("design") or "not stated",
                role=row.get("role") or review.protocol.roles[0].name,
                record_ids=(record.record_id,),
                year=record.year,
            )
            review.protocol.part_of(entry.role)
            events.append(review.new_event(EventKind.STUDY_DEFINED, to_plain(entry)))
        cells[cell.study_id].append(cell)
    for entered in cells.values():
        data = {"cells": [to_plain(cell) for cell in entered]}
        events.append(review.new_event(EventKind.CELL_ENTERED, data))
    review.append_all(events)
    return {"studies": len(cells), "values": sum(len(part) for part in cells.values())}


def study_cells(review: Review, study_id: StudyId) -> list[Cell]:
    """Return all entries of one study, everybody's."""
    state = review.state()
    if study_id not in state.studies:
        known = ", ".join(state.studies) or "none yet"
        raise NotFoundError(f"study {study_id!r} is not in this review; it has: {known}")
    return [cell for cell in state.cells.values() if cell.study_id == study_id]
