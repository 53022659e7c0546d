"""``Suggestion``: a value that rules or a model propose; it counts for nothing until accepted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resartus.domain.checks import require_text
from resartus.domain.extracted import CellValue
from resartus.domain.ids import RecordId, StudyId
from resartus.errors import DataError

__all__ = ["Suggestion", "SuggestionVerdict"]


class SuggestionVerdict(StrEnum):
    """What a person made of a suggestion."""

    ACCEPTED = "accepted"
    CHANGED = "accepted with a change"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A proposed value with the words it rests on, where they stand, and who proposed it.

    ``made_by`` names rules or a model, ``version`` their version; ``start``
    and ``end`` are offsets in the text of ``place``, end exclusive.
    """

    suggestion_id: str
    study_id: StudyId
    record_id: RecordId
    field: str
    value: CellValue
    place: str
    span: str
    start: int
    end: int
    made_by: str
    version: str
    patient: str | None = None
    derivation: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        for name in ("suggestion_id", "field", "span", "made_by", "version"):
            require_text(getattr(self, name), field=name, where="a suggestion")
        if not 0 <= self.start < self.end:
            raise DataError(f"suggestion {self.suggestion_id!r} has no place in the text")
