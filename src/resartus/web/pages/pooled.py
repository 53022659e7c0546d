"""Pooled effects by the plan, with subgroups that respond; survival by time zero."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.pooling.effects import natural
from resartus.app.pooling.figures import draw_effect
from resartus.app.pooling.run import effects_of_review
from resartus.app.pooling.sensitivity import EXAMINATIONS
from resartus.app.pooling.survival import survival_synthesis
from resartus.app.pooling.wording import effect_report
from resartus.domain.overlap import OverlapRule
from resartus.domain.patient import TimeZero
from resartus.domain.protocol import PlannedEffect
from resartus.errors import DataError, EstimationError
from resartus.web.view import page, visit_of

__all__ = ["ROUTES"]


def _planned(plans: tuple[PlannedEffect, ...], name: str) -> PlannedEffect | None:
    if not plans:
        return None
    return next((plan for plan in plans if plan.name == name), plans[0])


def _effects(request: Request) -> Response:
    visit = visit_of(request)
    asked = request.query_params
    what = tuple(name for name in asked.getlist("examine") if name in EXAMINATIONS)
    told, drawings, why, fields = [], {}, "", list[str]()
    with visit.desk.aside(visit.person) as review:
        plans = review.protocol.analysis.effects
        plan = _planned(plans, asked.get("effect", ""))
        if plan is not None:
            subgroup = asked.get("subgroup", plan.subgroup or "").strip() or None
            fields = sorted(
                {cell.field for cell in review.state().cells.values() if not cell.patient}
            )
            try:
                run = effects_of_review(review, replace(plan, subgroup=subgroup))
                found, _ = run.examined(what)
                is_planned = subgroup == plan.subgroup
                told = list(effect_report(run.effect, found, is_planned=is_planned))
                drawings = draw_effect(run.effect, found)
                plan = run.effect.plan
            except (DataError, EstimationError) as error:
                why = error.message
    return page(
        request,
        "effects.html",
        plans=plans,
        plan=plan,
        planned_subgroup=next((p.subgroup for p in plans if plan and p.name == plan.name), None),
        told=told,
        drawings=drawings,
        why=why,
        fields=fields,
        examinations=EXAMINATIONS,
        what=what,
        natural=natural,
    )


def _survival(request: Request) -> Response:
    visit = visit_of(request)
    origin = request.query_params.get("origin", TimeZero.LIVER_TREATMENT.value)
    rule = request.query_params.get("rule", OverlapRule.KEEP_ALL.value)
    if origin not in list(TimeZero):
        raise DataError(f"time zero {origin!r} is not one of: {', '.join(TimeZero)}")
    if rule not in list(OverlapRule):
        raise DataError(f"rule {rule!r} is not one of: {', '.join(OverlapRule)}")
    with visit.desk.aside(visit.person) as review:
        found = survival_synthesis(review, origin=TimeZero(origin), rule=OverlapRule(rule))
        median = found.model.median() if found.model is not None else None
        years = (
            [(years, found.model.survival_at(12.0 * years)) for years in (1, 3, 5)]
            if found.model is not None
            else []
        )
    return page(
        request,
        "survival.html",
        found=found,
        median=median,
        years=years,
        origins=list(TimeZero),
        rules=list(OverlapRule),
        origin=origin,
        rule=rule,
    )


ROUTES = [
    Route("/results/effects", _effects),
    Route("/results/survival", _survival),
]
