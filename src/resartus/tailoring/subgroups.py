"""What became of the published patients who are alike on one factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from resartus.domain.extracted import CellValue
from resartus.domain.patient import Patient
from resartus.tailoring.factors import Band, Factor
from resartus.tailoring.nearest import PatientIndex

__all__ = ["Subgroup", "subgroups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """The published patients in the band of one factor that the patient asked about is in.

    ``n_dead`` and ``n_alive`` count those whose state at last follow-up was
    reported; ``months`` are the shortest, middle and longest follow-up.
    """

    factor: Factor
    band: Band
    patients: tuple[Patient, ...]
    n_dead: int
    n_alive: int
    months: tuple[float, float, float] | None


def subgroups(profile: Mapping[str, CellValue], index: PatientIndex) -> tuple[Subgroup, ...]:
    """Return one subgroup for each factor given that has a band; it may hold nobody."""
    found = []
    for factor in index.factors:
        band = factor.band_of(profile.get(factor.field))
        if band is None:
            continue
        mine = tuple(index.patients[i] for i in index.in_band(factor, band).tolist())
        states = [p.follow_up.status.is_dead for p in mine]
        times = [p.follow_up.months for p in mine if p.follow_up.months is not None]
        found.append(
            Subgroup(
                factor=factor,
                band=band,
                patients=mine,
                n_dead=sum(state is True for state in states),
                n_alive=sum(state is False for state in states),
                months=(min(times), median(times), max(times)) if times else None,
            )
        )
    return tuple(found)
