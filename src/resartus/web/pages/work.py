"""What a team's server does in the background."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.permissions import Action, require
from resartus.app.team.working import ask_for, jobs_of
from resartus.web.session import server_of
from resartus.web.view import page, review_id_of, visit_of

__all__ = ["ROUTES", "ask"]


def ask(request: Request, kind: str, *, back: str, **data: str) -> str:
    """Put work in line for who asks; return the page that shows how it goes.

    One person waits for it and is led ``back`` with what it gave; a team goes on.
    """
    visit = visit_of(request)
    wanted = {name: text for name, text in data.items() if text}
    if not visit.is_team:
        job = visit.line.ask(kind, wanted, person=visit.person)
        return f"/waiting/{job.job_id}?back={quote(back)}"
    ask_for(
        server_of(request),
        review_id_of(request),
        kind=kind,
        role=visit.role,
        person=visit.person,
        data=wanted,
    )
    return f"/work?said={quote('In line; you may go on with other things')}"


def _work(request: Request) -> Response:
    require(visit_of(request).role, Action.READ)
    jobs = jobs_of(server_of(request), review_id_of(request))
    return page(request, "work.html", jobs=jobs)


ROUTES = [Route("/work", _work)]
