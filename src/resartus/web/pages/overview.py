"""Overview, protocol and log."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.history import recent_events
from resartus.app.permissions import Action
from resartus.app.planning import protocol_text, save_protocol
from resartus.app.review import Review
from resartus.app.undoing import undo_event
from resartus.domain.event import EventKind
from resartus.errors import DataError
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]

# Which page answers the command that status proposes.
_PLACES = (
    ("import", "/import"),
    ("search", "/search"),
    ("screen --conflicts", "/conflicts"),
    ("screen --stage full-text", "/screen/full-text"),
    ("screen", "/screen/title-abstract"),
    ("extract", "/studies"),
    ("report", "/report"),
    ("update", "/updates"),
)


def _number(text: str) -> int | None:
    """Return an event's number; whatever is none is as if nothing had been given."""
    is_number = text.isascii() and text.isdigit() and len(text) < 16
    return int(text) if is_number and int(text) else None


def _home(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        status = visit.desk.status()
        protocol = review.protocol
    command = status.next_command.removeprefix("resartus ")
    href = next((path for start, path in _PLACES if command.startswith(start)), "/protocol")
    return page(request, "home.html", status=200, now=status, protocol=protocol, next_href=href)


def _protocol(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        text = protocol_text(review)
    return page(request, "protocol.html", text=text, problem="")


async def _save_protocol(request: Request) -> Response:
    visit = visit_of(request)

    def save(review: Review, form: FormData) -> Response | str:
        text = str(form.get("text", "")).replace("\r\n", "\n")
        try:
            save_protocol(review, text)
        except DataError as error:
            return page(request, "protocol.html", status=422, text=text, problem=error.message)
        visit.desk.reopen()
        return "/protocol?said=Saved"

    return await change(request, Action.PLAN, save)


def _log(request: Request) -> Response:
    visit = visit_of(request)
    asked = request.query_params
    by, kind = asked.get("by", "").strip(), asked.get("kind", "")
    if kind and kind not in list(EventKind):
        raise DataError(f"kind {kind!r} is not one of: {', '.join(EventKind)}", field="kind")
    with visit.desk.review(visit.person) as review:
        events = recent_events(
            review,
            before=_number(asked.get("before", "")),
            by=by or None,
            kind=EventKind(kind) if kind else None,
        )
        undone = frozenset(review.state().undone)
    return page(
        request, "log.html", events=events, undone=undone, by=by, kind=kind, kinds=list(EventKind)
    )


def _settings(request: Request) -> Response:
    return page(request, "settings.html")


async def _undo(request: Request) -> Response:
    def undo(review: Review, form: FormData) -> str:
        seq = str(form.get("seq", ""))
        event = undo_event(review, _number(seq), own=True)
        back = str(form.get("back", "/log"))
        back = back if back.startswith("/") and not back.startswith("//") else "/log"
        said = f"{back}?said=Taken back: event {event.seq}, {event.kind.value}"
        if event.kind is EventKind.DECISION_MADE and back.startswith("/screen/"):
            # What was taken back is judged next, wherever the ranking has put it since.
            said += f"&record={quote(event.data['record_id'], safe='')}"
        return said

    return await change(request, Action.UNDO, undo)


ROUTES = [
    Route("/", _home),
    Route("/protocol", _protocol),
    Route("/protocol", _save_protocol, methods=["POST"]),
    Route("/log", _log),
    Route("/settings", _settings),
    Route("/undo", _undo, methods=["POST"]),
]
