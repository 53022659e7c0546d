"""Dates as reports give them: to the day, the month or the year."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from resartus.errors import DataError

__all__ = ["MONTH_DAYS", "PartialDate", "months_between", "parse_partial_date"]

MONTH_DAYS = 365.25 / 12
"""Mean length of a month in days."""

_SHAPE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PartialDate:
    """A date known to its ``precision``: all days from ``earliest`` to ``latest`` are possible."""

    earliest: date
    latest: date

    @property
    def precision(self) -> str:
        """Day, month or year."""
        days = (self.latest - self.earliest).days
        return "day" if days == 0 else "month" if days < 31 else "year"


def parse_partial_date(text: str) -> PartialDate:
    """Return ``"2004"``, ``"2004-05"`` or ``"2004-05-17"`` with the days it may mean.

    Raises
    ------
    DataError
        If it is none of these, or no such day exists.
    """
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        raise DataError(f"date {text!r} is not of the form 2004, 2004-05 or 2004-05-17")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        if month is None:
            return PartialDate(earliest=date(year, 1, 1), latest=date(year, 12, 31))
        if day is None:
            last = calendar.monthrange(year, month)[1] if 1 <= month <= 12 else 0
            return PartialDate(earliest=date(year, month, 1), latest=date(year, month, last))
        exact = date(year, month, day)
        return PartialDate(earliest=exact, latest=exact)
    except ValueError as error:
        raise DataError(f"date {text!r} does not exist: {error}") from error


def months_between(start: PartialDate, end: PartialDate) -> tuple[float, float]:
    """Return the months from one date to another, and by how much they may be off either way."""
    least = (end.earliest - start.latest).days / MONTH_DAYS
    most = (end.latest - start.earliest).days / MONTH_DAYS
    return (least + most) / 2, (most - least) / 2
