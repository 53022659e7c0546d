"""Patients of a study as rows, tables of them brought in; and curves digitised in the page."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.entering import cells_to_show
from resartus.app.extraction.curves import add_curve, parse_curve, reconstructed_arms
from resartus.app.extraction.form_in_use import fields_in_use, times_zero_at
from resartus.app.extraction.patients import TablePreview, import_patients, preview_table
from resartus.app.importing import plain_name
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.domain.curve import MONTHS_PER
from resartus.domain.extracted import Cell, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.time_zero import UNKNOWN_ZERO, TimeZero
from resartus.errors import DataError, NotFoundError
from resartus.web.pages.importing import uploaded
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]


def _study_of(request: Request) -> StudyId:
    return StudyId(request.path_params["study_id"])


def _rows(
    request: Request, *, preview: TablePreview | None = None, name: str = "", payload: str = ""
) -> Response:
    visit, study_id = visit_of(request), _study_of(request)
    with visit.desk.review(visit.person) as review:
        cells, hidden = cells_to_show(review, study_id)
        state = review.state()
        if study_id not in state.studies:
            raise NotFoundError(f"study {study_id!r} is not in this review")
        entry = state.studies[study_id]
        records = [review.store.load_record(r) for r in entry.record_ids]
        labels = {field.name: field.label for field in fields_in_use(review)}
    patients: dict[str, dict[str, Cell]] = {}
    for cell in cells:
        if cell.patient is not None:
            patients.setdefault(cell.patient, {})[cell.field] = cell
    fields = list(dict.fromkeys(field for row in patients.values() for field in row))
    # What nobody reported of any patient is said in a line, not in a column of nothing.
    silent = [
        field
        for field in fields
        if all(
            row[field].extracted.reported is Reported.NOT_REPORTED
            for row in patients.values()
            if field in row
        )
    ]
    return page(
        request,
        "patients.html",
        entry=entry,
        records=records,
        patients=patients,
        fields=[field for field in fields if field not in silent],
        silent=silent,
        labels=labels,
        hidden=hidden,
        preview=preview,
        name=name,
        payload=payload,
    )


async def _bring(request: Request) -> Response:
    study_id = _study_of(request)

    def bring(review: Review, form: FormData) -> Response | str:
        with tempfile.TemporaryDirectory() as folder:
            if not form.get("payload"):
                path = uploaded(form, Path(folder))[0]
                preview = preview_table(review, path)
                # The file waits among the payloads until its columns are confirmed.
                payload = review.payloads.save_file(path)
                return _rows(request, preview=preview, name=path.name, payload=payload)
            path = Path(folder) / plain_name(str(form.get("name", "")))
            path.write_bytes(review.payloads.load(str(form["payload"])))
            mapping = {
                key.removeprefix("column:"): str(field)
                for key, field in form.items()
                if key.startswith("column:") and field
            }
            done = import_patients(
                review,
                path,
                study_id=study_id,
                record_id=RecordId(str(form.get("record_id", ""))),
                detail=str(form.get("detail", "")).strip() or None,
                mapping=mapping,
            )
        said = quote(f"{done.patients} patients, {done.values} values")
        return f"/studies/{quote(study_id, safe='')}/patients?said={said}"

    return await change(request, Action.EXTRACT, bring)


def _curves(request: Request) -> Response:
    visit, study_id = visit_of(request), _study_of(request)
    with visit.desk.review(visit.person) as review:
        state = review.state()
        if study_id not in state.studies:
            raise NotFoundError(f"study {study_id!r} is not in this review")
        entry = state.studies[study_id]
        records = [review.store.load_record(r) for r in entry.record_ids]
        arms = [arm for arm in reconstructed_arms(state) if arm.curve.study_id == study_id]
        outcomes = review.protocol.outcomes
        zeros = [*times_zero_at(review.protocol, state), UNKNOWN_ZERO]
    return page(
        request,
        "curves.html",
        entry=entry,
        records=records,
        arms=arms,
        outcomes=outcomes,
        units=list(MONTHS_PER),
        zeros=zeros,
    )


async def _add_curve(request: Request) -> Response:
    study_id = _study_of(request)

    def add(review: Review, form: FormData) -> str:
        def text(name: str) -> str:
            return str(form.get(name, "")).strip()

        events, zero = text("total_events"), text("time_zero")
        if events and not (events.isascii() and events.isdecimal() and len(events) < 7):
            raise DataError(f"{events!r} is not a number of events", field="total_events")
        points, at_risk = parse_curve(text("points"), text("at_risk"))
        arm = add_curve(
            review,
            study_id=study_id,
            arm=text("arm"),
            outcome=text("outcome"),
            record_id=RecordId(text("record_id")),
            figure=text("figure"),
            points=points,
            at_risk=at_risk,
            total_events=int(events) if events else None,
            unit=text("unit"),
            time_zero=TimeZero(zero),
        )
        got = arm.reconstruction
        said = quote(f"{got.n_patients} patients reconstructed, {got.n_events} with the event")
        return f"/studies/{quote(study_id, safe='')}/curves?said={said}"

    return await change(request, Action.EXTRACT, add)


ROUTES = [
    Route("/studies/{study_id}/patients", _rows),
    Route("/studies/{study_id}/patients", _bring, methods=["POST"]),
    Route("/studies/{study_id}/curves", _curves),
    Route("/studies/{study_id}/curves", _add_curve, methods=["POST"]),
]
