"""``Form``: what is to be read in each report, as a TOML file describes it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from resartus.domain.curve import MONTHS_PER
from resartus.domain.extracted import CellValue
from resartus.domain.protocol import FormField
from resartus.errors import DataError, NotFoundError
from resartus.extraction.forms.condition import Condition, parse_condition
from resartus.extraction.partial_dates import parse_partial_date
from resartus.extraction.vocabularies.pack import Pack, vocabulary

__all__ = [
    "KINDS",
    "Change",
    "Field",
    "Form",
    "Group",
    "Reading",
    "parse_form",
    "ready_form",
    "ready_forms",
]

KINDS = ("text", "integer", "number", "choice", "date", "boolean")
_TOP = {"id", "version", "title", "source", "designs", "field", "group", "change"}
_FIELD = {"name", "label", "help", "kind", "level", "group", "unit", "choices", "vocabulary",
          "minimum", "maximum", "show_if", "required"}  # fmt: skip
_GROUP = {"name", "label", "key", "level"}
_CHANGE = {"to", "rename", "recode", "rescale", "drop"}
_YES, _NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n")
_CM = {"mm": 0.1, "cm": 1.0}
_WITH_UNIT = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*([A-Za-z]+)\.?")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A typed value, and how it was converted if the person gave it in another unit."""

    value: CellValue
    derivation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to read.

    ``level`` is study or patient; with ``group`` it repeats, once for each of
    the group's keys (``arm[R0].n``). ``vocabulary`` names the terms that a
    choice allows; ``show_if`` says when it is asked at all.
    """

    name: str
    label: str
    kind: str = "text"
    level: str = "study"
    group: str | None = None
    unit: str | None = None
    choices: tuple[str, ...] = ()
    vocabulary: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    show_if: str | None = None
    required: bool = False
    help: str | None = None

    @property
    def condition(self) -> Condition | None:
        """When the field is asked; ``None`` for always."""
        return None if self.show_if is None else parse_condition(self.show_if)

    def is_asked(self, values: Mapping[str, CellValue | None]) -> bool:
        """Whether the field is asked, given the values beside it."""
        condition = self.condition
        return condition is None or condition.holds(values)

    def allowed(self, packs: Iterable[Pack] | None = None) -> tuple[str, ...]:
        """Return the answers of a choice: its own, or its vocabulary's codes."""
        if self.vocabulary is not None:
            return tuple(term.code for term in vocabulary(self.vocabulary, packs=packs).terms)
        return self.choices

    def as_form_field(self, packs: Iterable[Pack] | None = None) -> FormField:
        """Return the field as the protocol and the checker know it."""
        return FormField(
            name=self.name,
            label=self.label,
            kind=self.kind,
            level=self.level,
            unit=self.unit,
            choices=self.allowed(packs) if self.kind == "choice" else (),
            minimum=self.minimum,
            maximum=self.maximum,
        )

    def read(self, text: str, *, where: str, packs: Iterable[Pack] | None = None) -> Reading:
        """Return what a person typed as the field wants it.

        Numbers may carry another unit of time or length ("5 years" in a field
        of months); the conversion is then the derivation. A synonym of a
        vocabulary becomes its code.

        Raises
        ------
        DataError
            Naming the value, the field and what is allowed.
        """
        plain = text.strip()
        if self.kind in ("integer", "number"):
            return self._number(plain, where)
        if self.kind == "boolean":
            if plain.lower() in (*_YES, *_NO):
                return Reading(value=plain.lower() in _YES)
            raise DataError(f"{where}: {self.name} {text!r} is not yes or no", field=self.name)
        if self.kind == "date":
            try:
                parse_partial_date(plain)
            except DataError as error:
                raise DataError(f"{where}: {error.message}", field=self.name) from error
            return Reading(value=plain)
        if self.kind == "choice":
            allowed = self.allowed(packs)
            for choice in allowed:
                if choice.casefold() == plain.casefold():
                    return Reading(value=choice)
            if self.vocabulary is not None:
                term = vocabulary(self.vocabulary, packs=packs).find(plain)
                if term is not None:
                    return Reading(value=term.code, derivation=f"{plain!r} is {term.code}")
            raise DataError(
                f"{where}: {self.name} {text!r} is not one of: {', '.join(allowed)}",
                field=self.name,
            )
        return Reading(value=plain)

    def _number(self, text: str, where: str) -> Reading:
        derivation = None
        try:
            number = float(text.replace(",", ".") if re.fullmatch(r"-?\d+,\d+", text) else text)
        except ValueError:
            converted = self._converted(text)
            if converted is None:
                raise DataError(
                    f"{where}: {self.name} {text!r} is not a number; give it in "
                    f"{self.unit or 'figures'}, or say that it is not reported",
                    field=self.name,
                ) from None
            number, derivation = converted
        if self.kind == "integer" and not number.is_integer():
            raise DataError(f"{where}: {self.name} {text!r} is not whole", field=self.name)
        for bound, is_bad, word in (
            (self.minimum, self.minimum is not None and number < self.minimum, "below"),
            (self.maximum, self.maximum is not None and number > self.maximum, "above"),
        ):
            if is_bad:
                raise DataError(
                    f"{where}: {self.name} {text!r} is {word} {bound:g}", field=self.name
                )
        value = int(number) if number.is_integer() else number
        return Reading(value=value, derivation=derivation)

    def _converted(self, text: str) -> tuple[float, str] | None:
        match = _WITH_UNIT.fullmatch(text)
        if match is None or self.unit is None:
            return None
        amount, word = float(match[1].replace(",", ".")), match[2].lower()
        if self.unit in MONTHS_PER:
            named = next((u for u in MONTHS_PER if word in (u, u[:-1], u[0], f"{u[:2]}s")), None)
            if word in ("yr", "yrs", "mo", "mos", "wk", "wks"):
                named = {"y": "years", "m": "months", "w": "weeks"}[word[0]]
            if named is None:
                return None
            factor = MONTHS_PER[named] / MONTHS_PER[self.unit]
        elif self.unit in _CM and word in _CM:
            factor = _CM[word] / _CM[self.unit]
        elif word == self.unit.lower():
            factor = 1.0
        else:
            return None
        number = round(amount * factor, 4)
        if factor == 1.0:
            return number, ""
        return number, f"{match[1]} {word} * {factor:.6g} = {number:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that repeat: arms, outcomes at times, dated events; ``key`` tells them apart."""

    name: str
    label: str
    key: str
    level: str = "study"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What turns values of the version before into values of version ``to``.

    ``rename`` maps old to new fields, ``recode`` a field's old to new answers,
    ``rescale`` a field's values by a factor; ``drop`` lists fields no longer asked.
    """

    to: int
    rename: Mapping[str, str] = field(default_factory=dict)
    recode: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rescale: Mapping[str, float] = field(default_factory=dict)
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form in one version."""

    form_id: str
    version: int
    title: str
    fields: tuple[Field, ...]
    groups: tuple[Group, ...] = ()
    designs: tuple[str, ...] = ()
    source: str | None = None
    changes: tuple[Change, ...] = ()

    def field(self, name: str) -> Field | None:
        """Return the field of a cell's name, which may be of a group (``arm[R0].n``)."""
        group, mark, rest = name.partition("[")
        leaf = rest.partition("].")[2] if mark else name
        for known in self.fields:
            if known.name == leaf and known.group == (group if mark else None):
                return known
        return None

    def form_fields(self, packs: Iterable[Pack] | None = None) -> tuple[FormField, ...]:
        """Return the fields as the protocol knows them, for checks by name alone."""
        return tuple(f.as_form_field(packs) for f in self.fields)


