"""Could the hits that nobody has judged yet change a conclusion? A forecast, and a worst case."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.app.living.conclusions import Conclusion, conclusions_of
from resartus.app.review import Review
from resartus.app.screening import outcomes
from resartus.app.settled import settled
from resartus.app.tailoring import own_factors
from resartus.domain.decision import Stage, Verdict
from resartus.domain.protocol import Protocol
from resartus.domain.state import ReviewState
from resartus.synthesis.meta.forecast import Forecast, forecast_proportion

__all__ = ["Pending", "PendingOutcome", "pending_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOutcome:
    """One pooled outcome with its forecast."""

    conclusion: Conclusion
    forecast: Forecast

    def sentence(self) -> str:
        """Say it in plain words."""
        f = self.forecast
        return (
            f"{self.conclusion.label}: about {f.expected_studies:.1f} new series are expected; "
            f"the chance that they move it by half or out of its interval is "
            f"{100 * f.chance_of_signal:.0f} %."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What is open, how often open records were included so far, and what they could do."""

    n_pending: int
    n_judged: int
    n_with_data: int
    outcomes: tuple[PendingOutcome, ...]


def _judged(state: ReviewState, protocol: Protocol) -> tuple[int, int]:
    """Return how many records are settled and how many are still open."""
    settled = open_ = 0
    for outcome in outcomes(state, reviewers=protocol.reviewers).values():
        missing = outcome.record_id in state.missing_fulltexts
        is_out = outcome.verdict is Verdict.EXCLUDE or missing
        if is_out or (outcome.stage is Stage.ELIGIBILITY and outcome.verdict is Verdict.INCLUDE):
            settled += 1
        else:
            open_ += 1
    return settled, open_


def pending_of(review: Review, *, seed: int = 2007) -> Pending:
    """Forecast what the open records of a review could do to its pooled outcomes.

    Each open record gives a series with that outcome as often as the settled
    ones did; sizes are drawn from the series so far, rates from their
    prediction. It is a forecast under "as before", not a promise.
    """
    state = review.state()
    n_settled, n_pending = _judged(state, review.protocol)
    own = own_factors(review.folder)
    found = conclusions_of(review.protocol, settled(review, state), own=own)
    told = []
    most = 0
    for conclusion in found.estimates():
        # Series of records that are not settled yet tell no rate of inclusion.
        if not conclusion.counts or len(conclusion.counts) > n_settled:
            continue
        events = [e for e, _ in conclusion.counts]
        totals = [n for _, n in conclusion.counts]
        most = max(most, len(events))
        told.append(
            PendingOutcome(
                conclusion=conclusion,
                forecast=forecast_proportion(
                    events, totals, n_pending=n_pending, n_judged=n_settled, seed=seed
                ),
            )
        )
    return Pending(n_pending=n_pending, n_judged=n_settled, n_with_data=most, outcomes=tuple(told))
