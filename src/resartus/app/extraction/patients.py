"""Patients of a study: a table comes in, and each is told in which analysis it is usable."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from resartus.app.dedup.overlaps import studies_under
from resartus.app.evidence import assemble
from resartus.app.extraction.form_in_use import fields_in_use, times_zero_at, value_reader
from resartus.app.review import Review
from resartus.domain.curve import MONTHS_PER
from resartus.domain.event import EventKind
from resartus.domain.extracted import CellValue, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.overlap import OverlapRule
from resartus.domain.patient import Patient, VitalStatus
from resartus.domain.patient_table import PatientRow, PatientTable
from resartus.domain.settled import SettledState
from resartus.domain.time_zero import (
    DIAGNOSIS,
    LIVER_METASTASIS,
    LIVER_TREATMENT,
    RECURRENCE,
)
from resartus.errors import DataError, NotFoundError
from resartus.extraction.follow_up_text import parse_follow_up
from resartus.extraction.harmoniser import (
    LAST_SEEN,
    Analysis,
    Bound,
    DatedEvent,
    Endpoint,
    Harmonised,
    Interval,
    PatientTimes,
    Usability,
    harmonise,
    usability,
)
from resartus.extraction.partial_dates import parse_partial_date
from resartus.extraction.patient_rows import (
    SheetRow,
    map_columns,
    plain_status,
    plain_time_zero,
    read_sheet,
)
from resartus.sources.formats.packed import require_modest

__all__ = [
    "Analysis",
    "Endpoint",
    "Harmonised",
    "HarmonisedPatients",
    "PatientImport",
    "TablePreview",
    "Usability",
    "harmonise_patients",
    "import_patients",
    "left_out_by_overlap",
    "patient_times",
    "preview_table",
    "whatever_the_time_zero",
]

_DATE_FIELDS: Mapping[str, str] = {
    "date_diagnosis": DIAGNOSIS,
    "date_liver_metastasis": LIVER_METASTASIS,
    "date_liver_treatment": LIVER_TREATMENT,
    "date_recurrence": RECURRENCE,
    "date_last_seen": LAST_SEEN,
}
_EVENT = re.compile(r"event\[(?P<point>[^\]]+)\]\.date")
_INTERVAL = re.compile(r"interval\[(?P<start>[^\]>]+?)\s*>\s*(?P<end>[^\]]+?)\]\.(?P<unit>\w+)")
_UNTREATED = {"none", "no liver treatment", "chemotherapy", "biopsy only",
                       "best supportive care"}  # fmt: skip
_NOT_REPORTED = {"", "nr", "n/r", "not reported", "unknown", "-", "–", "?"}
_NOT_APPLICABLE = {"na", "n/a", "not applicable"}
_MOST_PROBLEMS = 10
_Reader = Callable[[str, str, str], CellValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientImport:
    """What a table gave: patients, values, which column became which field, and what was left."""

    study_id: str
    patients: int
    values: int
    columns: Mapping[str, str]
    ignored_columns: tuple[str, ...]
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmonisedPatients:
    """All patients of the review in one analysis, and the share that is usable."""

    patients: tuple[Harmonised, ...]
    usability: Usability


def _cell_reader(review: Review) -> _Reader:
    """Return what reads a table's words: the usual ones of tables first, then by the form."""
    read, zeros = value_reader(review), times_zero_at(review.protocol, review.state())

    def value(field: str, text: str, where: str) -> CellValue:
        if field == "status":
            return plain_status(text).value
        if field == "time_zero":
            return plain_time_zero(text, zeros)
        return read(field, text, where).value

    return value


