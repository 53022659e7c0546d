"""Load PubMed's files into a local PubMed: parsed in processes, indexed in one."""

from __future__ import annotations

import gc
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from resartus.app.pubmed.folding import Batch, Folded, fold_batch
from resartus.app.pubmed.local import MESH_TABLE
from resartus.errors import ResartusError, StoreError
from resartus.search.index.loading import FileLoad, IndexLoader, PackedRecord, rank_of
from resartus.search.index.port import LoadedFile
from resartus.sources.formats.encoding import file_hash, open_bytes
from resartus.sources.formats.readers.nbib import looks_like_nbib
from resartus.sources.formats.readers.pubmed_payloads import (
    DELETION,
    Payload,
    Problem,
    iterate_payloads,
)
from resartus.sources.formats.readers.pubmed_xml import (
    batches_of,
    each_in_order,
    process_pool,
)
from resartus.sources.formats.readers.stored import NBIB, iterate_nbib_payloads

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


@dataclass(slots=True)
class _Reading:
    """A file as it was read: what was wrong with it, and what stopped it."""

    path: Path
    sha256: str = ""
    problems: list[Problem] = field(default_factory=list)
    failure: Exception | None = None


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
    report = _Report()
    is_collecting = gc.isenabled()
    # Millions of small objects come and go without cycles; looking for cycles costs a tenth.
    gc.disable()
    try:
        with process_pool(workers) as pool:
            _load_all(ordered, loader, pool, report, clock, progress)
    except BrokenProcessPool as error:
        loader.abandon()
        raise StoreError(
            "a parsing process was killed, perhaps for want of memory; the files before are in: "
            "load again with --workers 1"
        ) from error
    except BaseException:
        loader.abandon()
        raise
    finally:
        if is_collecting:
            gc.enable()
        loader.close()
    return LoadReport(
        files=tuple(report.files),
        known=tuple(report.known),
        stale=report.stale,
        problems=tuple(str(problem) for problem in report.problems),
    )


@dataclass(slots=True)
class _Report:
    files: list[LoadedFile] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stale: int = 0


def _load_all(
    paths: Sequence[Path],
    loader: IndexLoader,
    pool: ProcessPoolExecutor | None,
    report: _Report,
    clock: Callable[[], datetime],
    progress: Progress,
) -> None:
    """Put file after file in; while one is committed, the next is read already."""
    readings: list[_Reading] = []
    work = partial(fold_batch, table=loader.folder / MESH_TABLE)
    load: FileLoad | None = None
    begun = -1
    for batch, worked in each_in_order(work, _batches(paths, loader, readings), pool=pool):
        reading = readings[batch.reading]
        if batch.reading != begun:
            begun = batch.reading
            load = loader.begin(batch.file, reading.sha256)
        if batch.payloads and load is not None:
            records = _records(batch, worked)
            loader.add_journals(worked.journals)
            load.add(records)
            load.delete(worked.deleted)
            reading.problems.extend(worked.problems)
            progress(len(records))
        elif not batch.payloads:
            _end(reading, load, report, clock)


def _end(
    reading: _Reading, load: FileLoad | None, report: _Report, clock: Callable[[], datetime]
) -> None:
    if reading.failure is not None:
        raise reading.failure
    if load is None:
        report.known.append(reading.path.name)
        return
    report.problems.extend(reading.problems)
    report.stale += load.stale
    if load.records or load.deleted or load.stale:
        report.files.append(load.finish(problems=len(reading.problems), at=clock()))


def _batches(
    paths: Sequence[Path], loader: IndexLoader, readings: list[_Reading]
) -> Iterator[Batch]:
    """Yield the records of all files, some ahead of what is put in, with a mark at each end.

    What cannot be read is raised when its turn has come, so that the files before it are in.
    """
    for index, path in enumerate(paths):
        reading = _Reading(path)
        readings.append(reading)
        try:
            reading.sha256 = file_hash(path)
            if not loader.has(reading.sha256):
                for payloads in batches_of(_payloads(path, reading.problems.append)):
                    yield Batch(index, path.name, payloads)
        except (OSError, ResartusError) as error:
            reading.failure = error
        yield Batch(index, path.name, [])


def _payloads(path: Path, report: Callable[[Problem], None]) -> Iterator[Payload]:
    """Cut a file into records, by what is in it and not by its name."""
    try:
        with open_bytes(path) as stream:
            head = stream.read(4096)
    except (EOFError, OSError, zlib.error):
        # A torn gzip: the XML reader tells where.
        head = b""
    if any(looks_like_nbib(line) for line in head.decode("utf-8", "replace").splitlines()):
        return iterate_nbib_payloads(path)
    return iterate_payloads(path, report)


def _records(batch: Batch, worked: Folded) -> list[PackedRecord]:
    contents = worked.contents
    if contents is None:
        contents = tuple(p.content for p in batch.payloads if p.kind != DELETION)
    form = "nbib" if batch.payloads[0].kind == NBIB else "xml"
    return [
        PackedRecord(packed, version, form, content)
        for (packed, version), content in zip(worked.packed, contents, strict=True)
    ]
