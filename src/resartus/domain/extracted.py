"""``Extracted``: one value read in a report, with the place it was read at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resartus.domain.checks import require_finite, require_one_of, require_text
from resartus.domain.ids import RecordId, StudyId
from resartus.errors import DataError

__all__ = ["Anchor", "Cell", "CellValue", "Extracted", "Reported"]

CellValue = str | int | float | bool

_PLACES = ("abstract", "title", "text", "page", "table", "figure", "supplement", "citation")


class Reported(StrEnum):
    """Whether the report gives the value. Three kinds of nothing, none of them zero."""

    REPORTED = "reported"
    NOT_REPORTED = "not reported"
    UNCLEAR = "unclear"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Where a value was read.

    Parameters
    ----------
    record_id : RecordId
        The report it was read in.
    place : str
        Kind of place: abstract, title, text, page, table, figure, supplement, citation.
    detail : str, optional
        Which one: ``"Table 5, row Kolev"``, ``"page 3"``.
    span : str, optional
        The words or figures as printed.
    start, end : int, optional
        Offsets of the span in the text on hand, end exclusive.
    derivation : str, optional
        How the value follows from the span: ``"37 % of 52 = 19"``.
    url : str, optional
        Address the text was read at.
    """

    record_id: RecordId
    place: str
    detail: str | None = None
    span: str | None = None
    start: int | None = None
    end: int | None = None
    derivation: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        where = f"anchor in {self.record_id!r}"
        require_one_of(self.place, _PLACES, field="place", where=where)
        if (self.start is None) != (self.end is None):
            raise DataError(f"{where} has only one of start and end; give both or neither")
        if self.start is not None and self.end is not None and not 0 <= self.start < self.end:
            raise DataError(f"{where} runs from {self.start} to {self.end}; start must come first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """A value, whether it was reported, its anchor and who entered it."""

    value: CellValue | None
    entered_by: str
    reported: Reported = Reported.REPORTED
    anchor: Anchor | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        require_text(self.entered_by, field="entered_by", where="an extracted value")
        if (self.value is None) == (self.reported is Reported.REPORTED):
            raise DataError(
                f"value {self.value!r} and reported {self.reported.value!r} contradict each other; "
                "a reported value is not None, and None needs a reason"
            )
        if isinstance(self.value, float):
            require_finite(self.value, field="value", where="an extracted value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One entry in the extraction table: of which study, which patient, which field.

    ``patient`` is ``None`` for a value of the whole study, otherwise the
    patient's name within the study (``"NED-1"``).
    """

    study_id: StudyId
    field: str
    extracted: Extracted
    patient: str | None = None

    def __post_init__(self) -> None:
        require_text(self.study_id, field="study_id", where="a cell")
        require_text(self.field, field="field", where=f"a cell of {self.study_id!r}")

    @property
    def cell_id(self) -> str:
        """``"kamel2011/mortality_n"`` or ``"chi_mskcc12/NED-1/follow_up_months"``."""
        parts = (self.study_id, self.patient, self.field)
        return "/".join(part for part in parts if part)
