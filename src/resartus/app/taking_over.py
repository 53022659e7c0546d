"""Make decisions of this review from what another screening tool decided in a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from resartus.app.review import Review
from resartus.domain.checks import require_text
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.event import EventKind, NewEvent
from resartus.domain.ids import RecordId
from resartus.domain.plain import to_plain
from resartus.sources.formats.decisions import ImportedDecision

__all__ = ["TakeOver", "verdict_events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """Under whose name verdicts in a file become decisions.

    Parameters
    ----------
    decided_by : str
        The person.
    keeps_names : bool
        A file that names its reviewers (Rayyan, Resartus) keeps those names.
        Turn it off where a person may not vote in another's name.
    verdict : Verdict, optional
        What the whole file was given, for tools that write one file per
        verdict (Covidence: included, excluded, irrelevant). Counts for records
        of which the file says nothing itself.
    stage : Stage
        The stage of ``verdict``.
    """

    decided_by: str
    verdict: Verdict | None = None
    stage: Stage = Stage.SCREENING
    keeps_names: bool = True

    def __post_init__(self) -> None:
        require_text(self.decided_by, field="decided_by", where="decisions to take over")


def verdict_events(
    review: Review,
    found: Iterable[ImportedDecision],
    record_ids: Sequence[RecordId],
    *,
    take_over: TakeOver,
    payload: str,
) -> list[NewEvent]:
    """Return one event per verdict, keyed by the file, so that reading it twice counts once.

    A verdict at full text says that the record passed title and abstract;
    where nobody decided that here, the same person's inclusion goes before it.
    """
    at = review.clock()
    decisions = [one if take_over.keeps_names else _unnamed(one) for one in found]
    if take_over.verdict is not None:
        said = {decision.record_id for decision in decisions}
        decisions += [
            ImportedDecision(
                record_id=record_id, verdict=take_over.verdict, tool="file", stage=take_over.stage
            )
            for record_id in dict.fromkeys(record_ids)
            if record_id not in said
        ]
    votes = [one.to_decision(decided_by=take_over.decided_by, decided_at=at) for one in decisions]
    state = review.state()
    passed = {vote.record_id for vote in votes if vote.stage is Stage.SCREENING} | {
        record_id for record_id, stage in state.votes if stage == Stage.SCREENING.value
    }
    events = []
    for number, vote in enumerate(votes):
        if vote.stage is Stage.ELIGIBILITY and vote.record_id not in passed:
            passed.add(vote.record_id)
            implied = replace(
                vote,
                stage=Stage.SCREENING,
                verdict=Verdict.INCLUDE,
                reasons=(),
                tags=(),
                note="passed, since it was judged at full text",
            )
            events.append(_event(review, implied, f"{payload[:16]}:{number}:passed"))
        events.append(_event(review, vote, f"{payload[:16]}:{number}"))
    return events


def _unnamed(one: ImportedDecision) -> ImportedDecision:
    # A vote of somebody else settles nothing here.
    return replace(one, decided_by=None, is_adjudication=False, ranked_by=None)


def _event(review: Review, vote: Decision, key: str) -> NewEvent:
    # The event is of the person at the keyboard; the vote inside is of the one named.
    return review.new_event(EventKind.DECISION_MADE, to_plain(vote), key=f"taken-over:{key}")
