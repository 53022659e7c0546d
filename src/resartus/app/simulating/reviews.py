"""Simulate rankings over what a review of one's own has settled so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resartus.app.review import Review
from resartus.app.screening import outcomes
from resartus.app.simulating.runs import Labelled, SimulatedRun, simulate_labelled
from resartus.domain.decision import Stage, Verdict
from resartus.errors import DataError

__all__ = ["SEEDS", "simulate_review"]

SEEDS = (0, 1, 2, 3)


def simulate_review(
    review: Review,
    *,
    rankings: Sequence[str] = ("default",),
    seeds: Sequence[int] = SEEDS,
    priors: tuple[int, int] = (1, 1),
    batch: float = 0.05,
    advance: Callable[[int], None] = lambda n: None,
) -> tuple[SimulatedRun, ...]:
    """Simulate rankings over what this review has settled by title and abstract so far.

    ``advance`` is told of each run that is done.

    Raises
    ------
    DataError
        If nothing, or everything, that was settled is relevant.
    """
    relevant = {
        outcome.record_id: outcome.stage is Stage.ELIGIBILITY
        for outcome in outcomes(review.state(), reviewers=review.protocol.reviewers).values()
        if outcome.stage is Stage.ELIGIBILITY or outcome.verdict is Verdict.EXCLUDE
    }
    n_relevant = sum(relevant.values())
    if n_relevant < priors[0] or len(relevant) - n_relevant < priors[1] or not n_relevant:
        raise DataError(
            f"{n_relevant} records are settled as relevant by title and abstract and "
            f"{len(relevant) - n_relevant} as not; a simulation needs more of both"
        )
    labelled = Labelled(
        name=review.protocol.title,
        records=tuple(review.store.iterate_records(list(relevant))),
        relevant=tuple(relevant.values()),
        raw_hash=review.store.records_hash(),
    )
    return tuple(
        run
        for ranking in rankings
        for run in simulate_labelled(
            labelled, ranking, seeds, batch=batch, priors=priors, advance=advance
        )
    )
