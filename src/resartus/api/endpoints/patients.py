"""Single patients: tables, who is usable, published curves; suggestions of values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import msgspec

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Id, Line, pairs_of
from resartus.app.extraction.curves import (
    CurvePoint,
    ReconstructedArm,
    RiskCount,
    add_curve,
    reconstructed_arms,
)
from resartus.app.extraction.double_entry import Agreement, compare
from resartus.app.extraction.form_in_use import asked_time_zero, times_zero_at
from resartus.app.extraction.patients import (
    Analysis,
    Harmonised,
    PatientImport,
    Usability,
    harmonise_patients,
    import_patients,
    left_out_by_overlap,
    whatever_the_time_zero,
)
from resartus.app.extraction.patients import Endpoint as Outcome
from resartus.app.extraction.suggesting import (
    Suggested,
    accept,
    disclosure,
    load_settings,
    reject,
    suggest,
    waiting,
)
from resartus.app.importing import plain_name
from resartus.app.permissions import Action
from resartus.app.settled import settled
from resartus.domain.extracted import Cell
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.overlap import OverlapRule
from resartus.domain.suggestion import Suggestion
from resartus.domain.time_zero import UNKNOWN_ZERO, TimeZero
from resartus.errors import DataError, NotFoundError

__all__ = ["PATIENTS"]

_REVIEW = "/reviews/{review_id}"
_STUDY = _REVIEW + "/studies/{study_id}"
Time = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Patients = Annotated[int, msgspec.Meta(ge=0, le=10**6)]
Many = msgspec.Meta(max_length=5000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The file, the report it stands in (the study's first if left out), and which table.

    ``columns`` names what is not called as usual: ``field=header;…``.
    """

    name: Line = "patients.csv"
    record_id: Id | None = None
    detail: Line | None = None
    columns: Line | None = None
    sheet: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisAsked:
    """Which survival analysis; over every time zero if ``origin`` is left out."""

    origin: Line | None = None
    endpoint: Outcome = Outcome.OVERALL
    overlap: OverlapRule = OverlapRule.KEEP_ALL
    tolerance_months: Annotated[float, msgspec.Meta(ge=0, le=1200)] = 6.0


class Usable(Body):
    """Who is usable in which survival analysis, and why the others are not."""

    usability: tuple[Usability, ...]
    patients: tuple[Harmonised, ...]


class NewCurve(Body):
    """A digitised survival curve: (time, survival) points and (time, patients) at risk."""

    record_id: Id
    points: Annotated[tuple[tuple[Time, Share], ...], Many]
    at_risk: Annotated[tuple[tuple[Time, Patients], ...], Many]
    arm: Line = "all patients"
    outcome: Line = "overall survival"
    figure: Line = "figure"
    total_events: Patients | None = None
    unit: Literal["days", "weeks", "months", "years"] = "months"
    time_zero: Line = UNKNOWN_ZERO


class Rebuilt(Body):
    """Patients reconstructed from a curve (Guyot 2012), in months, with how far they are off."""

    study_id: StudyId
    arm: str
    outcome: str
    figure: str
    time_zero: TimeZero
    months: tuple[float, ...]
    is_event: tuple[bool, ...]
    error: str
    label: str
    notes: tuple[str, ...]


class Suggestions(Body):
    """Whether anything may propose values here, what waits, and what a report must say of it."""

    is_on: bool
    waiting: tuple[Suggestion, ...]
    disclosure: tuple[str, ...]


class Said(Body):
    """What you say of one suggestion; ``value`` and ``field`` change what is accepted."""

    suggestion_id: Id
    verdict: Literal["accept", "reject"]
    value: Line | None = None
    field: Id | None = None


class Decided(Body):
    """The value that was entered, ``null`` for a suggestion turned down."""

    suggestion_id: str
    cell: Cell | None


