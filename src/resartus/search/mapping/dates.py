"""Dates of a query: ``2011``, ``2011/03/05``, ``last 5 years``, ranges, to days as numbers."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

__all__ = ["FAR", "last_day", "parse_relative", "parse_span", "render_day"]

FAR = 30001231
"""PubMed's own end of an open range, the year 3000."""
_DATE = re.compile(r"(\d{4})(?:[/.-](\d{1,2})(?:[/.-](\d{1,2}))?)?")
_RELATIVE = re.compile(r"last\s+(?:(\d{1,5})\s+)?(day|month|year)s?", re.IGNORECASE)


def parse_span(text: str) -> tuple[int, int] | None:
    """Return first and last day of a year, a month or a day as ``yyyymmdd``, or ``None``."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = (None if part is None else int(part) for part in found.groups())
    assert year is not None
    if month is None:
        return year * 10_000 + 101, year * 10_000 + 1231
    if not 1 <= month <= 12:
        return None
    at = year * 10_000 + month * 100
    if day is None:
        return at + 1, at + 31
    if not 1 <= day <= 31:
        return None
    return at + day, at + day


def parse_relative(text: str, *, today: date, open_end: bool) -> tuple[int, int] | None:
    """Return the days of ``last 5 years``, or ``None``.

    ``open_end`` takes what is dated in the future too, as PubMed does for
    publication dates.
    """
    found = _RELATIVE.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    count = int(found[1] or 1)
    unit = found[2].lower()
    if unit == "day":
        start = today - timedelta(days=min(count, today.toordinal() - 366))
    else:
        months = today.year * 12 + today.month - 1 - count * (12 if unit == "year" else 1)
        year, month = divmod(max(months, 12), 12)
        day = min(today.day, calendar.monthrange(year, month + 1)[1])
        start = date(year, month + 1, day)
    end = FAR if open_end else today.year * 10_000 + today.month * 100 + today.day
    return start.year * 10_000 + start.month * 100 + start.day, end


def last_day(number: int) -> int:
    """Return a day no later than its month's last, so that ``20110231`` prints as the 28th."""
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    if not 1 <= year <= 9999:
        return number
    return year * 10_000 + month * 100 + min(day, calendar.monthrange(year, month)[1])


def render_day(number: int) -> str:
    """Return ``2011/03/05``; the year 3000's last day is ``3000``."""
    if number >= FAR:
        return "3000"
    number = last_day(number)
    return f"{number // 10_000:04d}/{number // 100 % 100:02d}/{number % 100:02d}"
