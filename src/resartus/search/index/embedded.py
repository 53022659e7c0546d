"""``EmbeddedIndex``: records in a Tantivy index, one folder on this machine."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any as Anything

import tantivy
from pyroaring import BitMap

from resartus.domain.ids import Pmid
from resartus.errors import NotFoundError, StoreError
from resartus.search.documents import Document
from resartus.search.index.port import Corpus, LoadedFile, StoredRecord
from resartus.search.index.schema import Indirect, build_schema, query_of, register
from resartus.search.journals import Journal, Journals
from resartus.search.matcher import Matcher
from resartus.search.plan import (
    All,
    Any,
    But,
    Everything,
    Given,
    Plan,
    Pmids,
    Steps,
    Tokens,
    Words,
    all_of,
    any_of,
)

__all__ = ["EmbeddedIndex", "open_tantivy", "version_of"]

_FORMS = {b"x": "xml", b"n": "nbib"}
JOURNALS = "journals.json"
AT_ONCE = 2_000_000
"""PMIDs fetched at once: some 300 MB of Python objects."""
STRETCH = 2_000_000
"""PMIDs of one stretch when there are more."""


def open_tantivy(folder: Path, *, create: bool = False) -> tantivy.Index:
    """Open the index in a folder.

    Raises
    ------
    NotFoundError
        If there is none and none is to be made.
    StoreError
        If it cannot be opened.
    """
    place = folder / "index"
    if not create and not (place / "meta.json").is_file():
        raise NotFoundError(
            f"there is no local PubMed in {str(folder)!r}; "
            "make one with 'resartus pubmed load FILES --into FOLDER'"
        )
    place.mkdir(parents=True, exist_ok=True)
    try:
        index = tantivy.Index(build_schema(), path=str(place))
    except (ValueError, OSError) as error:
        raise StoreError(
            f"the local PubMed in {str(folder)!r} cannot be opened ({error}); "
            "if another version of Resartus made it, load the files again into a new folder"
        ) from error
    register(index)
    return index


def version_of(digests: Iterable[str]) -> str:
    """Return a corpus version: a hash over the hashes of all files taken in, in order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:16]


