"""``Search``: what the protocol asks for. ``SearchRun``: what one run of it gave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from resartus.domain.checks import require_aware, require_text
from resartus.domain.ids import RecordId
from resartus.errors import DataError

__all__ = ["Search", "SearchRun"]


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
        Publication years, both ends included.
    languages : tuple of str
        As MEDLINE codes (``"eng"``); empty means no limit.
    """

    search_id: str
    source: str
    query: str
    from_year: int | None = None
    to_year: int | None = None
    languages: tuple[str, ...] = ()
    note: str | None = None

    def __post_init__(self) -> None:
        where = f"search {self.search_id!r}"
        require_text(self.search_id, field="search_id", where="a search")
        require_text(self.query, field="query", where=where)
        if self.from_year and self.to_year and self.from_year > self.to_year:
            raise DataError(
                f"from_year {self.from_year} of {where} is after to_year {self.to_year}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRun:
    """One run of a search: enough to say it again word for word (PRISMA-S 1, 8, 9, 13, 15)."""

    search: Search
    translation: str
    engine: str
    corpus: str
    ran_at: datetime
    record_ids: tuple[RecordId, ...]
    payload_hashes: tuple[str, ...] = ()
    diagnostics: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_aware(self.ran_at, field="ran_at", where=f"run of {self.search.search_id!r}")

    @property
    def count(self) -> int:
        """How many records the run found."""
        return len(self.record_ids)
