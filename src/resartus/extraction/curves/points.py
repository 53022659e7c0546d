"""Points clicked on a survival curve: read from any digitiser's CSV, and cleaned."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from resartus.errors import DataError

__all__ = ["CleanCurve", "CurvePoint", "RiskCount", "clean_curve", "read_points", "read_risk_table"]

_TIME = ("time", "t", "x", "months", "years", "days", "weeks", "trisk")
_SURVIVAL = ("survival", "s", "y", "surv", "probability", "percent")
_AT_RISK = ("at_risk", "atrisk", "nrisk", "n", "risk", "number at risk", "n at risk")
_STRAY = 0.05
"""A click this far above both the clicks before and after it in time is a slip of the hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One point of the figure: time on its axis, and the share still event-free (0 to 1)."""

    time: float
    survival: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.time) and math.isfinite(self.survival)):
            raise DataError(f"point {self.time!r}, {self.survival!r} is not two finite numbers")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCount:
    """Patients still followed at a time, from the table under the figure."""

    time: float
    at_risk: int

    def __post_init__(self) -> None:
        if not math.isfinite(self.time) or self.time < 0 or self.at_risk < 0:
            raise DataError(
                f"number at risk {self.at_risk!r} at time {self.time!r} is below 0; "
                "copy the table under the figure again"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanCurve:
    """A curve that starts at 1 and never rises, and what the cleaning did to the clicks."""

    points: tuple[CurvePoint, ...]
    n_clicks: int
    n_dropped: int
    largest_move: float


def _number(text: str) -> float | None:
    cleaned = text.strip().rstrip("%").strip()
    if re.fullmatch(r"-?\d+,\d+", cleaned):
        cleaned = cleaned.replace(",", ".")
    try:
        value = float(cleaned)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _table(text: str, *, file: str) -> list[tuple[int, list[str]]]:
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        raise DataError(f"{file} is empty; export the points again", where=file)
    # A semicolon or a tab separates before a comma does: the comma may be a decimal sign.
    mark = next((m for m in (";", "\t", ",") if m in lines[0]), None)
    rows = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if line.strip():
            cells = next(csv.reader(io.StringIO(line), delimiter=mark)) if mark else line.split()
            rows.append((number, [cell.strip() for cell in cells]))
    return rows


def _column(header: Sequence[str], names: Sequence[str]) -> int | None:
    plain = [re.sub(r"\s*\(.*\)|[#:]", "", cell).strip().strip('"').lower() for cell in header]
    for name in names:
        if name in plain:
            return plain.index(name)
    return None


def _pairs(
    text: str, *, file: str, second: Sequence[str], what: str
) -> list[tuple[int, float, float]]:
    rows = _table(text, file=file)
    header = rows[0][1]
    has_header = any(_number(cell) is None for cell in header if cell)
    first, other = (_column(header, _TIME), _column(header, second)) if has_header else (0, 1)
    if first is None or other is None:
        # Digitisers that name no column put x before y; any row number stands in front.
        if len(header) not in (2, 3):
            raise DataError(
                f"{file}: no columns for time and {what} among {', '.join(map(repr, header))}; "
                f"name them 'time' and '{second[0]}'",
                where=file,
            )
        first, other = len(header) - 2, len(header) - 1
    pairs = []
    for line, cells in rows[1 if has_header else 0 :]:
        values = [_number(cells[i]) if i < len(cells) else None for i in (first, other)]
        if values[0] is None or values[1] is None:
            raise DataError(
                f"{file}, line {line}: {cells!r} does not give a time and {what}; "
                "correct the line or delete it",
                where=f"{file}:{line}",
            )
        pairs.append((line, values[0], values[1]))
    return pairs


def read_points(text: str, *, file: str = "points.csv") -> tuple[CurvePoint, ...]:
    """Return the points of a digitiser's export, in the order they were clicked.

    Comma, semicolon, tab or spaces; with or without a header; decimal comma;
    survival as a share or in percent (told by the largest value). WebPlotDigitizer,
    DigitizeIt, Engauge and Resartus' own page are all read this way.

    Raises
    ------
    DataError
        Naming the line that gives no two numbers.
    """
    pairs = _pairs(text, file=file, second=_SURVIVAL, what="survival")
    top = max(value for _, _, value in pairs)
    # Clicks on 100 % land a little above or below; a share is never above 1.5.
    scale = 100.0 if top > 1.5 else 1.0
    return tuple(CurvePoint(time=time, survival=value / scale) for _, time, value in pairs)


def read_risk_table(text: str, *, file: str = "at-risk.csv") -> tuple[RiskCount, ...]:
    """Return the numbers at risk under the figure; columns ``time`` and ``at_risk``.

    Raises
    ------
    DataError
        If a number is not whole, or the numbers rise.
    """
    rows = []
    for line, time, value in _pairs(text, file=file, second=_AT_RISK, what="number at risk"):
        if not value.is_integer():
            raise DataError(
                f"{file}, line {line}: number at risk {value!r} is not whole; "
                "copy the table under the figure again",
                where=f"{file}:{line}",
            )
        rows.append(RiskCount(time=time, at_risk=int(value)))
    rows.sort(key=lambda row: row.time)
    for before, after in itertools.pairwise(rows):
        if after.at_risk > before.at_risk or after.time == before.time:
            raise DataError(
                f"{file}: {after.at_risk} at risk at {after.time:g} after {before.at_risk} at "
                f"{before.time:g}; numbers at risk fall, one per time",
                where=file,
            )
    return tuple(rows)


def _without_strays(points: list[CurvePoint]) -> list[CurvePoint]:
    """Drop single clicks far off both neighbours, where the neighbours agree on the order."""
    kept = points[:1]
    for i in range(1, len(points)):
        before, here = kept[-1], points[i]
        after = points[i + 1] if i + 1 < len(points) else None
        rises = here.survival - before.survival > _STRAY
        falls_too_deep = after is not None and after.survival - here.survival > _STRAY
        if rises and (after is None or here.survival - after.survival > _STRAY):
            continue
        if falls_too_deep and after is not None and after.survival <= before.survival + _STRAY:
            continue
        kept.append(here)
    return kept


def _falling(values: Sequence[float]) -> list[float]:
    """Return the nearest never-rising sequence in least squares (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        total, size = value, 1
        while blocks and blocks[-1][0] / blocks[-1][1] < total / size:
            before, count = blocks.pop()
            total, size = total + before, size + count
        blocks.append((total, size))
    return [total / size for total, size in blocks for _ in range(size)]


def clean_curve(points: Iterable[CurvePoint]) -> CleanCurve:
    """Return the clicks as a curve: in order of time, from 1 at 0, within 0 to 1, never rising.

    A hand shakes both ways, so rising clicks are replaced by the nearest
    falling curve in least squares, not cut down to the lowest one, which would
    pull the whole curve down.

    Raises
    ------
    DataError
        With fewer than two points, a time well below 0, or a survival well outside 0 to 1.
    """
    given = list(points)
    if len(given) < 2:
        raise DataError(f"{len(given)} points are no curve; click at least two")
    span = max(point.time for point in given)
    for point in given:
        if point.time < -0.02 * abs(span) or not -0.05 <= point.survival <= 1.05:
            raise DataError(
                f"point {point.time:g}, {point.survival:g} lies outside the figure; "
                "check the four points that set the axes"
            )
    if span <= 0:
        raise DataError(f"the last time {span!r} of the curve is not above 0; check the x axis")
    ordered = sorted(given, key=lambda point: (max(point.time, 0.0), -point.survival))
    kept = _without_strays(ordered)
    values = [min(1.0, max(0.0, value)) for value in _falling([p.survival for p in kept])]
    moves = [abs(value - point.survival) for value, point in zip(values, kept, strict=True)]
    cleaned = [CurvePoint(time=0.0, survival=1.0)]
    for point, value in zip(kept, values, strict=True):
        if point.time > 0:
            cleaned.append(CurvePoint(time=point.time, survival=value))
    return CleanCurve(
        points=tuple(cleaned),
        n_clicks=len(given),
        n_dropped=len(ordered) - len(kept),
        largest_move=max(moves, default=0.0),
    )
