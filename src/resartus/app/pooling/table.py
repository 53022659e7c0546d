"""What each study reports towards an effect, from a review or from a file."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from resartus.domain.ids import StudyId
from resartus.domain.protocol import PlannedEffect
from resartus.domain.study import Study
from resartus.errors import DataError, NotFoundError, ParseError

__all__ = ["EffectTable", "table_of_file", "table_of_studies"]

_LABELS = ("study", "label", "author", "trial")


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectTable:
    """Studies in order, with the columns a measure needs.

    ``columns`` maps an input such as ``events_1`` to one number a study;
    ``attributes`` a subgroup or moderator to one value a study.
    ``cells`` holds the ids each study's numbers stand under; ``left_out``
    names the studies that did not report enough, and why.
    """

    labels: tuple[str, ...]
    years: tuple[int | None, ...]
    columns: Mapping[str, tuple[float | None, ...]]
    attributes: Mapping[str, tuple[float | str | None, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    cells: tuple[tuple[str, ...], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def inputs(self, positions: Iterable[int]) -> tuple[str, ...]:
        """Return the ids of the cells that some of the studies' effects came from."""
        return tuple(cell for i in positions if self.cells for cell in self.cells[i])


_Row = tuple[str, int | None, Mapping[str, float | None], Mapping[str, float | str | None]]


def _gathered(
    rows: Iterable[_Row], plan: PlannedEffect, *, cells: Mapping[str, tuple[str, ...]]
) -> EffectTable:
    """Keep the studies that report every input; a limit not reached may be open.

    An attribute that is not reported leaves a study in the pooled effect and
    out of the comparison the attribute is for.
    """
    needed = tuple(plan.fields)
    wanted = tuple(dict.fromkeys((*filter(None, (plan.subgroup,)), *plan.moderators)))
    kept: list[_Row] = []
    left: list[tuple[str, str]] = []
    for row in rows:
        label, _, values, _ = row
        may_be_open = ("low", "high") if "median" in needed else ()
        absent = [plan.fields[k] for k in needed if values[k] is None and k not in may_be_open]
        if absent:
            left.append((label, f"{', '.join(absent)} not reported"))
        else:
            kept.append(row)
    return EffectTable(
        labels=tuple(row[0] for row in kept),
        years=tuple(row[1] for row in kept),
        columns={key: tuple(row[2][key] for row in kept) for key in needed},
        attributes={name: tuple(row[3][name] for row in kept) for name in wanted},
        cells=tuple(cells.get(row[0], ()) for row in kept),
        left_out=tuple(left),
    )


def table_of_studies(
    studies: Iterable[Study], plan: PlannedEffect, *, among: Collection[StudyId]
) -> EffectTable:
    """Return what the studies of a review report towards a planned effect."""
    rows: list[_Row] = []
    cells: dict[str, tuple[str, ...]] = {}
    for study in studies:
        if study.study_id not in among:
            continue
        attributes: dict[str, float | str | None] = {}
        for name in (*filter(None, (plan.subgroup,)), *plan.moderators):
            value: float | str | None
            if name == "year":
                value = study.year
            elif study.number(name) is not None:
                value = study.number(name)
            else:
                text = study.value(name)
                value = None if text is None else str(text)
            attributes[name] = str(value) if name == plan.subgroup and value is not None else value
        values = {key: study.number(name) for key, name in plan.fields.items()}
        rows.append((study.label, study.year, values, attributes))
        cells[study.label] = tuple(f"{study.study_id}/{name}" for name in plan.fields.values())
    return _gathered(rows, plan, cells=cells)


def _number(text: str, *, where: str, column: str) -> float | None:
    if text.strip() in ("", "NA", "NR", "."):
        return None
    try:
        return float(text)
    except ValueError:
        raise ParseError(
            f"{where}: {column} {text!r} is not a number; leave it empty if it is not reported",
            where=where,
            field=column,
        ) from None


def table_of_file(path: Path, plan: PlannedEffect) -> EffectTable:
    """Return what a CSV file holds towards an effect: one row a study, columns by name.

    The study's name stands in ``study``, ``label``, ``author`` or ``trial``;
    ``year`` is added to it and orders a cumulative analysis. Empty, ``NA``
    and ``NR`` mean not reported.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {str(path)!r}; name a CSV file") from None
    except UnicodeDecodeError as error:
        raise ParseError(f"{path.name} is not UTF-8 at byte {error.start}; save it so") from error
    reader = csv.DictReader(lines)
    names = reader.fieldnames or []
    wanted = [*plan.fields.values(), *filter(None, (plan.subgroup,)), *plan.moderators]
    for name in wanted:
        if name not in names:
            raise DataError(
                f"{path.name} has no column {name!r}; it has {', '.join(names) or 'none'}",
                where=path.name,
                field=name,
            )
    title = next((name for name in _LABELS if name in names), None)
    rows: list[_Row] = []
    for number, row in enumerate(reader, start=2):
        where = f"{path.name}, line {number}"
        cells = {name: row[name] or "" for name in names}
        year = _number(cells.get("year", ""), where=where, column="year")
        label = cells[title].strip() if title else f"study {number - 1}"
        if year is not None and title != "study":
            label = f"{label} {year:.0f}"
        attributes: dict[str, float | str | None] = {}
        for name in (*filter(None, (plan.subgroup,)), *plan.moderators):
            text = cells[name].strip()
            is_number = text.replace(".", "", 1).lstrip("-").isdigit() and name != plan.subgroup
            attributes[name] = float(text) if is_number else (text or None)
        rows.append(
            (
                label,
                None if year is None else int(year),
                {
                    key: _number(cells[name], where=where, column=name)
                    for key, name in plan.fields.items()
                },
                attributes,
            )
        )
    return _gathered(rows, plan, cells={})
