"""GRADE: the certainty of each outcome, every step up or down with its reason in words."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.appraisal.grading import (
    DOWN,
    LEVELS,
    STARTS,
    UP,
    Certainty,
    Grade,
    Start,
    Step,
    grades,
    rate,
)
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.errors import DataError
from resartus.web.view import change, page, visit_of

__all__ = ["ROUTES"]


def _given_of(grade: Grade) -> dict[str, str]:
    """Return a rating as the fields of the form."""
    given = {
        "outcome": grade.outcome,
        "start": grade.start.value,
        "certainty": grade.certainty.value,
        "apart": grade.apart_because or "",
        "summary": grade.summary or "",
    }
    for side, steps in (("down", grade.downs), ("up", grade.ups)):
        for step in steps:
            given[f"{side}:{step.domain}"] = str(step.levels)
            given[f"{side}:{step.domain}:because"] = step.because
    return given


def _steps(given: Mapping[str, str], side: str, domains: tuple[str, ...]) -> tuple[Step, ...]:
    found = []
    for domain in domains:
        levels, because = given.get(f"{side}:{domain}", "0"), given.get(f"{side}:{domain}:because")
        if levels not in ("0", "", "1", "2"):
            raise DataError(f"{levels!r} levels for {domain!r} are not 0, 1 or 2")
        if levels in ("0", ""):
            if because:
                raise DataError(f"a reason stands at {domain!r}, but no level; choose one or two")
            continue
        found.append(Step(domain=domain, levels=int(levels), because=because or ""))
    return tuple(found)


def _grade(given: Mapping[str, str]) -> Grade:
    for name, known in (("start", Start), ("certainty", Certainty)):
        allowed = [member.value for member in known]
        if given.get(name) not in allowed:
            raise DataError(f"{name} {given.get(name)!r} is not one of: {', '.join(allowed)}")
    return Grade(
        outcome=given.get("outcome", ""),
        start=Start(given["start"]),
        certainty=Certainty(given["certainty"]),
        downs=_steps(given, "down", DOWN),
        ups=_steps(given, "up", UP),
        apart_because=given.get("apart") or None,
        summary=given.get("summary") or None,
    )


def _shown(
    request: Request,
    review: Review,
    given: Mapping[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    rated = grades(review.state())
    planned = dict.fromkeys((*review.protocol.outcomes, *rated))
    return page(
        request,
        "certainty.html",
        status=status,
        rated=rated,
        by={outcome: data.get("by") for outcome, data in review.state().certainties.items()},
        unrated=[outcome for outcome in planned if outcome not in rated],
        outcomes=list(planned),
        given=given,
        problem=problem,
        starts=STARTS,
        levels=LEVELS,
        down=DOWN,
        up=UP,
    )


def _certainty(request: Request) -> Response:
    visit = visit_of(request)
    asked = request.query_params.get("outcome", "")
    with visit.desk.review(visit.person) as review:
        known = grades(review.state())
        given = _given_of(known[asked]) if asked in known else {"outcome": asked}
        return _shown(request, review, given)


async def _rate(request: Request) -> Response:
    def save(review: Review, form: FormData) -> Response | str:
        given = {name: str(value).strip()[:2000] for name, value in form.items()}
        try:
            rate(review, _grade(given))
        except DataError as error:
            # What was written stays on the page.
            return _shown(request, review, given, problem=error.message, status=422)
        return "/appraisal/certainty?said=Rated"

    return await change(request, Action.EXTRACT, save)


ROUTES = [
    Route("/appraisal/certainty", _certainty),
    Route("/appraisal/certainty", _rate, methods=["POST"]),
]
