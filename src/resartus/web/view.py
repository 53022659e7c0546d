"""``View``: templates filled in with what every page needs, and changes that forms ask for."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from resartus import __version__
from resartus.app.background.line import Line
from resartus.app.desk import Desk
from resartus.app.permissions import Action, Role, may, require
from resartus.app.reporting.theme import follow_theme
from resartus.app.review import Review
from resartus.web.security import COOKIE, checked_form, csrf_token

__all__ = ["STEPS", "Visit", "change", "filled", "page", "review_id_of", "visit_of"]

# Name of the step, path below the review, and how the menu calls it.
STEPS = (
    ("home", "/", "Overview"),
    ("protocol", "/protocol", "Protocol"),
    ("search", "/search", "Search"),
    ("import", "/import", "Import"),
    ("duplicates", "/duplicates", "Duplicates"),
    ("screen", "/screen/title-abstract", "Screen"),
    ("full-text", "/screen/full-text", "Full text"),
    ("studies", "/studies", "Extract"),
    ("appraisal", "/appraisal", "Appraise"),
    ("results", "/results", "Results"),
    ("patient", "/patient", "One patient"),
    ("report", "/report", "Report"),
    ("updates", "/updates", "Updates"),
    ("log", "/log", "Log"),
)
# Pages that belong to a step whose own path is another.
_BELONGS = {
    "/audit": "report",
    "/sharing": "report",
    "/value": "studies",
    "/form": "studies",
    "/workbook": "studies",
    "/suggestions": "studies",
    "/double-entry": "studies",
    "/checks": "studies",
    "/fulltexts": "full-text",
    "/conflicts": "screen",
}


def _step_of(path: str) -> str:
    """Return the step that a page belongs to, for the menu; the most exact path counts."""
    places = {href: name for name, href, _ in STEPS} | _BELONGS
    parts = path.split("/")
    above = ("/".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((places[one] for one in above if one in places), "home" if path == "/" else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who looks at which review, in which role, under which path; ``line`` takes its long work."""

    desk: Desk
    line: Line
    person: str
    role: Role
    base: str = ""
    is_team: bool = False

    def may(self, action: Action) -> bool:
        """Whether this person may do this here."""
        return may(self.role, action)


def _data_svg(svg: str) -> str:
    """Return a drawing as an address of its own: it can run no script and reach nothing."""
    themed = follow_theme(svg)
    return "data:image/svg+xml;base64," + base64.b64encode(themed.encode()).decode()


@cache
def environment() -> Environment:
    """Return the package's templates; every value is escaped."""
    environment = Environment(
        loader=PackageLoader("resartus.web", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_svg"] = _data_svg
    return environment


def visit_of(request: Request) -> Visit:
    """Return the visit that the door let in."""
    visit: Visit = request.state.visit
    return visit


def review_id_of(request: Request) -> str:
    """Return the id of the team's review that is visited."""
    return visit_of(request).base.rpartition("/")[2]


def filled(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """Return a filled-in page; the form token goes with it."""
    token = csrf_token(request)
    html = environment().get_template(template).render(csrf=token, version=__version__, **context)
    answer = HTMLResponse(html, status_code=status)
    if request.cookies.get(COOKIE) != token:
        answer.set_cookie(
            COOKIE,
            token,
            httponly=True,
            samesite="strict",
            path="/",
            secure=request.url.scheme == "https",
        )
    return answer


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """Return a page of a review."""
    visit = visit_of(request)
    below = request.url.path.removeprefix(visit.base) or "/"
    return filled(
        request,
        template,
        status=status,
        steps=STEPS,
        review_title=visit.desk.title,
        person=visit.person,
        role=visit.role,
        may={action.name: visit.may(action) for action in Action},
        base=visit.base,
        is_team=visit.is_team,
        path=below,
        step=_step_of(below),
        said=request.query_params.get("said", ""),
        **context,
    )


async def change(
    request: Request,
    action: Action,
    work: Callable[[Review, FormData], Response | str],
    *,
    is_long: bool = False,
) -> Response:
    """Do what a form asks for, if the role allows it, then go where it says (post, redirect, get).

    ``work`` runs at the desk; it returns a path below the review, or an answer.
    With ``is_long`` it runs aside: a search of PubMed takes minutes, and
    nobody's vote waits for it.
    """
    visit = visit_of(request)
    form = await checked_form(request)

    def done_at_desk() -> Response | str:
        require(visit.role, action)
        opened = visit.desk.aside if is_long else visit.desk.review
        with opened(visit.person) as review:
            return work(review, form)

    try:
        done = await run_in_threadpool(done_at_desk)
    finally:
        # Uploads lie in files of their own until then.
        await form.close()
    if isinstance(done, Response):
        return done
    return RedirectResponse(visit.base + done, status_code=303)
