"""The web app: the pages of one review, for the person whose machine this is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from resartus.app.background.line import Line, OwnLine
from resartus.app.desk import Desk
from resartus.app.failures import error_shape, http_status, kind_of
from resartus.app.permissions import Role
from resartus.app.review import Review
from resartus.app.screening.learner import Learner
from resartus.app.screening.learning import Place
from resartus.errors import ResartusError
from resartus.web import live
from resartus.web.pages import (
    answers,
    appraisal,
    audit,
    certainty,
    double_entry,
    duplicates,
    extraction,
    finding,
    forms,
    fulltexts,
    importing,
    overview,
    patients,
    pooled,
    screening,
    screening_list,
    sharing,
    strategy,
    suggestions,
    updates,
    waiting,
)
from resartus.web.security import LimitedBody, SecurityHeaders
from resartus.web.view import Visit, filled, page

__all__ = ["REVIEW_ROUTES", "create_app", "failed", "static_files"]

REVIEW_ROUTES: Sequence[BaseRoute] = (
    *overview.ROUTES,
    *finding.ROUTES,
    *strategy.ROUTES,
    *importing.ROUTES,
    *duplicates.ROUTES,
    *screening.ROUTES,
    *screening_list.ROUTES,
    *fulltexts.ROUTES,
    *extraction.ROUTES,
    *forms.ROUTES,
    *suggestions.ROUTES,
    *appraisal.ROUTES,
    *certainty.ROUTES,
    *answers.ROUTES,
    *audit.ROUTES,
    *sharing.ROUTES,
    *updates.ROUTES,
    *patients.ROUTES,
    *double_entry.ROUTES,
    *pooled.ROUTES,
    *waiting.ROUTES,
    *live.ROUTES,
)
_HEADINGS = {
    403: "Not allowed",
    404: "Not found",
    409: "Somebody was faster",
    422: "This does not fit",
    503: "Not available",
}


def failed(request: Request, error: Exception) -> Response:
    """Return the page that says what went wrong; nothing inner is shown."""
    if isinstance(error, ResartusError):
        status, message = http_status(error), error.message
    elif isinstance(error, HTTPException):
        status = error.status_code
        message = f"There is no page {request.url.path!r} here." if status == 404 else error.detail
    else:
        status, message = 500, "Something went wrong on our side; it is in the server's log."
    if request.url.path.startswith("/api/"):
        kind = kind_of(error) if isinstance(error, ResartusError) else "HTTP"
        return JSONResponse(error_shape(kind=kind, message=message), status_code=status)
    heading = _HEADINGS.get(status, "This did not work")
    fields = {"heading": heading, "message": message}
    if getattr(request.state, "visit", None) is not None:
        return page(request, "error.html", status=status, **fields)
    return filled(request, "failed.html", status=status, **fields)


def static_files() -> Mount:
    """Return the style, scripts and icon."""
    return Mount("/static", StaticFiles(packages=[("resartus.web", "static")]))


class _OnePerson:
    """Lets the one person of this machine in, as owner."""

    def __init__(self, app: ASGIApp, *, desk: Desk, line: Line, person: str) -> None:
        self.app = app
        self.visit = Visit(desk=desk, line=line, person=person, role=Role.OWNER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            scope.setdefault("state", {})["visit"] = self.visit
        await self.app(scope, receive, send)


def create_app(
    folder: Path,
    *,
    person: str | None = None,
    hosts: Sequence[str] = ("localhost", "127.0.0.1"),
    more: Callable[[Desk, str], Sequence[BaseRoute]] = lambda desk, person: (),
) -> Starlette:
    """Return the app over one review's folder, without accounts.

    It answers only to the names in ``hosts``, so that a foreign page cannot
    reach it under a name of its own (DNS rebinding). ``more`` gives further
    faces on the same desk, such as the API.
    """
    learner = Learner()
    place = Place(folder=folder)
    desk = Desk(lambda: Review(folder, person=person), place=place, learner=learner)
    with desk.review(person or "") as review:
        named = person or review.person or ""
    line = OwnLine(desk.aside)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        line.close()
        learner.close()
        desk.close()

    app = Starlette(
        routes=[static_files(), *more(desk, named), *REVIEW_ROUTES],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            Middleware(LimitedBody),
            Middleware(_OnePerson, desk=desk, line=line, person=named),
        ],
        exception_handlers={ResartusError: failed, HTTPException: failed, Exception: failed},
        lifespan=lifespan,
    )
    app.state.desk = desk
    return app
