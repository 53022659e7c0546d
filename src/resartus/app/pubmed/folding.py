"""Parse and fold a batch of records: what a worker process does, and all it has to import."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from resartus.search.documents import document_of
from resartus.search.index.schema import Packed, pack
from resartus.search.journals import Journal, journal_of
from resartus.sources.formats.readers.pubmed_payloads import Payload, Problem
from resartus.sources.formats.readers.stored import parse_any

__all__ = ["Batch", "Folded", "fold_batch"]


class Batch(NamedTuple):
    """Some records of one file; none where the file ends."""

    reading: int
    file: str
    payloads: list[Payload]


class Folded(NamedTuple):
    """A batch's result; the bytes of records stay with the process that cut them."""

    packed: list[tuple[Packed, int]]
    contents: tuple[bytes, ...] | None
    deleted: tuple[int, ...]
    problems: tuple[Problem, ...]
    journals: list[Journal]


@cache
def _heading_ids(table: Path) -> Callable[[str], str | None]:
    """Return the look-up of headings without an id; MeSH is read when the first one comes."""

    def find(name: str) -> str | None:
        # Only records of NBIB files ask, and what answers takes long to import.
        from resartus.search.mapping.bundled import load_vocabulary

        return load_vocabulary(table).id_of(name)

    return find


def fold_batch(batch: Batch, *, table: Path) -> Folded:
    """Parse and fold one batch, in a worker if there are several."""
    gc.disable()
    parsed = parse_any(batch.payloads, file=batch.file)
    heading_id = _heading_ids(table)
    packed = [(pack(document_of(record, heading_id)), record.version) for record in parsed.records]
    found = [journal for record in parsed.records if (journal := journal_of(record)) is not None]
    contents = parsed.contents if parsed.problems else None
    return Folded(packed, contents, parsed.deleted, parsed.problems, list(dict.fromkeys(found)))
