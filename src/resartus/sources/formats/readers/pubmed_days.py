"""The days of a PubMed record: publication, history, revision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from resartus.sources.formats.readers.pubmed_parts import (
    Lists,
    Take,
    Values,
    keep,
    parts_of,
    pieces,
)
from resartus.sources.formats.readers.pubmed_shape import well_formed
from resartus.sources.formats.readers.xml_slices import attributes_of, children, leaves
from resartus.sources.formats.values.dates import parse_date

__all__ = ["day", "history", "published"]

_DATE = frozenset({"Year", "Month", "Day", "Hour", "Minute", "Second"})
_STEPS = {"pubmed": "entered_on", "entrez": "created_on", "medline": "indexed_on"}
"""The steps that NBIB prints as EDAT, CRDT and MHDA."""


@lru_cache(maxsize=20_000)
def _date(inner: str) -> date | str:
    """Return a day, or the words of one that no calendar has."""
    parts = {
        tag: text for tag, _, text in leaves(well_formed(inner, "PubMedPubDate"), _DATE) if text
    }
    try:
        month = parts.get("Month", "1")
        number = int(month) if month.isdigit() else parse_date(f"2000 {month}").month or 0
        return date(int(parts["Year"]), number, int(parts.get("Day", "1")))
    except (KeyError, ValueError):
        return " ".join(parts.values()) or "nothing"


def day(name: str, tag: str) -> Take:
    """Return a reader of an element that holds a day."""

    def take(inner: str, written: str, values: Values, lists: Lists) -> None:
        found = _date(inner)
        if isinstance(found, str):
            keep(lists, f"unread date:{tag}", found)
        else:
            values[name] = found

    return take


def history(inner: str, written: str, values: Values, lists: Lists) -> None:
    """Read the steps an article went through, each with its day."""
    steps = []
    for content in pieces(inner, "PubMedPubDate", "History"):
        status, on = _step(content)
        if isinstance(on, str):
            keep(lists, f"unread date:{status or 'PubMedPubDate'}", on)
        elif status:
            steps.append((status, on))
            if status in _STEPS:
                values[_STEPS[status]] = on
    if steps:
        lists["history"] = steps


_USUAL_STEP = re.compile(
    r"""[^<]*+<PubMedPubDate[ ]PubStatus="(\w++)">[^<]*+
    <Year>(\d{4})</Year>[^<]*+<Month>(\d\d?+)</Month>[^<]*+<Day>(\d\d?+)</Day>[^<]*+
    (?:<Hour>\d\d?+</Hour>[^<]*+(?:<Minute>\d\d?+</Minute>[^<]*+)?+)?+""",
    re.VERBOSE | re.ASCII,
)
"""Almost every step."""


@lru_cache(maxsize=20_000)
def _step(inner: str) -> tuple[str | None, date | str]:
    usual = _USUAL_STEP.fullmatch(inner)
    if usual is not None:
        status, year, month, number = usual.groups()
        on = _calendar_day(year, month, number)
        if on is not None:
            return status, on
    whole = well_formed(f"{inner}</PubMedPubDate>", "History")
    for _, written, content in children(whole):
        return attributes_of(written).get("PubStatus"), _date(content)
    return None, "nothing"


@lru_cache(maxsize=20_000)
def _calendar_day(year: str, month: str, number: str) -> date | None:
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        return None


@lru_cache(maxsize=5_000)
def published(inner: str) -> Mapping[str, Any]:
    """Read PubDate: year, month and day, or a MedlineDate such as ``1998 Dec-1999 Jan``."""
    parts = parts_of(inner, "Year", "Month", "Day", "Season", "MedlineDate")
    printed = parts.get("MedlineDate")
    if printed is None:
        # Books and some journals give the month as a number: "2017/06/01".
        between = "/" if parts.get("Month", "").isdigit() else " "
        printed = between.join(
            parts[name] for name in ("Year", "Month", "Season", "Day") if name in parts
        )
    if not printed:
        return {}
    read = parse_date(printed)
    if read.month is None and parts.get("Month", "").isdigit():
        read = parse_date("/".join(parts.get(name, "") for name in ("Year", "Month", "Day")))
    found: dict[str, Any] = {"year": read.year, "month": read.month, "day": read.day}
    if "MedlineDate" in parts or "Season" in parts or read.year is None:
        found["published_text"] = printed
    return found
