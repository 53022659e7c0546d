"""Effects pooled as planned or asked, survival over all evidence, rankings simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from resartus.api.endpoint import Call, Endpoint
from resartus.api.endpoints.types import Body, Id, Line
from resartus.app.background.counting import advancing
from resartus.app.extraction.form_in_use import asked_time_zero
from resartus.app.permissions import Action
from resartus.app.pooling.survival import (
    Contribution,
    Sensitivity,
    SurvivalSynthesis,
    survival_sensitivity,
    survival_synthesis,
)
from resartus.domain.estimate import Estimate
from resartus.domain.overlap import OverlapRule
from resartus.domain.protocol import PlannedEffect
from resartus.domain.time_zero import TimeZero

__all__ = ["SYNTHESIS"]

_REVIEW = "/reviews/{review_id}"
Level = Annotated[float, msgspec.Meta(ge=0.5, le=0.999)]
Months = Annotated[float, msgspec.Meta(gt=0, le=1200)]


class Pooling(Body):
    """What to pool; all effects of the plan if left out.

    ``effect`` names one of the plan; ``measure`` (RR, OR, HR, SMD, PLO …) pools
    one outside it, from the fields that ``fields`` names by input. What is
    changed or outside is marked as not planned. ``examine`` asks how far it
    depends on single studies, their order and small ones; ``figures`` draws.
    """

    effect: Id | None = None
    measure: Line | None = None
    fields: dict[str, Id] = msgspec.field(default_factory=dict)
    model: Line | None = None
    estimator: Line | None = None
    test: Line | None = None
    prediction: Line | None = None
    subgroup: Id | None = None
    moderators: Annotated[tuple[Id, ...], msgspec.Meta(max_length=20)] = ()
    level: Level | None = None
    examine: tuple[
        Literal["leave-one-out", "cumulative", "influence", "asymmetry", "directions"], ...
    ] = ()
    figures: bool = False


class EffectView(Body):
    """A pooled effect: ``told`` is what ``resartus synthesise --json`` prints; figures are SVG."""

    name: str
    is_planned: bool
    pooled: Estimate
    told: dict[str, Any]
    figures: dict[str, str]


class SurvivalOf(Body):
    """Survival under one choice: the median, or why it is not pooled."""

    choice: str
    median: Estimate | None
    why_not: str | None


class Survival(Body):
    """Survival from one time zero over patients, curves and published figures."""

    origin: TimeZero
    rule: OverlapRule
    contributions: tuple[Contribution, ...]
    median: Estimate | None
    why_not: str | None
    doubts: tuple[str, ...]
    patients_median: Estimate | None
    stress: str | None
    sensitivity: tuple[SurvivalOf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalAsked:
    """From what, which overlapping studies are kept, and what to try it against.

    ``against``: how many unpublished deaths at ``dying_at`` months would bring
    the patients' curve below this median?
    """

    origin: Line | None = None
    overlap: OverlapRule = OverlapRule.KEEP_ALL
    against: Months | None = None
    dying_at: Months = 3.0
    sensitivity: bool = False


class Simulating(Body):
    """Which rankings, with how many draws of what is known before."""

    rankings: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=5)] = ("default",)
    seeds: Annotated[int, msgspec.Meta(ge=1, le=10)] = 4


class Simulated(Body):
    """Means over the runs of one ranking: work saved, recall early, where the last one came.

    ``n_records`` counts those ranked, without the ones known before.
    """

    ranking: str
    runs: int
    n_records: int
    wss95: float
    wss100: float
    recall_at_10_percent: float
    atd_percent: float
    last_relevant_at: float


def _plan(call: Call) -> tuple[PlannedEffect, ...]:
    with call.review() as review:
        return review.protocol.analysis.effects


def _pool(call: Call) -> list[EffectView]:
    # Imported here, as in every room: the statistics weigh more than the rest of the server.
    from resartus.app.pooling.asking import OPTIONS, asked_effects
    from resartus.app.pooling.figures import draw_effect
    from resartus.app.pooling.run import effects_of_review
    from resartus.app.pooling.wording import effect_plain

    asked: Pooling = call.body
    found = []
    with call.aside() as review:
        chosen = asked_effects(
            review.protocol.analysis.effects,
            name=asked.effect,
            measure=asked.measure,
            fields=asked.fields,
            moderators=asked.moderators,
            options={key: getattr(asked, key) for key in OPTIONS},
        )
        for plan, is_planned in chosen:
            run = effects_of_review(review, plan, level=asked.level)
            examined, _ = run.examined(asked.examine)
            drawings = draw_effect(run.effect, examined) if asked.figures else {}
            found.append(
                EffectView(
                    name=plan.name,
                    is_planned=is_planned,
                    pooled=run.effect.pooled,
                    told=effect_plain(run.effect, examined, is_planned=is_planned),
                    figures={name: drawing.svg for name, drawing in drawings.items()},
                )
            )
    return found


def _told(choice: str, result: SurvivalSynthesis) -> SurvivalOf:
    median = None if result.model is None else result.model.median()
    return SurvivalOf(choice=choice, median=median, why_not=result.why_not)


def _survival(call: Call) -> Survival:
    asked = call.query
    others: tuple[Sensitivity, ...] = ()
    with call.aside() as review:
        origin = asked_time_zero(review, asked.origin)
        result = survival_synthesis(
            review,
            origin=origin,
            rule=asked.overlap,
            stress_threshold_months=asked.against,
            stress_death_months=asked.dying_at,
        )
        if asked.sensitivity:
            others = survival_sensitivity(review, origin=origin)
    return Survival(
        origin=result.origin,
        rule=result.rule,
        contributions=result.contributions,
        median=None if result.model is None else result.model.median(),
        why_not=result.why_not,
        doubts=() if result.model is None else result.model.diagnostics,
        patients_median=None if result.curve is None else result.curve.median,
        stress=None if result.stress is None else result.stress.sentence(),
        sensitivity=tuple(_told(other.choice, other.result) for other in others),
    )


def _simulate(call: Call) -> list[Simulated]:
    from resartus.app.simulating.reviews import simulate_review
    from resartus.app.simulating.runs import mean_quality

    asked: Simulating = call.body
    with call.aside() as review:
        runs = simulate_review(
            review,
            rankings=asked.rankings,
            seeds=range(asked.seeds),
            advance=advancing(call.tell, len(asked.rankings) * asked.seeds),
        )
    found = []
    for label in dict.fromkeys(run.ranking for run in runs):
        mine = [run for run in runs if run.ranking == label]
        mean = mean_quality(mine)
        found.append(
            Simulated(
                ranking=label,
                runs=len(mine),
                n_records=mine[0].quality.n_records,
                wss95=mean["wss95"],
                wss100=mean["wss100"],
                recall_at_10_percent=mean["recall_at_10_percent"],
                atd_percent=mean["atd_percent"],
                last_relevant_at=mean["last_relevant_at"],
            )
        )
    return found


SYNTHESIS = (
    Endpoint(
        method="GET",
        path=_REVIEW + "/effects",
        summary="The effects that the plan pools",
        work=_plan,
        action=Action.READ,
        answer=list[PlannedEffect],
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/effects",
        summary="Pool effects: as planned, changed, or outside the plan; nothing is stored",
        work=_pool,
        action=Action.READ,
        body=Pooling,
        answer=list[EffectView],
        is_long=True,
    ),
    Endpoint(
        method="GET",
        path=_REVIEW + "/survival",
        summary="Survival from one time zero over patients, curves and published figures",
        work=_survival,
        action=Action.READ,
        query=SurvivalAsked,
        answer=Survival,
        is_long=True,
    ),
    Endpoint(
        method="POST",
        path=_REVIEW + "/simulations",
        summary="Replay what was settled, to see how much work a ranking would have saved",
        work=_simulate,
        action=Action.SEARCH,
        body=Simulating,
        answer=list[Simulated],
        is_long=True,
    ),
)
