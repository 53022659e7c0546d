"""``PublishedCurve``: a survival curve as a person digitised it from a figure."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.domain.checks import require_one_of, require_text
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.time_zero import UNKNOWN_ZERO, TimeZero
from resartus.errors import DataError

__all__ = ["MONTHS_PER", "PublishedCurve"]

MONTHS_PER = {"days": 12 / 365.25, "weeks": 7 * 12 / 365.25, "months": 1.0, "years": 12.0}
"""Months in one unit of time; a year has 365.25 days and 12 months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCurve:
    """The clicks along one arm's curve and the table under the figure.

    ``points`` are (time, survival) and ``at_risk`` (time, number) in the
    figure's own ``unit``. Only these facts are kept: the patients
    reconstructed from them are computed again whenever they are asked for.
    """

    study_id: StudyId
    arm: str
    outcome: str
    record_id: RecordId
    figure: str
    points: tuple[tuple[float, float], ...]
    at_risk: tuple[tuple[float, int], ...]
    entered_by: str
    total_events: int | None = None
    unit: str = "months"
    time_zero: TimeZero = UNKNOWN_ZERO

    def __post_init__(self) -> None:
        where = f"a curve of {self.study_id!r}"
        for name in ("arm", "outcome", "figure", "entered_by"):
            require_text(getattr(self, name), field=name, where=where)
        require_one_of(self.unit, MONTHS_PER, field="unit", where=where)
        if len(self.points) < 2 or not self.at_risk:
            raise DataError(f"{where} needs at least two points and the number at risk at time 0")

    @property
    def curve_id(self) -> str:
        """``"roh2011/R0/overall survival"``."""
        return f"{self.study_id}/{self.arm}/{self.outcome}"
