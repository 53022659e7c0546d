"""PubMed XML files to records: baseline, update files, efetch replies, web exports, books.

NLM's update files revise (the same PMID again), delete (``DeleteCitation``)
and version (``<PMID Version="2">``) records; this reader gives all three and
leaves to the caller what to do with them.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Record
from resartus.errors import ParseError
from resartus.sources.formats.readers.pubmed_article import parse_article
from resartus.sources.formats.readers.pubmed_payloads import (
    DELETION,
    Payload,
    Problem,
    deleted_pmids,
    iterate_payloads,
    pmid_of,
    torn_apart,
)

__all__ = [
    "ParsedBatch",
    "PubmedFile",
    "batches_of",
    "each_in_order",
    "looks_like_pubmed_xml",
    "parse_payloads",
    "process_pool",
    "read_pubmed_xml",
]

T = TypeVar("T")
R = TypeVar("R")
_BATCH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedBatch:
    """What some payloads gave: records with the bytes of each, deletions, and what failed."""

    records: tuple[Record, ...]
    contents: tuple[bytes, ...]
    deleted: tuple[Pmid, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PubmedFile:
    """Everything one file held, in the order of the file.

    Parameters
    ----------
    records : tuple of Record
        A PMID may come again, as a later revision or version; the last stands.
    deleted : tuple of Pmid
        What the file says to delete.
    problems : tuple of Problem
        What could not be read, with file and record. Empty for a sound file.
    """

    records: tuple[Record, ...]
    deleted: tuple[Pmid, ...]
    problems: tuple[Problem, ...]


def looks_like_pubmed_xml(head: bytes) -> bool:
    """Say whether a file's first bytes, unpacked, are of PubMed XML."""
    return any(
        mark in head for mark in (b"<PubmedArticle", b"<PubmedBookArticle", b"<DeleteCitation")
    )


def parse_payloads(
    payloads: Iterable[Payload], *, file: str, raw_hash: str | None = None
) -> ParsedBatch:
    """Parse payloads one by one; a broken one is a problem and hides no other.

    A module-level function of picklable values, so that worker processes can run it.
    """
    with _without_search_for_cycles():
        return _parse_each(payloads, file, raw_hash)


@contextmanager
def _without_search_for_cycles() -> Iterator[None]:
    """Let the garbage collector rest: records hold no cycles; looking for them takes a tenth."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _parse_each(payloads: Iterable[Payload], file: str, raw_hash: str | None) -> ParsedBatch:
    records: list[Record] = []
    contents: list[bytes] = []
    deleted: list[Pmid] = []
    problems: list[Problem] = []
    for payload in payloads:
        if payload.kind == DELETION:
            deleted.extend(deleted_pmids(payload.content))
            continue
        waiting = [payload.content]
        while waiting:
            content = waiting.pop()
            try:
                records.append(parse_article(content, raw_hash=raw_hash))
                contents.append(content)
            except ParseError as error:
                waiting.extend(torn_apart(content))
                problems.append(
                    Problem(
                        file=file,
                        number=payload.number,
                        pmid=pmid_of(content),
                        message=f"{error.message}; the record was left out",
                    )
                )
    return ParsedBatch(
        records=tuple(records),
        contents=tuple(contents),
        deleted=tuple(deleted),
        problems=tuple(problems),
    )


def batches_of(payloads: Iterable[Payload], *, size: int = _BATCH_BYTES) -> Iterator[list[Payload]]:
    """Group payloads into lists of about ``size`` bytes."""
    batch: list[Payload] = []
    held = 0
    for payload in payloads:
        batch.append(payload)
        held += len(payload.content)
        if held >= size:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


@contextmanager
def process_pool(workers: int) -> Iterator[ProcessPoolExecutor | None]:
    """Open ``workers`` processes, or none for one worker: the work is then done in line.

    Processes are spawned, not forked: an index writer's threads do not survive a fork.
    """
    if workers < 2:
        yield None
        return
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def each_in_order(
    work: Callable[[T], R],
    batches: Iterable[T],
    *,
    pool: ProcessPoolExecutor | None,
    ahead: int = 24,
) -> Iterator[tuple[T, R]]:
    """Yield each batch with its result, in order, at most ``ahead`` of them in memory."""
    if pool is None:
        for batch in batches:
            yield batch, work(batch)
        return
    waiting: deque[tuple[T, Future[R]]] = deque()
    for batch in batches:
        waiting.append((batch, pool.submit(work, batch)))
        if len(waiting) >= ahead:
            first, future = waiting.popleft()
            yield first, future.result()
    while waiting:
        first, future = waiting.popleft()
        yield first, future.result()


def read_pubmed_xml(path: Path, *, raw_hash: str | None = None) -> PubmedFile:
    """Read a whole file into memory: for exports of thousands of records, not for a baseline.

    Raises
    ------
    NotFoundError
        If there is no such file. Nothing is raised for what is in it.
    """
    problems: list[Problem] = []
    batch = parse_payloads(
        iterate_payloads(path, problems.append), file=path.name, raw_hash=raw_hash
    )
    records = _with_ids_of_their_own(batch.records)
    seen: dict[int, int] = {}
    for record in batch.records:
        number = int(record.pmid or 0)
        seen[number] = seen.get(number, 0) + 1
    problems.extend(batch.problems)
    problems.extend(
        Problem(
            file=path.name,
            pmid=pmid,
            message=f"comes {count} times; the last is the current one",
        )
        for pmid, count in seen.items()
        if count > 1
    )
    return PubmedFile(records=records, deleted=batch.deleted, problems=tuple(problems))


def _with_ids_of_their_own(records: Sequence[Record]) -> tuple[Record, ...]:
    """Give earlier forms of a PMID an id with their version, so that the last keeps the plain."""
    last = {record.record_id: index for index, record in enumerate(records)}
    given: list[Record] = []
    for index, record in enumerate(records):
        if last[record.record_id] != index:
            older = RecordId(f"{record.record_id}-v{record.version}-{index + 1}")
            record = replace(record, record_id=older)
        given.append(record)
    return tuple(given)
