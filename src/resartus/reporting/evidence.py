"""``Evidence``: the row behind a number: article, place, printed words, derivation, who."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.domain.checks import require_text
from resartus.domain.extracted import Cell, CellValue
from resartus.domain.ids import RecordId

__all__ = ["Evidence", "evidence_from_cell", "value_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One fact a number may rest on: an extracted cell, or a count taken from the event log.

    Parameters
    ----------
    evidence_id : str
        ``Cell.cell_id`` for a cell; for a count a name such as ``"search:founding"``.
    label : str
        What it is, for a reader: ``"Perioperative deaths"``.
    owner : str
        Of which study, patient or step: ``"Kamel 2011"``, ``"Search of PubMed"``.
    value : str, int, float, bool or None
        ``None`` when it was looked for and not reported.
    record_id : RecordId, optional
        The article it was read in.
    place, span, derivation, url : str, optional
        Where it stands, the printed words, how the value follows, the address.
    entered_by : str
        Person, or model with version, or the program's step.
    """

    evidence_id: str
    label: str
    owner: str
    value: CellValue | None
    entered_by: str
    record_id: RecordId | None = None
    place: str | None = None
    span: str | None = None
    derivation: str | None = None
    url: str | None = None
    note: str | None = None
    nothing: str | None = None
    """Which kind of nothing a missing value is: not reported, unclear, not applicable."""

    def __post_init__(self) -> None:
        require_text(self.evidence_id, field="evidence_id", where="an evidence row")
        require_text(self.label, field="label", where=f"evidence {self.evidence_id!r}")
        require_text(self.entered_by, field="entered_by", where=f"evidence {self.evidence_id!r}")

    @property
    def number(self) -> float | None:
        """The value as a number, or ``None`` when it is not one."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return value


def value_text(value: CellValue | None) -> str:
    """Return a value as a table shows it: 52, 26.3, yes, no, or ``not reported``."""
    if value is None:
        return "not reported"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.6g}"
    return str(value)


def evidence_from_cell(cell: Cell, *, label: str, owner: str) -> Evidence:
    """Return the evidence row of an extracted cell.

    ``label`` is the form field's title and ``owner`` the study's or patient's name.
    """
    extracted = cell.extracted
    anchor = extracted.anchor
    place = None
    if anchor is not None:
        place = f"{anchor.place}, {anchor.detail}" if anchor.detail else anchor.place
    return Evidence(
        evidence_id=cell.cell_id,
        label=label,
        owner=owner,
        value=extracted.value,
        entered_by=extracted.entered_by,
        record_id=anchor.record_id if anchor else None,
        place=place,
        span=anchor.span if anchor else None,
        derivation=anchor.derivation if anchor else None,
        url=anchor.url if anchor else None,
        note=extracted.note,
        nothing=None if extracted.value is not None else extracted.reported.value,
    )
