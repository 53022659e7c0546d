"""Two people enter, each for themselves; what differs is settled by a third, explicit entry."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace

from resartus.app.entering import Entry, build_cell
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.extracted import Cell
from resartus.domain.ids import StudyId
from resartus.domain.plain import to_plain
from resartus.domain.state import ReviewState
from resartus.errors import DataError, NotFoundError
from resartus.extraction.agreement import Agreement, compare_entries, is_same_entry, shown

__all__ = [
    "Agreement",
    "compare",
    "entries_of",
    "extractors",
    "how_entered",
    "settle",
    "settle_with",
    "shown",
    "unsettled",
]


def _entries(
    state: ReviewState, study_id: StudyId | None = None
) -> Mapping[str, Mapping[str, Cell]]:
    entries: dict[str, dict[str, Cell]] = defaultdict(dict)
    for (cell_id, person), cell in state.cells.items():
        if study_id is None or cell.study_id == study_id:
            entries[cell_id][person] = cell
    return entries


def extractors(state: ReviewState, *, study_id: StudyId | None = None) -> list[str]:
    """Return who entered values, those with most entries first."""
    counts = Counter(
        person
        for (_, person), cell in state.cells.items()
        if study_id is None or cell.study_id == study_id
    )
    return [person for person, _ in counts.most_common()]


def compare(
    state: ReviewState,
    *,
    study_id: StudyId | None = None,
    people: tuple[str, str] | None = None,
) -> Agreement:
    """Compare two people's entries; the two with most entries unless named.

    Raises
    ------
    DataError
        If only one person has entered anything.
    NotFoundError
        If a named person has entered nothing.
    """
    known = extractors(state, study_id=study_id)
    if people is None:
        if len(known) < 2:
            who = known[0] if known else "nobody"
            raise DataError(f"only {who!r} has entered values; a second person enters with --as")
        people = (known[0], known[1])
    for person in people:
        if person not in known:
            raise NotFoundError(
                f"{person!r} has entered no value; these have: {', '.join(known) or 'nobody'}"
            )
    return compare_entries(_entries(state, study_id), first=people[0], second=people[1])


def unsettled(state: ReviewState, *, study_id: StudyId | None = None) -> list[list[Cell]]:
    """Return the cells whose entries differ and that have no consensus, each person's entry."""
    found = []
    for cell_id, by_person in _entries(state, study_id).items():
        if len(by_person) < 2 or cell_id in state.consensus:
            continue
        cells = list(by_person.values())
        if not all(is_same_entry(cells[0].extracted, other.extracted) for other in cells[1:]):
            found.append(cells)
    return found


def entries_of(state: ReviewState, cell_id: str) -> list[Cell]:
    """Return everybody's entry of one cell.

    Raises
    ------
    NotFoundError
        If nobody has entered it.
    """
    found = [cell for (known, _), cell in state.cells.items() if known == cell_id]
    if not found:
        raise NotFoundError(f"no value {cell_id!r} was entered")
    return found


def how_entered(state: ReviewState) -> str:
    """Return in one or two sentences who entered the values, and what was settled."""
    people = extractors(state)
    if len(people) < 2:
        return f"One person ({people[0]}) entered the values. " if people else ""
    both = [cells for cells in _entries(state).values() if len(cells) > 1]
    told = (
        f"{len(people)} people entered values ({', '.join(people)}), {len(both)} of them at least "
        f"twice; {len(state.consensus)} were settled by consensus"
    )
    waiting = len(unsettled(state))
    return told + (f" and {waiting} wait for one and count as unclear. " if waiting else ". ")


def settle(review: Review, cell_id: str, *, take: str, reason: str | None = None) -> Cell:
    """Settle a cell by taking over one person's entry, with a reason if one is given.

    All entries stay in the log.

    Raises
    ------
    NotFoundError
        If the cell or that person's entry does not exist.
    """
    by_person = {c.extracted.entered_by: c for c in entries_of(review.state(), cell_id)}
    if take not in by_person:
        raise NotFoundError(f"{take!r} has no entry of {cell_id!r}; it has: {', '.join(by_person)}")
    chosen = by_person[take]
    agreed = replace(
        chosen,
        extracted=replace(
            chosen.extracted,
            entered_by=review.person,
            note=_joined(chosen.extracted.note, f"consensus: as entered by {take}", reason),
        ),
    )
    review.append(EventKind.CONSENSUS_REACHED, {"cells": [to_plain(agreed)]})
    return agreed


def settle_with(review: Review, entry: Entry) -> Cell:
    """Settle a cell with a value of its own, with its own anchor.

    Raises
    ------
    NotFoundError
        If nobody has entered the cell yet.
    DataError
        If the value breaks the form's rule or its span does not stand in the text.
    """
    cell = build_cell(review, entry)
    if cell.cell_id not in _entries(review.state()):
        raise NotFoundError(f"no value {cell.cell_id!r} was entered; a consensus follows entries")
    agreed = replace(
        cell, extracted=replace(cell.extracted, note=_joined(cell.extracted.note, "consensus"))
    )
    review.append(EventKind.CONSENSUS_REACHED, {"cells": [to_plain(agreed)]})
    return agreed


def _joined(*notes: str | None) -> str:
    return "; ".join(note for note in notes if note)
