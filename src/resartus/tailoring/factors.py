"""Selection factors as data: which field, which bands, which way the literature points."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from resartus.domain.extracted import CellValue
from resartus.errors import DataError

__all__ = ["Band", "Factor", "Side", "load_factors", "parse_factors", "with_own"]


class Side(StrEnum):
    """Which way a band points in the published series; it is no advice."""

    FAVOURABLE = "favourable"
    ADVERSE = "adverse"
    UNSETTLED = "unsettled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band of a factor: a value, or everything ``below`` a cut-point."""

    side: Side
    label: str
    value: CellValue | None = None
    below: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One candidate criterion of selection."""

    name: str
    field: str
    kind: str
    bands: tuple[Band, ...]
    unit: str | None = None

    def band_of(self, value: CellValue | None) -> Band | None:
        """Return the band a patient's value falls in, ``None`` when unknown or in none."""
        if value is None:
            return None
        if self.kind != "number":
            return next((band for band in self.bands if band.value == value), None)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise DataError(
                f"{self.field} {value!r} is not a number; give it in {self.unit}", field=self.field
            )
        return next((b for b in self.bands if b.below is None or value < b.below), None)

    def without_sides(self) -> Factor:
        """Return the factor with its bands, and no claim which way they point."""
        return replace(self, bands=tuple(replace(b, side=Side.UNKNOWN) for b in self.bands))


def _band(plain: Mapping[str, Any]) -> Band:
    return Band(
        side=Side(plain["side"]),
        label=str(plain.get("label", plain.get("value"))),
        value=plain.get("value"),
        below=plain.get("below"),
    )


def parse_factors(text: str, *, file: str) -> tuple[Factor, ...]:
    """Read factors from TOML.

    Raises
    ------
    DataError
        If the file is not TOML, or a factor lacks its name, field, kind or a band's side.
    """
    try:
        entries = tomllib.loads(text)["factor"]
        factors = tuple(
            Factor(
                name=entry["name"],
                field=entry["field"],
                kind=entry["kind"],
                unit=entry.get("unit"),
                bands=tuple(_band(band) for band in entry["bands"]),
            )
            for entry in entries
        )
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{file} is not valid TOML: {error}", where=file) from error
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{file}: a factor needs name, field, kind and bands, each with a side ({error})",
            where=file,
        ) from error
    for factor in factors:
        if factor.kind not in ("number", "choice", "boolean"):
            raise DataError(
                f"{file}: kind {factor.kind!r} of {factor.name!r} is not number, choice or boolean",
                where=file,
            )
    return factors


@cache
def load_factors() -> tuple[Factor, ...]:
    """Return the factors that come with the package."""
    path = resources.files("resartus.tailoring") / "factors.toml"
    return parse_factors(path.read_text(encoding="utf-8"), file="factors.toml")


def with_own(own: Iterable[Factor]) -> tuple[Factor, ...]:
    """Return the bundled factors, those of the same name replaced by a review's own."""
    known = {factor.name: factor for factor in load_factors()}
    known |= {factor.name: factor for factor in own}
    return tuple(known.values())
