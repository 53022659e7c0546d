"""Digitise a published survival curve, keep it, and reconstruct its patients."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from resartus.app.extraction.form_in_use import times_zero_at
from resartus.app.review import Review
from resartus.domain.curve import MONTHS_PER, PublishedCurve
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.state import ReviewState
from resartus.domain.time_zero import UNKNOWN_ZERO, TimeZero, known_time_zero
from resartus.errors import ConflictError, DataError, NotFoundError
from resartus.extraction.curves.guyot import Reconstruction, reconstruct_patients
from resartus.extraction.curves.page import digitising_page
from resartus.extraction.curves.points import (
    CurvePoint,
    RiskCount,
    read_points,
    read_risk_table,
)

__all__ = [
    "CurvePoint",
    "ReconstructedArm",
    "RiskCount",
    "add_curve",
    "parse_curve",
    "patients_csv",
    "read_curve",
    "reconstructed_arms",
    "write_digitising_page",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconstructedArm:
    """Patients computed from a kept curve, in months; never pooled with reported ones unsaid."""

    curve: PublishedCurve
    reconstruction: Reconstruction
    months: tuple[float, ...]

    @property
    def is_event(self) -> tuple[bool, ...]:
        """Which of ``months`` end with the event."""
        return self.reconstruction.is_event


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8 at byte {error.start}; save it so") from error


def parse_curve(points: str, at_risk: str) -> tuple[tuple[CurvePoint, ...], tuple[RiskCount, ...]]:
    """Return the points and the numbers at risk of two texts, as ``read_curve`` reads files."""
    return read_points(points), read_risk_table(at_risk)


def read_curve(
    points: Path, at_risk: Path, *, total_events: int | None = None
) -> tuple[tuple[CurvePoint, ...], tuple[RiskCount, ...], Reconstruction]:
    """Return the points, the numbers at risk and the patients reconstructed from two files."""
    clicks = read_points(_read_text(points), file=points.name)
    table = read_risk_table(_read_text(at_risk), file=at_risk.name)
    return clicks, table, reconstruct_patients(clicks, table, total_events=total_events)


def write_digitising_page(image: Path, target: Path) -> Path:
    """Write the page in which the points of a figure are clicked.

    Raises
    ------
    ConflictError
        If the target exists; nothing is overwritten.
    """
    page = digitising_page(image.read_bytes(), name=image.name)
    if target.exists():
        raise ConflictError(f"{target.name} exists already; name another file with --out")
    target.write_text(page, encoding="utf-8")
    return target


def add_curve(
    review: Review,
    *,
    study_id: StudyId,
    arm: str,
    outcome: str,
    record_id: RecordId,
    figure: str,
    points: Iterable[CurvePoint],
    at_risk: Iterable[RiskCount],
    total_events: int | None = None,
    unit: str = "months",
    time_zero: TimeZero = UNKNOWN_ZERO,
) -> ReconstructedArm:
    """Log a digitised curve and return its patients.

    Raises
    ------
    NotFoundError
        If the study or the report is not in the review.
    DataError
        If the curve cannot be reconstructed; nothing is logged then.
    """
    state = review.state()
    if study_id not in state.studies:
        raise NotFoundError(f"study {study_id!r} is not in this review; define it first")
    if record_id not in state.arrived:
        raise NotFoundError(f"record {record_id!r} is not in this review")
    known_time_zero(time_zero, (*times_zero_at(review.protocol, state), UNKNOWN_ZERO))
    curve = PublishedCurve(
        study_id=study_id,
        arm=arm,
        outcome=outcome,
        record_id=record_id,
        figure=figure,
        points=tuple((p.time, p.survival) for p in points),
        at_risk=tuple((r.time, r.at_risk) for r in at_risk),
        total_events=total_events,
        unit=unit,
        time_zero=time_zero,
        entered_by=review.person,
    )
    rebuilt = _rebuild(curve)
    review.append(EventKind.CURVE_DIGITISED, curve)
    return rebuilt


def _rebuild(curve: PublishedCurve) -> ReconstructedArm:
    reconstruction = reconstruct_patients(
        [CurvePoint(time=t, survival=s) for t, s in curve.points],
        [RiskCount(time=t, at_risk=n) for t, n in curve.at_risk],
        total_events=curve.total_events,
    )
    factor = MONTHS_PER[curve.unit]
    months = tuple(time * factor for time in reconstruction.times)
    return ReconstructedArm(curve=curve, reconstruction=reconstruction, months=months)


def reconstructed_arms(state: ReviewState) -> list[ReconstructedArm]:
    """Return the patients of every kept curve, computed again from its points."""
    return [_rebuild(curve) for curve in state.curves.values()]


def patients_csv(reconstruction: Reconstruction) -> str:
    """Return the rows as CSV, every one labelled as reconstructed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("patient", "time", "event", "origin_of_row"))
    for i, (time, event) in enumerate(
        zip(reconstruction.times, reconstruction.is_event, strict=True), 1
    ):
        writer.writerow((i, f"{time:.4f}", int(event), reconstruction.label))
    return out.getvalue()
