"""``Event``: one thing that happened in a review. The log of events is the review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from resartus.domain.checks import require_aware, require_text

__all__ = ["Event", "EventKind", "NewEvent"]


class EventKind(StrEnum):
    """Everything that can happen. Adding a kind is fine; changing a meaning is not."""

    REVIEW_CREATED = "review.created"
    PROTOCOL_CHANGED = "protocol.changed"
    SEARCH_RAN = "search.ran"
    RECORDS_IMPORTED = "records.imported"
    DUPLICATES_LINKED = "duplicates.linked"
    DUPLICATES_UNLINKED = "duplicates.unlinked"
    DUPLICATES_ASKED = "duplicates.asked"
    DUPLICATES_KEPT_APART = "duplicates.kept_apart"
    REPORTS_RELATED = "reports.related"
    OVERLAP_JUDGED = "overlap.judged"
    CONTRADICTION_NOTED = "contradiction.noted"
    DECISION_MADE = "decision.made"
    RECORDS_ASSIGNED = "records.assigned"
    FULLTEXT_ATTACHED = "fulltext.attached"
    FULLTEXT_MISSING = "fulltext.missing"
    STUDY_DEFINED = "study.defined"
    CELL_ENTERED = "cell.entered"
    FORM_ADOPTED = "form.adopted"
    CONSENSUS_REACHED = "consensus.reached"
    PATIENTS_IMPORTED = "patients.imported"
    SUGGESTIONS_MADE = "suggestions.made"
    SUGGESTION_ANSWERED = "suggestion.answered"
    CURVE_DIGITISED = "curve.digitised"
    APPRAISAL_ANSWERED = "appraisal.answered"
    APPRAISAL_SETTLED = "appraisal.settled"
    CERTAINTY_RATED = "certainty.rated"
    NOTICE_FOUND = "notice.found"
    NOTICE_SETTLED = "notice.settled"
    RECORDS_REVISED = "records.revised"
    VERSION_MADE = "version.made"
    EVENT_UNDONE = "event.undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event on its way to the log; ``data`` is JSON (text keys, plain values)."""

    kind: EventKind
    by: str
    at: datetime
    data: Mapping[str, Any]
    key: str | None = None
    """If given, the log accepts one event with this key: a retried vote is not doubled."""

    def __post_init__(self) -> None:
        require_text(self.by, field="by", where=f"event {self.kind.value}")
        require_aware(self.at, field="at", where=f"event {self.kind.value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event in the log, with its place in it. ``seq`` counts from 1 without gaps."""

    seq: int
    kind: EventKind
    by: str
    at: datetime
    data: Mapping[str, Any]
    key: str | None = None
