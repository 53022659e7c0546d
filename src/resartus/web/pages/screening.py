"""Votes, one record at a time, and the conflicts between them."""

from __future__ import annotations

import secrets
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.highlighting import highlights_of, mark
from resartus.app.history import last_own
from resartus.app.permissions import Action, require
from resartus.app.review import Review
from resartus.app.screening import conflicts, decide, since_last_include
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.errors import DataError, NotFoundError
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES", "stage_of"]


def stage_of(request: Request) -> Stage:
    """Return the stage that the path names, or raise ``NotFoundError``."""
    name = request.path_params["stage"]
    try:
        return Stage(name)
    except ValueError:
        known = ", ".join(stage.value for stage in Stage)
        raise NotFoundError(f"{name!r} is not a stage; there are: {known}") from None


def _screen(request: Request) -> Response:
    visit, stage = visit_of(request), stage_of(request)
    after = request.query_params.get("after")
    asked = request.query_params.get("record")
    with visit.desk.review(visit.person) as review:
        queue = visit.desk.queue
        record_id = (
            RecordId(asked)
            if asked
            else queue.next_open(stage, after=RecordId(after) if after else None)
        )
        record = None if record_id is None else review.store.load_record(record_id)
        progress = queue.progress(stage)
        state = review.state()
        since = since_last_include(state, stage)
        eligibility = review.protocol.eligibility
        highlights = highlights_of(review.protocol)
        mine = (
            state.votes.get((record_id, stage.value), {}).get(visit.person) if record_id else None
        )
        fulltext = state.fulltexts.get(record_id) if record_id else None
        plan = review.protocol.screening
        # Unless the team wants it otherwise, the rank is told only after the vote.
        is_rank_told = record_id is not None and (mine is not None or plan.rank_shown == "always")
        place = visit.desk.order.place(stage, record_id) if record_id and is_rank_told else None
        last = last_own(review, {EventKind.DECISION_MADE}, count=50)
        is_aside = record_id is not None and record_id in state.missing_fulltexts
    return page(
        request,
        "screen.html",
        stage=stage.value,
        record=record,
        title=mark(record.title or "No title given", highlights=highlights) if record else (),
        abstract=mark(record.abstract or "", highlights=highlights) if record else (),
        progress=progress,
        since=since,
        eligibility=eligibility,
        reasons=[c.name for c in eligibility.exclude],
        vote_key=f"vote-{secrets.token_urlsafe(12)}",
        mine=mine,
        fulltext=fulltext,
        place=place,
        is_ranked=visit.desk.queue.ranked_by(stage) is not None,
        last=last,
        is_aside=is_aside,
    )


async def _vote(request: Request) -> Response:
    visit, stage = visit_of(request), stage_of(request)

    def vote(review: Review, form: FormData) -> str:
        is_final = form.get("final") == "yes"
        if is_final:
            require(visit.role, Action.ADJUDICATE)
        verdict = str(form.get("verdict", ""))
        if verdict not in [v.value for v in Verdict]:
            raise DataError(f"verdict {verdict!r} is not one of: include, maybe, exclude, skip")
        record_id = RecordId(str(form.get("record_id", "")))
        reasons = [str(r) for r in form.getlist("reason") if r and verdict == Verdict.EXCLUDE]
        decide(
            review,
            record_id,
            stage=stage,
            verdict=Verdict(verdict),
            reasons=reasons,
            tags=str(form.get("tags", "")).split(","),
            note=str(form.get("note", "")).strip() or None,
            is_adjudication=is_final,
            ranked_by=None if is_final else visit.desk.queue.ranked_by(stage),
            key=str(form.get("key", "")) or None,
        )
        if is_final:
            return "/conflicts?said=Settled"
        said = quote(f"Saved: {verdict}" + (f" ({', '.join(reasons)})" if reasons else ""))
        return f"/screen/{stage.value}?said={said}"

    return await change(request, Action.SCREEN, vote)


def _conflicts(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        state = review.state()
        # Blinded: a vote is shown once both have voted, and a conflict is exactly that.
        rows = [
            {
                "record": review.store.load_record(outcome.record_id),
                "stage": outcome.stage.value,
                "has_text": outcome.record_id in state.fulltexts,
                "votes": list(
                    state.votes.get((outcome.record_id, outcome.stage.value), {}).values()
                ),
            }
            for outcome in conflicts(review)
        ]
        reasons = [c.name for c in review.protocol.eligibility.exclude]
    return page(request, "conflicts.html", conflicts=rows, reasons=reasons)


ROUTES = [
    Route("/screen/{stage}", _screen),
    Route("/screen/{stage}", _vote, methods=["POST"]),
    Route("/conflicts", _conflicts),
]
