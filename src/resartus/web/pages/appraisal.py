"""Appraisal: each study by the tool for its design, two people alone, then what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.appraisal.answering import (
    OVERALL,
    StudyJudgement,
    Tool,
    answer,
    bias_figures,
    settle_answer,
    suggested_tools,
    tools_of_review,
)
from resartus.app.appraisal.blinding import (
    answers_of,
    finished,
    given_by,
    own_answers,
    seen_judgement,
)
from resartus.app.permissions import Action
from resartus.app.reporting.theme import follow_theme
from resartus.app.review import Review
from resartus.domain.ids import StudyId
from resartus.errors import DataError, NotFoundError
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]

_FIGURES = ("traffic-lights", "summary")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """How far one study has come under one tool, told without anybody's answers."""

    tool: Tool
    is_suggested: bool
    n_mine: int
    n_finished: int
    judgement: StudyJudgement

    @property
    def n_conflicts(self) -> int:
        """How many answers differ, of those that may be seen."""
        j = self.judgement
        return sum(i.is_conflict for i in (*j.items, j.overall))


def _work(review: Review, study_id: StudyId, suggested: Sequence[Tool]) -> list[_Work]:
    used = {key for study, key, *_ in review.state().appraisals if study == study_id}
    tools = [t for t in tools_of_review(review) if t in suggested or t.key in used]
    found = [
        _Work(
            tool=tool,
            is_suggested=tool in suggested,
            n_mine=sum(i != OVERALL for i in own_answers(review, study_id, tool)),
            n_finished=len(finished(answers_of(review.state(), study_id, tool), tool)),
            judgement=seen_judgement(review, study_id, tool),
        )
        for tool in tools
    ]
    best_first = [t.key for t in suggested]
    return sorted(
        found,
        key=lambda w: best_first.index(w.tool.key) if w.is_suggested else len(best_first),
    )


def _seen(review: Review, tool: Tool) -> list[StudyJudgement]:
    """Return the judgements under a tool that this person may see something of."""
    state = review.state()
    appraised = {study for study, key, *_ in state.appraisals if key == tool.key}
    found = [
        seen_judgement(review, study_id, tool)
        for study_id in state.studies
        if study_id in appraised
    ]
    return [j for j in found if any(i.answers or i.is_consensus for i in (*j.items, j.overall))]


def _tool(review: Review, name: str) -> Tool:
    tools = tools_of_review(review)
    for tool in tools:
        if name in (tool.key, tool.tool_id):
            return tool
    known = ", ".join(t.tool_id for t in tools)
    raise NotFoundError(f"appraisal tool {name!r} is not known; there are: {known}")


def _overview(request: Request) -> Response:
    visit = visit_of(request)
    with visit.desk.review(visit.person) as review:
        studies = [(s, _work(review, s.study_id, s.tools)) for s in suggested_tools(review)]
        used = {key for _, key, *_ in review.state().appraisals}
        drawn = [
            (tool, seen)
            for tool in tools_of_review(review)
            if tool.key in used and (seen := _seen(review, tool))
        ]
        labels = {s.study_id: s.label for s, _ in studies}
        enough = review.protocol.appraisers_needed
    return page(
        request, "appraisal.html", studies=studies, drawn=drawn, labels=labels, enough=enough
    )


def _figure(request: Request) -> Response:
    visit, name = visit_of(request), request.path_params["name"]
    if name not in _FIGURES:
        raise NotFoundError(f"{name!r} is not one of: {', '.join(_FIGURES)}")
    with visit.desk.aside(visit.person) as review:
        tool = _tool(review, request.path_params["tool"])
        known = _seen(review, tool)
        drawing = bias_figures(review.state(), tool, known=known)[name]
    return Response(follow_theme(drawing.svg), media_type="image/svg+xml")


def _study(request: Request) -> Response:
    visit = visit_of(request)
    study_id = StudyId(request.path_params["study_id"])
    asked = request.query_params.get("tool", "")
    with visit.desk.review(visit.person) as review:
        suggested = next((s for s in suggested_tools(review) if s.study_id == study_id), None)
        if suggested is None:
            raise NotFoundError(f"study {study_id!r} is not in this review")
        tools = tools_of_review(review)
        tool = _tool(review, asked) if asked else (suggested.tools or tools)[0]
        answers = answers_of(review.state(), study_id, tool)
        records = review.store.iterate_records(list(review.state().studies[study_id].record_ids))
        judgement = seen_judgement(review, study_id, tool)
        done = given_by(answers, tool, needed=review.protocol.appraisers_needed)
        return page(
            request,
            "appraise.html",
            study=suggested,
            tools=tools,
            tool=tool,
            mine=own_answers(review, study_id, tool),
            others={by for given in answers.values() for by in given} - {visit.person},
            is_blind=len(done) < review.protocol.appraisers_needed,
            judgement=judgement,
            heard={i.item_id: i for i in (*judgement.items, judgement.overall)},
            records=list(records),
            overall=OVERALL,
        )


def _back(study_id: str, tool: Tool, said: str) -> str:
    where = f"/appraisal/studies/{quote(study_id, safe='')}"
    return f"{where}?tool={quote(tool.key, safe='')}&said={quote(said)}"


async def _answer(request: Request) -> Response:
    study_id = StudyId(request.path_params["study_id"])

    def save(review: Review, form: FormData) -> str:
        tool = _tool(review, str(form.get("tool", "")))
        before = own_answers(review, study_id, tool)
        saved = 0
        for item in (*(i.item_id for i in tool.items), OVERALL):
            given = str(form.get(f"answer:{item}", "")).strip()
            support = str(form.get(f"support:{item}", "")).strip()[:2000] or None
            if not given:
                if support:
                    raise DataError(f"words were given for {item!r} but no answer; choose one")
                continue
            was = before.get(item)
            if was and (was["answer"], was.get("support")) == (given, support):
                continue
            answer(review, study_id, tool=tool, item=item, answer=given, support=support)
            saved += 1
        return _back(study_id, tool, f"{saved} answers saved" if saved else "Nothing was new")

    return await change(request, Action.EXTRACT, save)


async def _settle(request: Request) -> Response:
    study_id = StudyId(request.path_params["study_id"])

    def settle(review: Review, form: FormData) -> str:
        tool = _tool(review, str(form.get("tool", "")))
        item = str(form.get("item", ""))
        seen = seen_judgement(review, study_id, tool)
        if not any(i.item_id == item and i.is_conflict for i in (*seen.items, seen.overall)):
            raise DataError(f"no two answers to {item!r} differ, so there is nothing to settle")
        settle_answer(
            review,
            study_id,
            tool=tool,
            item=item,
            answer=str(form.get("answer", "")),
            support=str(form.get("support", "")).strip()[:2000] or None,
        )
        return _back(study_id, tool, "Settled")

    return await change(request, Action.EXTRACT, settle)


ROUTES = [
    Route("/appraisal", _overview),
    Route("/appraisal/figures/{tool}/{name}.svg", _figure),
    Route("/appraisal/studies/{study_id}", _study),
    Route("/appraisal/studies/{study_id}", _answer, methods=["POST"]),
    Route("/appraisal/studies/{study_id}/settle", _settle, methods=["POST"]),
]
