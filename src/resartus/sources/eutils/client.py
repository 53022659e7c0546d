"""Ask PubMed: searches, records in batches, and which PubMed it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from resartus.domain.ids import Pmid
from resartus.domain.ports import PayloadStore
from resartus.errors import ParseError
from resartus.sources.eutils.pace import Pace
from resartus.sources.eutils.replies import (
    DatabaseInfo,
    SearchReply,
    delivered_pmids,
    read_info,
    read_search,
    whole,
)
from resartus.sources.eutils.settings import EutilsSettings
from resartus.sources.eutils.transport import Transport

__all__ = ["DateLimit", "EutilsClient", "FetchedBatch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateLimit:
    """Dates of esearch, both ends included, as ``YYYY``, ``YYYY/MM`` or ``YYYY/MM/DD``.

    ``date_type`` is ``"pdat"`` (publication), ``"edat"`` (entry), ``"crdt"``
    (creation) or ``"mdat"`` (modification).
    """

    first: str
    last: str
    date_type: str = "pdat"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedBatch:
    """One efetch reply: its bytes' hash, the PMIDs in it, those asked for that are not in it.

    ``payload`` is ``None`` when no reply could be read.
    """

    payload: str | None
    content: bytes
    pmids: tuple[Pmid, ...]
    missing: tuple[Pmid, ...]


class EutilsClient:
    """PubMed through NCBI's E-utilities, or through any server that answers like them.

    Three requests a second, ten with a key, shared by all threads and
    processes of this machine; failed requests are tried again with growing
    waits, honouring ``Retry-After``. What NCBI gives is in the public domain
    except for abstracts, whose rights lie with their publishers.

    Parameters
    ----------
    settings : EutilsSettings
    payloads : PayloadStore
        Where every reply is kept by its hash.
    """

    def __init__(
        self, settings: EutilsSettings, *, payloads: PayloadStore, pace: Pace | None = None
    ) -> None:
        self.settings = settings
        self.payloads = payloads
        self.transport = Transport(settings, pace=pace)

    def _fetch(self, utility: str, parameters: Mapping[str, str], *, root: str) -> bytes:
        return self.transport.fetch(utility, parameters, check=whole(root, host=self.settings.host))

    def fetch_info(self) -> DatabaseInfo:
        """Return which PubMed answers."""
        return read_info(
            self._fetch("einfo.fcgi", {"db": "pubmed", "retmode": "xml"}, root="eInfoResult")
        )

    def fetch_search(
        self,
        term: str,
        *,
        dates: DateLimit | None = None,
        most: int | None = None,
        web_env: str | None = None,
    ) -> SearchReply:
        """Run a search, keep it in NCBI's history and keep the reply.

        Parameters
        ----------
        term : str
            In PubMed's language; ``#n`` is a query key of ``web_env``.
        most : int, optional
            How many PMIDs to return, newest first; 9,999 unless stated.
        """
        content = self._search(term, dates=dates, most=most, web_env=web_env)
        return read_search(content, payload=self.payloads.save(content))

    def fetch_count(self, term: str) -> int:
        """Return how many records a search finds; the reply is not kept."""
        return read_search(self._search(term, most=0)).count

    def fetch_found(self, term: str) -> tuple[Pmid, ...]:
        """Return the first 9,999 PMIDs of a search; the reply is not kept."""
        return read_search(self._search(term)).pmids

    def _search(
        self,
        term: str,
        *,
        dates: DateLimit | None = None,
        most: int | None = None,
        web_env: str | None = None,
    ) -> bytes:
        cap = self.settings.cap
        parameters = {
            "db": "pubmed",
            "term": term,
            "retmode": "xml",
            "retmax": str(cap if most is None else min(most, cap)),
            "usehistory": "y",
        }
        if dates is not None:
            parameters |= {
                "datetype": dates.date_type,
                "mindate": dates.first,
                "maxdate": dates.last,
            }
        if web_env is not None:
            parameters["WebEnv"] = web_env
        return self._fetch("esearch.fcgi", parameters, root="eSearchResult")

    def fetch_lines(self, lines: Mapping[int, str]) -> dict[int, SearchReply]:
        """Run the lines of a numbered strategy in one history; ``#n`` names line n.

        Returns
        -------
        dict
            Each line's reply without PMIDs; the last line's with them.
        """
        replies: dict[int, SearchReply] = {}
        web_env: str | None = None
        last = max(lines)
        for number, text in sorted(lines.items()):
            keys = {line: reply.query_key or str(line) for line, reply in replies.items()}
            term = _with_keys(text, keys)
            most = None if number == last else 0
            reply = self.fetch_search(term, most=most, web_env=web_env)
            web_env = reply.web_env or web_env
            replies[number] = reply
        return replies

    def fetch_batch(self, pmids: Sequence[Pmid]) -> FetchedBatch:
        """Return the records of these PMIDs as NCBI's XML."""
        wanted = ",".join(str(pmid) for pmid in pmids)
        parameters = {"db": "pubmed", "id": wanted, "retmode": "xml"}
        content = self._fetch("efetch.fcgi", parameters, root="PubmedArticleSet")
        found = delivered_pmids(content)
        seen = set(found)
        return FetchedBatch(
            payload=self.payloads.save(content),
            content=content,
            pmids=found,
            missing=tuple(pmid for pmid in pmids if pmid not in seen),
        )

    def fetch_around(self, pmids: Sequence[Pmid]) -> list[FetchedBatch]:
        """Return what ``fetch_batch`` gives, around records whose reply stays unreadable.

        Such a batch is asked for in halves, so that one damaged record costs
        no more than itself: it is then missing.
        """
        try:
            return [self.fetch_batch(pmids)]
        except ParseError:
            if len(pmids) < 2:
                return [FetchedBatch(payload=None, content=b"", pmids=(), missing=tuple(pmids))]
        half = len(pmids) // 2
        return [*self.fetch_around(pmids[:half]), *self.fetch_around(pmids[half:])]

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()


def _with_keys(text: str, keys: Mapping[int, str]) -> str:
    """Return a line whose ``#n`` name the query keys that NCBI gave to those lines."""
    return re.sub(
        r"(?<![\w#])#(\d{1,3})\b",
        lambda found: f"#{keys.get(int(found[1]), found[1])}",
        text,
    )
