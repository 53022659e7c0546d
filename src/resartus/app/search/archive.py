"""What a run's payloads hold: the PMIDs of its searches and the records that came."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from resartus.domain.ids import Pmid, RecordId
from resartus.domain.plain import from_plain
from resartus.domain.ports import PayloadStore
from resartus.domain.query import SearchRun
from resartus.domain.record import Record
from resartus.errors import NotFoundError, ParseError, ResartusError

__all__ = ["Archived", "archived_records", "read_archive", "run_number"]

_PMIDS = b'{"pmids":'
"""How the list of a local search begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A run rebuilt from its payloads alone.

    ``record_ids`` stand in the order found. ``lost`` names payloads that are
    missing or damaged, and what in them cannot be read.
    """

    record_ids: tuple[RecordId, ...]
    pmids_counted: int | None
    size_bytes: int
    lost: tuple[str, ...]


def run_number(runs: list[SearchRun], number: int) -> SearchRun:
    """Return a run by its number in the log, counted from 1."""
    if not 1 <= number <= len(runs):
        have = f"1 to {len(runs)}" if runs else "none"
        raise NotFoundError(f"there is no run {number}; this review has {have}")
    return runs[number - 1]


def _records_in(content: bytes, digest: str) -> Iterator[Record]:
    from resartus.app.search.ncbi import records_of

    if content.lstrip()[:1] == b"{" or not content.strip():
        for line in content.decode().splitlines():
            yield from_plain(Record, json.loads(line))
        return
    yield from records_of(content, digest=digest)[0]


def _is_search(content: bytes) -> bool:
    return content.startswith(_PMIDS) or b"<eSearchResult" in content[:600]


def _pmids_in(content: bytes) -> Iterable[Pmid]:
    from resartus.sources.eutils.replies import read_search

    if content.startswith(_PMIDS):
        return [Pmid(pmid) for pmid in json.loads(content)["pmids"]]
    return read_search(content).pmids


def archived_records(
    payloads: PayloadStore, run: SearchRun, *, only: Iterable[RecordId] | None = None
) -> Iterator[Record]:
    """Yield the records of a run as they came at the time, or those named of them."""
    wanted = None if only is None else set(only)
    for digest in run.payload_hashes:
        content = payloads.load(digest)
        if not _is_search(content):
            for record in _records_in(content, digest):
                if wanted is None or record.record_id in wanted:
                    yield record


def read_archive(payloads: PayloadStore, run: SearchRun) -> Archived:
    """Rebuild a run from its payloads; every payload is checked against its hash."""
    found: dict[Pmid, None] = {}
    parts = 0
    came: dict[RecordId, None] = {}
    lost: list[str] = []
    size = 0
    for digest in run.payload_hashes:
        try:
            content = payloads.load(digest)
            size += len(content)
            if _is_search(content):
                parts += 1
                found.update(dict.fromkeys(_pmids_in(content)))
            else:
                came.update((record.record_id, None) for record in _records_in(content, digest))
        except (ParseError, ResartusError, ValueError) as error:
            lost.append(str(error))
    if not parts:
        return Archived(
            record_ids=tuple(came), pmids_counted=None, size_bytes=size, lost=tuple(lost)
        )
    # A search past the cap came in parts; its order is that of the PMIDs.
    order = sorted(found, reverse=True) if parts > 1 else list(found)
    ids = [RecordId(f"pubmed:{pmid}") for pmid in order]
    ordered = dict.fromkeys((*(name for name in ids if name in came), *came))
    return Archived(
        record_ids=tuple(ordered), pmids_counted=len(found), size_bytes=size, lost=tuple(lost)
    )
