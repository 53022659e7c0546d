"""Compute what the studies add up to, by the protocol's plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from resartus.domain.estimate import Estimate
from resartus.domain.ids import StudyId
from resartus.domain.patient import Patient
from resartus.domain.study import Study
from resartus.domain.time_zero import TimeZero
from resartus.synthesis.meta.proportions import pool_proportions
from resartus.synthesis.survival.kaplan_meier import SurvivalCurve, kaplan_meier

__all__ = ["PatientCurve", "PooledProportion", "Unusable", "patient_curve", "pooled_proportion"]

SELECTED = "selected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledProportion:
    """Events among the operated: per study, pooled, and who was left out and why."""

    field: str
    studies: tuple[Study, ...]
    events: tuple[int, ...]
    totals: tuple[int, ...]
    per_study: tuple[Estimate, ...]
    pooled: Estimate
    left_out: tuple[tuple[Study, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """A single patient who cannot enter the curve, and why."""

    patient: Patient
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientCurve:
    """The single patients' curve, with everyone who is not in it."""

    curve: SurvivalCurve | None
    patients: tuple[Patient, ...]
    unusable: tuple[Unusable, ...]
    time_zeros: tuple[TimeZero, ...]

    @property
    def share_usable(self) -> float | None:
        """Usable among all single patients, ``None`` when there are none."""
        everyone = len(self.patients) + len(self.unusable)
        return len(self.patients) / everyone if everyone else None


def _nothing_to_pool(field: str, denominator: str) -> Estimate:
    """Return the estimate of no study: a review may be reported before, or without, any."""
    return Estimate(
        value=None,
        scale="proportion",
        method="not pooled",
        diagnostics=(f"No treated study reports {field} with {denominator}.",),
    )


def pooled_proportion(
    studies: Iterable[Study],
    field: str,
    *,
    treated: Collection[StudyId],
    denominator: str,
    level: float = 0.95,
) -> PooledProportion:
    """Pool one count over the direct series that report it with its denominator.

    Series selected on their outcome are shown and left out: an event rate
    among those who lived five years is not the rate of the operation.
    """
    kept: list[Study] = []
    left: list[tuple[Study, str]] = []
    for study in studies:
        if study.study_id not in treated:
            continue
        events, total = study.number(field), study.number(denominator)
        if events is None or total is None:
            left.append((study, "not reported"))
        elif SELECTED in str(study.value(field.removesuffix("_n") + "_definition") or ""):
            left.append((study, "patients were selected for their survival"))
        else:
            kept.append(study)
    events_n = tuple(int(study.number(field) or 0) for study in kept)
    totals_n = tuple(int(study.number(denominator) or 0) for study in kept)

    def ids(study: Study) -> tuple[str, str]:
        return f"{study.study_id}/{field}", f"{study.study_id}/{denominator}"

    return PooledProportion(
        field=field,
        studies=tuple(kept),
        events=events_n,
        totals=totals_n,
        per_study=tuple(
            pool_proportions([e], [n], level=level, inputs=ids(study))
            for study, e, n in zip(kept, events_n, totals_n, strict=True)
        ),
        pooled=pool_proportions(
            events_n, totals_n, level=level, inputs=tuple(i for s in kept for i in ids(s))
        )
        if kept
        else _nothing_to_pool(field, denominator),
        left_out=tuple(left),
    )


def patient_curve(
    patients: Sequence[Patient], *, treatment: str | None = None, level: float = 0.95
) -> PatientCurve:
    """Return the Kaplan-Meier curve of the single patients, with one treatment if it is named.

    Everyone else is listed with the reason: another treatment, or what the
    report left out.
    """
    usable: list[Patient] = []
    unusable: list[Unusable] = []
    for patient in patients:
        reason = patient.follow_up.unusable_because()
        if treatment is not None and patient.value("treatment") != treatment:
            reason = f"treated by {patient.value('treatment') or 'something not reported'}"
        if reason is None:
            usable.append(patient)
        else:
            unusable.append(Unusable(patient=patient, reason=reason))
    curve = None
    if usable:
        curve = kaplan_meier(
            [patient.follow_up.months or 0.0 for patient in usable],
            [bool(patient.follow_up.status.is_dead) for patient in usable],
            level=level,
            inputs=tuple(f"{p.patient_id}/follow_up_months" for p in usable),
        )
    return PatientCurve(
        curve=curve,
        patients=tuple(usable),
        unusable=tuple(unusable),
        time_zeros=tuple(dict.fromkeys(p.follow_up.time_zero for p in usable)),
    )
