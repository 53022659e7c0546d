"""Results, one patient and the report."""

from __future__ import annotations

import json
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from resartus.app.permissions import Action
from resartus.app.published import draft_report, published_report
from resartus.app.results import Subgroup, results_of
from resartus.app.review import Review
from resartus.app.tailoring import known_factors, profile_of, tailor
from resartus.app.versions import find_version, pin_version
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


async def _patient(request: Request) -> Response:
    visit = visit_of(request)
    factors = known_factors()
    if request.method == "GET":
        return page(request, "patient.html", factors=factors, given={}, answer=None)

    def ask(review: Review, form: FormData) -> Response:
        given = {factor.field: str(form.get(factor.field, "")).strip() for factor in factors}
        answer = tailor(review, profile_of(given, name="This patient"))
        # Nothing of a profile is stored: it lives in this answer alone.
        return page(request, "patient.html", factors=factors, given=given, answer=answer)

    del visit
    return await change(request, Action.READ, ask)


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
    Route("/patient", _patient, methods=["GET", "POST"]),
    Route("/report", _report),
    Route("/report", _pin, methods=["POST"]),
    Route("/report/{which}.{kind}", _file),
    Route("/state", _state),
]
