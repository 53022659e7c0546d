"""One PubMed update file against all watched strategies: indexed once, asked by each."""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pyroaring import BitMap

from resartus.app.living.notices import included_reports
from resartus.app.living.updating import Update, revise_included, summed_up
from resartus.app.pubmed.loading import load_files
from resartus.app.pubmed.local import LocalPubmed
from resartus.app.review import Review
from resartus.app.search.engine import Found, Progress
from resartus.app.search.planning import planned_searches, term_of
from resartus.app.search.running import run_search
from resartus.domain.ids import Pmid
from resartus.domain.query import Search
from resartus.domain.record import Record
from resartus.errors import ParseError, ResartusError
from resartus.search.plan import Everything

__all__ = ["Day", "FileNotWhole", "Hits", "open_day", "update_from_files"]

_NOTICES = (
    "retraction of publication[pt] OR retracted publication[pt] OR published erratum[pt] "
    "OR expression of concern[pt] OR corrected and republished article[pt]"
)
_SOURCES = ("pubmed", "file")


class FileNotWhole(ParseError):
    """A file that ends in the middle: it is still being copied, or was cut."""


def require_whole(path: Path) -> None:
    """Read a file to its end.

    Raises
    ------
    FileNotWhole
        If it ends in the middle.
    """
    tail = b""
    opened = gzip.open if path.name.endswith(".gz") else open
    try:
        with opened(path, "rb") as stream:
            while block := stream.read(1 << 20):
                tail = (tail + block)[-200:]
    except (EOFError, OSError, zlib.error) as error:
        raise FileNotWhole(
            f"{path.name} ends in the middle ({error}); it is read once it is whole",
            where=path.name,
        ) from error
    if not tail.rstrip().endswith(b">") or b"</PubmedArticleSet>" not in tail:
        raise FileNotWhole(
            f"{path.name} has no end ({tail[-40:]!r}); it is read once it is whole",
            where=path.name,
        )


@dataclass(slots=True)
class Hits:
    """What the day's file holds for one review."""

    by_search: dict[str, BitMap] = field(default_factory=dict)
    included: BitMap = field(default_factory=BitMap)
    gone: BitMap = field(default_factory=BitMap)

    @property
    def is_any(self) -> bool:
        """Whether there is anything."""
        return bool(self.included or self.gone or any(self.by_search.values()))


def _limited(query: str, limits: Search | None) -> str:
    return query if limits is None else term_of(replace(limits, query=query))


class _Matched:
    """A search engine that has answered already: the day's hits of one search."""

    def __init__(self, day: Day, hits: Mapping[str, BitMap]) -> None:
        self._day, self._hits = day, hits
        self.name = "Resartus local PubMed"
        self.platform = day.name

    def find(self, search: Search, *, now: datetime, on_progress: Progress | None = None) -> Found:
        """Return the hits found before."""
        records = self._day.records(self._hits.get(search.search_id, BitMap()))
        return Found(
            records=records,
            term=term_of(search),
            translation=term_of(search),
            corpus=self._day.name,
            corpus_version=self._day.local.corpus.version,
            searched_at=now,
        )

    def count(self, query: str, *, limits: Search | None = None) -> int:
        """Return how many records of the day a query finds."""
        return len(self._day.matches(_limited(query, limits)))

    def among(
        self, query: str, pmids: Sequence[Pmid], *, limits: Search | None = None
    ) -> frozenset[Pmid]:
        """Return which of these PMIDs a query finds."""
        found = self._day.matches(_limited(query, limits))
        return frozenset(pmid for pmid in pmids if pmid in found)

    def fetch(self, pmids: Sequence[Pmid]) -> list[Record]:
        """Return the day's records of these PMIDs."""
        return self._day.records(pmids)

    def close(self) -> None:
        """Nothing to release: the day is closed by its owner."""


