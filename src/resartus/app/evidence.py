"""From entered cells to studies, patients and repeating groups."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from resartus.domain.extracted import Cell, CellValue, Extracted, Reported
from resartus.domain.guidance import Direction, Finding
from resartus.domain.ids import StudyId
from resartus.domain.patient import FollowUp, Patient, VitalStatus
from resartus.domain.settled import SettledState
from resartus.domain.study import Study
from resartus.domain.time_zero import UNKNOWN_ZERO, TimeZero
from resartus.errors import DataError
from resartus.extraction.agreement import is_same_entry, shown

__all__ = [
    "Group",
    "SurvivalRow",
    "assemble",
    "chosen_cells",
    "findings",
    "groups",
    "survival_rows",
]

_GROUP = re.compile(r"(?P<group>\w+)\[(?P<key>[^\]]+)\]\.(?P<field>\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One entry of a repeating group: ``survival[R0]`` with its fields."""

    study_id: StudyId
    key: str
    values: Mapping[str, Extracted]
    cell_ids: Mapping[str, str]

    def value(self, name: str) -> CellValue | None:
        """Return what was entered for a field of the group, or ``None``."""
        extracted = self.values.get(name)
        return None if extracted is None else extracted.value

    def number(self, name: str) -> float | None:
        """Return a field as a number, or ``None``."""
        value = self.value(name)
        return float(value) if isinstance(value, int | float) else None

    def text(self, name: str) -> str | None:
        """Return a field as text, or ``None``."""
        value = self.value(name)
        return None if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalRow:
    """Survival of one group of one study, as printed, with what it is counted from."""

    study: Study
    group: Group
    time_zero: TimeZero
    n: int | None
    median_months: float | None
    low_months: float | None
    high_months: float | None
    interval_kind: str | None
    treatment: str | None
    population: str | None


def groups(study: Study, name: str) -> list[Group]:
    """Return the entries of a repeating group, in the order they were entered."""
    values: dict[str, dict[str, Extracted]] = defaultdict(dict)
    cell_ids: dict[str, dict[str, str]] = defaultdict(dict)
    for field, extracted in study.values.items():
        match = _GROUP.fullmatch(field)
        if match and match["group"] == name:
            values[match["key"]][match["field"]] = extracted
            cell_ids[match["key"]][match["field"]] = f"{study.study_id}/{field}"
    return [
        Group(study_id=study.study_id, key=key, values=values[key], cell_ids=cell_ids[key])
        for key in values
    ]


def _one_entry(entries: Sequence[Cell]) -> Cell:
    """Return the entry of several people, or, where they differ, that it is not settled."""
    first = entries[0]
    if all(is_same_entry(first.extracted, other.extracted) for other in entries[1:]):
        return first
    said = "; ".join(f"{shown(c.extracted)} ({c.extracted.entered_by})" for c in entries)
    unsettled = Extracted(
        value=None,
        reported=Reported.UNCLEAR,
        entered_by=first.extracted.entered_by,
        anchor=first.extracted.anchor,
        note=f"entries differ and wait for a consensus: {said}",
    )
    return replace(first, extracted=unsettled)


def chosen_cells(state: SettledState) -> list[Cell]:
    """Return the entry that counts for each cell, in the order they were first entered.

    The consensus where there is one; else the entry all agree on. Where people
    differ and nobody settled it, the cell counts as unclear: a value never
    enters an analysis because it was typed last.
    """
    entries: dict[str, list[Cell]] = defaultdict(list)
    for (cell_id, _), cell in state.cells.items():
        entries[cell_id].append(cell)
    for cell_id, cell in state.consensus.items():
        entries.setdefault(cell_id, [cell])
    return [
        state.consensus[cell_id] if cell_id in state.consensus else _one_entry(own)
        for cell_id, own in entries.items()
    ]


def _status(text: CellValue | None, where: str) -> VitalStatus:
    if text is None:
        return VitalStatus.UNKNOWN
    if text not in [member.value for member in VitalStatus]:
        allowed = ", ".join(member.value for member in VitalStatus)
        raise DataError(f"value {text!r} of {where} is not one of: {allowed}")
    return VitalStatus(text)


def _time_zero(text: CellValue | None) -> TimeZero:
    return UNKNOWN_ZERO if text is None else TimeZero(str(text))


def _patient(study_id: StudyId, name: str, values: Mapping[str, Extracted]) -> Patient:
    def value(field: str) -> CellValue | None:
        return values[field].value if field in values else None

    months = value("follow_up_months")
    where = f"{study_id}/{name}"
    return Patient(
        study_id=study_id,
        name=name,
        values=values,
        follow_up=FollowUp(
            months=float(months) if isinstance(months, int | float) else None,
            time_zero=_time_zero(value("time_zero")),
            status=_status(value("status"), f"{where}/status"),
        ),
    )


def assemble(state: SettledState) -> list[Study]:
    """Return the defined studies with their cells and patients, in the order they were defined."""
    of_study: dict[StudyId, dict[str, Extracted]] = defaultdict(dict)
    of_patient: dict[StudyId, dict[str, dict[str, Extracted]]] = defaultdict(dict)
    for cell in chosen_cells(state):
        if cell.patient is None:
            of_study[cell.study_id][cell.field] = cell.extracted
        else:
            own = of_patient[cell.study_id].setdefault(cell.patient, {})
            own[cell.field] = cell.extracted
    return [
        Study(
            study_id=study_id,
            label=entry.label,
            design=entry.design,
            record_ids=entry.record_ids,
            year=entry.year,
            values=of_study[study_id],
            patients=tuple(
                _patient(study_id, name, values) for name, values in of_patient[study_id].items()
            ),
        )
        for study_id, entry in state.studies.items()
    ]


def survival_rows(studies: Iterable[Study]) -> list[SurvivalRow]:
    """Return every survival figure with its time zero."""
    rows = []
    for study in studies:
        for group in groups(study, "survival"):
            n = group.number("n")
            rows.append(
                SurvivalRow(
                    study=study,
                    group=group,
                    time_zero=_time_zero(group.value("time_zero")),
                    n=None if n is None else int(n),
                    median_months=group.number("median_os_months"),
                    low_months=group.number("low_months"),
                    high_months=group.number("high_months"),
                    interval_kind=group.text("interval_kind"),
                    treatment=group.text("treatment"),
                    population=group.text("population"),
                )
            )
    return rows


def findings(
    studies: Iterable[Study], *, direct: Collection[StudyId], roles: Mapping[StudyId, str]
) -> list[Finding]:
    """Return what each study found on each factor.

    A finding is direct if its study is, unless it names another population of its own.
    """
    found = []
    for study in studies:
        role = roles[study.study_id]
        for group in groups(study, "finding"):
            factor = group.text("factor")
            if factor is None:
                raise DataError(f"finding {group.key!r} of {study.study_id!r} names no factor")
            n = group.number("n")
            found.append(
                Finding(
                    study_id=study.study_id,
                    factor=factor,
                    level=group.text("level") or group.key,
                    direction=Direction(group.text("direction") or Direction.UNCLEAR.value),
                    figures=group.text("figures"),
                    p_value=group.number("p_value"),
                    p_text=group.text("p_text"),
                    n_patients=None if n is None else int(n),
                    time_zero=group.text("time_zero"),
                    population=group.text("population") or role,
                    is_direct=study.study_id in direct and group.text("population") is None,
                    cell_id=group.cell_ids["factor"],
                )
            )
    return found