class EmbeddedIndex:
    """A local PubMed for reading. It shows the state of its last ``reload``.

    Parameters
    ----------
    folder : Path
        Where ``load`` put it.
    read : callable
        Turns a stored record into its document; needed to look at records
        one by one, for proximity of three words and more.
    """

    def __init__(self, folder: Path, *, read: Callable[[StoredRecord], Document]) -> None:
        self.folder = folder
        self._read = read
        self._index = open_tantivy(folder)
        self._journals: Journals | None = None
        self.reload()

    def reload(self) -> None:
        """Show what has been committed since."""
        self._index.reload()
        self._searcher = self._index.searcher()
        self._schema = self._index.schema
        self._corpus: Corpus | None = None
        self._journals = None

    def corpus(self) -> Corpus:
        """Return what the index holds."""
        if self._corpus is None:
            notes = sorted(self._notes("file"), key=lambda note: note["number"])
            files = tuple(
                LoadedFile(
                    name=note["name"],
                    sha256=note["sha256"],
                    records=note["records"],
                    deleted=note["deleted"],
                    problems=note["problems"],
                    loaded_at=datetime.fromisoformat(note["loaded_at"]),
                )
                for note in notes
            )
            self._corpus = Corpus(
                version=version_of(file.sha256 for file in files),
                records=self.count(Everything()),
                files=files,
            )
        return self._corpus

    def _notes(self, kind: str) -> Iterator[dict[str, Anything]]:
        query = tantivy.Query.term_query(self._schema, "meta", kind)
        found = self._searcher.search(query, limit=1_000_000, count=False)
        for _, address in found.hits:
            yield json.loads(self._searcher.doc(address)["meta"][1])

    # Answers --------------------------------------------------------------

    def evaluate(self, plan: Plan) -> BitMap:
        """Return the PMIDs of all records a plan matches."""
        try:
            return self._run(query_of(self._schema, plan))
        except Indirect:
            return self._in_pieces(plan)

    def count(self, plan: Plan) -> int:
        """Return how many records a plan matches."""
        try:
            query = query_of(self._schema, plan)
        except Indirect:
            return len(self._in_pieces(plan))
        return self._count(query)

    def _run(self, query: tantivy.Query) -> BitMap:
        """Return all PMIDs; very many are fetched in stretches, so that memory is bounded."""
        if self._searcher.num_docs <= AT_ONCE or self._count(query) <= AT_ONCE:
            return self._fetch(query)
        found = BitMap()
        low = 0
        highest = self._highest
        while low <= highest:
            stretch = Pmids(low, low + STRETCH - 1)
            part = query_of(self._schema, stretch)
            both = [(tantivy.Occur.Must, query), (tantivy.Occur.Must, part)]
            found |= self._fetch(tantivy.Query.boolean_query(both))
            low += STRETCH
        return found

    def _fetch(self, query: tantivy.Query) -> BitMap:
        limit = max(1, self._searcher.num_docs)
        found = self._searcher.search(query, limit=limit, count=False, order_by_field="pmid")
        return BitMap([hit[0] for hit in found.hits])

    def _count(self, query: tantivy.Query) -> int:
        found: Anything = self._searcher.search(query, limit=1, count=True)
        return int(found.count or 0)

    @property
    def _highest(self) -> int:
        everything = query_of(self._schema, Everything())
        found = self._searcher.search(everything, limit=1, order_by_field="pmid")
        return int(found.hits[0][0]) if found.hits else 0

    def _in_pieces(self, plan: Plan) -> BitMap:
        match plan:
            case Given():
                return plan.pmids
            case Words(words=(word,)):
                found = [self._terms_fitting(part.value, word) for part in plan.parts]
                return BitMap.union(BitMap(), *found)
            case Words():
                return self._looked_at(plan)
            case Tokens():
                return self._tokens_fitting(plan)
            case Any():
                return BitMap.union(BitMap(), *(self.evaluate(item) for item in plan.items))
            case All():
                return BitMap.intersection(*(self.evaluate(item) for item in plan.items))
            case But():
                return self.evaluate(plan.kept) - self.evaluate(plan.dropped)
            case Steps():
                return self._step_by_step(plan)
            case _:  # pragma: no cover - all others are single queries
                raise AssertionError(plan)

    def _step_by_step(self, plan: Steps) -> BitMap:
        found = BitMap()
        for operator, items in plan.runs():
            if operator == "OR":
                found |= self.evaluate(any_of(items))
                continue
            for item in items:
                if operator == "AND":
                    found &= self.evaluate(item)
                else:
                    found -= self.evaluate(item)
        return found

    def _looked_at(self, plan: Words) -> BitMap:
        """Find records with all the words in one part, then look at each."""
        words = tuple(dict.fromkeys(plan.words))
        candidates = self.evaluate(
            any_of(all_of(Words((word,), (part,)) for word in words) for part in plan.parts)
        )
        found = BitMap()
        for stored in self.iterate(candidates):
            if Matcher([self._read(stored)]).evaluate(plan):
                found.add(stored.pmid)
        return found

    def _terms_fitting(self, field: str, pattern: str) -> BitMap:
        """Find records by a pattern too large for Tantivy, over the words that begin as it does."""
        wanted = re.compile(".*".join(re.escape(piece) for piece in pattern.split("*")))
        known = self._searcher.terms_with_prefix(field, pattern.partition("*")[0])
        terms = [term for term, _ in known if wanted.fullmatch(term)]
        return self._run(tantivy.Query.term_set_query(self._schema, field, terms))

    def _tokens_fitting(self, plan: Tokens) -> BitMap:
        found = self.evaluate(Tokens(exact=plan.exact))
        for pattern in (*plan.patterns, *(f"{prefix}*" for prefix in plan.prefixes)):
            found |= self._terms_fitting("kw", pattern)
        return found

    # Records --------------------------------------------------------------

    def iterate(self, pmids: Iterable[int]) -> Iterator[StoredRecord]:
        """Yield the records of these PMIDs in their order; unknown ones are left out."""
        for pmid in pmids:
            query = tantivy.Query.term_query(self._schema, "pmid", int(pmid))
            for _, address in self._searcher.search(query, limit=1, count=False).hits:
                raw = bytes(self._searcher.doc(address)["raw"][0])
                form, _, rest = raw.partition(b" ")
                version, _, content = rest.partition(b"\n")
                yield StoredRecord(Pmid(int(pmid)), int(version), _FORMS[form], content)

    def load(self, pmid: Pmid) -> StoredRecord:
        """Return a record's bytes, or raise ``NotFoundError``."""
        for stored in self.iterate((pmid,)):
            return stored
        gone = "was deleted by an update file" if self.is_deleted(pmid) else "is not in it"
        raise NotFoundError(f"PMID {pmid} {gone}: the local PubMed in {str(self.folder)!r}")

    def is_deleted(self, pmid: Pmid) -> bool:
        """Say whether an update file deleted this PMID and none brought it back."""
        query = tantivy.Query.term_query(self._schema, "meta", f"deleted:{int(pmid)}")
        return bool(self._searcher.search(query, limit=1).hits)

    def journals(self) -> Journals:
        """Return the journals of the records, by every name they go by."""
        if self._journals is None:
            self._journals = Journals()
            path = self.folder / JOURNALS
            if path.is_file():
                rows = json.loads(path.read_text(encoding="utf-8"))
                self._journals.add(Journal(i, t, a, tuple(s)) for i, t, a, s in rows)
        return self._journals

    def has_token(self, prefix: str) -> bool:
        """Say whether any record has a token that begins so."""
        return bool(self._searcher.terms_with_prefix("kw", prefix, limit=1))

    def close(self) -> None:
        """Release the files."""
        del self._searcher, self._index
