"""The records of a stage as a list; progress, agreement, shares and stopping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.app.screening import (
    agreements,
    outcome_of,
    pace_of,
    share_out,
    start_round,
    visible_votes,
)
from resartus.app.screening.stopping import stop_advice
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.web.pages.screening import stage_of
from resartus.web.view import Visit, change, page, visit_of

__all__ = ["ROUTES"]

_PER_PAGE = (25, 50, 100)
_SHOWN = {
    "open": "to judge",
    "mine": "judged by me",
    "include": "I included",
    "maybe": "I said maybe",
    "exclude": "I excluded",
    "skip": "I put aside",
    "all": "all",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    record: Record
    mine: Decision | None
    n_votes: int
    """Votes this person may see, their own among them."""
    verdict: str
    place: int | None


def _number(request: Request, name: str, *, usual: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 7 else usual


def _chosen(visit: Visit, review: Review, stage: Stage, show: str) -> Iterator[RecordId]:
    """Yield the records that a filter keeps, in the order of judging."""
    if show == "open":
        yield from visit.desk.queue.open_from(stage)
        return
    state = review.state()
    for record_id in visit.desk.queue.everything(stage):
        mine = state.votes.get((record_id, stage.value), {}).get(visit.person)
        is_wanted = show == "all" or (
            mine is not None and (show == "mine" or mine.verdict.value == show)
        )
        if is_wanted:
            yield record_id


def _with_words(visit: Visit, ids: list[RecordId], words: str) -> list[RecordId]:
    """Return the records that hold all words; nobody's vote waits for the reading of 100,000."""
    wanted = words.casefold().split()
    with visit.desk.aside(visit.person) as review:
        return [
            r.record_id
            for r in review.store.iterate_records(ids)
            if all(
                word in f"{r.title} {r.abstract} {r.journal} {r.year}".casefold() for word in wanted
            )
        ]


def _list(request: Request) -> Response:
    visit, stage = visit_of(request), stage_of(request)
    show = request.query_params.get("show", "open")
    if show not in _SHOWN:
        raise DataError(f"show {show!r} is not one of: {', '.join(_SHOWN)}")
    words = request.query_params.get("q", "").strip()
    per_page = _number(request, "per_page", usual=_PER_PAGE[0])
    per_page = per_page if per_page in _PER_PAGE else _PER_PAGE[0]
    number = max(_number(request, "page", usual=1), 1)
    with visit.desk.review(visit.person) as review:
        ids = list(_chosen(visit, review, stage, show))
    if words:
        ids = _with_words(visit, ids, words)
    with visit.desk.review(visit.person) as review:
        start = (number - 1) * per_page
        shown = ids[start : start + per_page]
        records = {r.record_id: r for r in review.store.iterate_records(shown)}
        is_rank_told = review.protocol.screening.rank_shown == "always"
        state, reviewers = review.state(), review.protocol.reviewers
        rows = []
        for record_id in shown:
            votes = visible_votes(review, record_id, stage=stage)
            outcome = outcome_of(state, record_id, reviewers=reviewers)
            mine = state.votes.get((record_id, stage.value), {}).get(visit.person)
            verdict = ""
            if outcome.is_conflict and outcome.stage is stage:
                verdict = "conflict"
            elif outcome.stage is stage and outcome.verdict is not None:
                verdict = outcome.verdict.value
            elif outcome.stage is not stage and stage is Stage.SCREENING:
                verdict = Verdict.INCLUDE.value
            is_told = is_rank_told or mine is not None
            rows.append(
                _Row(
                    record=records[record_id],
                    mine=mine,
                    n_votes=len(votes),
                    verdict=verdict,
                    place=visit.desk.order.place(stage, record_id) if is_told else None,
                )
            )
    return page(
        request,
        "screen-list.html",
        stage=stage.value,
        rows=rows,
        n_found=len(ids),
        show=show,
        shows=_SHOWN,
        words=words,
        number=number,
        per_page=per_page,
        per_pages=_PER_PAGE,
        is_more=start + per_page < len(ids),
    )


def _progress(request: Request) -> Response:
    visit, stage = visit_of(request), stage_of(request)
    round_name = request.query_params.get("round") or None
    with visit.desk.review(visit.person) as review:
        paces = pace_of(review, stage)
        try:
            advice, why_no_advice = stop_advice(review, stage), ""
        except DataError as error:
            advice, why_no_advice = (), error.message
        try:
            pairs, why_no_pairs = agreements(review, stage, round_name=round_name), ""
        except DataError as error:
            pairs, why_no_pairs = (), error.message
        state = review.state()
        shares: dict[tuple[str, ...], int] = {}
        for (_, at), people in state.assigned.items():
            if at == stage.value:
                shares[people] = shares.get(people, 0) + 1
        rounds = {name: len(ids) for name, ids in state.rounds.items()}
        progress = visit.desk.queue.progress(stage)
        plan = review.protocol.screening
        needed = review.protocol.reviewers[stage]
    return page(
        request,
        "screen-progress.html",
        stage=stage.value,
        progress=progress,
        paces=paces,
        advice=advice,
        why_no_advice=why_no_advice,
        pairs=pairs,
        why_no_pairs=why_no_pairs,
        shares=shares,
        rounds=rounds,
        round_name=round_name or "",
        plan=plan,
        needed=needed,
        order=visit.desk.queue.ranked_by(stage),
    )


def _people(form: FormData) -> list[str]:
    return [name.strip() for name in str(form.get("people", "")).splitlines() if name.strip()]


async def _share(request: Request) -> Response:
    stage = stage_of(request)

    def share(review: Review, form: FormData) -> str:
        if form.get("round"):
            count = str(form.get("count", ""))
            if not (count.isascii() and count.isdecimal()) or len(count) > 6:
                raise DataError(f"{count!r} is not a number of records", field="count")
            begun = start_round(
                review,
                str(form["round"]).strip(),
                count=int(count),
                people=_people(form),
                stage=stage,
            )
            said = f"Round {begun.round_name} begun with {len(begun.record_ids)} records"
        else:
            shares = share_out(review, stage=stage, people=_people(form))
            said = f"{sum(len(s.record_ids) for s in shares)} records shared out"
        return f"/screen/{stage.value}/progress?said={quote(said)}"

    return await change(request, Action.MANAGE, share)


ROUTES = [
    Route("/screen/{stage}/list", _list),
    Route("/screen/{stage}/progress", _progress),
    Route("/screen/{stage}/progress", _share, methods=["POST"]),
]
