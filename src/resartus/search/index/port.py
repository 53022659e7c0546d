"""``Index``: what any engine answers. Sets are complete and sorted, never a top ten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from pyroaring import BitMap

from resartus.domain.ids import Pmid
from resartus.search.journals import Journals
from resartus.search.plan import Plan

__all__ = ["Corpus", "Index", "LoadedFile", "StoredRecord"]


class StoredRecord(NamedTuple):
    """One record's bytes as its source gave them; ``form`` is ``"xml"`` or ``"nbib"``."""

    pmid: Pmid
    version: int
    form: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """A file that was taken in, in the order of taking in."""

    name: str
    sha256: str
    records: int
    deleted: int
    problems: int
    loaded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """What an index holds.

    ``version`` changes with every file taken in: a hash over the hashes of
    all of them, in order. The same version answers a plan with the same set.
    """

    version: str
    records: int
    files: tuple[LoadedFile, ...]


@runtime_checkable
class Index(Protocol):
    """Current records, searchable. Results are PMIDs as a bitmap, which iterates in order."""

    def corpus(self) -> Corpus:
        """Return what the index holds."""
        ...

    def evaluate(self, plan: Plan) -> BitMap:
        """Return the PMIDs of all records a plan matches."""
        ...

    def count(self, plan: Plan) -> int:
        """Return how many records a plan matches."""
        ...

    def load(self, pmid: Pmid) -> StoredRecord:
        """Return a record's bytes, or raise ``NotFoundError`` (saying if it was deleted)."""
        ...

    def iterate(self, pmids: Iterable[int]) -> Iterator[StoredRecord]:
        """Yield the records of these PMIDs in their order; unknown ones are left out."""
        ...

    def is_deleted(self, pmid: Pmid) -> bool:
        """Say whether an update file deleted this PMID and none brought it back."""
        ...

    def journals(self) -> Journals:
        """Return the journals of the records, by every name they go by."""
        ...

    def has_token(self, prefix: str) -> bool:
        """Say whether any record has a token that begins so, such as ``au:smith|j``."""
        ...

    def close(self) -> None:
        """Release the files."""
        ...
