"""Adopt a form, carry entries over to its next version, send it out as a workbook and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from resartus.app.entering import Entry, build_cell
from resartus.app.extracting import study_cells
from resartus.app.extraction.form_in_use import current_form, review_packs
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.extracted import Cell, CellValue, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.plain import to_plain
from resartus.errors import ConflictError, DataError, ResartusError
from resartus.extraction.forms.form import Form, parse_form, ready_form, ready_forms
from resartus.extraction.forms.migration import Migration, Move, plan_migration
from resartus.extraction.forms.preview import preview_html, preview_text
from resartus.extraction.forms.workbook import read_workbook, write_workbook

__all__ = [
    "Form",
    "Migration",
    "OpenField",
    "TakenBack",
    "adopt_form",
    "find_form",
    "open_fields",
    "preview_html",
    "preview_text",
    "ready_forms",
    "send_out",
    "take_back",
]

_MOST_PROBLEMS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What a workbook brought: new or changed entries, and rows that say what is known already."""

    entered: int
    unchanged: int


def find_form(name: str, *, review: Review | None = None) -> tuple[Form, str]:
    """Return a form and its TOML text: a file by its path, or one of the ready forms by its id."""
    path = Path(name)
    if path.suffix == ".toml" and path.is_file():
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path.name} is not UTF-8 at byte {error.start}; save it so"
            ) from error
        packs = None if review is None else review_packs(review)
        return parse_form(text, file=path.name, packs=packs), text
    return ready_form(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenField:
    """A field that is asked of a study or a patient and that this person has not answered."""

    study_id: StudyId
    patient: str | None
    name: str
    label: str
    required: bool


def open_fields(review: Review, study_id: StudyId) -> list[OpenField]:
    """Return what is still to be read of a study, in the form's order.

    A field whose condition does not hold is not asked. Fields of a group are
    asked once the group has a key: after its first value.
    """
    form = current_form(review)
    values: dict[str | None, dict[str, CellValue | None]] = {None: {}}
    for cell in study_cells(review, study_id):
        if cell.extracted.entered_by == review.person:
            values.setdefault(cell.patient, {})[cell.field] = cell.extracted.value
    found = []
    for asked in form.fields:
        for patient, own in values.items():
            if (patient is not None) != (asked.level == "patient"):
                continue
            prefixes = {f"{f.partition('].')[0]}]." for f in own if f.startswith(f"{asked.group}[")}
            for prefix in sorted(prefixes) if asked.group is not None else [""]:
                beside = {k.removeprefix(prefix): v for k, v in own.items() if k.startswith(prefix)}
                if asked.name not in beside and asked.is_asked(beside):
                    found.append(
                        OpenField(
                            study_id=study_id,
                            patient=patient,
                            name=prefix + asked.name,
                            label=asked.label,
                            required=asked.required,
                        )
                    )
    return found


def _plain_moves(moves: Iterable[Move]) -> list[dict[str, object]]:
    return [
        {
            "cell_id": move.before.cell_id,
            "by": move.before.extracted.entered_by,
            "after": None if move.after is None else to_plain(move.after),
        }
        for move in moves
    ]


def adopt_form(review: Review, form: Form) -> Migration:
    """Adopt a form, or its next version, and carry over what was entered; one event.

    Every person's entry and every consensus is carried over under the
    person's own name; entries of fields no longer asked are set aside and
    stay in the log. Undoing the event brings everything back.

    Raises
    ------
    DataError
        If the version was not raised, or two fields would become one.
    """
    state, before = review.state(), current_form(review)
    entries = plan_migration(state.cells.values(), before=before, after=form)
    settled = plan_migration(state.consensus.values(), before=before, after=form)
    review.append(
        EventKind.FORM_ADOPTED,
        {
            "form": to_plain(form),
            "moved": _plain_moves(entries.moves),
            "moved_consensus": _plain_moves(settled.moves),
        },
    )
    return entries


def send_out(review: Review, target: Path, *, study_id: StudyId | None = None) -> int:
    """Write a workbook with this person's entries and what is still open; return its studies.

    Raises
    ------
    ConflictError
        If the target exists; nothing is overwritten.
    DataError
        If there is no study to read.
    """
    state = review.state()
    own: dict[str, tuple[str, list[Cell]]] = {
        known: (entry.record_ids[0], [])
        for known, entry in state.studies.items()
        if study_id in (None, known)
    }
    if not own:
        raise DataError("there is no study to extract from; define one first")
    if target.exists():
        raise ConflictError(f"{target.name} exists already; name another file")
    for (_, person), cell in state.cells.items():
        if person == review.person and cell.study_id in own:
            own[cell.study_id][1].append(cell)
    content = write_workbook(current_form(review), own, person=review.person)
    target.write_bytes(content)
    return len(own)


def _is_known(review: Review, cell: Cell) -> bool:
    known = review.state().cells.get((cell.cell_id, review.person))
    if known is None:
        return False
    a, b = known.extracted, cell.extracted
    places = [
        (x.anchor.place, x.anchor.detail, x.anchor.span) if x.anchor else None for x in (a, b)
    ]
    said = [(x.value, x.reported, x.note) for x in (a, b)]
    return said[0] == said[1] and places[0] == places[1]


def take_back(review: Review, path: Path) -> TakenBack:
    """Enter what a workbook says, under this person's name; all or none.

    Rows that say what this person entered already are left alone.

    Raises
    ------
    DataError
        Naming up to ten rows that break a rule, or a workbook of another form or version.
    """
    form = current_form(review)
    cells: list[Cell] = []
    problems: list[str] = []
    unchanged = 0
    for row in read_workbook(path.read_bytes(), name=path.name, form=form):
        said = row.values
        try:
            cell = build_cell(
                review,
                Entry(
                    study_id=StudyId(said["study_id"]),
                    patient=said["patient"] or None,
                    field=said["field"],
                    value=said["value"],
                    reported=said["reported"] or Reported.REPORTED.value,
                    record_id=RecordId(said["record_id"]),
                    place=said["place"] or "text",
                    detail=said["detail"] or None,
                    span=said["span"] or None,
                    derivation=said["derivation"] or None,
                    note=said["note"] or None,
                ),
            )
        except (ResartusError, ValueError) as error:
            problems.append(f"{path.name}, line {row.line}: {error}")
            continue
        if _is_known(review, cell):
            unchanged += 1
        else:
            cells.append(cell)
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        tail = f"\nand {more} more" if more > 0 else ""
        raise DataError("\n".join(problems[:_MOST_PROBLEMS]) + tail, where=path.name)
    if cells:
        review.append(EventKind.CELL_ENTERED, {"cells": [to_plain(cell) for cell in cells]})
    return TakenBack(entered=len(cells), unchanged=unchanged)
