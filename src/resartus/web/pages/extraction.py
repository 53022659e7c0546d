"""Studies, their values beside the text they were read in."""

from __future__ import annotations

import secrets
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.entering import (
    Entry,
    cells_to_show,
    define_study,
    enter_value,
    reports_without_study,
)
from resartus.app.extraction.checking import check_review, texts_on_hand
from resartus.app.extraction.form_in_use import fields_in_use
from resartus.app.extraction.forms import open_fields
from resartus.app.extraction.suggesting import waiting as waiting_suggestions
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.domain.extracted import Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.web.view import change, page, visit_of

__all__ = ["PLACES", "ROUTES"]

PLACES = ("abstract", "title", "text", "page", "table", "figure", "supplement", "citation")


def _studies(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        state = review.state()
        cells: dict[str, int] = {}
        for cell in state.cells.values():
            cells[cell.study_id] = cells.get(cell.study_id, 0) + 1
        waiting = [review.store.load_record(r) for r in reports_without_study(review)]
        studies = list(state.studies.values())
        roles = review.protocol.roles
    return page(request, "studies.html", studies=studies, cells=cells, waiting=waiting, roles=roles)


async def _define(request: Request) -> Response:
    def define(review: Review, form: FormData) -> str:
        study_id = StudyId(str(form.get("study_id", "")).strip())
        define_study(
            review,
            study_id,
            record_id=RecordId(str(form.get("record_id", ""))),
            design=str(form.get("design", "")).strip(),
            role=str(form.get("role", "")),
        )
        return f"/studies/{quote(study_id, safe='')}"

    return await change(request, Action.EXTRACT, define)


def _study(request: Request) -> Response:
    visit = visit_of(request)
    study_id = StudyId(request.path_params["study_id"])
    with visit.desk.review(visit.person) as review:
        shown, hidden = cells_to_show(review, study_id)
        entry = review.state().studies[study_id]
        records = [review.store.load_record(r) for r in entry.record_ids]
        fields = fields_in_use(review)
        texts = {
            r: p.get("text", "") for r, p in texts_on_hand(review, set(entry.record_ids))[0].items()
        }
        waiting = open_fields(review, study_id)
        suggested = len(waiting_suggestions(review.state(), study_id=study_id))
        checked = check_review(review, study_id=study_id).report
        fulltexts = set(review.state().fulltexts)
    return page(
        request,
        "study.html",
        entry=entry,
        records=records,
        fields=fields,
        texts=texts,
        waiting=waiting,
        suggested=suggested,
        checked=checked,
        fulltexts=fulltexts,
        cells=sorted(shown, key=lambda c: (c.patient or "", c.field, c.extracted.entered_by)),
        hidden=hidden,
        places=PLACES,
        kinds=[member.value for member in Reported],
        entry_key=f"cell-{secrets.token_urlsafe(12)}",
        field=request.query_params.get("field", ""),
        patient=request.query_params.get("patient", ""),
    )


async def _enter(request: Request) -> Response:
    study_id = StudyId(request.path_params["study_id"])

    def enter(review: Review, form: FormData) -> str:
        def text(name: str) -> str:
            return str(form.get(name, "")).strip()

        cell = enter_value(
            review,
            Entry(
                study_id=study_id,
                field=text("other_field") or text("field"),
                value=text("value"),
                record_id=RecordId(text("record_id")),
                place=text("place"),
                reported=text("reported") or Reported.REPORTED.value,
                patient=text("patient") or None,
                span=text("span") or None,
                detail=text("detail") or None,
                derivation=text("derivation") or None,
                note=text("note") or None,
            ),
            key=text("key") or None,
        )
        said = quote(f"Saved: {cell.cell_id}")
        patient = quote(cell.patient or "")
        return f"/studies/{quote(study_id, safe='')}?said={said}&patient={patient}"

    return await change(request, Action.EXTRACT, enter)


ROUTES = [
    Route("/studies", _studies),
    Route("/studies", _define, methods=["POST"]),
    Route("/studies/{study_id}", _study),
    Route("/studies/{study_id}", _enter, methods=["POST"]),
]
