"""The form a review extracts with, and a typed value as that form wants it."""

from __future__ import annotations

from collections.abc import Callable

from resartus.app.review import Review
from resartus.domain.extracted import Cell, CellValue
from resartus.domain.plain import from_plain
from resartus.domain.protocol import FormField, Protocol
from resartus.domain.state import ReviewState
from resartus.domain.time_zero import (
    DEFAULT_TIMES_ZERO,
    UNKNOWN_ZERO,
    TimeZero,
    known_time_zero,
)
from resartus.extraction.forms.form import Field, Form, Reading
from resartus.extraction.patient_rows import plain_time_zero
from resartus.extraction.vocabularies.pack import Pack, load_packs

__all__ = [
    "adopted_form",
    "asked_time_zero",
    "current_form",
    "field_finder",
    "fields_at",
    "fields_in_use",
    "review_packs",
    "times_zero_at",
    "value_reader",
]


def review_packs(review: Review) -> tuple[Pack, ...]:
    """Return the bundled vocabularies and those of the review's folder ``vocabularies/``."""
    folder = review.folder / "vocabularies"
    return load_packs(sorted(folder.glob("*.toml")) if folder.is_dir() else [])


def adopted_form(review: Review) -> Form | None:
    """Return the form that was adopted, or ``None`` while ``review.toml`` alone says the fields."""
    plain = review.state().form
    return None if plain is None else from_plain(Form, plain)


def _of_protocol(fields: tuple[FormField, ...]) -> tuple[Field, ...]:
    return tuple(
        Field(
            name=f.name,
            label=f.label,
            kind=f.kind,
            level=f.level,
            unit=f.unit,
            choices=f.choices,
            minimum=f.minimum,
            maximum=f.maximum,
        )
        for f in fields
    )


def fields_at(protocol: Protocol, state: ReviewState) -> tuple[Field, ...]:
    """Return the fields asked for at a state: the adopted form's, then the protocol's own."""
    adopted = () if state.form is None else from_plain(Form, state.form).fields
    names = {f.name for f in adopted}
    return (*adopted, *(f for f in _of_protocol(protocol.form) if f.name not in names))


def times_zero_at(protocol: Protocol, state: ReviewState) -> tuple[TimeZero, ...]:
    """Return what survival may be counted from: the protocol's names, else the form's choices."""
    if protocol.times_zero:
        return protocol.times_zero
    asked = (f.choices for f in fields_at(protocol, state) if f.name == "time_zero")
    names = dict.fromkeys(TimeZero(choice) for choices in asked for choice in choices)
    names.pop(UNKNOWN_ZERO, None)
    return tuple(names) or DEFAULT_TIMES_ZERO


def asked_time_zero(review: Review, name: str | None) -> TimeZero:
    """Return the time zero that somebody asks for by name; the first of the review for ``None``.

    Raises
    ------
    DataError
        If the review has none of that name.
    """
    known = times_zero_at(review.protocol, review.state())
    return known[0] if not name else known_time_zero(name, known)


def current_form(review: Review) -> Form:
    """Return the adopted form, or the fields of ``review.toml`` as a form of version 0."""
    return adopted_form(review) or Form(
        form_id="review.toml",
        version=0,
        title=review.protocol.title,
        fields=_of_protocol(review.protocol.form),
    )


def fields_in_use(review: Review) -> tuple[FormField, ...]:
    """Return the fields by name: the adopted form's, then those only ``review.toml`` knows."""
    form = adopted_form(review)
    if form is None:
        return review.protocol.form
    own = form.form_fields(review_packs(review))
    names = {f.name for f in own}
    return (*own, *(f for f in review.protocol.form if f.name not in names))


def field_finder(review: Review) -> Callable[[Cell], FormField | None]:
    """Return a function that gives the form's field of a cell, or ``None``."""
    form, packs = current_form(review), review_packs(review)
    by_name = {f.name: f for f in review.protocol.form}
    known: dict[str, FormField | None] = {}

    def find(cell: Cell) -> FormField | None:
        # Hundreds of studies share few names; the key of a group does not matter.
        head, mark, rest = cell.field.partition("[")
        name = f"{head}[x]{rest[rest.find(']') + 1 :]}" if mark else cell.field
        if name not in known:
            asked = form.field(name)
            leaf = name.rpartition(".")[2]
            known[name] = asked.as_form_field(packs) if asked else by_name.get(leaf)
        return known[name]

    return find


def _plain_value(text: str) -> CellValue:
    """Return a number where the text looks like one, for a field that no form knows."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def value_reader(review: Review) -> Callable[[str, str, str], Reading]:
    """Return a function that reads what was typed for a field: field, text, where.

    The form in use decides; a field that no form knows is a number where it
    looks like one. The function raises ``DataError`` for a value against a rule.
    """
    form, packs = current_form(review), review_packs(review)
    known = {f.name: f for f in _of_protocol(review.protocol.form)}

    def read(name: str, text: str, where: str) -> Reading:
        asked = form.field(name) or known.get(name.rpartition(".")[2])
        if asked is None and name.rpartition(".")[2] == "time_zero":
            zeros = times_zero_at(review.protocol, review.state())
            return Reading(value=plain_time_zero(text, zeros))
        if asked is None:
            return Reading(value=_plain_value(text))
        return asked.read(text, where=where, packs=packs)

    return read
