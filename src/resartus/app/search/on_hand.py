"""Search records on hand: those of the review, or a bundled sample."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from resartus import __version__
from resartus.app.search.engine import Found, Progress
from resartus.app.search.planning import term_of
from resartus.domain.ids import Pmid
from resartus.domain.plain import to_plain
from resartus.domain.ports import PayloadStore
from resartus.domain.query import Search
from resartus.domain.record import Record
from resartus.search.matcher import search_records

__all__ = ["OnHand", "limited", "pmid_list", "record_lines"]


def _year_status(record: Record, search: Search) -> bool | None:
    """Whether the record is inside the dates; ``None`` when it carries no date."""
    year = record.year
    if search.date_type != "publication":
        entered = {"entry": record.entered_on, "creation": record.created_on}[search.date_type]
        year = entered.year if entered else None
    elif year is None:
        period = dict(record.fields).get("period")
        # A period of the curated sample stands for a year inside it.
        year = int(period[:4]) if period else None
    if year is None:
        return None
    return (search.from_year or 0) <= year <= (search.to_year or 9999)


def limited(records: Iterable[Record], search: Search) -> tuple[list[Record], list[str]]:
    """Return the records inside the search's limits, with a remark on those that cannot tell.

    A record without a date is left out of a dated search; one without a
    language is kept, since most sources leave out "English".
    """
    kept = []
    undated = unspoken = 0
    for record in records:
        if search.from_year or search.to_year:
            inside = _year_status(record, search)
            undated += inside is None
            if not inside:
                continue
        if search.languages:
            if not record.languages:
                unspoken += 1
            elif not set(record.languages) & set(search.languages):
                continue
        kept.append(record)
    remarks = []
    if undated:
        remarks.append(f"{undated} records carry no date and could not be found by a dated search")
    if unspoken:
        remarks.append(f"{unspoken} records inside the dates carry no language and were kept")
    return kept, remarks


def record_lines(records: Iterable[Record]) -> bytes:
    """Return records as a payload: one JSON object a line."""
    plain = (to_plain(record) for record in records)
    lines = (json.dumps(item, ensure_ascii=False, sort_keys=True) for item in plain)
    return "".join(f"{line}\n" for line in lines).encode()


def pmid_list(pmids: Iterable[int]) -> bytes:
    """Return what a search found as a payload, in the order found."""
    return json.dumps({"pmids": list(pmids)}, separators=(",", ":")).encode()


class OnHand:
    """An engine over records that are in memory.

    Parameters
    ----------
    records : sequence of Record
        Where to look.
    corpus : str
        What that is, for the methods section: name, size, date.
    today : date
        The end of an open range of dates.
    payloads : PayloadStore, optional
        Where what was found is kept, for a replay.
    """

    def __init__(
        self,
        records: Sequence[Record],
        corpus: str,
        *,
        today: date,
        payloads: PayloadStore | None = None,
    ) -> None:
        self._records, self._corpus, self._today = records, corpus, today
        self._payloads = payloads

    @property
    def name(self) -> str:
        """The matcher and its version."""
        return f"Resartus {__version__} matcher"

    @property
    def platform(self) -> str:
        """The corpus."""
        return self._corpus

    def find(self, search: Search, *, now: datetime, on_progress: Progress | None = None) -> Found:
        """Match every record inside the limits."""
        candidates, remarks = limited(self._records, search)
        result = search_records(search.query, candidates, today=self._today)
        by_id = {record.record_id: record for record in candidates}
        records = [by_id[record_id] for record_id in result.record_ids]
        lines = result.line_counts if len(result.line_counts) > 1 else ()
        return Found(
            records=records,
            term=term_of(search),
            translation=result.translation,
            corpus=self._corpus,
            payloads=self._kept(records),
            diagnostics=(*remarks, *(note.message for note in result.diagnostics)),
            term_translations=tuple((item.source, item.target) for item in result.translations),
            line_counts=lines,
        )

    def _kept(self, records: Sequence[Record]) -> tuple[str, ...]:
        if self._payloads is None:
            return ()
        return (self._payloads.save(record_lines(records)),)

    def count(self, query: str, *, limits: Search | None = None) -> int:
        """Return how many of the records a query matches."""
        records = self._records if limits is None else limited(self._records, limits)[0]
        return len(search_records(query, records, today=self._today).record_ids)

    def among(
        self, query: str, pmids: Sequence[Pmid], *, limits: Search | None = None
    ) -> frozenset[Pmid]:
        """Return which of these PMIDs are on hand and match."""
        wanted = set(pmids)
        records = [record for record in self._records if record.pmid in wanted]
        if limits is not None:
            records, _ = limited(records, limits)
        found = set(search_records(query, records, today=self._today).record_ids)
        return frozenset(r.pmid for r in records if r.record_id in found and r.pmid is not None)

    def fetch(self, pmids: Sequence[Pmid]) -> Iterable[Record]:
        """Return the records of these PMIDs that are on hand."""
        wanted = set(pmids)
        return [record for record in self._records if record.pmid in wanted]

    def close(self) -> None:
        """Nothing is held open."""
