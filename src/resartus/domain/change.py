"""``Change``: one thing that differs between two versions of a review, and what caused it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from resartus.domain.event import EventKind

__all__ = ["Cause", "Change", "ChangeKind"]


class ChangeKind(StrEnum):
    """What kind of thing differs, in the order a reader asks for it."""

    PROTOCOL = "protocol"
    RECORD = "record"
    NOTICE = "notice"
    DUPLICATE = "duplicate"
    DECISION = "decision"
    FULL_TEXT = "full text"
    STUDY = "study"
    PATIENT = "patient"
    VALUE = "value"
    APPRAISAL = "appraisal"
    OVERLAP = "overlap"
    CONTRADICTION = "contradiction"
    ESTIMATE = "estimate"
    CERTAINTY = "certainty"
    GUIDANCE = "guidance"
    SOFTWARE = "software"

    @property
    def is_conclusion(self) -> bool:
        """Whether a change of this kind is one of the review's conclusions."""
        return self in (ChangeKind.ESTIMATE, ChangeKind.CERTAINTY, ChangeKind.GUIDANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The event behind a change."""

    seq: int
    kind: EventKind
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. ``before`` is ``None`` for what is new, ``after`` for what is gone.

    ``causes`` are the events between the two versions that made it so, oldest
    first; none where the software alone differs.
    """

    kind: ChangeKind
    what: str
    before: str | None
    after: str | None
    causes: tuple[Cause, ...] = ()
    key: str | None = None
    """The id of what changed, for machines: a record, a cell, an estimate's name."""
