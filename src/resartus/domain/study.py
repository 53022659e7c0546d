"""``Study``: one investigation, reported by one or more records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from resartus.domain.checks import require_text
from resartus.domain.extracted import CellValue, Extracted
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.patient import Patient
from resartus.errors import DataError

__all__ = ["Study"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One investigation with what was read of it and its single patients.

    ``values`` maps a field of the extraction form to the entry that counts
    (the consensus where two people entered). A field that is absent was
    never looked for; one that is there with ``None`` was not reported.
    """

    study_id: StudyId
    label: str
    design: str
    record_ids: tuple[RecordId, ...]
    year: int | None = None
    values: Mapping[str, Extracted] = field(default_factory=lambda: MappingProxyType({}))
    patients: tuple[Patient, ...] = ()

    def __post_init__(self) -> None:
        require_text(self.label, field="label", where=f"study {self.study_id!r}")
        require_text(self.design, field="design", where=f"study {self.study_id!r}")
        if not self.record_ids:
            raise DataError(f"study {self.study_id!r} has no report; link at least one record")
        for patient in self.patients:
            if patient.study_id != self.study_id:
                raise DataError(
                    f"patient {patient.name!r} belongs to {patient.study_id!r}, "
                    f"not to {self.study_id!r}"
                )

    def value(self, name: str) -> CellValue | None:
        """Return what was reported for a field, or ``None``."""
        extracted = self.values.get(name)
        return None if extracted is None else extracted.value

    def number(self, name: str) -> float | None:
        """Return a numeric field, or ``None`` when it was not reported as a number."""
        value = self.value(name)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
