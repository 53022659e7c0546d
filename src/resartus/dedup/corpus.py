"""What only the whole corpus tells of a citation: columns, and numbers that are no issues."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from resartus.dedup.citation import Citation

__all__ = ["seen_together"]

_ENOUGH_TO_TELL = 50
_PLACES_OF_A_COLUMN = 4
"""Databases that disagree about one paper's place seldom know four of them."""


def _with_running_numbers(citations: Sequence[Citation]) -> set[str]:
    """Return the sources whose issue column numbers the rows instead.

    Journals have a dozen issues a year: where most of many are unlike, the
    export wrote something else there.
    """
    issues: dict[str, Counter[str]] = defaultdict(Counter)
    for citation in citations:
        if citation.issue is not None:
            issues[citation.source][citation.issue] += 1
    return {
        source
        for source, counts in issues.items()
        if counts.total() >= _ENOUGH_TO_TELL and len(counts) > counts.total() / 2
    }


def _columns(citations: Sequence[Citation]) -> set[str]:
    """Return the titles that stand in many places, such as "editor's comments"."""
    times = Counter(c.title for c in citations if c.title is not None)
    places: dict[str, set[tuple[str | None, str | None]]] = defaultdict(set)
    for citation in citations:
        if citation.title and citation.volume and times[citation.title] >= _PLACES_OF_A_COLUMN:
            places[citation.title].add((citation.volume, citation.issue))
    return {title for title, where in places.items() if len(where) >= _PLACES_OF_A_COLUMN}


def seen_together(citations: Sequence[Citation]) -> list[Citation]:
    """Return the citations with what their company says of them, in the same order.

    An issue that is a running number of its source is no issue, and a title
    that stands in four issues heads a column: alone it makes no two reports one.
    """
    numbered = _with_running_numbers(citations)
    seen = [
        replace(c, issue=None) if c.issue is not None and c.source in numbered else c
        for c in citations
    ]
    columns = _columns(seen)
    return [replace(c, heads_a_column=True) if c.title in columns else c for c in seen]
