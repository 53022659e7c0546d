"""Load PubMed's files into a local PubMed: parsed in processes, indexed in one."""

from __future__ import annotations

import gc
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from resartus.app.pubmed.local import MESH_TABLE
from resartus.errors import StoreError
from resartus.search.documents import document_of
from resartus.search.index.loading import FileLoad, IndexLoader, PackedRecord, rank_of
from resartus.search.index.port import LoadedFile
from resartus.search.index.schema import Packed, pack
from resartus.search.journals import Journal, journal_of
from resartus.search.mapping.bundled import load_vocabulary
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
from resartus.sources.formats.readers.stored import NBIB, iterate_nbib_payloads, parse_any

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


@cache
def _heading_ids(table: Path) -> Callable[[str], str | None]:
    """Return the look-up of headings without an id; MeSH is read when the first one comes."""
    return lambda name: load_vocabulary(table).id_of(name)


def _work(payloads: list[Payload], *, file: str, table: Path) -> _Worked:
    """Parse and fold one batch, in a worker if there are several."""
    gc.disable()
    batch = parse_any(payloads, file=file)
    heading_id = _heading_ids(table)
    packed = [(pack(document_of(record, heading_id)), record.version) for record in batch.records]
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
    report = _Report()
    is_collecting = gc.isenabled()
    # Millions of small objects come and go without cycles; looking for cycles costs a tenth.
    gc.disable()
    try:
        with process_pool(workers) as pool:
            for path in ordered:
                load = loader.begin(path.name, file_hash(path))
                if load is None:
                    report.known.append(path.name)
                else:
                    _load_one(path, loader, load, pool, report, clock, progress)
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


def _load_one(
    path: Path,
    loader: IndexLoader,
    load: FileLoad,
    pool: ProcessPoolExecutor | None,
    report: _Report,
    clock: Callable[[], datetime],
    progress: Progress,
) -> None:
    found: list[Problem] = []
    for records, worked in _worked(path, loader.folder, pool, found.append):
        loader.add_journals(worked.journals)
        load.add(records)
        load.delete(worked.deleted)
        found.extend(worked.problems)
        progress(len(records))
    report.problems.extend(found)
    report.stale += load.stale
    if load.records or load.deleted or load.stale:
        report.files.append(load.finish(problems=len(found), at=clock()))


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


def _worked(
    path: Path,
    folder: Path,
    pool: ProcessPoolExecutor | None,
    report: Callable[[Problem], None],
) -> Iterator[tuple[list[PackedRecord], _Worked]]:
    work = partial(_work, file=path.name, table=folder / MESH_TABLE)
    for batch, worked in each_in_order(work, batches_of(_payloads(path, report)), pool=pool):
        contents = worked.contents
        if contents is None:
            contents = tuple(p.content for p in batch if p.kind != DELETION)
        form = "nbib" if batch[0].kind == NBIB else "xml"
        records = [
            PackedRecord(packed, version, form, content)
            for (packed, version), content in zip(worked.packed, contents, strict=True)
        ]
        yield records, worked
