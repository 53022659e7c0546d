"""``IndexLoader``: files into a local PubMed, one commit each, so that a kill loses at most one."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import tantivy
from pyroaring import BitMap

from resartus.errors import ConflictError, StoreError
from resartus.search.documents import Document
from resartus.search.index.embedded import JOURNALS, EmbeddedIndex, open_tantivy
from resartus.search.index.port import LoadedFile, StoredRecord
from resartus.search.index.schema import Packed
from resartus.search.journals import Journal
from resartus.search.plan import EVERYTHING

__all__ = ["FileLoad", "IndexLoader", "PackedRecord", "rank_of"]

_NLM_FILE = re.compile(r"pubmed(\d{2})n(\d{4,5})")
_HEAP_BYTES = 192_000_000


class PackedRecord(NamedTuple):
    """A record ready for the index, with its bytes."""

    packed: Packed
    version: int
    form: str
    content: bytes


def rank_of(name: str) -> int | None:
    """Return the place of one of NLM's files in their order, ``None`` for any other file.

    A later number is a later state: ``pubmed26n1335`` comes after ``pubmed26n1334``.
    """
    found = _NLM_FILE.search(name)
    return int(found[1]) * 100_000 + int(found[2]) if found else None


class FileLoad:
    """One file on its way in; nothing of it is there before ``finish``."""

    def __init__(self, loader: IndexLoader, name: str, sha256: str) -> None:
        self._loader = loader
        self.name = name
        self.sha256 = sha256
        self.records = 0
        self.deleted = 0
        self.stale = 0
        """Records and deletions older than what is there, left out."""
        rank = rank_of(name)
        self.rank = loader.highest_rank if rank is None else rank
        self._newer = loader.newer_than(self.rank)

    def add(self, records: Iterable[PackedRecord]) -> None:
        """Put records in; one that is there is replaced, unless it is newer or a later version."""
        loader = self._loader
        for record in records:
            pmid = record.packed[0]
            if pmid in self._newer or record.version < loader.versions.get(pmid, 1):
                self.stale += 1
                continue
            try:
                loader.put(record, self.rank)
            except (ValueError, OSError) as error:
                raise StoreError(
                    f"the local PubMed in {str(loader.folder)!r} cannot be written ({error}); what "
                    "was committed before stays, free some space and load the file again"
                ) from error
            self.records += 1

    def delete(self, pmids: Iterable[int]) -> None:
        """Take records out and remember that an update file said so."""
        for pmid in pmids:
            if pmid in self._newer:
                self.stale += 1
                continue
            self._loader.remove(pmid, self.rank)
            self.deleted += 1

    def finish(self, *, problems: int, at: datetime) -> LoadedFile:
        """Commit the records and the note that the file is in, both or neither."""
        note = LoadedFile(
            name=self.name,
            sha256=self.sha256,
            records=self.records,
            deleted=self.deleted,
            problems=problems,
            loaded_at=at,
        )
        self._loader.commit(note, self.rank)
        return note


class IndexLoader:
    """The one writer of a local PubMed.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    threads : int
        Tantivy's indexing threads; two write a file's end in half the time.

    Raises
    ------
    ConflictError
        If another process is loading into the same folder.
    """

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        self.folder = folder
        self._tantivy = open_tantivy(folder, create=True)
        try:
            self._writer = self._tantivy.writer(_HEAP_BYTES, threads)
        except ValueError as error:
            raise ConflictError(
                f"another process is loading into {str(folder)!r}; wait until it is done"
            ) from error
        reader = EmbeddedIndex(folder, read=_unread)
        self._reader = reader
        self.known: BitMap = reader.evaluate(EVERYTHING)
        self.versions: dict[int, int] = {
            note["pmid"]: note["version"] for note in reader._notes("version")
        }
        self._journals = reader.journals()
        self._has_new_journals = False
        self._files = {file.sha256 for file in reader.corpus().files}
        self._count = len(reader.corpus().files)
        notes = list(reader._notes("file"))
        self.highest_rank = max((note["rank"] for note in notes), default=0)
        self._deleted: dict[int, int] = {
            note["pmid"]: note["rank"] for note in reader._notes("deleted")
        }

    def has(self, sha256: str) -> bool:
        """Say whether a file is in already."""
        return sha256 in self._files

    def begin(self, name: str, sha256: str) -> FileLoad | None:
        """Begin with a file, or return ``None`` for one that is in already."""
        return None if self.has(sha256) else FileLoad(self, name, sha256)

    def newer_than(self, rank: int) -> BitMap:
        """Return the PMIDs whose state or deletion comes from a later file of NLM's."""
        if rank >= self.highest_rank:
            return BitMap()
        self._reader.reload()
        searched = tantivy.Query.range_query(
            self._tantivy.schema, "rank", tantivy.FieldType.Integer, rank + 1, 1 << 40
        )
        newer = self._reader._run(searched)
        newer.update(pmid for pmid, at in self._deleted.items() if at > rank)
        return newer

    def put(self, record: PackedRecord, rank: int) -> None:
        """Add one record in place of what is known under its PMID."""
        pmid, texts, days = record.packed
        if pmid in self.known:
            self._writer.delete_documents_by_term("pmid", pmid)
        elif pmid in self._deleted:
            del self._deleted[pmid]
            self._writer.delete_documents_by_term("meta", f"deleted:{pmid}")
        document = tantivy.Document()
        document.add_integer("pmid", pmid)
        document.add_integer("rank", rank)
        head = f"{record.form[0]} {record.version}\n".encode()
        document.add_bytes("raw", head + record.content)
        for field, text in texts:
            document.add_text(field, text)
        for field, day in days:
            document.add_integer(field, day)
        self._writer.add_document(document)
        self.known.add(pmid)
        if record.version > 1 or pmid in self.versions:
            self._note_version(pmid, record.version)

    def _note_version(self, pmid: int, version: int) -> None:
        self.versions[pmid] = version
        self._writer.delete_documents_by_term("meta", f"version:{pmid}")
        self._note("version", f"version:{pmid}", {"pmid": pmid, "version": version})

    def remove(self, pmid: int, rank: int) -> None:
        """Delete one PMID and keep the fact."""
        self._writer.delete_documents_by_term("pmid", pmid)
        self._writer.delete_documents_by_term("meta", f"deleted:{pmid}")
        self.known.discard(pmid)
        self._deleted[pmid] = rank
        self._note("deleted", f"deleted:{pmid}", {"pmid": pmid, "rank": rank})

    def _note(self, kind: str, key: str, content: dict[str, object]) -> None:
        document = tantivy.Document()
        document.add_text("meta", kind)
        document.add_text("meta", json.dumps(content))
        document.add_text("meta", key)
        self._writer.add_document(document)

    def add_journals(self, journals: Iterable[Journal]) -> None:
        """Take in journals' names; they are kept with the next commit."""
        self._has_new_journals |= self._journals.add(journals)

    def _keep_journals(self) -> None:
        """Write the journals' names; before the records that need them are there."""
        if self._has_new_journals:
            path = self.folder / JOURNALS
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(self._journals.rows()), encoding="utf-8")
            os.replace(fresh, path)
            self._has_new_journals = False

    def commit(self, note: LoadedFile, rank: int) -> None:
        """Make everything since the last commit visible, with the file's note."""
        content = {
            "number": self._count,
            "rank": rank,
            "name": note.name,
            "sha256": note.sha256,
            "records": note.records,
            "deleted": note.deleted,
            "problems": note.problems,
            "loaded_at": note.loaded_at.isoformat(),
        }
        self._note("file", f"file:{note.sha256}", content)
        try:
            self._keep_journals()
            self._writer.commit()
        except (ValueError, OSError) as error:
            raise StoreError(
                f"the local PubMed in {str(self.folder)!r} cannot be written ({error}); what was "
                "committed before stays, free some space and load the file again"
            ) from error
        self._files.add(note.sha256)
        self._count += 1
        self.highest_rank = max(self.highest_rank, rank)

    def abandon(self) -> None:
        """Drop what was not committed."""
        with contextlib.suppress(ValueError):
            self._writer.rollback()

    def close(self) -> None:
        """Wait for merges and let the folder go."""
        self._writer.wait_merging_threads()


def _unread(stored: StoredRecord) -> Document:  # pragma: no cover - the loader asks no such plan
    raise AssertionError(stored)
