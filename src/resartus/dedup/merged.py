"""The merged view of a report: of each field the best that any of its records gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from resartus.dedup.numbering import page_range
from resartus.domain.ids import RecordId
from resartus.domain.record import Author, Record
from resartus.errors import DataError

__all__ = ["MergedRecord", "merge_records"]

_LISTS = (
    "issn", "languages", "publication_types", "keywords", "substances", "registry_numbers",
    "grants",
)  # fmt: skip
_SINGLE = (
    "pmid", "pmcid", "doi", "title", "vernacular_title", "abstract", "authors", "journal",
    "journal_abbreviation", "nlm_id", "year", "month", "day", "published_text", "electronic_on",
    "entered_on", "volume", "issue", "pages", "mesh", "country", "url",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRecord:
    """One report as all its records tell it; ``sources`` says which record gave each field.

    It is a view: the records stay as they came.
    """

    record: Record
    sources: Mapping[str, tuple[RecordId, ...]]


def _shout(title: str) -> bool:
    letters = [letter for letter in title if letter.isalpha()]
    return bool(letters) and sum(letter.isupper() for letter in letters) > 0.8 * len(letters)


def _title_rank(title: str) -> tuple[bool, bool, int]:
    # Lost letters show as "?" inside a word; a longer title is one that was not cut.
    return (not _shout(title), "\ufffd" not in title and "?" not in title[:-1], len(title))


def _author_rank(authors: tuple[Author, ...]) -> tuple[int, int]:
    return len(authors), sum(len(author.fore_name or "") > 2 for author in authors)


def _page_rank(pages: str) -> int:
    return sum(part is not None for part in page_range(pages))


_RANKS: Mapping[str, Callable[[Any], Any]] = {
    "title": _title_rank,
    "abstract": len,
    "authors": _author_rank,
    "pages": _page_rank,
    "journal": len,
    "mesh": len,
}


def _best(name: str, given: Sequence[tuple[Any, Record]]) -> tuple[Any, Record]:
    """Return the best value with its record; of equals, the first."""
    if name in _RANKS:
        return max(given, key=lambda pair: _RANKS[name](pair[0]))
    # A number that most records agree on; nobody outvotes PubMed on its own citation.
    by_pubmed = [pair for pair in given if pair[1].source == "pubmed"]
    if by_pubmed:
        return by_pubmed[0]
    votes = Counter(value for value, _ in given)
    return max(given, key=lambda pair: votes[pair[0]])


def merge_records(records: Sequence[Record]) -> MergedRecord:
    """Return one view of the records of one report.

    Parameters
    ----------
    records : sequence of Record
        The record kept in view first; its id is the view's.

    Raises
    ------
    DataError
        If there is no record.
    """
    if not records:
        raise DataError("a merged view needs a record; none was given")
    kept = records[0]
    changes: dict[str, Any] = {}
    sources: dict[str, tuple[RecordId, ...]] = {}
    for name in _SINGLE:
        given = [(getattr(r, name), r) for r in records if getattr(r, name) not in (None, ())]
        if given:
            changes[name], source = _best(name, given)
            sources[name] = (source.record_id,)
    for name in _LISTS:
        together = dict.fromkeys(part for r in records for part in getattr(r, name))
        if together:
            changes[name] = tuple(together)
            sources[name] = tuple(r.record_id for r in records if getattr(r, name))
    return MergedRecord(record=replace(kept, **changes), sources=sources)
