"""Studies and their values."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Id, Line
from resartus.app.entering import (
    Entry,
    cells_to_show,
    define_study,
    enter_value,
    reports_without_study,
)
from resartus.app.extracting import import_cells
from resartus.app.extraction.double_entry import settle_with
from resartus.app.permissions import Action
from resartus.domain.extracted import Cell, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.state import StudyEntry

__all__ = ["EXTRACTION"]

_STUDIES = "/reviews/{review_id}/studies"


class NewStudy(Body):
    """A study, defined by its first report."""

    study_id: Id
    record_id: Id
    design: Line
    role: Line
    label: Line | None = None


class NewValue(Body):
    """One value, with where it was read."""

    field: Id
    value: Line
    record_id: Id
    place: Line
    reported: Reported = Reported.REPORTED
    patient: Line | None = None
    span: Line | None = None
    detail: Line | None = None
    derivation: Line | None = None
    note: Line | None = None
    key: Line | None = None


class Agreed(NewValue, kw_only=True):
    """A value of its own that settles what two people entered differently."""

    study_id: Id


class StudyView(Body):
    """A study and its values; a colleague's stay hidden until you have entered yours."""

    study: StudyEntry
    cells: tuple[Cell, ...]
    hidden: int


class Brought(Body):
    """What a table of values gave."""

    studies: int
    values: int


def _studies(call: Call) -> list[StudyEntry]:
    with call.review() as review:
        return list(review.state().studies.values())


def _define(call: Call) -> StudyEntry:
    new = call.body
    with call.review() as review:
        return define_study(
            review,
            StudyId(new.study_id),
            record_id=RecordId(new.record_id),
            design=new.design,
            role=new.role,
            label=new.label,
        )


def _study(call: Call) -> StudyView:
    study_id = StudyId(call.path["study_id"])
    with call.review() as review:
        shown, hidden = cells_to_show(review, study_id)
        study = review.state().studies[study_id]
    return StudyView(study=study, cells=tuple(shown), hidden=hidden)


def _entry(new: NewValue, study_id: str) -> Entry:
    return Entry(
        study_id=StudyId(study_id),
        field=new.field,
        value=new.value,
        record_id=RecordId(new.record_id),
        place=new.place,
        reported=new.reported.value,
        patient=new.patient,
        span=new.span,
        detail=new.detail,
        derivation=new.derivation,
        note=new.note,
    )


def _enter(call: Call) -> Cell:
    entry = _entry(call.body, call.path["study_id"])
    with call.review() as review:
        return enter_value(review, entry, key=call.body.key)


def _agree(call: Call) -> Cell:
    entry = _entry(call.body, call.body.study_id)
    with call.review() as review:
        return settle_with(review, entry)


def _bring(call: Call) -> Brought:
    with TemporaryDirectory() as folder, call.review() as review:
        path = Path(folder) / "values.csv"
        path.write_bytes(call.body)
        done = import_cells(review, path)
    return Brought(studies=done["studies"], values=done["values"])


def _waiting(call: Call) -> list[RecordId]:
    with call.review() as review:
        return reports_without_study(review)


EXTRACTION = (
    Endpoint(
        method="GET",
        path=_STUDIES,
        summary="The studies",
        work=_studies,
        action=Action.READ,
        answer=list[StudyEntry],
    ),
    Endpoint(
        method="POST",
        path=_STUDIES,
        summary="Define a study by its first report",
        work=_define,
        action=Action.EXTRACT,
        body=NewStudy,
        answer=StudyEntry,
        status=201,
    ),
    Endpoint(
        method="GET",
        path=_STUDIES + "/{study_id}",
        summary="A study and its values",
        work=_study,
        action=Action.READ,
        answer=StudyView,
    ),
    Endpoint(
        method="POST",
        path=_STUDIES + "/{study_id}/cells",
        summary="Enter one value with its anchor",
        work=_enter,
        action=Action.EXTRACT,
        body=NewValue,
        answer=Cell,
        status=201,
    ),
    Endpoint(
        method="POST",
        path="/reviews/{review_id}/cells",
        summary="Enter a table of values (CSV), all or none",
        work=_bring,
        action=Action.EXTRACT,
        body=bytes,
        answer=Brought,
        status=201,
    ),
    Endpoint(
        method="GET",
        path="/reviews/{review_id}/reports-without-study",
        summary="Included reports that no study names yet",
        work=_waiting,
        action=Action.READ,
        answer=list[RecordId],
    ),
    Endpoint(
        method="POST",
        path="/reviews/{review_id}/consensus/values",
        summary="Settle a value with one of its own, with its own anchor",
        work=_agree,
        action=Action.ADJUDICATE,
        body=Agreed,
        answer=Cell,
        status=201,
    ),
)
