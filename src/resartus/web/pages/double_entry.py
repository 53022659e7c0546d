"""What two people entered, cell by cell; consensus; and what the checker found."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.entering import Entry, told_cells
from resartus.app.extraction.checking import check_review, texts_on_hand
from resartus.app.extraction.double_entry import (
    compare,
    entries_of,
    extractors,
    settle,
    settle_with,
    unsettled,
)
from resartus.app.extraction.form_in_use import field_finder
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.domain.extracted import Reported
from resartus.domain.ids import RecordId
from resartus.errors import DataError, PermissionDenied
from resartus.web.pages.extraction import PLACES
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]

_PER_PAGE = 50


def _page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def _compared(request: Request) -> Response:
    visit = visit_of(request)
    number = _page_number(request.query_params.get("page", "1"))
    with visit.desk.review(visit.person) as review:
        state = review.state()
        # What differs was entered twice, so nobody is blind to it any more.
        differing = unsettled(state)
        # A page past the end was the last one before some of it was settled.
        number = max(1, min(number, -(-len(differing) // _PER_PAGE)))
        waiting = differing[(number - 1) * _PER_PAGE : number * _PER_PAGE]
        settled = list(state.consensus.values())[: -_PER_PAGE - 1 : -1]
        find = field_finder(review)
        shown = [cells[0] for cells in waiting] + settled
        fields = {cell.cell_id: find(cell) for cell in shown}
        people = extractors(state)
        agreement = compare(state) if len(people) > 1 else None
        return page(
            request,
            "double-entry.html",
            people=people,
            waiting=waiting,
            n_waiting=len(differing),
            number=number,
            is_more=number * _PER_PAGE < len(differing),
            agreement=agreement,
            settled=settled,
            n_settled=len(state.consensus),
            fields=fields,
            studies={study_id: entry.label for study_id, entry in state.studies.items()},
        )


async def _settle(request: Request) -> Response:
    def agree(review: Review, form: FormData) -> str:
        cell = settle(
            review,
            str(form.get("cell_id", "")),
            take=str(form.get("take", "")),
            reason=str(form.get("reason", "")).strip() or None,
        )
        number = _page_number(str(form.get("page", "1")))
        return f"/double-entry?page={number}&said={quote(f'Settled: {cell.cell_id}')}"

    return await change(request, Action.ADJUDICATE, agree)


def _one(
    request: Request, cell_id: str, *, problem: str = "", given: FormData | None = None
) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        state = review.state()
        cells = told_cells(review, entries_of(state, cell_id))
        if not cells:
            raise PermissionDenied(
                f"{cell_id!r} waits for a second person; it is shown once two have entered it"
            )
        entry = state.studies[cells[0].study_id]
        record_ids = dict.fromkeys(
            (
                *entry.record_ids,
                *(c.extracted.anchor.record_id for c in cells if c.extracted.anchor),
            )
        )
        records = [review.store.load_record(r) for r in record_ids]
        texts = texts_on_hand(review, set(record_ids))[0]
        return page(
            request,
            "settle.html",
            status=422 if problem else 200,
            cell=cells[0],
            cells=cells,
            consensus=state.consensus.get(cell_id),
            entry=entry,
            field=field_finder(review)(cells[0]),
            records=records,
            texts={r: places.get("text", "") for r, places in texts.items()},
            fulltexts=set(state.fulltexts),
            places=PLACES,
            kinds=[member.value for member in Reported],
            problem=problem,
            given=given or {},
        )


def _choose(request: Request) -> Response:
    return _one(request, request.query_params.get("cell", ""))


async def _settle_with(request: Request) -> Response:
    def agree(review: Review, form: FormData) -> Response | str:
        def text(name: str) -> str:
            return str(form.get(name, "")).strip()

        known = entries_of(review.state(), text("cell_id"))[0]
        try:
            if not text("note"):
                raise DataError(
                    f"{known.cell_id}: say why neither entry holds, so that it can be followed",
                    field="note",
                )
            cell = settle_with(
                review,
                Entry(
                    study_id=known.study_id,
                    patient=known.patient,
                    field=known.field,
                    value=text("value"),
                    reported=text("reported") or Reported.REPORTED.value,
                    record_id=RecordId(text("record_id")),
                    place=text("place"),
                    span=text("span") or None,
                    detail=text("detail") or None,
                    derivation=text("derivation") or None,
                    note=text("note"),
                ),
            )
        except DataError as error:
            # What was typed is shown again with what is wrong with it.
            return _one(request, known.cell_id, problem=error.message, given=form)
        return f"/double-entry?said={quote(f'Settled: {cell.cell_id}')}"

    return await change(request, Action.ADJUDICATE, agree)


def _checks(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.aside(visit.person) as review:
        checked = check_review(review)
        labels = {study_id: entry.label for study_id, entry in review.state().studies.items()}
    return page(
        request,
        "checks.html",
        report=checked.report,
        unreadable=checked.unreadable,
        labels=labels,
    )


ROUTES = [
    Route("/double-entry", _compared),
    Route("/double-entry", _settle, methods=["POST"]),
    Route("/double-entry/settle", _choose),
    Route("/double-entry/settle", _settle_with, methods=["POST"]),
    Route("/checks", _checks),
]
