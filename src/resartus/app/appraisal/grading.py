"""Rate the certainty of each outcome (GRADE), every step in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resartus.app.review import Review
from resartus.appraisal.grade import DOWN, LEVELS, STARTS, UP, Grade, Start, Step
from resartus.domain.event import EventKind
from resartus.domain.guidance import Certainty
from resartus.domain.plain import from_plain, to_plain
from resartus.domain.state import ReviewState

__all__ = [
    "DOWN",
    "LEVELS",
    "STARTS",
    "UP",
    "Certainty",
    "Grade",
    "Start",
    "Step",
    "grades",
    "rate",
]


def rate(review: Review, grade: Grade) -> None:
    """Log a rating; an earlier one of the same outcome stays in the log and no longer counts."""
    data: dict[str, Any] = to_plain(grade)
    review.append(EventKind.CERTAINTY_RATED, {**data, "by": review.person})


def grades(state: ReviewState) -> Mapping[str, Grade]:
    """Return the rating that counts for each outcome."""
    return {
        outcome: from_plain(Grade, {k: v for k, v in data.items() if k != "by"})
        for outcome, data in state.certainties.items()
    }