class Day:
    """A day's file, indexed. Made by ``open_day``."""

    def __init__(self, path: Path, local: LocalPubmed) -> None:
        self.path, self.local = path, local
        self.everything = local.index.evaluate(Everything())
        self._answers: dict[str, BitMap] = {}

    @property
    def name(self) -> str:
        """The file and how many records it holds."""
        return f"PubMed file {self.path.name}, {len(self.everything)} records"

    def records(self, pmids: Iterable[int]) -> list[Record]:
        """Return the day's records of these PMIDs, in ascending order."""
        return list(self.local.records(pmids))

    def matches(self, query: str) -> BitMap:
        """Return the PMIDs of the day that a query finds; asked again, it is not run again."""
        if query not in self._answers:
            self._answers[query] = self.local.search(query).pmids
        return self._answers[query]

    def touched(
        self, folders: Sequence[Path], *, tell: Callable[[str], None] = lambda _: None
    ) -> list[Path]:
        """Return the reviews for which the day holds a hit, a notice or a correction."""
        found = []
        for folder in folders:
            try:
                with Review(folder) as review:
                    is_touched = self.hits_of(review).is_any
            except ResartusError as error:
                tell(f"{folder.name}: {error.message}")
                continue
            if is_touched:
                found.append(folder)
        return found

    def hits_of(self, review: Review) -> Hits:
        """Return what the day holds for one review."""
        hits = Hits()
        for planned in planned_searches(review):
            if planned.source in _SOURCES:
                open_ended = replace(planned, to_year=None)
                hits.by_search[planned.search_id] = self.matches(term_of(open_ended))
        included = list(included_reports(review.state()))
        if included:
            mine = BitMap(r.pmid for r in review.store.iterate_records(included) if r.pmid)
            hits.included = (mine & self.everything) | self._notices_on(mine)
            hits.gone = BitMap(p for p in mine if self.local.index.is_deleted(Pmid(p)))
        return hits

    def _notices_on(self, mine: BitMap) -> BitMap:
        """Return the day's notices that name one of these PMIDs."""
        found = BitMap()
        for record in self.records(self.matches(_NOTICES)):
            if any(related.pmid in mine for related in record.related if related.pmid):
                found.add(record.pmid or 0)
        found.discard(0)
        return found

    def apply(self, review: Review) -> Update:
        """Log the day's hits of a review, newer records of its reports, and their notices."""
        hits, seen = self.hits_of(review), set(review.state().record_ids())
        ids = list(included_reports(review.state()))
        theirs = self.records(hits.included)
        revised = revise_included(review, theirs, list(review.store.iterate_records(ids)))
        engine = _Matched(self, hits.by_search)
        runs = [
            run_search(review, replace(planned, to_year=None), engine=engine)
            for planned in planned_searches(review)
            if hits.by_search.get(planned.search_id)
        ]
        gone = [Pmid(pmid) for pmid in hits.gone]
        return summed_up(review, runs, seen, tuple(revised), gone=gone, also=theirs)


@contextmanager
def open_day(path: Path, *, clock: Callable[[], datetime]) -> Iterator[Day]:
    """Index a file in a folder of its own for as long as the block runs.

    Raises
    ------
    FileNotWhole
        If the file ends in the middle; nothing of it is taken.
    """
    require_whole(path)
    with tempfile.TemporaryDirectory(prefix="resartus-day-") as name:
        folder = Path(name)
        load_files([path], folder, clock=clock)
        with LocalPubmed(folder) as local:
            yield Day(path, local)


def update_from_files(
    review: Review, paths: Sequence[Path], *, on_file: Callable[[Path], None] | None = None
) -> Update:
    """Search PubMed update files in place of PubMed, in NLM's order, without a network.

    Raises
    ------
    FileNotWhole
        If a file ends in the middle; the files before it stay taken.
    """
    parts = []
    for path in sorted(paths, key=lambda p: p.name):
        if on_file is not None:
            on_file(path)
        with open_day(path, clock=review.clock) as day:
            parts.append(day.apply(review))
    return Update(
        runs=tuple(run for part in parts for run in part.runs),
        new_ids=tuple(dict.fromkeys(r for part in parts for r in part.new_ids)),
        revised=tuple(dict.fromkeys(r for part in parts for r in part.revised)),
        notices=tuple(notice for part in parts for notice in part.notices),
        open_notices=parts[-1].open_notices if parts else 0,
    )
