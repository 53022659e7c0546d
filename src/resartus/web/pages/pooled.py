"""Pooled effects by the plan, with subgroups that respond; survival by time zero."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resartus.app.extraction.form_in_use import asked_time_zero, times_zero_at
from resartus.app.pooling.effects import natural
from resartus.app.pooling.figures import draw_effect
from resartus.app.pooling.run import effects_of_review
from resartus.app.pooling.sensitivity import EXAMINATIONS
from resartus.app.pooling.survival import survival_sensitivity, survival_synthesis
from resartus.app.pooling.viewing import examined, months_text, survival_svg
from resartus.app.pooling.wording import effect_report
from resartus.app.reporting.directions import harvest_now
from resartus.app.reporting.survival import published_figures
from resartus.domain.overlap import OverlapRule
from resartus.domain.protocol import PlannedEffect
from resartus.errors import DataError, EstimationError
from resartus.web.view import page, visit_of

__all__ = ["ROUTES"]

_MOST_MONTHS = 1200.0


def _planned(plans: tuple[PlannedEffect, ...], name: str) -> PlannedEffect | None:
    if not plans:
        return None
    return next((plan for plan in plans if plan.name == name), plans[0])


def _effects(request: Request) -> Response:
    visit = visit_of(request)
    asked = request.query_params
    what = tuple(name for name in asked.getlist("examine") if name in EXAMINATIONS)
    told, why, fields = [], "", list[str]()
    drawings: dict[str, Any] = {}
    missing: list[str] = []
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
                found, missing = examined(run.effect, what, level=run.level)
                is_planned = subgroup == plan.subgroup
                told = list(effect_report(run.effect, found, is_planned=is_planned))
                drawings |= draw_effect(run.effect, found)
                if harvest := harvest_now(review, run.effect):
                    drawings["harvest"] = harvest
                plan = run.effect.plan
            except (DataError, EstimationError) as error:
                why = error.message
    kept, left_out = _parts(told)
    lead = next((part[0] for part in kept if not isinstance(part, str)), None)
    return page(
        request,
        "effects.html",
        plans=plans,
        plan=plan,
        planned_subgroup=next((p.subgroup for p in plans if plan and p.name == plan.name), None),
        told=kept,
        lead=lead,
        left_out=left_out,
        drawings=drawings,
        why=why,
        missing=missing,
        fields=fields,
        examinations=EXAMINATIONS,
        what=what,
        natural=natural,
    )


_LEFT_OUT = "not pooled: "


def _parts(told: list[Any]) -> tuple[list[Any], list[str]]:
    """Return what is told without the studies left out, and those by themselves."""
    lines = [part for part in told if isinstance(part, str)]
    left_out = [line.strip() for line in lines if line.strip().startswith(_LEFT_OUT)]
    kept = [p for p in told if not (isinstance(p, str) and p.strip().startswith(_LEFT_OUT))]
    return kept, [line.removeprefix(_LEFT_OUT) for line in left_out]


def _months(request: Request, name: str) -> float | None:
    text = request.query_params.get(name, "").strip()
    if not text:
        return None
    try:
        months = float(text)
    except ValueError:
        months = 0.0
    if not 0 < months <= _MOST_MONTHS:
        raise DataError(f"{text!r} is no number of months above 0 and up to {_MOST_MONTHS:g}")
    return months


def _survival(request: Request) -> Response:
    visit = visit_of(request)
    rule = request.query_params.get("rule", OverlapRule.KEEP_ALL.value)
    if rule not in list(OverlapRule):
        raise DataError(f"rule {rule!r} is not one of: {', '.join(OverlapRule)}")
    against, dying_at = _months(request, "against"), _months(request, "dying_at") or 3.0
    is_varied = bool(request.query_params.get("varied"))
    with visit.desk.aside(visit.person) as review:
        origin = asked_time_zero(review, request.query_params.get("origin"))
        origins = times_zero_at(review.protocol, review.state())
        found = survival_synthesis(
            review,
            origin=origin,
            rule=OverlapRule(rule),
            stress_threshold_months=against,
            stress_death_months=dying_at,
        )
        published = published_figures(review)
        others = survival_sensitivity(review, origin=origin) if is_varied else ()
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
        origins=origins,
        rules=list(OverlapRule),
        origin=origin,
        rule=rule,
        against=against,
        dying_at=dying_at,
        is_varied=is_varied,
        drawing=survival_svg(found),
        published=published,
        months=months_text,
        others=[
            (
                other.choice,
                len(other.result.used),
                months_text(other.result.model.median())
                if other.result.model
                else f"no model: {other.result.why_not}",
            )
            for other in others
        ],
    )


ROUTES = [
    Route("/results/effects", _effects),
    Route("/results/survival", _survival),
]
