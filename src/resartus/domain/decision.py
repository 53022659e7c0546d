"""``Decision``: who judged which record, at which stage, how and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from resartus.domain.checks import require_aware, require_text
from resartus.domain.ids import RecordId
from resartus.errors import DataError

__all__ = ["Decision", "Stage", "Verdict"]


class Stage(StrEnum):
    """PRISMA's two stages of selection."""

    SCREENING = "title-abstract"
    ELIGIBILITY = "full-text"


class Verdict(StrEnum):
    """What one reviewer said of one record at one stage."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    MAYBE = "maybe"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One vote. Votes are appended, never changed; a later one by the same person replaces it.

    ``decided_by`` is a person, or a model with its version. At full text an
    exclusion needs a reason (PRISMA 2020 item 16a). ``ranked_by`` names the
    ranking, with its version, in whose order the record came up.
    """

    record_id: RecordId
    stage: Stage
    verdict: Verdict
    decided_by: str
    decided_at: datetime
    reasons: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    note: str | None = None
    is_adjudication: bool = False
    ranked_by: str | None = None

    def __post_init__(self) -> None:
        where = f"decision on {self.record_id!r}"
        require_text(self.decided_by, field="decided_by", where=where)
        require_aware(self.decided_at, field="decided_at", where=where)
        if self.stage is Stage.ELIGIBILITY and self.verdict is Verdict.EXCLUDE and not self.reasons:
            raise DataError(f"{where} excludes at full text without a reason; give one")
