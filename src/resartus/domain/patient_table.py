"""``PatientTable``: patients of one study as a table gave them, kept compactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from resartus.domain.extracted import Anchor, Cell, CellValue, Extracted, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.errors import DataError

__all__ = ["PatientRow", "PatientTable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRow:
    """One patient: the line of the table, the name, a value per field of the table.

    ``None`` is not reported unless ``nothing`` says otherwise, by column
    number as text. ``printed`` holds the cell's text where it is not the value's own.
    """

    line: int
    patient: str
    values: tuple[CellValue | None, ...]
    nothing: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    printed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTable:
    """A table of patients with what is common to its cells: study, report, place, person.

    Ten thousand patients are one event of one row each, not ten values with
    ten anchors; ``cells`` gives every value its own anchor again.
    """

    study_id: StudyId
    record_id: RecordId
    place: str
    detail: str
    fields: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[PatientRow, ...]
    entered_by: str
    payload: str

    def __post_init__(self) -> None:
        if len(self.fields) != len(self.columns):
            raise DataError(f"a table of {self.study_id!r} has not one column per field")
        for row in self.rows:
            if len(row.values) != len(self.fields):
                raise DataError(
                    f"line {row.line} of a table of {self.study_id!r} has {len(row.values)} values "
                    f"for {len(self.fields)} fields"
                )

    def cells(self) -> Iterator[Cell]:
        """Yield every value with its anchor: table, row, column and the words as printed."""
        for row in self.rows:
            for i, value in enumerate(row.values):
                key = str(i)
                reported = Reported.REPORTED
                if value is None:
                    reported = Reported(row.nothing.get(key, Reported.NOT_REPORTED.value))
                printed = row.printed.get(key, None if value is None else str(value))
                yield Cell(
                    study_id=self.study_id,
                    patient=row.patient,
                    field=self.fields[i],
                    extracted=Extracted(
                        value=value,
                        reported=reported,
                        entered_by=self.entered_by,
                        anchor=Anchor(
                            record_id=self.record_id,
                            place=self.place,
                            detail=f"{self.detail}, row {row.line}, column {self.columns[i]}",
                            span=printed,
                        ),
                    ),
                )