def _row(row: SheetRow, columns: Mapping[str, str], read: _Reader, name: str) -> PatientRow:
    values: list[CellValue | None] = []
    nothing, printed = {}, {}
    patient = ""
    for column, field in columns.items():
        text = row.values.get(column, "")
        if field == "patient":
            patient = text
            continue
        key, lowered = str(len(values)), text.lower()
        value: CellValue | None = None
        if lowered in _NOT_APPLICABLE:
            nothing[key] = Reported.NOT_APPLICABLE.value
        elif lowered not in _NOT_REPORTED:
            where = f"{name}, line {row.line}, column {column!r}"
            try:
                value = read(field, text, where)
            except DataError as error:
                said = error.message
                raise DataError(said if said.startswith(name) else f"{where}: {said}") from error
            if value == VitalStatus.UNKNOWN.value:
                value = None
        if text and text != str(value):
            printed[key] = text
        values.append(value)
    return PatientRow(
        line=row.line,
        patient=patient or str(row.line - 1),
        values=tuple(values),
        nothing=nothing,
        printed=printed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePreview:
    """A table before it comes in: its columns, first row, and what each would become."""

    columns: tuple[str, ...]
    sample: Mapping[str, str]
    mapped: Mapping[str, str]
    n_rows: int
    fields: tuple[str, ...]
    """What a column can be."""


def preview_table(review: Review, path: Path, *, sheet: str | None = None) -> TablePreview:
    """Return what a table of patients holds, before anything is entered.

    Raises
    ------
    DataError
        If it is no table that can be read.
    """
    require_modest(path)
    columns, rows = read_sheet(path.read_bytes(), name=path.name, sheet=sheet)
    known = list(rows)
    form = [field.name for field in fields_in_use(review) if field.level == "patient"]
    fields = tuple(dict.fromkeys(["patient", *form]))
    mapped, _ = map_columns(columns, fields=fields)
    return TablePreview(
        columns=tuple(columns),
        sample=known[0].values if known else {},
        mapped=mapped,
        n_rows=len(known),
        fields=tuple(dict.fromkeys([*fields, *mapped.values()])),
    )


def import_patients(
    review: Review,
    path: Path,
    *,
    study_id: StudyId,
    record_id: RecordId,
    place: str = "table",
    detail: str | None = None,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> PatientImport:
    """Enter a table of patients in one transaction: all or none; the file is kept by its hash.

    Each value is anchored to the table, its row and its column. An empty cell
    is "not reported". ``mapping`` names columns that are not called as usual.

    Raises
    ------
    DataError
        Naming up to ten values that break a rule, each with line and column.
    NotFoundError
        If the study or the report is not in the review.
    """
    state = review.state()
    if study_id not in state.studies:
        raise NotFoundError(f"study {study_id!r} is not in this review; define it first")
    if record_id not in state.arrived:
        raise NotFoundError(f"record {record_id!r} is not in this review")
    require_modest(path)
    content = path.read_bytes()
    columns, rows = read_sheet(content, name=path.name, sheet=sheet)
    form = [field.name for field in fields_in_use(review) if field.level == "patient"]
    mapped, ignored = map_columns(columns, fields=["patient", *form], given=mapping)
    if not set(mapped.values()) - {"patient"}:
        raise DataError(
            f"{path.name}: no column is a field of the form ({', '.join(columns)}); "
            "map them, for example --map 'Survival=follow_up_months'"
        )
    read = _cell_reader(review)
    patients: list[PatientRow] = []
    problems: list[str] = []
    names: set[str] = set()
    for row in rows:
        try:
            patient = _row(row, mapped, read, path.name)
        except DataError as error:
            problems.append(error.message)
            continue
        if patient.patient in names:
            problems.append(
                f"{path.name}, line {row.line}: patient {patient.patient!r} stands twice"
            )
        names.add(patient.patient)
        patients.append(patient)
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        tail = f"\nand {more} more" if more > 0 else ""
        raise DataError("\n".join(problems[:_MOST_PROBLEMS]) + tail, where=path.name)
    own = {column: field for column, field in mapped.items() if field != "patient"}
    table = PatientTable(
        study_id=study_id,
        record_id=record_id,
        place=place,
        detail=detail or path.name,
        fields=tuple(own.values()),
        columns=tuple(own),
        rows=tuple(patients),
        entered_by=review.person,
        payload=review.payloads.save(content),
    )
    # The table is refused here if its place is unknown, before anything is logged.
    next(table.cells(), None)
    review.append(EventKind.PATIENTS_IMPORTED, table)
    return PatientImport(
        study_id=study_id,
        patients=len(patients),
        values=len(patients) * len(own),
        columns=mapped,
        ignored_columns=ignored,
        payload=table.payload,
    )


def _intervals(patient: Patient) -> Iterable[Interval]:
    zero = patient.follow_up.time_zero
    bound = Bound(str(patient.value("follow_up_bound") or Bound.EXACT.value))
    for unit in MONTHS_PER:
        value = patient.value(f"follow_up_{unit}")
        if isinstance(value, int | float):
            yield Interval(start=zero, end=LAST_SEEN, value=float(value), unit=unit, bound=bound)
    text = patient.value("follow_up_text")
    if isinstance(text, str):
        said = parse_follow_up(text)
        if said.value is not None:
            yield Interval(
                start=zero, end=LAST_SEEN, value=said.value, unit=said.unit, bound=said.bound
            )
    primary, liver = DIAGNOSIS, LIVER_METASTASIS
    interval = patient.value("interval_months")
    if isinstance(interval, int | float):
        yield Interval(start=primary, end=liver, value=float(interval))
    elif patient.value("timing") == "synchronous":
        yield Interval(start=primary, end=liver, value=0.0)
    for field, extracted in patient.values.items():
        match = _INTERVAL.fullmatch(field)
        if match and isinstance(extracted.value, int | float):
            yield Interval(
                start=match["start"],
                end=match["end"],
                value=float(extracted.value),
                unit=match["unit"],
            )


def _points_of(field: str) -> tuple[str, ...]:
    """Return what a date field dates: ``date_drainage`` is of the time zero ``"drainage"``.

    The fields of the bundled forms date the time zero of their longer name as well.
    """
    if not field.startswith("date_"):
        return ()
    plain = field.removeprefix("date_").replace("_", " ")
    return tuple(dict.fromkeys((plain, _DATE_FIELDS.get(field, plain))))


def _events(patient: Patient) -> Iterable[DatedEvent]:
    for field, extracted in patient.values.items():
        match = _EVENT.fullmatch(field)
        if extracted.value is not None:
            for point in (match["point"],) if match else _points_of(field):
                yield DatedEvent(point=point, on=parse_partial_date(str(extracted.value)))


def patient_times(patient: Patient) -> PatientTimes:
    """Return all that was entered on a patient's times.

    Read are ``follow_up_months`` (or ``_days``, ``_weeks``, ``_years``) with
    ``time_zero``, ``follow_up_bound`` and ``status``; ``follow_up_text``;
    ``interval_months`` from the primary to the liver metastasis;
    ``timing``; ``interval[A > B].months``; ``event[A].date`` and ``date_…``.
    """
    status = patient.follow_up.status
    text = patient.value("follow_up_text")
    if status is VitalStatus.UNKNOWN and isinstance(text, str):
        status = parse_follow_up(text).status
    treatment = str(patient.value("treatment") or "")
    return PatientTimes(
        patient_id=patient.patient_id,
        status=status,
        intervals=tuple(_intervals(patient)),
        events=tuple(_events(patient)),
        untreated=treatment if str(treatment).lower() in _UNTREATED else None,
    )


def whatever_the_time_zero(state: SettledState) -> Usability:
    """Return how many patients have a length of follow-up and a status, from wherever counted.

    They may stand in a curve of their own, under a time zero "not reported",
    but never beside patients counted from a known one.
    """
    patients = [patient for study in assemble(state) for patient in study.patients]
    reasons = [reason for p in patients if (reason := p.follow_up.unusable_because())]
    return Usability(
        analysis="length and status known, whatever the time zero",
        n_patients=len(patients),
        n_usable=len(patients) - len(reasons),
        reasons=tuple(Counter(reasons).most_common()),
    )


def left_out_by_overlap(state: SettledState, rule: OverlapRule) -> Mapping[str, str]:
    """Return the patients that the verdicts on overlap leave out under a rule, with the reason."""
    studies = assemble(state)
    kept = {study.study_id for study in studies_under(state, studies, rule)}
    return {
        patient.patient_id: f"its study shares patients with another, under the rule {rule.value!r}"
        for study in studies
        if study.study_id not in kept
        for patient in study.patients
    }


def harmonise_patients(
    state: SettledState, analysis: Analysis, *, left_out: Mapping[str, str] | None = None
) -> HarmonisedPatients:
    """Return every patient of the review in one analysis, with the share that is usable.

    ``left_out`` holds the patients that overlap verdicts leave out: id and reason.
    """
    done = tuple(
        harmonise(patient_times(patient), analysis, left_out=left_out)
        for study in assemble(state)
        for patient in study.patients
    )
    return HarmonisedPatients(patients=done, usability=usability(done, analysis=analysis))
