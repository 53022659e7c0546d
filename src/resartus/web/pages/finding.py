"""Search."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.app.searching import planned_searches, try_query
from resartus.web.pages import work
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]


def _search(request: Request) -> Response:
    visit = visit_of(request)
    query = request.query_params.get("q", "")
    with visit.desk.review(visit.person) as review:
        runs = list(review.state().search_runs)
        searches = review.protocol.searches
        total = review.store.count_records()
        tried = try_query(review, query) if query.strip() else None
    return page(
        request,
        "search.html",
        searches=searches,
        runs=runs,
        query=query,
        tried=tried,
        total=total,
    )


async def _run(request: Request) -> Response:
    def run(review: Review, form: FormData) -> str:
        search_id = str(form.get("search_id", ""))
        # What is not planned is refused at once.
        planned_searches(review, search_id or None)
        return work.ask(request, "search", back="/search", search_id=search_id)

    return await change(request, Action.SEARCH, run)


ROUTES = [
    Route("/search", _search),
    Route("/search", _run, methods=["POST"]),
]
