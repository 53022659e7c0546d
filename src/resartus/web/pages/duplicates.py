"""Duplicates, reports of one study, patients in several papers: proposed, judged, taken back."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.dedup.judging import (
    PairVerdict,
    judge_pair,
    linked_groups,
    open_questions,
    pair_view,
    unlink,
)
from resartus.app.dedup.overlaps import judge_overlap, overlap_verdicts, proposed_overlaps
from resartus.app.dedup.reports import judge_reports, proposed_studies
from resartus.app.dedup.running import find_and_link
from resartus.app.history import last_own
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.overlap import PatientsShared
from resartus.errors import DataError
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]

_ACTS = frozenset(
    {
        EventKind.DUPLICATES_LINKED,
        EventKind.DUPLICATES_UNLINKED,
        EventKind.DUPLICATES_KEPT_APART,
        EventKind.REPORTS_RELATED,
        EventKind.OVERLAP_JUDGED,
    }
)
_RELATIONS = (
    "conference abstract",
    "preprint",
    "correction",
    "comment",
    "protocol",
    "update",
    "translation",
    "related",
)
_GROUPS_PER_PAGE = 50


def _shown(request: Request, review: Review, template: str, **context: Any) -> Response:
    return page(
        request,
        template,
        last=last_own(review, _ACTS),
        n_pairs=len(open_questions(review)),
        n_linked=len(review.state().duplicates.members),
        **context,
    )


def _pairs(request: Request) -> Response:
    visit = visit_of(request)
    after = request.query_params.get("after", "")
    with visit.desk.review(visit.person) as review:
        waiting = open_questions(review)
        places = {f"{q.record_id} {q.other_id}": i for i, q in enumerate(waiting)}
        at = places.get(after, -1) + 1
        question = waiting[at] if at < len(waiting) else None
        pair = pair_view(review, question.record_id, question.other_id) if question else None
        state = review.state()
        return _shown(
            request,
            review,
            "duplicates.html",
            pair=pair,
            question=question,
            at=at,
            relations=_RELATIONS,
            n_looked_at=state.duplicates.n_looked_at,
            n_records=len(state.arrived),
        )


async def _judge(request: Request) -> Response:
    def judge(review: Review, form: FormData) -> str:
        verdict = str(form.get("verdict", ""))
        if verdict not in list(PairVerdict):
            raise DataError(f"verdict {verdict!r} is not one of: {', '.join(PairVerdict)}")
        judge_pair(
            review,
            RecordId(str(form.get("record_id", ""))),
            RecordId(str(form.get("other_id", ""))),
            verdict=PairVerdict(verdict),
            relation=str(form.get("relation", "")).strip() or None,
            note=str(form.get("note", "")).strip() or None,
        )
        return f"/duplicates?said={quote(f'Saved: {verdict}')}"

    return await change(request, Action.SEARCH, judge)


async def _find(request: Request) -> Response:
    def find(review: Review, form: FormData) -> str:
        run = find_and_link(review)
        said = f"{run.records} records compared: {run.linked} linked, {run.asked} pairs to judge"
        return f"/duplicates?said={quote(said)}"

    return await change(request, Action.SEARCH, find)


def _linked(request: Request) -> Response:
    visit = visit_of(request)
    text = request.query_params.get("page", "1")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
    with visit.desk.review(visit.person) as review:
        groups = linked_groups(review)
        start = (max(number, 1) - 1) * _GROUPS_PER_PAGE
        shown = groups[start : start + _GROUPS_PER_PAGE]
        wanted = [r for group in shown for r in (group.kept, *group.duplicates)]
        records = {r.record_id: r for r in review.store.iterate_records(wanted)}
        return _shown(
            request,
            review,
            "linked.html",
            groups=shown,
            records=records,
            number=max(number, 1),
            is_more=start + _GROUPS_PER_PAGE < len(groups),
        )


async def _unlink(request: Request) -> Response:
    def take_out(review: Review, form: FormData) -> str:
        record_id = RecordId(str(form.get("record_id", "")))
        unlink(review, record_id, note=str(form.get("note", "")).strip() or None)
        said = f"{record_id} is a record of its own again, and stays one"
        return f"/duplicates/linked?said={quote(said)}"

    return await change(request, Action.SEARCH, take_out)


def _studies(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        proposals = proposed_studies(review)
        shown = [
            (p, pair_view(review, p.record_id, p.other_id).fields) for p in proposals[:1]
        ]  # One at a time: comparing all of them would keep the page waiting.
        overlaps = proposed_overlaps(review)
        return _shown(
            request,
            review,
            "related.html",
            proposals=shown,
            n_proposals=len(proposals),
            overlaps=overlaps,
            verdicts=overlap_verdicts(review.state()),
            shared=list(PatientsShared),
        )


async def _judge_studies(request: Request) -> Response:
    def judge(review: Review, form: FormData) -> str:
        note = str(form.get("note", "")).strip() or None
        first, second = str(form.get("first", "")), str(form.get("second", ""))
        verdict = str(form.get("verdict", ""))
        if form.get("about") == "patients":
            if verdict not in list(PatientsShared):
                raise DataError(f"verdict {verdict!r} is not one of: {', '.join(PatientsShared)}")
            judge_overlap(
                review,
                StudyId(first),
                StudyId(second),
                verdict=PatientsShared(verdict),
                note=note,
            )
        else:
            if verdict not in ("same", "different"):
                raise DataError(f"verdict {verdict!r} is not one of: same, different")
            judge_reports(
                review,
                RecordId(first),
                RecordId(second),
                is_same_study=verdict == "same",
                note=note,
            )
        return f"/duplicates/studies?said={quote(f'Saved: {verdict}')}"

    return await change(request, Action.EXTRACT, judge)


ROUTES = [
    Route("/duplicates", _pairs),
    Route("/duplicates", _judge, methods=["POST"]),
    Route("/duplicates/find", _find, methods=["POST"]),
    Route("/duplicates/linked", _linked),
    Route("/duplicates/linked", _unlink, methods=["POST"]),
    Route("/duplicates/studies", _studies),
    Route("/duplicates/studies", _judge_studies, methods=["POST"]),
]
