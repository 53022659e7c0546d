"""Past PubMed's cap of 9,999: a large search is cut by date until each part fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from resartus.domain.ids import Pmid
from resartus.sources.eutils.client import DateLimit, EutilsClient
from resartus.sources.eutils.replies import SearchReply

__all__ = ["Sliced", "fetch_all_pmids"]

# PubMed's oldest citation is of 1781; its entry date cannot be earlier.
_FIRST_DAY = date(1780, 1, 1)
_FIRST_YEAR_OF_GROWTH = 1945
# PubMed's numbers had reached 41 million by 2026.
_HIGHEST_PMID = 2**27 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliced:
    """All PMIDs of a search, newest first, and the replies they came in.

    ``first`` is the reply to the search as a whole: its count and translation.
    """

    first: SearchReply
    pmids: tuple[Pmid, ...]
    payloads: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Slice:
    """A span of entry dates or, within one day, of PMIDs."""

    first: date
    last: date
    pmids: tuple[int, int] | None = None

    def halves(self) -> tuple[_Slice, _Slice]:
        if self.pmids is not None or self.first == self.last:
            low, high = self.pmids or (1, _HIGHEST_PMID)
            between = (low + high) // 2
            return (
                _Slice(self.first, self.last, (low, between)),
                _Slice(self.first, self.last, (between + 1, high)),
            )
        middle = _middle(self.first, self.last)
        return _Slice(self.first, middle), _Slice(middle + timedelta(days=1), self.last)

    @property
    def is_smallest(self) -> bool:
        return self.pmids is not None and self.pmids[0] == self.pmids[1]

    def term(self, term: str) -> str:
        if self.pmids is None:
            return term
        return f"({term}) AND {self.pmids[0]}:{self.pmids[1]}[uid]"

    def dates(self) -> DateLimit:
        return DateLimit(
            first=f"{self.first:%Y/%m/%d}", last=f"{self.last:%Y/%m/%d}", date_type="edat"
        )


def _middle(first: date, last: date) -> date:
    """Return a day that halves the records, which are few before 1945 and double in 20 years."""
    bend = date(_FIRST_YEAR_OF_GROWTH, 1, 1)
    if first < bend < last:
        return bend - timedelta(days=1)
    days = (last - first).days
    # With doubling in T days, half of the records lie after this share of the span.
    doublings = days / (20 * 365.25)
    share = 0.5 + min(0.3, doublings / 8)
    return first + timedelta(days=min(days - 1, int(days * share)))


def fetch_all_pmids(
    client: EutilsClient,
    term: str,
    *,
    today: date,
    on_slice: Callable[[int, int], None] | None = None,
) -> Sliced:
    """Return all PMIDs of a search however many they are.

    A search over 9,999 is cut by entry date, which every record has exactly
    once, and within one day by PMID. The parts are counted against the whole.

    Parameters
    ----------
    today : date
        The last entry date is one day later, for the zones ahead of this one.
    on_slice : callable, optional
        Told how many PMIDs are known so far and how many there are.
    """
    first = client.fetch_search(term)
    hashes = [first.payload] if first.payload else []
    if first.count <= client.settings.cap and len(first.pmids) == first.count:
        return Sliced(first=first, pmids=first.pmids, payloads=tuple(hashes))
    found: dict[Pmid, None] = {}
    everything = _Slice(_FIRST_DAY, today + timedelta(days=366))
    for reply in _slices(client, term, everything, first.count):
        found.update(dict.fromkeys(reply.pmids))
        if reply.payload:
            hashes.append(reply.payload)
        if on_slice is not None:
            on_slice(len(found), first.count)
    notes = _shortfall(first.count, len(found))
    ordered = sorted(found, reverse=True)
    return Sliced(first=first, pmids=tuple(ordered), payloads=tuple(hashes), notes=tuple(notes))


def _slices(client: EutilsClient, term: str, part: _Slice, count: int) -> Iterator[SearchReply]:
    """Yield replies that hold all their PMIDs, for a part too large for one."""
    left = count
    for half in part.halves():
        # What the first half has, the second lacks: often it need not be asked for.
        if left <= 0:
            return
        reply = client.fetch_search(half.term(term), dates=half.dates())
        left -= reply.count
        if reply.count <= len(reply.pmids) or half.is_smallest:
            yield reply
        else:
            yield from _slices(client, term, half, reply.count)


def _shortfall(count: int, found: int) -> Iterable[str]:
    if found != count:
        yield (
            f"PubMed counted {count} records for the whole search but {found} in its parts by "
            "entry date; PubMed may have been updated in between"
        )
