"""``OverlapVerdict``: whether two studies count the same patients, as a person judged it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resartus.domain.ids import StudyId
from resartus.errors import DataError

__all__ = ["OverlapRule", "OverlapVerdict", "PatientsShared"]


class PatientsShared(StrEnum):
    """What a person found out about the patients of two studies."""

    SHARED = "shared"
    DISTINCT = "distinct"
    UNCLEAR = "unclear"


class OverlapRule(StrEnum):
    """Which of overlapping studies enters an analysis."""

    KEEP_ALL = "keep all"
    KEEP_LARGEST = "keep largest"
    KEEP_LONGEST = "keep longest"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapVerdict:
    """One judgement on two studies; a later one on the same two replaces it."""

    study_ids: tuple[StudyId, StudyId]
    verdict: PatientsShared
    judged_by: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if len(set(self.study_ids)) != 2:
            raise DataError(
                f"an overlap is judged between two studies, not {self.study_ids!r}; name two"
            )
