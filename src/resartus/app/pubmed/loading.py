"""Load PubMed's files into a local PubMed: parsed in processes, indexed in one."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from resartus.search.documents import document_of
from resartus.search.index.loading import IndexLoader, PackedRecord, rank_of
from resartus.search.index.port import LoadedFile
from resartus.search.index.schema import Packed, pack
from resartus.search.journals import Journal, journal_of
from resartus.sources.formats.encoding import file_hash
from resartus.sources.formats.readers.pubmed_payloads import (
    DELETION,
    Payload,
    Problem,
    iterate_payloads,
)
from resartus.sources.formats.readers.pubmed_xml import (
    batches_of,
    each_in_order,
    parse_payloads,
    process_pool,
)

__all__ = ["LoadReport", "load_files"]

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load took in, what it knew already, and what could not be read."""

    files: tuple[LoadedFile, ...]
    known: tuple[str, ...]
    stale: int
    problems: tuple[str, ...]

    @property
    def records(self) -> int:
        """How many records were put in."""
        return sum(file.records for file in self.files)


class _Worked(NamedTuple):
    """A batch's result; the bytes of records stay with the process that cut them."""

    packed: list[tuple[Packed, int]]
    contents: tuple[bytes, ...] | None
    deleted: tuple[int, ...]
    problems: tuple[Problem, ...]
    journals: list[Journal]


def _heading_id(name: str) -> str | None:
    return None


def _work(payloads: list[Payload], *, file: str) -> _Worked:
    """Parse and fold one batch; runs in a worker, where cycles are few and collecting costs."""
    gc.disable()
    batch = parse_payloads(payloads, file=file)
    packed = [(pack(document_of(record, _heading_id)), record.version) for record in batch.records]
    journals = {j for record in batch.records if (j := journal_of(record)) is not None}
    contents = batch.contents if batch.problems else None
    return _Worked(packed, contents, batch.deleted, batch.problems, sorted(journals, key=str))


def load_files(
    paths: Sequence[Path],
    folder: Path,
    *,
    clock: Callable[[], datetime],
    workers: int = 2,
    progress: Progress = lambda n: None,
) -> LoadReport:
    """Take files into a local PubMed; each is in whole or not at all, and never twice.

    Parameters
    ----------
    paths : sequence of Path
        Baseline and update files, efetch replies, NBIB exports. NLM's own
        are taken in their order whatever the order given.
    workers : int
        Processes that parse; 1 does all in this one.
    progress : callable
        Receives the number of records put in since the last call.
    """
    ordered = sorted(paths, key=lambda p: (rank_of(p.name) or 1 << 40, str(p)))
    loader = IndexLoader(folder)
    files: list[LoadedFile] = []
    known: list[str] = []
    problems: list[Problem] = []
    stale = 0
    try:
        with process_pool(workers) as pool:
            for path in ordered:
                load = loader.begin(path.name, file_hash(path))
                if load is None:
                    known.append(path.name)
                    continue
                found: list[Problem] = []
                for records, worked in _worked(path, pool, found.append):
                    loader.add_journals(worked.journals)
                    load.add(records)
                    load.delete(worked.deleted)
                    found.extend(worked.problems)
                    progress(len(records))
                files.append(load.finish(problems=len(found), at=clock()))
                stale += load.stale
                problems.extend(found)
    except BaseException:
        loader.abandon()
        raise
    finally:
        loader.close()
    return LoadReport(
        files=tuple(files),
        known=tuple(known),
        stale=stale,
        problems=tuple(str(problem) for problem in problems),
    )


def _worked(
    path: Path, pool: ProcessPoolExecutor | None, report: Callable[[Problem], None]
) -> Iterator[tuple[list[PackedRecord], _Worked]]:
    work = partial(_work, file=path.name)
    for batch, worked in each_in_order(work, batches_of(iterate_payloads(path, report)), pool=pool):
        contents = worked.contents
        if contents is None:
            contents = tuple(p.content for p in batch if p.kind != DELETION)
        records = [
            PackedRecord(packed, version, "xml", content)
            for (packed, version), content in zip(worked.packed, contents, strict=True)
        ]
        yield records, worked
