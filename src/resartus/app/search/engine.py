"""``SearchEngine``: whatever answers a search; ``Found``: what it answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from resartus.domain.ids import Pmid, RecordId
from resartus.domain.query import Search
from resartus.domain.record import Record

__all__ = ["Found", "Progress", "SearchEngine"]

Progress = Callable[[int, int], None]
"""Told how many records have come and how many are wanted."""


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to one search; fields as in ``SearchRun``.

    ``records`` are read once, in any order, so that large results need not fit
    in memory; ``order`` is the order found, where records come in another.
    ``unreadable`` and ``payloads`` may fill while they are read. ``finish`` is called when the run
    is in the log.
    """

    records: Iterable[Record]
    term: str
    translation: str
    corpus: str
    corpus_version: str | None = None
    payloads: Sequence[str] = ()
    diagnostics: tuple[str, ...] = ()
    term_translations: tuple[tuple[str, str], ...] = ()
    line_counts: tuple[tuple[int, int], ...] = ()
    undelivered: tuple[Pmid, ...] = ()
    order: tuple[RecordId, ...] = ()
    unreadable: list[str] = field(default_factory=list)
    searched_at: datetime | None = None
    finish: Callable[[], None] = _nothing


class SearchEngine(Protocol):
    """Records on hand, a local PubMed, or NCBI: asked alike.

    ``name`` is what answers, with its version; ``platform`` what PRISMA-S
    calls database and platform.
    """

    @property
    def name(self) -> str:
        """What answers, with its version."""
        ...

    @property
    def platform(self) -> str:
        """Database and platform in the words of a methods section."""
        ...

    def find(self, search: Search, *, now: datetime, on_progress: Progress | None = None) -> Found:
        """Answer a search of the protocol with all its records."""
        ...

    def count(self, query: str, *, limits: Search | None = None) -> int:
        """Return how many records a query finds inside the limits of a search."""
        ...

    def among(
        self, query: str, pmids: Sequence[Pmid], *, limits: Search | None = None
    ) -> frozenset[Pmid]:
        """Return which of these PMIDs a query finds inside the limits of a search."""
        ...

    def fetch(self, pmids: Sequence[Pmid]) -> Iterable[Record]:
        """Return the records of these PMIDs as they are now; those it lacks are left out."""
        ...

    def close(self) -> None:
        """Release connections and files."""
        ...