def _only(values: Mapping[str, Any], allowed: set[str], where: str) -> None:
    for name in values:
        if name not in allowed:
            raise DataError(
                f"{where}: {name!r} is not a known key; allowed: {', '.join(sorted(allowed))}"
            )


def _text(values: Mapping[str, Any], name: str, where: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value.strip():
        raise DataError(f'{where}: {name} is missing; write {name} = "…"', field=name)
    return value


def _field(row: Mapping[str, Any], groups: Mapping[str, Group], file: str) -> Field:
    name = _text(row, "name", f"{file}, a field")
    where = f"{file}, field {name!r}"
    _only(row, _FIELD, where)
    if not _NAME.fullmatch(name):
        raise DataError(f"{where}: use small letters, figures and _ in a field's name")
    kind, group = row.get("kind", "text"), row.get("group")
    if kind not in KINDS:
        raise DataError(f"{where}: kind {kind!r} is not one of: {', '.join(KINDS)}")
    if group is not None and group not in groups:
        raise DataError(f"{where}: group {group!r} is not one of: {', '.join(groups) or 'none'}")
    level = groups[group].level if group is not None else row.get("level", "study")
    if level not in ("study", "patient"):
        raise DataError(f"{where}: level {level!r} is not study or patient")
    if kind == "choice" and not row.get("choices") and not row.get("vocabulary"):
        raise DataError(f'{where}: a choice needs choices = ["…"] or vocabulary = "…"')
    made = Field(
        name=name,
        label=row.get("label", name),
        kind=kind,
        level=level,
        group=group,
        unit=row.get("unit"),
        choices=tuple(row.get("choices", ())),
        vocabulary=row.get("vocabulary"),
        minimum=row.get("minimum"),
        maximum=row.get("maximum"),
        show_if=row.get("show_if"),
        required=bool(row.get("required", False)),
        help=row.get("help"),
    )
    if made.show_if is not None:
        # Parsed here, so that a wrong one is met with its field.
        try:
            parse_condition(made.show_if)
        except DataError as error:
            raise DataError(f"{where}: {error.message}") from error
    return made


def _check(form: Form, file: str) -> None:
    seen: set[tuple[str | None, str, str]] = set()
    for f in form.fields:
        key = (f.group, f.level, f.name)
        if key in seen:
            raise DataError(f"{file}: field {f.name!r} stands twice", field=f.name)
        seen.add(key)
        condition = f.condition
        beside = {o.name for o in form.fields if o.group == f.group or o.level == f.level}
        for name in condition.fields if condition else ():
            if name not in beside or name == f.name:
                raise DataError(
                    f"{file}, field {f.name!r}: show_if names {name!r}, no field beside it"
                )
    for change in form.changes:
        if not 1 < change.to <= form.version:
            raise DataError(f"{file}: a change to version {change.to} is not up to {form.version}")
        if change.to == form.version:
            for new in change.rename.values():
                if new not in {f.name for f in form.fields}:
                    raise DataError(f"{file}: renamed to {new!r}, which is no field")


def parse_form(text: str, *, file: str = "form.toml", packs: Iterable[Pack] | None = None) -> Form:
    """Return the form that a TOML file describes.

    Raises
    ------
    DataError
        Naming the file, the field and the key that does not hold.
    NotFoundError
        If a vocabulary is not known.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{file} is not valid TOML: {error}", where=file) from error
    _only(values, _TOP, file)
    version = values.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise DataError(f"{file}: version {version!r} is not a whole number from 1")
    groups = {}
    for row in values.get("group", ()):
        _only(row, _GROUP, f"{file}, a group")
        name = _text(row, "name", f"{file}, a group")
        groups[name] = Group(
            name=name,
            label=row.get("label", name),
            key=row.get("key", "name"),
            level=row.get("level", "study"),
        )
    fields = tuple(_field(row, groups, file) for row in values.get("field", ()))
    if not fields:
        raise DataError(f"{file} has no field; write [[field]] with name, label and kind")
    known = None if packs is None else tuple(packs)
    for f in fields:
        if f.vocabulary is not None:
            vocabulary(f.vocabulary, packs=known)
    changes = []
    for row in values.get("change", ()):
        _only(row, _CHANGE, f"{file}, a change")
        changes.append(
            Change(
                to=row.get("to", version),
                rename=row.get("rename", {}),
                recode=row.get("recode", {}),
                rescale=row.get("rescale", {}),
                drop=tuple(row.get("drop", ())),
            )
        )
    form = Form(
        form_id=_text(values, "id", file),
        version=version,
        title=_text(values, "title", file),
        source=values.get("source"),
        designs=tuple(values.get("designs", ())),
        groups=tuple(groups.values()),
        fields=fields,
        changes=tuple(sorted(changes, key=lambda change: change.to)),
    )
    _check(form, file)
    return form


@cache
def ready_forms() -> Mapping[str, tuple[Form, str]]:
    """Return the forms that come with Resartus, by id, each with its TOML text to copy and edit."""
    folder = resources.files(__package__) / "ready"
    found = {}
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            text = path.read_text(encoding="utf-8")
            form = parse_form(text, file=path.name)
            found[form.form_id] = (form, text)
    return found


def ready_form(name: str) -> tuple[Form, str]:
    """Return one of the ready forms with its TOML text.

    Raises
    ------
    NotFoundError
        Naming the forms there are.
    """
    known = ready_forms()
    if name not in known:
        raise NotFoundError(f"form {name!r} is not known; there are: {', '.join(known)}")
    return known[name]
