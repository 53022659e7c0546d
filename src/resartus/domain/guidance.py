"""``Guidance``: what the evidence says about one factor or one patient, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resartus.domain.checks import require_text
from resartus.domain.estimate import Estimate
from resartus.errors import DataError

__all__ = ["Certainty", "Direction", "Finding", "Guidance"]


class Certainty(StrEnum):
    """GRADE's four levels."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    VERY_LOW = "very low"


class Direction(StrEnum):
    """Which way a factor points, for the better or the worse."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no difference shown"
    UNCLEAR = "direction not reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one study found on one factor.

    ``figures`` are the numbers as printed; ``p_value`` is tested by us
    against 0.05 rather than by the authors' words.
    """

    study_id: str
    factor: str
    level: str
    direction: Direction
    figures: str | None = None
    p_value: float | None = None
    p_text: str | None = None
    n_patients: int | None = None
    time_zero: str | None = None
    population: str | None = None
    is_direct: bool = True
    cell_id: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        require_text(self.factor, field="factor", where=f"a finding of {self.study_id!r}")
        if self.p_value is not None and not 0 <= self.p_value <= 1:
            raise DataError(f"p_value {self.p_value!r} of {self.study_id!r} is not in 0..1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """A sentence for the reader, with what it rests on. It informs; it never recommends."""

    factor: str
    sentence: str
    certainty: Certainty
    findings: tuple[Finding, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    missing: tuple[str, ...] = ()
