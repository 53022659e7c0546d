"""Suggested values beside the words they rest on: accepted, corrected or turned down one by one."""

from __future__ import annotations

from collections import Counter
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.extraction.form_in_use import fields_in_use
from resartus.app.extraction.suggesting import (
    accept,
    context_of,
    disclosure,
    field_for,
    load_settings,
    reject,
    suggest,
    switch_rules,
    waiting,
)
from resartus.app.history import last_own
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.ids import StudyId
from resartus.errors import DataError
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]

_ACTS = frozenset({EventKind.SUGGESTION_ANSWERED})


def _suggestions(request: Request, *, problem: str = "", given: FormData | None = None) -> Response:
    visit, asked = visit_of(request), request.query_params
    study = StudyId(asked.get("study", "") or (str(given.get("study", "")) if given else ""))
    with visit.desk.review(visit.person) as review:
        state = review.state()
        open_ = waiting(state, study_id=study or None)
        places = {s.suggestion_id: i for i, s in enumerate(open_)}
        if given is not None:
            at = places.get(str(given.get("suggestion_id", "")), 0)
        else:
            at = places.get(asked.get("after", ""), -1) + 1
        one = open_[at] if at < len(open_) else None
        counts = Counter(s.study_id for s in waiting(state))
        made = Counter(s.study_id for s in state.suggestions.values())
        labels = {f.name: f.label for f in fields_in_use(review)}
        try:
            settings, why = load_settings(review), ""
        except DataError as error:
            settings, why = None, error.message
        told = disclosure(state)
        return page(
            request,
            "suggestions.html",
            status=422 if problem else 200,
            one=one,
            context=context_of(review, one) if one else None,
            record=review.store.load_record(one.record_id) if one else None,
            field=field_for(review, one) if one else "",
            label=labels.get(one.field, "") if one else "",
            at=at,
            n_open=len(open_),
            study=study,
            studies=list(state.studies.values()),
            names={s.study_id: s.label for s in state.studies.values()},
            counts=counts,
            made=made,
            settings=settings,
            why=why,
            told=told,
            last=last_own(review, _ACTS),
            problem=problem,
            given=given,
        )


def _back(study: str, **more: str) -> str:
    fields = {"study": study, **more}
    return "/suggestions?" + "&".join(f"{k}={quote(v, safe='')}" for k, v in fields.items() if v)


async def _answer(request: Request) -> Response:
    def answer(review: Review, form: FormData) -> Response | str:
        suggestion_id, study = str(form.get("suggestion_id", "")), str(form.get("study", ""))
        verdict = str(form.get("verdict", "accept"))
        if verdict not in ("accept", "reject"):
            raise DataError(f"verdict {verdict!r} is not one of: accept, reject")
        if verdict == "reject":
            reject(review, suggestion_id)
            return _back(study, said="Turned down")
        try:
            cell = accept(
                review,
                suggestion_id,
                value=str(form.get("value", "")).strip() or None,
                field=str(form.get("field", "")).strip() or None,
            )
        except DataError as error:
            # What was typed is shown again with what is wrong with it.
            return _suggestions(request, problem=error.message, given=form)
        return _back(study, said=f"Entered {cell.cell_id}: {cell.extracted.value}")

    return await change(request, Action.EXTRACT, answer)


async def _propose(request: Request) -> Response:
    def propose(review: Review, form: FormData) -> str:
        study = str(form.get("study", ""))
        if study:
            done = suggest(review, StudyId(study))
            refused = f", {len(done.refused)} did not pass the check" if done.refused else ""
            return _back(study, said=f"{len(done.suggestions)} values are proposed{refused}")
        if load_settings(review).endpoint is not None:
            raise DataError("with a model, let one study be read at a time; choose one")
        n_values = n_read = 0
        read = {s.study_id for s in review.state().suggestions.values()}
        for study_id in [known for known in review.state().studies if known not in read]:
            try:
                n_values += len(suggest(review, study_id).suggestions)
                n_read += 1
            except DataError as error:
                if "on hand" not in error.message:
                    raise
        return _back("", said=f"{n_read} studies were read, {n_values} values are proposed")

    return await change(request, Action.EXTRACT, propose, is_long=True)


async def _switch(request: Request) -> Response:
    def switch(review: Review, form: FormData) -> str:
        on = str(form.get("rules", "")) == "on"
        switch_rules(review, on=on)
        return _back("", said=f"The rules are {'on' if on else 'off'}")

    return await change(request, Action.PLAN, switch)


ROUTES = [
    Route("/suggestions", _suggestions),
    Route("/suggestions", _answer, methods=["POST"]),
    Route("/suggestions/made", _propose, methods=["POST"]),
    Route("/suggestions/settings", _switch, methods=["POST"]),
]
