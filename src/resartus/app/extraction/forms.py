"""Look at a form and what it would do, adopt it, carry entries over to its next version."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from resartus.app.extracting import study_cells
from resartus.app.extraction.form_in_use import current_form, review_packs
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.extracted import CellValue
from resartus.domain.ids import StudyId
from resartus.domain.plain import to_plain
from resartus.domain.time_zero import TimeZero
from resartus.errors import DataError
from resartus.extraction.forms.form import Form, parse_form, ready_form, ready_forms
from resartus.extraction.forms.migration import Migration, Move, plan_migration
from resartus.extraction.forms.preview import (
    answers_of,
    form_sections,
    preview_html,
    preview_text,
)
from resartus.extraction.forms.writing import render_form

__all__ = [
    "Adoption",
    "Fate",
    "Form",
    "Migration",
    "OpenField",
    "adopt_form",
    "answers_of",
    "find_form",
    "form_in_words",
    "form_sections",
    "next_version_text",
    "open_fields",
    "plan_adoption",
    "preview_html",
    "preview_text",
    "ready_forms",
]


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
        return form_in_words(text, file=path.name, review=review), text
    return ready_form(name)


def form_in_words(text: str, *, file: str = "the form", review: Review | None = None) -> Form:
    """Return the form that TOML describes; the review's own vocabularies count."""
    return parse_form(text, file=file, packs=None if review is None else review_packs(review))


def next_version_text(review: Review) -> str:
    """Return the form in use as TOML with its version raised, to be changed and adopted."""
    form = current_form(review)
    own_id = "own" if review.state().form is None else form.form_id
    return render_form(replace(form, form_id=own_id, version=form.version + 1))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What a form does to the entries of one field; ``n`` counts everybody's."""

    field: str
    n: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What adopting a form would do, before it is done.

    ``n_kept`` entries stay as they are and are asked again; ``unfit`` are the
    rules broken by entries that this person may see, of ``n_unfit`` in all.
    """

    form: Form
    before: Form
    fates: tuple[Fate, ...]
    n_kept: int
    unfit: tuple[str, ...]
    n_unfit: int


_KEY = re.compile(r"\[[^\]]*\]")


def _fate(move: Move) -> str:
    if move.after is None:
        return "no longer asked: set aside, kept in the log"
    before, after = move.before, move.after
    told = []
    if after.field != before.field:
        told.append(f"becomes {_KEY.sub('[…]', after.field)}")
    if after.extracted.value != before.extracted.value:
        told.append("value changed by the form's rule")
    return ", ".join(told)


def plan_adoption(review: Review, form: Form) -> Adoption:
    """Return what adopting a form would do to what was entered; nothing is changed.

    In a review of two people, each for themselves, what a colleague entered is
    counted and not shown.

    Raises
    ------
    DataError
        As ``adopt_form`` does.
    """
    state, before = review.state(), current_form(review)
    everyone = list(state.cells.values())
    whole = plan_migration(everyone, before=before, after=form)
    is_blind = review.protocol.extractors_needed > 1
    own = [c for c in everyone if not is_blind or c.extracted.entered_by == review.person]
    moved = {(m.before.cell_id, m.before.extracted.entered_by) for m in whole.moves}
    fates = Counter((_KEY.sub("[…]", m.before.field), _fate(m)) for m in whole.moves)
    still = [c for c in everyone if (c.cell_id, c.extracted.entered_by) not in moved]
    unasked = [c for c in still if form.field(c.field) is None]
    for cell in unasked:
        fates[_KEY.sub("[…]", cell.field), "not asked by this form: stays as it is"] += 1
    return Adoption(
        form=form,
        before=before,
        fates=tuple(Fate(field=f, n=n, what=what) for (f, what), n in sorted(fates.items())),
        n_kept=len(still) - len(unasked),
        unfit=plan_migration(own, before=before, after=form).unfit,
        n_unfit=len(whole.unfit),
    )


def _plain_moves(moves: Iterable[Move]) -> list[dict[str, object]]:
    return [
        {
            "cell_id": move.before.cell_id,
            "by": move.before.extracted.entered_by,
            "after": None if move.after is None else to_plain(move.after),
        }
        for move in moves
    ]


def _counted_from(form: Form, times_zero: Sequence[TimeZero]) -> Form:
    """Return a form that asks for the protocol's times zero, where the protocol names them."""
    if not times_zero:
        return form
    fields = (
        replace(f, choices=tuple(times_zero)) if f.name == "time_zero" and f.choices else f
        for f in form.fields
    )
    return replace(form, fields=tuple(fields))


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
    form = _counted_from(form, review.protocol.times_zero)
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
