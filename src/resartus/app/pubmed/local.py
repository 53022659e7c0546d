"""``LocalPubmed``: one folder of records that answers PubMed's language, offline and completely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType

from pyroaring import BitMap

from resartus.domain.ids import Pmid
from resartus.domain.record import Record
from resartus.search.documents import Document, document_of
from resartus.search.index.embedded import EmbeddedIndex
from resartus.search.index.port import Corpus, StoredRecord
from resartus.search.mapping.bundled import load_vocabulary
from resartus.search.mapping.mapped import TranslationCache
from resartus.search.mapping.vocabulary import Vocabulary
from resartus.search.searching import Outcome, search_index
from resartus.sources.formats.readers.stored import parse_stored

__all__ = ["MESH_TABLE", "LocalPubmed"]

MESH_TABLE = "mesh.table"
"""A table of MeSH loaded for one local PubMed; without it the bundled one serves."""


class LocalPubmed:
    """A local PubMed for reading; safe to open while another process loads into it.

    Parameters
    ----------
    folder : Path
        What ``load_files`` made.
    cache : TranslationCache, optional
        Translations received from NCBI, preferred to our own.

    Raises
    ------
    NotFoundError
        If the folder holds none.
    """

    def __init__(self, folder: Path, *, cache: TranslationCache | None = None) -> None:
        self.folder = folder
        self.index = EmbeddedIndex(folder, read=self._document)
        self._cache = cache

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """MeSH: the folder's own table, or the bundled one."""
        return load_vocabulary(self.folder / MESH_TABLE)

    def _document(self, stored: StoredRecord) -> Document:
        record = parse_stored(stored.form, stored.content)
        return document_of(record, self.vocabulary.id_of)

    @property
    def corpus(self) -> Corpus:
        """What is in it."""
        return self.index.corpus()

    def search(
        self,
        query: str,
        *,
        today: date | None = None,
        with_counts: bool = False,
        history: Mapping[int, BitMap] | None = None,
    ) -> Outcome:
        """Answer a query completely; see ``search_index``. ``today`` is in UTC unless given."""
        return search_index(
            query,
            self.index,
            vocabulary=self.vocabulary,
            today=today or datetime.now(UTC).date(),
            cache=self._cache,
            with_counts=with_counts,
            history=history,
        )

    def stored(self, pmid: int) -> StoredRecord:
        """Return a record's bytes as they came, or raise ``NotFoundError``."""
        return self.index.load(Pmid(pmid))

    def record(self, pmid: int) -> Record:
        """Return one record, or raise ``NotFoundError``."""
        stored = self.stored(pmid)
        return parse_stored(stored.form, stored.content)

    def records(self, pmids: Iterable[int]) -> Iterator[Record]:
        """Yield the records of these PMIDs in their order; unknown ones are left out."""
        for stored in self.index.iterate(pmids):
            yield parse_stored(stored.form, stored.content)

    def close(self) -> None:
        """Release the files."""
        self.index.close()

    def __enter__(self) -> LocalPubmed:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
