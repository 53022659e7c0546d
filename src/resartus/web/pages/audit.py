"""The audit of a report: what standards ask, what does not hold, each number down to its words."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.permissions import Action
from resartus.app.published import files_on_hand, has_patient
from resartus.app.reporting.audit import Standing
from resartus.app.reporting.following import Followed, follow_report, follow_value
from resartus.app.reporting.kept_audit import audit_key, kept_audit
from resartus.app.review import Review
from resartus.app.versions import find_version
from resartus.domain.snapshot import Snapshot
from resartus.errors import DataError, NotFoundError
from resartus.web.pages.importing import uploaded
from resartus.web.pages.waiting import waiting
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]

_KINDS = (".html", ".docx")


# Where a page does what a sentence asks a command for.
_PAGES = {
    "appraise": ("/appraisal", "Appraise"),
    "dedup": ("/duplicates", "Duplicates"),
    "extract": ("/studies", "Extract"),
    "grade": ("/appraisal/certainty", "Certainty"),
    "report": ("/report", "Report"),
    "search": ("/search", "Search"),
    "suggest": ("/suggestions", "Suggestions"),
}
_ASKED = re.compile(r"'resartus (?P<command>\w+)[^']*'|review\.toml")


def _in_pages(sentence: str) -> list[tuple[str, str]]:
    """Return a sentence in pieces: words, and the page that stands for a command or a file."""
    pieces, at = [], 0
    for found in _ASKED.finditer(sentence):
        href, name = _PAGES.get(found["command"] or "", ("", ""))
        if found["command"] is None:
            href, name = "/protocol", "the protocol"
        if href:
            pieces += [(sentence[at : found.start()], ""), (name, href)]
            at = found.end()
    return [*pieces, (sentence[at:], "")]


def _version(review: Review, text: str) -> Snapshot:
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise NotFoundError(f"{text!r} is not a version")
    return find_version(review, int(text))


def _shown(
    request: Request,
    review: Review,
    *,
    followed: Followed | None = None,
    files: tuple[Path, ...] = (),
    is_brought: bool = False,
) -> Response:
    by_command = review.out / f"report-v{followed.audit.version}.html" if followed else None
    with_patient = by_command.stem if by_command and has_patient(by_command) else ""
    return page(
        request,
        "audit.html",
        versions=list(reversed(review.state().versions)),
        followed=followed,
        files=[path.name for path in files],
        with_patient=with_patient,
        is_brought=is_brought,
        standing=Standing,
        in_pages=_in_pages,
    )


def _audit(request: Request) -> Response:
    visit = visit_of(request)
    asked = request.query_params.get("version", "")
    with visit.desk.aside(visit.person) as review:
        if not asked:
            return _shown(request, review)
        snapshot = _version(review, asked)
        files = files_on_hand(review, snapshot)
        key = audit_key(review, snapshot, written=files)
        followed = kept_audit(review, key)
        if followed is not None:
            return _shown(request, review, followed=followed, files=files)
    return _awaited(request, snapshot, key)


def _awaited(request: Request, snapshot: Snapshot, key: str) -> Response:
    # The key goes along: an audit of what stood before is another piece of work.
    return waiting(
        request,
        "audit",
        {"version": snapshot.version, "key": key},
        heading=f"Audit of version {snapshot.version}",
    )


async def _bring(request: Request) -> Response:
    def hold(review: Review, form: FormData) -> Response:
        snapshot = _version(review, str(form.get("version", "")))
        with tempfile.TemporaryDirectory() as folder:
            files = tuple(uploaded(form, Path(folder)))
            for path in files:
                if path.suffix.lower() not in _KINDS:
                    raise DataError(f"{path.name!r} is neither an HTML page nor a Word file")
            followed = follow_report(review, snapshot, written=files)
        return _shown(request, review, followed=followed, files=files, is_brought=True)

    return await change(request, Action.READ, hold, is_long=True)


def _number(request: Request) -> Response:
    visit = visit_of(request)
    name = request.query_params.get("id", "")
    with visit.desk.aside(visit.person) as review:
        snapshot = _version(review, request.query_params.get("version", ""))
        key = audit_key(review, snapshot, written=files_on_hand(review, snapshot))
        followed = kept_audit(review, key)
    if followed is None:
        return _awaited(request, snapshot, key)
    if name not in followed.numbers:
        raise NotFoundError(f"version {snapshot.version} has no number {name!r}")
    return page(request, "number.html", number=followed.numbers[name], of_version=snapshot.version)


def _value(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        value = follow_value(review, request.query_params.get("id", ""))
    return page(request, "value.html", value=value)


ROUTES = [
    Route("/audit", _audit),
    Route("/audit", _bring, methods=["POST"]),
    Route("/audit/number", _number),
    Route("/value", _value),
]
