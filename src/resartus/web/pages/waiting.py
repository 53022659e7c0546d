"""The page that stands where another will be: how far work in the background has come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from resartus.app.background.kinds import KINDS
from resartus.app.permissions import Action, require
from resartus.domain.job import JobState
from resartus.errors import NotFoundError
from resartus.web.view import page, visit_of

__all__ = ["ROUTES", "waiting"]

_AGAIN = "again"
_HEADINGS = {"/search": "Searching", "/updates": "Looking for what is new"}


def waiting(
    request: Request,
    kind: str,
    data: Mapping[str, Any],
    *,
    heading: str,
    action: Action | None = None,
) -> Response:
    """Return the page to wait on, with the work in line; when it is done the same address is asked.

    Work that failed says why, and is begun again where the reader wants it. ``action`` is
    what a kind asks of a role that is not among ``KINDS``.
    """
    visit = visit_of(request)
    require(visit.role, action or KINDS[kind].action)
    job = visit.line.find(kind, data)
    asked = request.query_params
    if (
        job is None
        or job.state is JobState.DONE
        or (job.state is JobState.FAILED and _AGAIN in asked)
    ):
        job = visit.line.ask(kind, data, person=visit.person)
    if _AGAIN in asked:
        here = request.url.remove_query_params(_AGAIN)
        return RedirectResponse(f"{here.path}?{here.query}", status_code=303)
    return page(
        request,
        "waiting.html",
        heading=heading,
        job=job,
        is_failed=job.state is JobState.FAILED,
        here=f"{request.url.path}?{request.url.query}",
        back="",
    )


def _number(request: Request) -> int:
    text = request.path_params["job"]
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise NotFoundError(f"{text!r} is not a job; give its number")
    return int(text)


def _under_way(request: Request) -> Response:
    """Wait for one job, then go back to the page that asked for it, with what it gave."""
    visit, number = visit_of(request), _number(request)
    back = request.query_params.get("back", "")
    if back not in _HEADINGS:
        back = "/"
    try:
        job = visit.line.job(number)
    except NotFoundError:
        # A server that was stopped meanwhile has forgotten it; what was found before is there.
        return RedirectResponse(visit.base + back, status_code=303)
    if job.state is JobState.DONE:
        said = quote(job.result or "Done")
        return RedirectResponse(f"{visit.base}{back}?said={said}", status_code=303)
    return page(
        request,
        "waiting.html",
        heading=_HEADINGS.get(back, "Work"),
        job=job,
        is_failed=job.state is JobState.FAILED,
        here=f"{request.url.path}?{request.url.query}",
        back=back,
    )


def _background(request: Request) -> Response:
    job = visit_of(request).line.job(_number(request))
    told = {"state": job.state.value, "n_done": job.n_done, "n_all": job.n_all}
    return Response(json.dumps(told), media_type="application/json")


ROUTES = [
    Route("/waiting/{job}", _under_way),
    Route("/background/{job}", _background),
]
