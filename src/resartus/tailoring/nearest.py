"""The nearest published patients, by a distance that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from resartus.domain.extracted import CellValue
from resartus.domain.patient import Patient
from resartus.tailoring.factors import Band, Factor

__all__ = ["Difference", "Match", "PatientIndex", "nearest_patients"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One factor compared: ``size`` is 0 for the same and 1 for the furthest apart."""

    factor: str
    asked: CellValue
    published: CellValue | None
    size: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One published patient beside the one asked about.

    ``distance`` is Gower's: the mean difference over the factors both have,
    0 to 1. ``share_known`` is how many of the asked factors the report gave.
    """

    patient: Patient
    distance: float
    share_known: float
    differences: tuple[Difference, ...]


def _numbers(values: Iterable[CellValue | None]) -> np.ndarray:
    return np.array(
        [
            float(v) if isinstance(v, int | float) and not isinstance(v, bool) else np.nan
            for v in values
        ]
    )


class PatientIndex:
    """Published patients, their factors laid out once, to be asked many times.

    Parameters
    ----------
    patients : sequence of Patient
        The published ones.
    factors : sequence of Factor
        What they may be compared on.

    Notes
    -----
    Gower's coefficient with equal weights; ties go to the patient of whom
    more is known. A patient known by one factor alone may look very near:
    read ``share_known`` beside the distance.

    References
    ----------
    .. [1] Gower JC. A general coefficient of similarity and some of its
       properties. Biometrics 1971;27:857-871.
    """

    def __init__(self, patients: Sequence[Patient], factors: Sequence[Factor]) -> None:
        self.patients = tuple(patients)
        self.factors = tuple(factors)
        self._values = {f.field: [p.value(f.field) for p in self.patients] for f in self.factors}
        self._numbers = {
            f.field: _numbers(self._values[f.field]) for f in self.factors if f.kind == "number"
        }
        # The order of ties is by name, worked out once.
        order = sorted(range(len(self.patients)), key=lambda i: self.patients[i].patient_id)
        self._place = np.empty(len(order))
        self._place[order] = np.arange(len(order))

    def published(self, field: str) -> Sequence[CellValue | None]:
        """Return what was reported for a factor, patient by patient."""
        return self._values[field]

    def in_band(self, factor: Factor, band: Band) -> np.ndarray:
        """Return where the patients stand whose value falls in a band of a factor."""
        if factor.kind != "number":
            known = self._values[factor.field]
            return np.flatnonzero([value == band.value for value in known])
        values = self._numbers[factor.field]
        # A value falls in the first band that it is below the end of.
        place = factor.bands.index(band)
        lower = factor.bands[place - 1].below if place else None
        inside = np.isfinite(values)
        if lower is not None:
            inside &= values >= lower
        if band.below is not None:
            inside &= values < band.below
        return np.flatnonzero(inside)

    def _sizes(self, factor: Factor, asked: CellValue) -> np.ndarray:
        """Return each patient's difference on a factor, NaN where it is not known."""
        if factor.kind != "number":
            known = self._values[factor.field]
            return np.array([np.nan if v is None else float(v != asked) for v in known])
        values = self._numbers[factor.field]
        if isinstance(asked, str) or not np.isfinite(values).any():
            return np.full(len(values), np.nan)
        low, high = min(np.nanmin(values), asked), max(np.nanmax(values), asked)
        apart = np.abs(values - asked)
        # With no spread among the published, equal is 0 and anything else is 1.
        return np.minimum(1.0, apart / (high - low)) if high > low else apart

    def nearest(self, profile: Mapping[str, CellValue], *, count: int = 5) -> tuple[Match, ...]:
        """Return the published patients most like a profile, nearest first."""
        asked = [f for f in self.factors if profile.get(f.field) is not None]
        if not asked or not self.patients:
            return ()
        sizes = np.array([self._sizes(f, profile[f.field]) for f in asked])
        known = np.isfinite(sizes).sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            distance = np.nansum(sizes, axis=0) / known
        usable = np.flatnonzero(known)
        # Rounded, so that sums in another order do not part what is equally near.
        ranked = np.lexsort((self._place[usable], -known[usable], np.round(distance[usable], 12)))
        return tuple(
            Match(
                patient=self.patients[i],
                distance=float(distance[i]),
                share_known=float(known[i]) / len(asked),
                differences=tuple(
                    Difference(
                        factor=f.name,
                        asked=profile[f.field],
                        published=self._values[f.field][i],
                        size=float(size) if np.isfinite(size) else None,
                    )
                    for f, size in zip(asked, sizes[:, i], strict=True)
                ),
            )
            for i in usable[ranked[:count]]
        )


def nearest_patients(
    profile: Mapping[str, CellValue],
    patients: Sequence[Patient],
    *,
    factors: Sequence[Factor],
    count: int = 5,
) -> tuple[Match, ...]:
    """Return the published patients most like a profile, nearest first; see ``PatientIndex``.

    Parameters
    ----------
    profile : mapping of field to value
        What is known of the patient asked about; fields of the factors.
    patients : sequence of Patient
        The published ones. One that shares no recorded factor is left out.
    count : int
        How many at most.
    """
    return PatientIndex(patients, factors).nearest(profile, count=count)
