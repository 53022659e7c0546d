"""How fast people judge, and how long the rest will take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median

from resartus.app.review import Review
from resartus.app.screening.outcome import progress
from resartus.domain.decision import Stage

__all__ = ["Pace", "pace_of"]

_PAUSE = timedelta(minutes=10)
"""A longer gap between two votes is a pause and not work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One person's speed at a stage.

    ``seconds_per_record`` is the median gap between votes without pauses and
    ``None`` before two votes; ``hours_left`` is that pace over the votes still
    needed from everybody, shared by those who vote.
    """

    person: str
    stage: Stage
    votes: int
    seconds_per_record: float | None
    records_per_hour: float | None
    hours_left: float | None


def pace_of(review: Review, stage: Stage) -> tuple[Pace, ...]:
    """Return everybody's pace at a stage, by name."""
    state = review.state()
    times: dict[str, list[float]] = {}
    for (_, at), votes in state.votes.items():
        if at == stage.value:
            for vote in votes.values():
                if not vote.is_adjudication:
                    times.setdefault(vote.decided_by, []).append(vote.decided_at.timestamp())
    first, second = progress(review)
    left = (first if stage is Stage.SCREENING else second).left
    votes_left = left * review.protocol.reviewers[stage] / max(len(times), 1)
    found = []
    for person, stamps in sorted(times.items()):
        stamps.sort()
        gaps = [b - a for a, b in pairwise(stamps)]
        worked = [gap for gap in gaps if 0 < gap <= _PAUSE.total_seconds()]
        seconds = median(worked) if worked else None
        found.append(
            Pace(
                person=person,
                stage=stage,
                votes=len(stamps),
                seconds_per_record=seconds,
                records_per_hour=3600 / seconds if seconds else None,
                hours_left=votes_left * seconds / 3600 if seconds else None,
            )
        )
    return tuple(found)
