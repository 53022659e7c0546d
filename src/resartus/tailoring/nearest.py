"""The nearest published patients, by a distance that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from resartus.domain.extracted import CellValue
from resartus.domain.patient import Patient
from resartus.tailoring.factors import Factor

__all__ = ["Difference", "Match", "nearest_patients"]


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


def _range(factor: Factor, values: Iterable[CellValue | None]) -> float:
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    return (max(numbers) - min(numbers)) if numbers else 0.0


def _size(
    factor: Factor, asked: CellValue, published: CellValue | None, spread: float
) -> float | None:
    if published is None:
        return None
    if factor.kind != "number":
        return 0.0 if asked == published else 1.0
    if not isinstance(asked, int | float) or not isinstance(published, int | float):
        return None
    # With no spread among the published, equal is 0 and anything else is 1.
    apart = abs(asked - published)
    return min(1.0, apart / spread) if spread else float(apart > 0)


def nearest_patients(
    profile: Mapping[str, CellValue],
    patients: Sequence[Patient],
    *,
    factors: Sequence[Factor],
    count: int = 5,
) -> tuple[Match, ...]:
    """Return the published patients most like a profile, nearest first.

    Parameters
    ----------
    profile : mapping of field to value
        What is known of the patient asked about; fields of the factors.
    patients : sequence of Patient
        The published ones. One that shares no recorded factor is left out.
    count : int
        How many at most.

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
    asked = [factor for factor in factors if profile.get(factor.field) is not None]
    spreads = {
        f.field: _range(f, [profile[f.field], *(p.value(f.field) for p in patients)])
        for f in asked
        if f.kind == "number"
    }
    matches = []
    for patient in patients:
        differences = tuple(
            Difference(
                factor=f.name,
                asked=profile[f.field],
                published=(published := patient.value(f.field)),
                size=_size(f, profile[f.field], published, spreads.get(f.field, 0.0)),
            )
            for f in asked
        )
        sizes = [d.size for d in differences if d.size is not None]
        if sizes:
            matches.append(
                Match(
                    patient=patient,
                    distance=sum(sizes) / len(sizes),
                    share_known=len(sizes) / len(asked),
                    differences=differences,
                )
            )
    matches.sort(key=lambda m: (m.distance, -m.share_known, m.patient.patient_id))
    return tuple(matches[:count])
