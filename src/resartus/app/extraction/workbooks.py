"""Send the form out as a workbook, see what one brings before it is taken, take it back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from resartus.app.entering import Entry, build_cell
from resartus.app.extraction.form_in_use import current_form
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.extracted import Cell, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.plain import to_plain
from resartus.errors import ConflictError, DataError, ResartusError
from resartus.extraction.agreement import is_same_entry
from resartus.extraction.forms.workbook import read_workbook, write_workbook
from resartus.sources.formats.packed import require_modest

__all__ = ["BroughtRow", "TakenBack", "WorkbookRead", "read_back", "send_out", "take_back"]

_MOST_PROBLEMS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What a workbook brought: new or changed entries, and rows that say what is known already."""

    entered: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtRow:
    """One row that would be entered: over which entry of this person's, against whose others.

    ``others`` are colleagues' entries that this person may see and that say
    something else; they stand, and the two wait for consensus.
    """

    line: int
    cell: Cell
    before: Cell | None
    others: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookRead:
    """What a workbook would bring; with ``problems`` nothing is taken."""

    rows: tuple[BroughtRow, ...]
    unchanged: int
    problems: tuple[str, ...]

    @property
    def new(self) -> tuple[BroughtRow, ...]:
        """Rows that fill a value in."""
        return tuple(row for row in self.rows if row.before is None)

    @property
    def changed(self) -> tuple[BroughtRow, ...]:
        """Rows that replace what this person entered before."""
        return tuple(row for row in self.rows if row.before is not None)

    @property
    def against(self) -> tuple[BroughtRow, ...]:
        """Rows that differ from a colleague's entry."""
        return tuple(row for row in self.rows if row.others)


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


def _is_known(known: Cell | None, cell: Cell) -> bool:
    if known is None:
        return False
    a, b = known.extracted, cell.extracted
    places = [
        (x.anchor.place, x.anchor.detail, x.anchor.span) if x.anchor else None for x in (a, b)
    ]
    said = [(x.value, x.reported, x.note) for x in (a, b)]
    return said[0] == said[1] and places[0] == places[1]


def _others(review: Review, cell: Cell, before: Cell | None) -> tuple[Cell, ...]:
    """Return colleagues' entries that say something else; what is blind stays so."""
    if before is None and review.protocol.extractors_needed > 1:
        return ()
    return tuple(
        other
        for (cell_id, person), other in review.state().cells.items()
        if cell_id == cell.cell_id
        and person != review.person
        and not is_same_entry(other.extracted, cell.extracted)
    )


def read_back(review: Review, path: Path) -> WorkbookRead:
    """Return what a workbook would enter under this person's name; nothing is entered.

    Raises
    ------
    DataError
        For a file that is no workbook, or one of another form or version.
    """
    require_modest(path)
    form, known = current_form(review), review.state().cells
    rows: list[BroughtRow] = []
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
        before = known.get((cell.cell_id, review.person))
        if _is_known(before, cell):
            unchanged += 1
            continue
        others = _others(review, cell, before)
        rows.append(BroughtRow(line=row.line, cell=cell, before=before, others=others))
    return WorkbookRead(rows=tuple(rows), unchanged=unchanged, problems=tuple(problems))


def take_back(review: Review, path: Path) -> TakenBack:
    """Enter what a workbook says, under this person's name; all or none.

    Rows that say what this person entered already are left alone.

    Raises
    ------
    DataError
        Naming up to ten rows that break a rule, or a workbook of another form or version.
    """
    brought = read_back(review, path)
    if brought.problems:
        more = len(brought.problems) - _MOST_PROBLEMS
        tail = f"\nand {more} more" if more > 0 else ""
        raise DataError("\n".join(brought.problems[:_MOST_PROBLEMS]) + tail, where=path.name)
    if brought.rows:
        cells = [to_plain(row.cell) for row in brought.rows]
        review.append(EventKind.CELL_ENTERED, {"cells": cells})
    return TakenBack(entered=len(brought.rows), unchanged=brought.unchanged)
