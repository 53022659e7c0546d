"""A local PubMed as what an E-utilities server answers from."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from resartus.app.eutils.collection import Answer, Stored, unknown_fields
from resartus.app.pubmed.local import LocalPubmed
from resartus.sources.formats.readers.stored import parse_stored

__all__ = ["LocalCollection"]

_LOOK_AGAIN_S = 60.0
_CITATIONS_UP_TO = 20_000
"""Records up to which who cites whom is worked out on the first question: some seconds."""


class LocalCollection:
    """The records of a local PubMed; what is loaded meanwhile is seen within a minute."""

    def __init__(self, folder: Path) -> None:
        self._pubmed = LocalPubmed(folder)
        self._looked_at = time.monotonic()
        self._lock = threading.Lock()
        self._citing: dict[int, list[int]] | None = None

    def _fresh(self) -> LocalPubmed:
        if time.monotonic() - self._looked_at > _LOOK_AGAIN_S:
            with self._lock:
                self._looked_at = time.monotonic()
                self._pubmed.index.reload()
                self._citing = None
        return self._pubmed

    @property
    def build(self) -> str:
        """The corpus version."""
        return f"Build-{self._fresh().corpus.version}"

    @property
    def updated_at(self) -> datetime:
        """When the last file was taken in."""
        files = self._fresh().corpus.files
        return max((file.loaded_at for file in files), default=datetime.fromtimestamp(0, UTC))

    @property
    def count(self) -> int:
        """How many records are held."""
        return self._fresh().corpus.records

    def search(self, query: str) -> Answer:
        """Ask the index."""
        outcome = self._fresh().search(query)
        return Answer(
            pmids=[int(pmid) for pmid in outcome.pmids],
            translation=outcome.translation,
            mapped=tuple((item.source, item.target) for item in outcome.translations),
            fields_not_found=unknown_fields(query, outcome.diagnostics),
        )

    def records(self, pmids: Iterable[int]) -> Iterator[Stored]:
        """Yield the records of these PMIDs in their order; unknown ones are left out."""
        for item in self._pubmed.index.iterate(pmids):
            yield Stored(
                item.pmid,
                xml=item.content if item.form == "xml" else None,
                read=partial(parse_stored, item.form, item.content),
            )

    def citing(self, pmid: int) -> Sequence[int] | None:
        """Return which records held cite this one; ``None`` where too many are held to ask."""
        if self.count > _CITATIONS_UP_TO:
            return None
        with self._lock:
            if self._citing is None:
                self._citing = {}
                everything = self._pubmed.search("all[sb]").pmids
                for record in self._pubmed.records(everything):
                    for cited in record.references:
                        self._citing.setdefault(int(cited), []).append(int(record.pmid or 0))
            return self._citing.get(pmid, [])

    def close(self) -> None:
        """Close the index."""
        self._pubmed.close()
