"""All of a search: its PMIDs and its records, in parallel, kept as they come, resumable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from resartus.domain.ids import Pmid
from resartus.errors import NotFoundError, StoreDamaged
from resartus.sources.eutils.client import EutilsClient, FetchedBatch
from resartus.sources.eutils.journal import Journal
from resartus.sources.eutils.replies import DatabaseInfo, SearchReply, read_search
from resartus.sources.eutils.slicing import Sliced, fetch_all_pmids

__all__ = ["BATCH_SIZE", "Harvest", "Progress", "fetch_everything", "fetch_records"]

BATCH_SIZE = 200
"""Records in one efetch; NCBI asks for no more than some hundreds."""

_STALE = timedelta(days=3)
_FORMAT = 1

Progress = Callable[[int, int], None]
"""Told how many records have come and how many are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """A finished fetch.

    Parameters
    ----------
    pmids : tuple of Pmid
        What the search found, newest first.
    records : tuple of str
        Payload hashes of the efetch replies.
    missing : tuple of Pmid
        Found by the search but not given by efetch, even when asked again:
        deleted, or not yet published to it.
    is_resumed : bool
        Whether part of it was fetched by an earlier, cut-off run.
    """

    started_at: datetime
    info: DatabaseInfo
    search: SearchReply
    pmids: tuple[Pmid, ...]
    searches: tuple[str, ...]
    records: tuple[str, ...]
    missing: tuple[Pmid, ...]
    notes: tuple[str, ...] = ()
    is_resumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A fetch on its way: what is wanted, and what has come by payload."""

    started_at: datetime
    info: DatabaseInfo
    sliced: Sliced
    fetched: Mapping[str, tuple[Pmid, ...]] = field(default_factory=dict)
    missing: tuple[Pmid, ...] = ()

    @property
    def have(self) -> set[Pmid]:
        """PMIDs that need no asking for."""
        return {pmid for pmids in self.fetched.values() for pmid in pmids}.union(self.missing)


def fetch_records(
    client: EutilsClient,
    pmids: Sequence[Pmid],
    *,
    batch_size: int = BATCH_SIZE,
    on_batch: Callable[[FetchedBatch], None] | None = None,
    on_progress: Progress | None = None,
    wanted: int | None = None,
) -> tuple[FetchedBatch, ...]:
    """Fetch records in batches, several at a time, at the agreed pace.

    ``on_batch`` is called in this thread for each batch as it comes. An
    error, or Ctrl-C, stops what has not begun and keeps what has come.
    """
    batches = [pmids[i : i + batch_size] for i in range(0, len(pmids), batch_size)]
    total = wanted if wanted is not None else len(pmids)
    done = total - len(pmids)
    fetched: list[FetchedBatch] = []
    # A reply takes a second or two: this many keep the pace without a queue of bodies.
    workers = max(1, min(len(batches), round(client.settings.rate * 2)))
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="efetch")
    try:
        pending: set[Future[list[FetchedBatch]]] = {
            pool.submit(client.fetch_around, batch) for batch in batches
        }
        while pending:
            ready, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in ready:
                for batch in future.result():
                    fetched.append(_light(batch))
                    done += len(batch.pmids) + len(batch.missing)
                    if on_batch is not None:
                        on_batch(batch)
            if on_progress is not None:
                on_progress(min(done, total), total)
    except BaseException:
        # An error or Ctrl-C: the others need not finish their retries first.
        client.transport.stop()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        client.transport.resume()
    return tuple(fetched)


def _light(batch: FetchedBatch) -> FetchedBatch:
    """Return the batch without its bytes, which are kept by their hash."""
    return FetchedBatch(
        payload=batch.payload, content=b"", pmids=batch.pmids, missing=batch.missing
    )


def fetch_everything(
    client: EutilsClient,
    term: str,
    *,
    journal: Journal,
    now: datetime,
    batch_size: int = BATCH_SIZE,
    on_progress: Progress | None = None,
) -> Harvest:
    """Run a search and fetch all its records; go on where a cut-off run stood.

    Parameters
    ----------
    term : str
        In PubMed's language, limits included.
    journal : Journal
        Of this search. It keeps the list of PMIDs and what has been fetched;
        within three days the same list is completed, later the search begins
        anew. The caller removes it when the result is logged.
    now : datetime
        With its zone.

    Raises
    ------
    SourceUnavailable, SourceRefused
        What was fetched stays in the payloads and the journal.
    """
    begun = _begun(client, journal, term=term, now=now)
    is_resumed = begun is not None
    if begun is None:
        begun = _begin(client, journal, term=term, now=now)
    left = [pmid for pmid in begun.sliced.pmids if pmid not in begun.have]

    def keep(batch: FetchedBatch) -> None:
        journal.add({"payload": batch.payload, "pmids": batch.pmids, "missing": batch.missing})

    new = fetch_records(
        client,
        left,
        batch_size=batch_size,
        on_batch=keep,
        on_progress=on_progress,
        wanted=len(begun.sliced.pmids),
    )
    lacking = (*begun.missing, *(pmid for batch in new for pmid in batch.missing))
    again = _asked_again(client, lacking)
    hashes = (*begun.fetched, *(batch.payload for batch in (*new, *again) if batch.pmids))
    return Harvest(
        started_at=begun.started_at,
        info=begun.info,
        search=begun.sliced.first,
        pmids=begun.sliced.pmids,
        searches=begun.sliced.payloads,
        records=tuple(dict.fromkeys(name for name in hashes if name is not None)),
        missing=tuple(pmid for batch in again for pmid in batch.missing),
        notes=begun.sliced.notes,
        is_resumed=is_resumed,
    )


def _asked_again(client: EutilsClient, missing: Sequence[Pmid]) -> tuple[FetchedBatch, ...]:
    """Ask once more for what was not delivered: NCBI drops records of a busy moment."""
    return fetch_records(client, sorted(set(missing), reverse=True)) if missing else ()


def _begin(client: EutilsClient, journal: Journal, *, term: str, now: datetime) -> _Begun:
    """Search, and note in the journal what is to be fetched."""
    journal.remove()
    info = client.fetch_info()
    sliced = fetch_all_pmids(client, term, today=now.date())
    journal.add(
        {
            "format": _FORMAT,
            "term": term,
            "url": client.settings.base_url,
            "at": now.isoformat(),
            "info": [info.build, info.updated, info.count],
            "pmids": sliced.pmids,
            "searches": sliced.payloads,
            "notes": sliced.notes,
        }
    )
    return _Begun(started_at=now, info=info, sliced=sliced)


def _begun(client: EutilsClient, journal: Journal, *, term: str, now: datetime) -> _Begun | None:
    """Return what an earlier run of the same search has, or ``None`` to begin anew."""
    lines = journal.lines()
    if not lines:
        return None
    head, rest = lines[0], [line for line in lines[1:] if "missing" in line]
    same = (
        head.get("format") == _FORMAT
        and head.get("term") == term
        and head.get("url") == client.settings.base_url
    )
    if not same or now - datetime.fromisoformat(head["at"]) > _STALE:
        return None
    build, updated, count = head["info"]
    try:
        first = client.payloads.load(head["searches"][0])
        for line in rest:
            if line["payload"] is not None:
                client.payloads.load(line["payload"])
    except (NotFoundError, StoreDamaged):
        return None
    return _Begun(
        started_at=datetime.fromisoformat(head["at"]),
        info=DatabaseInfo(build=build, updated=updated, count=count),
        sliced=Sliced(
            first=read_search(first, payload=head["searches"][0]),
            pmids=tuple(Pmid(pmid) for pmid in head["pmids"]),
            payloads=tuple(head["searches"]),
            notes=tuple(head["notes"]),
        ),
        fetched={
            line["payload"]: tuple(Pmid(pmid) for pmid in line["pmids"])
            for line in rest
            if line["payload"] is not None
        },
        missing=tuple(Pmid(pmid) for line in rest for pmid in line["missing"]),
    )
