"""Results, one patient and the report."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from resartus.app.permissions import Action
from resartus.app.published import draft_report, published_report
from resartus.app.reporting.material import gather
from resartus.app.reporting.sheet import build_sheet, write_sheet
from resartus.app.results import Subgroup, results_of
from resartus.app.review import Review
from resartus.app.tailoring import Factor, known_factors, profile_of, tailor
from resartus.app.versions import draft_version, find_version, pin_version
from resartus.errors import DataError, NotFoundError
from resartus.web.security import REPORT_POLICY
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]

_KINDS = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def _whole(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise DataError(f"{name.replace('_', ' ')} {text!r} is not a whole number", field=name)
    return int(text)


def _results(request: Request) -> Response:
    visit = visit_of(request)
    subgroup = Subgroup(
        from_year=_whole(request, "from_year"),
        to_year=_whole(request, "to_year"),
        minimum_patients=_whole(request, "minimum_patients"),
        design=request.query_params.get("design") or None,
    )
    with visit.desk.aside(visit.person) as review:
        results = results_of(review, subgroup=subgroup)
    return page(request, "results.html", results=results, subgroup=subgroup)


def _given(factors: tuple[Factor, ...], form: FormData) -> dict[str, str]:
    return {factor.field: str(form.get(factor.field, "")).strip() for factor in factors}


async def _patient(request: Request) -> Response:
    def ask(review: Review, form: FormData) -> Response:
        factors = known_factors(review)
        given = _given(factors, form)
        answer = tailor(review, profile_of(review, given, name="This patient"))
        labels = {study_id: entry.label for study_id, entry in review.state().studies.items()}
        # Nothing of a profile is stored: it lives in this answer alone.
        return page(
            request,
            "patient.html",
            factors=factors,
            given=given,
            answer=answer,
            labels=labels,
        )

    return await change(request, Action.READ, ask)


def _patient_form(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        factors = known_factors(review)
    return page(request, "patient.html", factors=factors, given={}, answer=None)


async def _sheet(request: Request) -> Response:
    def write(review: Review, form: FormData) -> Response:
        kind = str(form.get("kind", ""))
        if kind not in _KINDS:
            raise NotFoundError(f"the sheet comes as html or docx, not as {kind!r}")
        given = _given(known_factors(review), form)
        name = str(form.get("name", "")).strip()[:120] or "One patient"
        versions = review.state().versions
        version = versions[-1] if versions else draft_version(review)
        sheet = build_sheet(gather(review, version), profile_of(review, given, name=name))
        with tempfile.TemporaryDirectory() as folder:
            html, docx = write_sheet(sheet, Path(folder))
            content = (html if kind == "html" else docx).read_bytes()
        headers = {"content-disposition": f'attachment; filename="sheet.{kind}"'}
        if kind == "html":
            headers["content-security-policy"] = REPORT_POLICY
            if not form.get("download"):
                headers["content-disposition"] = 'inline; filename="sheet.html"'
        return Response(content, media_type=_KINDS[kind], headers=headers)

    return await change(request, Action.READ, write, is_long=True)


def _report(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        versions = list(reversed(review.state().versions))
        has_studies = bool(review.state().studies)
    return page(request, "report.html", versions=versions, has_studies=has_studies)


def _file(request: Request) -> Response:
    visit = visit_of(request)
    which, kind = request.path_params["which"], request.path_params["kind"]
    if kind not in _KINDS:
        raise NotFoundError(f"a report comes as html or docx, not as {kind!r}")
    with visit.desk.aside(visit.person) as review:
        if which == "draft":
            path = draft_report(review)[kind]
            name = f"report-draft.{kind}"
        else:
            if not (which.isascii() and which.isdecimal()) or len(which) > 9:
                raise NotFoundError(f"{which!r} is not a version")
            path = published_report(review, find_version(review, int(which)))[kind]
            name = f"report-version-{int(which)}.{kind}"
    headers = {"content-security-policy": REPORT_POLICY} if kind == "html" else {}
    is_shown = kind == "html" and "download" not in request.query_params
    return FileResponse(
        path,
        media_type=_KINDS[kind],
        filename=name,
        content_disposition_type="inline" if is_shown else "attachment",
        headers=headers,
    )


async def _pin(request: Request) -> Response:
    def pin(review: Review, form: FormData) -> str:
        why = str(form.get("trigger", "")).strip() or "report"
        snapshot = pin_version(review, trigger=why)
        return f"/report?said={quote(f'Pinned as version {snapshot.version}')}"

    return await change(request, Action.PIN, pin)


def _state(request: Request) -> Response:
    """Where the log stands, for pages that follow along."""
    visit = visit_of(request)
    return Response(json.dumps({"last_seq": visit.desk.last_seq()}), media_type="application/json")


ROUTES = [
    Route("/results", _results),
    Route("/patient", _patient_form),
    Route("/patient", _patient, methods=["POST"]),
    Route("/patient/sheet", _sheet, methods=["POST"]),
    Route("/report", _report),
    Route("/report", _pin, methods=["POST"]),
    Route("/report/{which}.{kind}", _file),
    Route("/state", _state),
]
