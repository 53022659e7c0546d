"""``Patient``: one person in a study, the unit no other tool counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from resartus.domain.checks import require_finite, require_text
from resartus.domain.extracted import CellValue, Extracted
from resartus.domain.ids import StudyId
from resartus.domain.time_zero import TimeZero
from resartus.errors import DataError

__all__ = ["FollowUp", "Patient", "VitalStatus"]


class VitalStatus(StrEnum):
    """State at last follow-up."""

    ALIVE = "alive"
    ALIVE_NED = "alive, no evidence of disease"
    ALIVE_WITH_DISEASE = "alive with disease"
    DEAD = "dead, cause not reported"
    DEAD_OF_DISEASE = "dead of disease"
    DEAD_OTHER = "dead of another cause"
    UNKNOWN = "not reported"

    @property
    def is_dead(self) -> bool | None:
        """Whether death was seen; ``None`` when nobody says."""
        if self is VitalStatus.UNKNOWN:
            return None
        return self.value.startswith("dead")


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """How long one patient was followed, from when, and how they were then."""

    months: float | None
    time_zero: TimeZero
    status: VitalStatus

    def __post_init__(self) -> None:
        if self.months is not None:
            require_finite(self.months, field="months", where="a follow-up")
            if self.months < 0:
                raise DataError(f"months {self.months!r} of a follow-up is below 0", field="months")

    def unusable_because(self) -> str | None:
        """Say why this follow-up cannot enter a survival curve, or ``None`` if it can."""
        missing = []
        if self.months is None:
            missing.append("length of follow-up")
        if self.status is VitalStatus.UNKNOWN:
            missing.append("vital status")
        return " and ".join(missing) + " not reported" if missing else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One person in a study, with what was read of them.

    ``name`` is the patient's label within the report (``"1"``, ``"NED-1"``),
    never a person's name.
    """

    study_id: StudyId
    name: str
    follow_up: FollowUp
    values: Mapping[str, Extracted] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        require_text(self.name, field="name", where=f"a patient of {self.study_id!r}")

    @property
    def patient_id(self) -> str:
        """``"chi_mskcc12/NED-1"``."""
        return f"{self.study_id}/{self.name}"

    def value(self, name: str) -> CellValue | None:
        """Return what was reported for a field, or ``None``."""
        extracted = self.values.get(name)
        return None if extracted is None else extracted.value
