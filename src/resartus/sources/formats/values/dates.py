"""Dates as citation files print them: ``2019/07/03/Summer``, ``1998 Dec-1999 Jan``, ``AUG 15``."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "PartialDate",
    "is_plain_date",
    "parse_compact_date",
    "parse_date",
    "printed_date",
    "render_date",
]

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janvier januar enero gennaio janeiro",
            "feb february février fevrier februar febrero febbraio fevereiro",
            "mar march mars märz maerz marzo março",
            "apr april avril abril aprile",
            "may mai mayo maggio maio",
            "jun june juin juni junio giugno junho",
            "jul july juillet juli julio luglio julho",
            "aug august août aout agosto",
            "sep sept september septembre septiembre settembre setembro",
            "oct october octobre oktober octubre ottobre outubro okt",
            "nov november novembre noviembre novembro",
            "dec december décembre decembre dezember diciembre dicembre dezembro dez",
        ),
        start=1,
    )
    for name in names.split()
}
_SLASHED = re.compile(r"(\d{4})(?:[/-](\d{1,2})?(?:[/-](\d{1,2})?(?:[/-](.*))?)?)?", re.DOTALL)
_COMPACT = re.compile(r"(?:\D*\s)?(\d{4})(\d{2})(\d{2})")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d|21\d\d)(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_DAY = re.compile(r"(?<![\d/-])(\d{1,2})(?:st|nd|rd|th)?(?![\d/])")


class PartialDate(NamedTuple):
    """A date of which only the year, or not even that, may be known."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@lru_cache(maxsize=20_000)
def parse_date(text: str) -> PartialDate:
    """Read a printed date as far as it can be read.

    Parameters
    ----------
    text : str
        Any of ``2012/07/03``, ``2019///``, ``2002 Sep``, ``AUG 15``,
        ``20170812``, ``4-8 Aug. 2020``. Of a range the first date counts.

    Returns
    -------
    PartialDate
        ``year`` in 1500..2199, ``month`` in 1..12 and ``day`` in 1..31, each
        ``None`` when the text does not tell; no day without a month.
    """
    text = text.strip()
    slashed = _SLASHED.fullmatch(text)
    if slashed is not None:
        return _checked(slashed.group(1), slashed.group(2), slashed.group(3))
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        read = _checked(*compact.groups())
        if read.month:
            return read
    found = _YEAR.search(text)
    year = int(found.group()) if found else None
    month: int | None = None
    day: int | None = None
    for word in _WORD.finditer(text):
        month = _MONTHS.get(word.group().lower())
        if month is not None:
            rest = text[word.end() :]
            before = text[: word.start()]
            day = _day_in(rest) or _day_in(before)
            break
    return PartialDate(year, month, day)


def _day_in(text: str) -> int | None:
    # "Dec-1999 Jan": what follows the next month's name belongs to that month.
    text = _WORD.split(text, maxsplit=1)[0] if _WORD.search(text) else text
    found = _DAY.search(text)
    if found is None:
        return None
    day = int(found.group(1))
    return day if 1 <= day <= 31 else None


def _checked(year: str, month: str | None, day: str | None) -> PartialDate:
    number = int(year)
    if not 1500 <= number <= 2199:
        return PartialDate()
    month_number = int(month) if month else 0
    if not 1 <= month_number <= 12:
        return PartialDate(number)
    day_number = int(day) if day else 0
    return PartialDate(number, month_number, day_number if 1 <= day_number <= 31 else None)


def render_date(value: PartialDate) -> str:
    """Return ``2012/07/03``, ``2012/07`` or ``2012``; ``""`` without a year."""
    if value.year is None:
        return ""
    text = f"{value.year}"
    if value.month is not None:
        text += f"/{value.month:02d}"
        if value.day is not None:
            text += f"/{value.day:02d}"
    return text


_PRINTED = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def printed_date(value: PartialDate) -> str:
    """Return ``2012 Jul 3``, as PubMed prints it."""
    parts = [str(value.year)]
    if value.month:
        parts.append(_PRINTED[value.month - 1])
        if value.day:
            parts.append(str(value.day))
    return " ".join(parts)


def is_plain_date(text: str, read: PartialDate) -> bool:
    """Say whether year, month and day hold all that the text says."""
    parts = text.replace("undefined", "").replace("-", "/").rstrip("/").split("/")
    if len(parts) > 3 or not all(part.isdigit() for part in parts):
        return False
    return [int(part) for part in parts] == [part for part in read if part is not None]


def parse_compact_date(text: str) -> date | None:
    """Read a whole date, ``20190128``, ``2019/01/29 06:00`` or ``2019-01-29``, or ``None``."""
    digits = re.match(r"(\d{4})[/-]?(\d{2})[/-]?(\d{2})(?!\d)", text.strip())
    if digits is None:
        return None
    try:
        return date(*(int(part) for part in digits.groups()))
    except ValueError:
        return None
