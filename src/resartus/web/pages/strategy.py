"""A query tried in place: what is wrong with it where, what it finds, what it misses."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.review import Review
from resartus.app.search.checking import StrategyCheck, check_strategy, known_relevant
from resartus.app.search.on_hand import OnHand
from resartus.app.search.prisma_s import prisma_s
from resartus.app.searching import try_query
from resartus.domain.query import Search
from resartus.errors import DataError
from resartus.web.view import page, visit_of

__all__ = ["ROUTES"]

_HEIGHT, _STEP = 110, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A stretch of the query as typed; ``number`` is that of the remark on it."""

    text: str
    number: int | None = None
    severity: str = ""


def _pieces(query: str, spans: list[tuple[int, int, int, str]]) -> list[_Piece]:
    """Cut a query at its remarks: start, end, number and severity, in order of start."""
    found, at = [], 0
    for start, end, number, severity in spans:
        if start < at or end <= start:
            continue
        if start > at:
            found.append(_Piece(text=query[at:start]))
        found.append(_Piece(text=query[start:end], number=number, severity=severity))
        at = end
    return [*found, _Piece(text=query[at:])] if at < len(query) else found


def _bars(years: dict[int, int]) -> str:
    """Draw records by year as bars; the table beside it gives the numbers."""
    first, last, most = min(years), max(years), max(years.values())
    width = (last - first + 1) * _STEP + 10
    bars = []
    for year in range(first, last + 1):
        n, x = years.get(year, 0), 5 + (year - first) * _STEP
        height = 80 * n / most
        bars.append(
            f'<rect x="{x}" y="{90 - height:.1f}" width="{_STEP - 3}" height="{height:.1f}" '
            'fill="#0b5c6b"/>'
        )
        if year in (first, last) or (year % 10 == 0 and first + 3 < year < last - 3):
            bars.append(
                f'<text x="{x + _STEP / 2}" y="105" font-size="11" text-anchor="middle" '
                f'font-family="sans-serif" fill="#1d2731">{year}</text>'
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 0 {width + 24} {_HEIGHT}" '
        f'width="{width + 24}" height="{_HEIGHT}"><rect x="-12" width="{width + 24}" '
        f'height="{_HEIGHT}" fill="#ffffff"/>{"".join(bars)}</svg>'
    )


def _checked(review: Review, query: str) -> tuple[StrategyCheck | None, str]:
    """Return the query held against the known relevant records, over the records on hand."""
    known = known_relevant(review)
    if not known:
        return None, "No record of this review with a PMID is known to be relevant yet."
    engine = OnHand(
        list(review.store.iterate_records()),
        "records of this review",
        today=review.clock().date(),
    )
    search = Search(search_id="this query", source="snapshot", query=query)
    try:
        return check_strategy(review, search, engine=engine, known=known), ""
    except DataError as error:
        return None, error.message


def _try(request: Request) -> Response:
    visit = visit_of(request)
    query = request.query_params.get("q", "").replace("\r\n", "\n")
    planned = request.query_params.get("search", "")
    tried, check, why, years = None, None, "", dict[int, int]()
    with visit.desk.aside(visit.person) as review:
        searches = review.protocol.searches
        if planned and not query:
            query = next((s.query for s in searches if s.search_id == planned), "")
        if query.strip():
            tried = try_query(review, query)
            for record in review.store.iterate_records(tried.record_ids):
                if record.year is not None:
                    years[record.year] = years.get(record.year, 0) + 1
            if request.query_params.get("check"):
                check, why = _checked(review, query)
        total = review.store.count_records()
    remarks, spans = [], []
    for number, note in enumerate(tried.diagnostics if tried else (), start=1):
        line = query.count("\n", 0, note.start) + 1
        column = note.start - (query.rfind("\n", 0, note.start) + 1) + 1
        repaired = None
        if note.suggestion is not None:
            repaired = query[: note.start] + note.suggestion + query[note.end :]
        remarks.append((number, note, line, column, repaired))
        spans.append((note.start, note.end, number, note.severity.value))
    return page(
        request,
        "strategy.html",
        query=query,
        searches=searches,
        tried=tried,
        total=total,
        remarks=remarks,
        pieces=_pieces(query, sorted(spans)),
        years=sorted(years.items()),
        bars=_bars(years) if years else "",
        check=check,
        why=why,
    )


def _prisma_s(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        items = prisma_s(review)
    return page(request, "prisma-s.html", items=items)


ROUTES = [
    Route("/search/strategy", _try),
    Route("/search/prisma-s", _prisma_s),
]
