"""May the team stop? Every rule's answer from the votes so far."""

from __future__ import annotations

from collections.abc import Iterable

from resartus.app.review import Review
from resartus.app.screening.outcome import progress, voted_outcomes
from resartus.app.screening.ranking import AUDIT
from resartus.domain.decision import Stage, Verdict
from resartus.errors import DataError
from resartus.screening.stopping import RULES, History, StopAdvice, default_rule

__all__ = ["StopAdvice", "history_of", "stop_advice"]


def history_of(review: Review, stage: Stage) -> History:
    """Return the records of a stage in the order of their first vote, with how they came up.

    A record counts as relevant when anybody wants it: waiting for conflicts
    to be settled could only make a rule stop too soon.
    """
    state = review.state()
    at_random = {
        record_id: ranked_by == AUDIT
        for (record_id, at), ranked_by in state.first_judged.items()
        if at == stage.value
    }
    relevant = []
    for record_id in at_random:
        votes = state.votes.get((record_id, stage.value), {}).values()
        final = [vote for vote in votes if vote.is_adjudication]
        verdicts = {vote.verdict for vote in (final[-1:] or votes)}
        relevant.append(bool(verdicts & {Verdict.INCLUDE, Verdict.MAYBE}))
    if stage is Stage.SCREENING:
        total = progress(review)[0].total
    else:
        voted = voted_outcomes(state, reviewers=review.protocol.reviewers)
        total = sum(outcome.stage is stage for outcome in voted)
    return History.of(max(total, len(relevant)), relevant, list(at_random.values()))


def stop_advice(
    review: Review, stage: Stage, *, rules: Iterable[str] = ()
) -> tuple[StopAdvice, ...]:
    """Return what rules say: those named, or the default for a set of this size.

    Raises
    ------
    DataError
        If a rule is unknown or there is nothing to judge.
    """
    history = history_of(review, stage)
    plan = review.protocol.screening
    chosen = []
    for name in rules:
        if name not in RULES:
            raise DataError(f"stopping rule {name!r} is not one of: {', '.join(RULES)}")
        chosen.append(RULES[name]())
    return tuple(
        rule.check(history, recall=plan.stop_recall, confidence=plan.stop_confidence)
        for rule in chosen or [default_rule(history.n_records)]
    )