class Compared(Body):
    """Two people's entries side by side: values entered by both, and how many differ."""

    n_both: int
    n_differ: int
    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class OfStudy:
    """One study; all if left out."""

    study_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Two people, and one study or all; the two with most entries if left out."""

    first: Line | None = None
    second: Line | None = None
    study_id: Id | None = None


def _study_id(call: Call) -> StudyId | None:
    return None if call.query.study_id is None else StudyId(call.query.study_id)


def _bring(call: Call) -> PatientImport:
    asked, study_id = call.query, StudyId(call.path["study_id"])
    given = pairs_of(asked.columns, field="columns")
    with call.review() as review, TemporaryDirectory() as folder:
        study = review.state().studies.get(study_id)
        if study is None:
            raise NotFoundError(f"study {study_id!r} is not in this review; define it first")
        path = Path(folder) / plain_name(asked.name)
        path.write_bytes(call.body)
        return import_patients(
            review,
            path,
            study_id=study_id,
            record_id=RecordId(asked.record_id or study.record_ids[0]),
            detail=asked.detail,
            mapping={header: field for field, header in given.items()},
            sheet=asked.sheet,
        )


def _usable(call: Call) -> Usable:
    asked = call.query
    with call.aside() as review:
        state = settled(review)
        origins = (
            [asked_time_zero(review, asked.origin)]
            if asked.origin
            else times_zero_at(review.protocol, state)
        )
        left_out = left_out_by_overlap(state, asked.overlap)
        found = [
            harmonise_patients(
                state,
                Analysis(
                    origin=origin,
                    endpoint=asked.endpoint,
                    tolerance_months=asked.tolerance_months,
                ),
                left_out=left_out,
            )
            for origin in origins
        ]
        return Usable(
            usability=(whatever_the_time_zero(state), *(one.usability for one in found)),
            patients=tuple(patient for one in found for patient in one.patients),
        )


def _rebuilt(arm: ReconstructedArm) -> Rebuilt:
    return Rebuilt(
        study_id=arm.curve.study_id,
        arm=arm.curve.arm,
        outcome=arm.curve.outcome,
        figure=arm.curve.figure,
        time_zero=arm.curve.time_zero,
        months=arm.months,
        is_event=arm.is_event,
        error=arm.reconstruction.error.sentence(),
        label=arm.reconstruction.label,
        notes=arm.reconstruction.notes,
    )


def _curve(call: Call) -> Rebuilt:
    new = call.body
    with call.review() as review:
        return _rebuilt(
            add_curve(
                review,
                study_id=StudyId(call.path["study_id"]),
                record_id=RecordId(new.record_id),
                arm=new.arm,
                outcome=new.outcome,
                figure=new.figure,
                points=[CurvePoint(time=t, survival=s) for t, s in new.points],
                at_risk=[RiskCount(time=t, at_risk=n) for t, n in new.at_risk],
                total_events=new.total_events,
                unit=new.unit,
                time_zero=TimeZero(new.time_zero),
            )
        )


def _curves(call: Call) -> list[Rebuilt]:
    with call.aside() as review:
        return [_rebuilt(arm) for arm in reconstructed_arms(review.state())]


def _suggestions(call: Call) -> Suggestions:
    with call.review() as review:
        state = review.state()
        return Suggestions(
            is_on=load_settings(review).is_on,
            waiting=tuple(waiting(state, study_id=_study_id(call))),
            disclosure=disclosure(state),
        )


def _suggest(call: Call) -> Suggested:
    with call.aside() as review:
        return suggest(review, StudyId(call.path["study_id"]))


def _decide(call: Call) -> Decided:
    said: Said = call.body
    with call.review() as review:
        if said.verdict == "accept":
            cell = accept(review, said.suggestion_id, value=said.value, field=said.field)
            return Decided(suggestion_id=said.suggestion_id, cell=cell)
        reject(review, said.suggestion_id)
    return Decided(suggestion_id=said.suggestion_id, cell=None)


def _agreement(call: Call) -> Compared:
    asked = call.query
    if (asked.first is None) != (asked.second is None):
        raise DataError("name both people, first and second, or neither", field="second")
    people = None if asked.first is None else (asked.first, asked.second)
    with call.review() as review:
        found = compare(review.state(), study_id=_study_id(call), people=people)
    return Compared(n_both=found.n_both, n_differ=found.n_differ, agreement=found)


PATIENTS = (
    Endpoint(
        method="POST",
        path=_STUDY + "/patients",
        summary="Bring a table of patients (CSV or XLSX), all or none",
        work=_bring,
        action=Action.EXTRACT,
        query=Table,
        body=bytes,
        answer=PatientImport,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/patients",
        summary="Who is usable in which survival analysis, and why not",
        work=_usable,
        action=Action.READ,
        query=AnalysisAsked,
        answer=Usable,
    ),
    Endpoint(
        method="POST",
        path=_STUDY + "/curves",
        summary="Keep a digitised survival curve; its patients are reconstructed",
        work=_curve,
        action=Action.EXTRACT,
        body=NewCurve,
        answer=Rebuilt,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/curves",
        summary="The kept curves with their reconstructed patients",
        work=_curves,
        action=Action.READ,
        answer=list[Rebuilt],
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/suggestions",
        summary="Suggested values that wait for a person; off unless switched on",
        work=_suggestions,
        action=Action.READ,
        query=OfStudy,
        answer=Suggestions,
    ),
    Endpoint(
        method="POST",
        path=_STUDY + "/suggestions",
        summary="Let what is switched on propose values of a study; none is accepted by itself",
        work=_suggest,
        action=Action.EXTRACT,
        answer=Suggested,
        status=201,
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/suggestions",
        summary="Accept a suggestion under your name, changed or not, or turn it down",
        work=_decide,
        action=Action.EXTRACT,
        body=Said,
        answer=Decided,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/consensus/agreement",
        summary="How far two people's entries agree, field by field",
        work=_agreement,
        action=Action.ADJUDICATE,
        query=People,
        answer=Compared,
    ),
)
