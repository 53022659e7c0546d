"""Search PubMed at NCBI, or at a server that answers as NCBI does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from resartus import __version__
from resartus.app.search.engine import Found, Progress
from resartus.app.search.planning import limited_term, lines_of, term_of
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.ports import PayloadStore
from resartus.domain.query import Search
from resartus.domain.record import Record
from resartus.errors import SourceUnavailable
from resartus.sources.eutils.client import EutilsClient
from resartus.sources.eutils.harvest import Harvest, fetch_everything, fetch_records
from resartus.sources.eutils.journal import Journal
from resartus.sources.eutils.settings import NCBI_URL, EutilsSettings
from resartus.sources.formats.readers.pubmed_payloads import payloads_in
from resartus.sources.formats.readers.pubmed_xml import parse_payloads

__all__ = ["Ncbi", "records_of"]


def records_of(payload: bytes, *, digest: str) -> tuple[tuple[Record, ...], tuple[str, ...]]:
    """Return the records of an efetch reply, and a sentence for each that cannot be read."""
    batch = parse_payloads(payloads_in(payload), file="the efetch reply", raw_hash=digest)
    return batch.records, tuple(map(str, batch.problems))


class Ncbi:
    """PubMed at NCBI.

    Parameters
    ----------
    payloads : PayloadStore
        Where every reply is kept by its hash.
    journals : Path
        Folder for the journals of unfinished fetches.
    """

    def __init__(self, settings: EutilsSettings, *, payloads: PayloadStore, journals: Path) -> None:
        self.client = EutilsClient(settings, payloads=payloads)
        self._payloads = payloads
        self._journals = journals

    @property
    def name(self) -> str:
        """PubMed, asked by this program."""
        return f"PubMed, asked by Resartus {__version__}"

    @property
    def platform(self) -> str:
        """PubMed and where it was reached."""
        settings = self.client.settings
        where = "NCBI" if settings.base_url == NCBI_URL else settings.host
        return f"PubMed (National Library of Medicine), through the E-utilities of {where}"

    def find(self, search: Search, *, now: datetime, on_progress: Progress | None = None) -> Found:
        """Search, fetch every record, and go on where a cut-off run of the same search stood.

        Raises
        ------
        SourceUnavailable
            If NCBI cannot be reached; what was fetched is kept.
        """
        term = term_of(search)
        journal = Journal(self._journals / f"{self._key(term)}.jsonl")
        try:
            found = fetch_everything(
                self.client, term, journal=journal, now=now, on_progress=on_progress
            )
            lines = self.client.fetch_lines(written) if (written := lines_of(search)) else {}
        except SourceUnavailable as error:
            raise SourceUnavailable(
                f"search {search.search_id!r} was not run and nothing changed: {error.message}. "
                "Try again later, search a local PubMed with --local, or export the result from "
                "PubMed and bring it with 'resartus import'",
                where=error.where,
            ) from error
        unreadable: list[str] = []
        return Found(
            records=self._records(found, unreadable),
            order=tuple(RecordId(f"pubmed:{pmid}") for pmid in found.pmids),
            unreadable=unreadable,
            term=term,
            translation=found.search.query_translation or term,
            corpus=self.platform,
            corpus_version=found.info.version,
            payloads=(*found.searches, *found.records),
            diagnostics=tuple(dict.fromkeys(self._remarks(found))),
            term_translations=found.search.translations,
            line_counts=tuple((number, reply.count) for number, reply in lines.items()),
            undelivered=found.missing,
            searched_at=found.started_at,
            finish=journal.remove,
        )

    def _key(self, term: str) -> str:
        asked = json.dumps([self.client.settings.base_url, term])
        return hashlib.sha256(asked.encode()).hexdigest()[:24]

    def _remarks(self, found: Harvest) -> Iterator[str]:
        yield from found.search.warnings
        yield from found.notes
        if found.missing:
            some = ", ".join(map(str, found.missing[:10]))
            more = f" and {len(found.missing) - 10} more" if len(found.missing) > 10 else ""
            yield f"PubMed found but did not deliver PMID {some}{more}"

    def _records(self, found: Harvest, unreadable: list[str]) -> Iterator[Record]:
        for digest in found.records:
            records, problems = records_of(self._payloads.load(digest), digest=digest)
            unreadable.extend(problems)
            for record in records:
                yield replace(record, fetched_at=found.started_at)

    def count(self, query: str, *, limits: Search | None = None) -> int:
        """Return how many records of PubMed a query finds."""
        return self.client.fetch_count(limited_term(query, limits))

    def among(
        self, query: str, pmids: Sequence[Pmid], *, limits: Search | None = None
    ) -> frozenset[Pmid]:
        """Return which of these PMIDs a query finds, some hundreds at a time."""
        found: set[Pmid] = set()
        for start in range(0, len(pmids), 500):
            named = " OR ".join(f"{pmid}[uid]" for pmid in pmids[start : start + 500])
            asked = f"({limited_term(query, limits)}) AND ({named})"
            found.update(self.client.fetch_found(asked))
        return frozenset(found)

    def fetch(self, pmids: Sequence[Pmid]) -> Iterator[Record]:
        """Yield the records of these PMIDs as PubMed has them now."""
        for batch in fetch_records(self.client, pmids):
            if batch.payload is not None:
                yield from records_of(self._payloads.load(batch.payload), digest=batch.payload)[0]

    def close(self) -> None:
        """Close the connections."""
        self.client.close()
