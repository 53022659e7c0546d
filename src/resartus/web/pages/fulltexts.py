"""Full texts: brought in, read beside their words, or given up."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.fulltexts import (
    Attached,
    Refused,
    attach_files,
    attach_pdf,
    mark_missing,
    wanted_records,
)
from resartus.app.highlighting import highlights_of, mark
from resartus.app.history import last_own
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.errors import NotFoundError
from resartus.web.pages.importing import uploaded
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]

_PER_PAGE = 50
_ACTS = frozenset({EventKind.FULLTEXT_ATTACHED, EventKind.FULLTEXT_MISSING})
# The browser's own viewer shows it; whatever hides in the file runs nothing and reaches nothing.
_PDF_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'"
)


def _all(
    request: Request,
    *,
    attached: tuple[Attached, ...] = (),
    refused: tuple[Refused, ...] = (),
) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        state = review.state()
        wanted = wanted_records(review)
        shown = list(review.store.iterate_records(wanted[:_PER_PAGE]))
        missing = [
            (record, state.missing_fulltexts[record.record_id])
            for record in review.store.iterate_records(list(state.missing_fulltexts))
        ]
        kept = list(review.store.iterate_records(list(state.fulltexts)))
        last = last_own(review, _ACTS)
    return page(
        request,
        "fulltexts.html",
        n_wanted=len(wanted),
        wanted=shown,
        missing=missing,
        kept=kept,
        attached=attached,
        refused=refused,
        last=last,
        stage="full-text",
    )


async def _bring(request: Request) -> Response:
    def bring(review: Review, form: FormData) -> Response | str:
        with tempfile.TemporaryDirectory() as folder:
            paths = uploaded(form, Path(folder))
            record_id = str(form.get("record_id", ""))
            if record_id:
                one = attach_pdf(
                    review, RecordId(record_id), paths[0].read_bytes(), name=paths[0].name
                )
                said = quote(f"Attached: {one.name}, {one.pages} pages")
                return f"/fulltexts/read?record={quote(record_id, safe='')}&said={said}"
            attached, refused = attach_files(review, paths)
        return _all(request, attached=attached, refused=refused)

    return await change(request, Action.SEARCH, bring)


async def _missing(request: Request) -> Response:
    def give_up(review: Review, form: FormData) -> str:
        record_id = RecordId(str(form.get("record_id", "")))
        mark_missing(review, record_id, reason=str(form.get("reason", "")).strip())
        return f"/fulltexts?said={quote('Counted as not retrieved')}"

    return await change(request, Action.SEARCH, give_up)


def _digest(review: Review, record_id: RecordId) -> str:
    digest = review.state().fulltexts.get(record_id)
    if digest is None:
        raise NotFoundError(f"record {record_id!r} has no full text in this review")
    return digest


def _read(request: Request) -> Response:
    visit = visit_of(request)
    record_id = RecordId(request.query_params.get("record", ""))
    with visit.desk.review(visit.person) as review:
        record = review.store.load_record(record_id)
        digest = review.state().fulltexts.get(record_id)
        pages: list[str] = []
        if digest is not None and review.fulltexts.has(digest):
            pages = review.fulltexts.load_text(digest).split("\f")
        highlights = highlights_of(review.protocol)
        studies = [s for s in review.state().studies.values() if record_id in s.record_ids]
    return page(
        request,
        "reading.html",
        record=record,
        has_pdf=digest is not None,
        pages=[mark(text, highlights=highlights) for text in pages],
        has_words=any(text.strip() for text in pages),
        studies=studies,
    )


def _pdf(request: Request) -> Response:
    visit = visit_of(request)
    record_id = RecordId(request.query_params.get("record", ""))
    with visit.desk.review(visit.person) as review:
        content = review.load_fulltext(_digest(review, record_id))
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "content-security-policy": _PDF_POLICY,
            "content-disposition": 'inline; filename="fulltext.pdf"',
        },
    )


ROUTES = [
    Route("/fulltexts", _all),
    Route("/fulltexts", _bring, methods=["POST"]),
    Route("/fulltexts/missing", _missing, methods=["POST"]),
    Route("/fulltexts/read", _read),
    Route("/fulltexts/pdf", _pdf),
]
