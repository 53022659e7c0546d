"""Search a local PubMed: complete sets in milliseconds, the same for as long as it is the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from resartus import __version__
from resartus.app.pubmed.local import LocalPubmed
from resartus.app.search.engine import Found, Progress
from resartus.app.search.on_hand import pmid_list, record_lines
from resartus.app.search.planning import limited_term, lines_of, term_of
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.ports import PayloadStore
from resartus.domain.query import Search, SearchRun
from resartus.domain.record import Record
from resartus.search.index.port import StoredRecord
from resartus.search.language.diagnostics import Diagnostic
from resartus.sources.formats.readers.stored import parse_stored

__all__ = ["Local", "LoggedTranslations"]

_BATCH = 1_000


class LoggedTranslations:
    """What NCBI made of untagged words, as the runs of this review have recorded it."""

    def __init__(self, runs: Iterable[SearchRun]) -> None:
        self._known: dict[str, str] = {}
        for run in runs:
            if run.engine.startswith("PubMed,"):
                for typed, taken in run.term_translations:
                    self._known[_folded(typed)] = taken

    def find(self, words: str) -> str | None:
        """Return NCBI's latest translation of these words, if it gave one."""
        return self._known.get(_folded(words))


def _folded(words: str) -> str:
    return " ".join(words.casefold().split())


class Local:
    """A local PubMed as a search engine.

    Parameters
    ----------
    folder : Path
        What ``resartus pubmed load`` made.
    today : date
        For dates relative to today.
    payloads : PayloadStore, optional
        Where the XML of what was found is kept, for a replay.
    translations : LoggedTranslations, optional
        NCBI's own, preferred to ours.
    """

    def __init__(
        self,
        folder: Path,
        *,
        today: date,
        payloads: PayloadStore | None = None,
        translations: LoggedTranslations | None = None,
    ) -> None:
        self._pubmed = LocalPubmed(folder, cache=translations)
        self._today = today
        self._payloads = payloads

    @property
    def name(self) -> str:
        """The index and its version."""
        return f"Resartus {__version__} local PubMed"

    @property
    def platform(self) -> str:
        """What is held, by its files."""
        files = self._pubmed.corpus.files
        held = f"{files[0].name} to {files[-1].name}" if len(files) > 1 else files[0].name
        return f"a local copy of PubMed data ({held})" if files else "an empty local PubMed"

    def _version(self) -> str:
        corpus = self._pubmed.corpus
        newest = max((file.loaded_at for file in corpus.files), default=None)
        loaded = f", loaded {newest:%Y-%m-%d}" if newest else ""
        mesh = self._pubmed.vocabulary.edition
        return f"corpus {corpus.version}, {corpus.records:,} records{loaded}, {mesh}"

    def find(self, search: Search, *, now: datetime, on_progress: Progress | None = None) -> Found:
        """Answer a search with all its records, newest first."""
        term = term_of(search)
        outcome = self._pubmed.search(term, today=self._today)
        typed = self._pubmed.search(search.query, today=self._today)
        pmids = [Pmid(int(pmid)) for pmid in outcome.pmids][::-1]
        payloads: list[str] = []
        if self._payloads is not None:
            payloads.append(self._payloads.save(pmid_list(pmids)))
        return Found(
            records=self._records(pmids, payloads, on_progress=on_progress, now=now),
            order=tuple(RecordId(f"pubmed:{pmid}") for pmid in pmids),
            term=term,
            translation=outcome.translation,
            corpus=self.platform,
            corpus_version=self._version(),
            payloads=payloads,
            diagnostics=tuple(
                dict.fromkeys(note.message for note in _worth_saying(typed.diagnostics))
            ),
            term_translations=tuple((item.source, item.target) for item in outcome.translations),
            line_counts=tuple((line.number, line.count) for line in typed.lines)
            if lines_of(search)
            else (),
        )

    def _records(
        self,
        pmids: Sequence[Pmid],
        payloads: list[str],
        *,
        on_progress: Progress | None,
        now: datetime,
    ) -> Iterator[Record]:
        """Yield records by the thousand; keep each thousand's XML as one payload."""
        for start in range(0, len(pmids), _BATCH):
            stored = list(self._pubmed.index.iterate(pmids[start : start + _BATCH]))
            records = [parse_stored(item.form, item.content) for item in stored]
            if self._payloads is not None:
                payloads.extend(_kept(stored, records, self._payloads))
            for record in records:
                yield replace(record, fetched_at=now)
            if on_progress is not None:
                on_progress(min(start + _BATCH, len(pmids)), len(pmids))

    def count(self, query: str, *, limits: Search | None = None) -> int:
        """Return how many records a query finds."""
        return self._pubmed.search(limited_term(query, limits), today=self._today).count

    def among(
        self, query: str, pmids: Sequence[Pmid], *, limits: Search | None = None
    ) -> frozenset[Pmid]:
        """Return which of these PMIDs a query finds."""
        found = self._pubmed.search(limited_term(query, limits), today=self._today).pmids
        return frozenset(pmid for pmid in pmids if pmid in found)

    def fetch(self, pmids: Sequence[Pmid]) -> Iterator[Record]:
        """Yield the records of these PMIDs as they are held now."""
        yield from self._pubmed.records(pmids)

    def close(self) -> None:
        """Close the index."""
        self._pubmed.close()


def _kept(
    stored: Sequence[StoredRecord], records: Sequence[Record], payloads: PayloadStore
) -> Iterator[str]:
    """Keep NLM's bytes as one document; records that came as NBIB, as they were read."""
    xml = [item.content for item in stored if item.form == "xml"]
    if xml:
        body = b"\n".join(xml)
        head = b'<?xml version="1.0"?>\n<PubmedArticleSet>\n'
        yield payloads.save(head + body + b"\n</PubmedArticleSet>\n")
    others = [record for item, record in zip(stored, records, strict=True) if item.form != "xml"]
    if others:
        yield payloads.save(record_lines(others))


def _worth_saying(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    for note in diagnostics:
        if note.severity.value != "info":
            yield note
