"""Cumulative synthesis: each pooled outcome as it stood after each year's reports."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.app.evidence import assemble
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.app.synthesising import pooled_proportion
from resartus.app.wording import proportion_text
from resartus.domain.estimate import Estimate
from resartus.domain.protocol import Part

__all__ = ["Step", "cumulative_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One outcome with all reports up to a year. ``added`` are the studies that year brought."""

    field: str
    year: int
    n_studies: int
    estimate: Estimate
    text: str
    added: tuple[str, ...]


def cumulative_of(review: Review) -> tuple[Step, ...]:
    """Return every planned outcome year by year, from the first year that reports it.

    Studies without a year come last in no year and are left out: nobody knows
    what they would have been added to.

    References
    ----------
    Lau J, et al. Cumulative meta-analysis of therapeutic trials for
    myocardial infarction. N Engl J Med 1992;327:248-254.
    """
    state, plan = settled(review), review.protocol.analysis
    treated = [
        study
        for study in assemble(state)
        if study.year is not None
        and review.protocol.part_of(state.studies[study.study_id].role) is Part.TREATED
    ]
    steps: list[Step] = []
    for field in plan.proportions:
        telling = [s for s in treated if s.number(field) is not None]
        known: set[str] = set()
        for year in sorted({s.year for s in telling if s.year is not None}):
            so_far = [s for s in telling if s.year is not None and s.year <= year]
            result = pooled_proportion(
                so_far,
                field,
                treated={s.study_id for s in so_far},
                denominator=plan.denominator,
                level=plan.level,
            )
            added = tuple(s.label for s in result.studies if s.study_id not in known)
            if not added:
                continue
            known |= {s.study_id for s in result.studies}
            steps.append(
                Step(
                    field=field,
                    year=year,
                    n_studies=len(result.studies),
                    estimate=result.pooled,
                    text=proportion_text(result.pooled),
                    added=added,
                )
            )
    return tuple(steps)
