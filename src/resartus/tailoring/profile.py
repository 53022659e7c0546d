"""One patient's question: the profile, where she stands on each factor, what is not covered."""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from resartus.domain.extracted import CellValue
from resartus.domain.patient import Patient
from resartus.errors import DataError
from resartus.tailoring.factors import Factor, Side
from resartus.tailoring.nearest import PatientIndex

__all__ = [
    "Coverage",
    "Profile",
    "Standing",
    "coverage",
    "coverage_in",
    "parse_profile",
    "standings",
]

_DESCRIPTIVE = ("name", "primary_site")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of the patient asked about; nothing of it is stored."""

    name: str
    values: Mapping[str, CellValue]
    primary_site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the patient stands on one factor, by the bands of published series."""

    factor: Factor
    value: CellValue | None
    side: Side
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Whether published patients reach the profile on one factor."""

    factor: Factor
    is_covered: bool
    sentence: str


def _read(text: str, file: str) -> Mapping[str, Any]:
    """Return the file's keys; JSON is told from TOML by its first character."""
    if not text.lstrip().startswith("{"):
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise DataError(f"{file} is not valid TOML: {error}", where=file) from error
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file} is not valid JSON: {error}", where=file) from error
    # In JSON an unknown is often written as null; it is as if it were left out.
    return {str(key): value for key, value in plain.items() if value is not None}


def parse_profile(text: str, *, factors: Sequence[Factor], file: str = "patient.toml") -> Profile:
    """Read a profile from TOML or JSON.

    Raises
    ------
    DataError
        For a key that is no factor (the nearest is named) or a value of the wrong kind.
    """
    plain = _read(text, file)
    fields = {factor.field: factor for factor in factors}
    values: dict[str, CellValue] = {}
    for key, value in plain.items():
        if key in _DESCRIPTIVE:
            if not isinstance(value, str):
                raise DataError(f"{file}: {key} = {value!r} is not a text", where=file, field=key)
            continue
        if key not in fields:
            names = [*fields, *_DESCRIPTIVE]
            near = [name for name in names if name.startswith(key)]
            near = near or difflib.get_close_matches(key, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
            raise DataError(f"{file}: {key!r} is not a known factor; {hint}", where=file, field=key)
        wanted = {"number": (int, float), "boolean": (bool,), "choice": (str,)}[fields[key].kind]
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            raise DataError(
                f"{file}: {key} = {value!r} is not a {fields[key].kind}", where=file, field=key
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise DataError(f"{file}: {key} = {value!r} is no number", where=file, field=key)
        values[key] = value
    return Profile(
        name=plain.get("name", "Unnamed patient"),
        values=MappingProxyType(values),
        primary_site=plain.get("primary_site"),
    )


def standings(profile: Profile, *, factors: Sequence[Factor]) -> tuple[Standing, ...]:
    """Return where the patient stands on every factor, unknown where nothing was given."""
    found = []
    for factor in factors:
        value = profile.values.get(factor.field)
        band = factor.band_of(value)
        if value is None:
            side, label = Side.UNKNOWN, "not given"
        elif band is None:
            side, label = Side.UNKNOWN, f"{value}: no published cut-point"
        else:
            side, label = band.side, band.label
        found.append(Standing(factor=factor, value=value, side=side, label=label))
    return tuple(found)


def _covered(factor: Factor, value: CellValue, published: Sequence[CellValue]) -> Coverage:
    if not published:
        text = f"no published patient has {factor.name} recorded"
        return Coverage(factor=factor, is_covered=False, sentence=text)
    if factor.kind == "number" and isinstance(value, int | float):
        numbers = [float(v) for v in published if isinstance(v, int | float)]
        low, high = min(numbers), max(numbers)
        inside = low <= value <= high
        unit = f" {factor.unit}" if factor.unit else ""
        text = (
            f"{value:g}{unit} lies {'inside' if inside else 'outside'} the published "
            f"{low:g} to {high:g} ({len(numbers)} patients)"
        )
        return Coverage(factor=factor, is_covered=inside, sentence=text)
    same = sum(v == value for v in published)
    text = f"{same} of {len(published)} published patients with it recorded have {value!r}"
    return Coverage(factor=factor, is_covered=same > 0, sentence=text)


def coverage(
    profile: Profile, patients: Iterable[Patient], *, factors: Sequence[Factor]
) -> tuple[Coverage, ...]:
    """Return, for each factor given, whether published patients reach it."""
    return coverage_in(profile, PatientIndex(list(patients), factors))


def coverage_in(profile: Profile, index: PatientIndex) -> tuple[Coverage, ...]:
    """Return the same for patients whose factors are laid out already."""
    rows = []
    for factor in index.factors:
        value = profile.values.get(factor.field)
        if value is not None:
            published = [v for v in index.published(factor.field) if v is not None]
            rows.append(_covered(factor, value, published))
    return tuple(rows)
