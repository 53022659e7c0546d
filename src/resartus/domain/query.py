"""``Search``: what the protocol asks for. ``SearchRun``: what one run of it gave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from resartus.domain.checks import require_aware, require_text
from resartus.domain.ids import Pmid, RecordId
from resartus.errors import DataError

__all__ = ["DATE_TAGS", "Search", "SearchRun"]

DATE_TAGS = {"publication": "dp", "entry": "edat", "creation": "crdt"}
"""What the years of a search limit, with PubMed's tag for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search of the protocol, with its limits as part of it.

    Parameters
    ----------
    search_id : str
        Its name in the protocol.
    source : str
        Where it runs, for example ``"pubmed"`` or ``"snapshot"``.
    query : str
        As typed, in the source's own language.
    from_year, to_year : int, optional
        Years, both ends included.
    date_type : str
        What the years are of: ``"publication"``, ``"entry"`` into PubMed, or ``"creation"``.
    languages : tuple of str
        As MEDLINE codes (``"eng"``); empty means no limit.
    entered_since : date, optional
        Only what PubMed entered on this day or later, as an update asks.
    """

    search_id: str
    source: str
    query: str
    from_year: int | None = None
    to_year: int | None = None
    languages: tuple[str, ...] = ()
    note: str | None = None
    date_type: str = "publication"
    entered_since: date | None = None

    def __post_init__(self) -> None:
        where = f"search {self.search_id!r}"
        require_text(self.search_id, field="search_id", where="a search")
        require_text(self.query, field="query", where=where)
        if self.date_type not in DATE_TAGS:
            raise DataError(
                f"date_type {self.date_type!r} of {where} is not one of: {', '.join(DATE_TAGS)}",
                field="date_type",
            )
        if self.from_year and self.to_year and self.from_year > self.to_year:
            raise DataError(
                f"from_year {self.from_year} of {where} is after to_year {self.to_year}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRun:
    """One run of a search: enough to say it again word for word (PRISMA-S 1, 8, 9, 13, 15).

    Parameters
    ----------
    translation : str
        What the engine made of the query.
    corpus, corpus_version : str
        Where it looked, and which state of it.
    payload_hashes : tuple of str
        What came back, in order: replies to searches, then records. The run
        is replayed from these.
    term : str, optional
        The query as it was sent, with the limits inside; as typed if ``None``.
    term_translations : tuple of (str, str)
        Each stretch of the query that was mapped, and what to.
    line_counts : tuple of (int, int)
        For a numbered strategy, each line's number and how many it found.
    undelivered : tuple of Pmid
        Found, but the source gave no record for them.
    """

    search: Search
    translation: str
    engine: str
    corpus: str
    ran_at: datetime
    record_ids: tuple[RecordId, ...]
    payload_hashes: tuple[str, ...] = ()
    diagnostics: tuple[str, ...] = ()
    term: str | None = None
    corpus_version: str | None = None
    term_translations: tuple[tuple[str, str], ...] = ()
    line_counts: tuple[tuple[int, int], ...] = ()
    undelivered: tuple[Pmid, ...] = ()

    def __post_init__(self) -> None:
        require_aware(self.ran_at, field="ran_at", where=f"run of {self.search.search_id!r}")

    @property
    def count(self) -> int:
        """How many records the run brought."""
        return len(self.record_ids)

    @property
    def pmids(self) -> tuple[Pmid, ...]:
        """The PMIDs among the records brought, in the order found."""
        prefix = "pubmed:"
        return tuple(
            Pmid(int(name[len(prefix) :]))
            for name in self.record_ids
            if name.startswith(prefix) and name[len(prefix) :].isdigit()
        )
