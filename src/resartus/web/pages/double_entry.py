"""What two people entered, cell by cell; consensus; and what the checker found."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.extraction.checking import check_review, visible_failures
from resartus.app.extraction.double_entry import compare, extractors, settle, unsettled
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.errors import DataError
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]


def _compared(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        state = review.state()
        people = extractors(state)
        # Until a person has entered a value, a colleague's stays hidden.
        own = {cell for cell, by in state.cells if by == visit.person}
        sees_all = visit.may(Action.ADJUDICATE) or review.protocol.reviewers_per_stage < 2
        waiting = [cells for cells in unsettled(state) if sees_all or cells[0].cell_id in own]
        try:
            agreement, why = compare(state), ""
        except DataError as error:
            agreement, why = None, error.message
        settled = len(state.consensus)
    return page(
        request,
        "double-entry.html",
        people=people,
        waiting=waiting,
        agreement=agreement,
        why=why,
        settled=settled,
    )


async def _settle(request: Request) -> Response:
    def agree(review: Review, form: FormData) -> str:
        cell = settle(review, str(form.get("cell_id", "")), take=str(form.get("take", "")))
        return f"/double-entry?said={quote(f'Settled: {cell.cell_id}')}"

    return await change(request, Action.ADJUDICATE, agree)


def _checks(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.aside(visit.person) as review:
        checked = visible_failures(review, check_review(review))
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
    Route("/checks", _checks),
]
