"""Volumes, issues, pages and part numbers as they are compared."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["is_date", "page_range", "part_numbers", "plain_number"]

_PAGE = re.compile(r"([a-z]{0,4})\s*0*(\d+)\s*([a-z]?)")
_RANGE = re.compile(r"\s*(?:--?|[‐-―−]|to)\s*")
_SEVERAL = re.compile(r"\s*[,;+&]\s*")
_NUMBER = re.compile(r"\d+")
_UNKNOWN = frozenset({"unknown", "na", "n/a", "none", "null", "-", "0", "nan", "no pagination"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ROMAN = {
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7",
    "viii": "8", "ix": "9", "x": "10", "xi": "11", "xii": "12",
}  # fmt: skip
_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "first": "1",
    "second": "2", "third": "3", "fourth": "4", "fifth": "5", "1st": "1", "2nd": "2", "3rd": "3",
}  # fmt: skip
_PART = frozenset({"part", "pt", "teil", "partie", "parte", "paper", "chapter", "study", "report"})


def plain_number(text: str | None) -> str | None:
    """Return a volume or issue as it is compared, or ``None``.

    >>> plain_number("20 (5 Supplement 1)"), plain_number("Vol. 07"), plain_number("UNKNOWN")
    ('20', '7', None)
    """
    if text is None:
        return None
    plain = text.strip().lower()
    if not plain or plain in _UNKNOWN:
        return None
    found = _NUMBER.search(plain)
    return found.group().lstrip("0") or "0" if found else plain


def is_date(number: str, *, year: int | None) -> bool:
    """Whether a volume or issue is the record's own year, or a month.

    A database that has no number gives the date in its place.

    >>> is_date("2016", year=2016), is_date("may", year=2016), is_date("94", year=2016)
    (True, True, False)
    """
    return number == str(year) or (not number.isdigit() and number[:3] in _MONTHS)


def page_range(pages: str | None) -> tuple[str | None, str | None]:
    """Return first and last page, with a shortened last page written out.

    Of several ranges the lowest, in whatever order they are printed.

    >>> page_range("123-9"), page_range("E329-36"), page_range("376 -- 383"), page_range("S78")
    (('123', '129'), ('e329', 'e336'), ('376', '383'), ('s78', None))
    >>> page_range("01-Aug"), page_range("246-51, 233-8")
    (('1', '8'), ('233', '238'))
    """
    if pages is None:
        return None, None
    plain = pages.strip(' "').lower().replace("pp.", "").replace("p.", "")
    if not plain or plain in _UNKNOWN:
        return None, None
    several = _SEVERAL.split(plain)
    if len(several) > 1 and all(part[:1].isdigit() for part in several):
        plain = min(several, key=lambda part: int(_NUMBER.match(part)[0]))  # type: ignore[index]
    parts = _RANGE.split(plain, maxsplit=1)
    if len(parts) == 2 and parts[1] in _MONTHS and parts[0].isdigit():
        # A spreadsheet read "1-8" as the first of August, or as the eighth of January.
        low, high = sorted((int(parts[0]), _MONTHS.index(parts[1]) + 1))
        return str(low), str(high)
    first = _PAGE.search(parts[0])
    if first is None:
        return parts[0].strip() or None, None
    start = first[1] + first[2] + first[3]
    last = _PAGE.search(parts[1]) if len(parts) > 1 else None
    if last is None:
        return start, None
    digits = last[2]
    if len(digits) < len(first[2]):
        digits = first[2][: len(first[2]) - len(digits)] + digits
    end = (last[1] or first[1]) + digits + last[3]
    return start, (end if end != start else None)


def part_numbers(words: Sequence[str]) -> frozenset[str]:
    """Return the numbers in a title: digits, Roman numerals, and words behind "part".

    Two titles that are alike but for these are parts of a series, or speak of
    different things.

    >>> sorted(part_numbers(["hpv16", "in", "women", "part", "ii"]))
    ['2', 'hpv16']
    """
    found = set()
    for index, word in enumerate(words):
        if _NUMBER.search(word):
            found.add(_WORDS.get(word, word))
        elif word in _ROMAN and (len(word) > 1 or (index and words[index - 1] in _PART)):
            found.add(_ROMAN[word])
        elif word in _WORDS and index and words[index - 1] in _PART:
            found.add(_WORDS[word])
    return frozenset(found)
