"""``Collector``: finishes the records of one file and keeps the lines that ended in none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.sources.formats.decisions import ImportedDecision
from resartus.sources.formats.result import Unread
from resartus.sources.formats.values.draft import Draft, RecordIds

__all__ = ["Collector"]


class Collector:
    """Gathers what one file gives beside its records, which readers yield one by one.

    Parameters
    ----------
    source : str
        What the records name as their source, and the prefix of their ids.
    raw_hash : str
        SHA-256 of the file.
    """

    def __init__(self, *, source: str, raw_hash: str) -> None:
        self.unread: list[Unread] = []
        self.decisions: list[ImportedDecision] = []
        self._source = source
        self._raw_hash = raw_hash
        self._ids = RecordIds(source)

    def finish(self, draft: Draft, *, line: int, raw: str, key: str | None = None) -> Record | None:
        """Return the record; where nothing can be made of a draft, keep its lines as unread."""
        if draft.is_empty():
            self.refuse_all(line, raw.splitlines(), "a record without any value")
            return None
        record_id = self._ids.next_id(key=key, raw=raw)
        try:
            record = draft.finish(source=self._source, record_id=record_id, raw_hash=self._raw_hash)
        except DataError as error:
            self.refuse_all(line, raw.splitlines(), error.message)
            return None
        for decision in draft.decisions:
            self.decisions.append(replace(decision, record_id=record_id))
        return record

    def refuse(self, line: int, text: str, reason: str) -> None:
        """Keep one line that ended in no record; blank lines say nothing."""
        text = text.rstrip("\r\n")
        if text.strip(" \t\ufeff"):
            self.unread.append(Unread(line, text, reason))

    def refuse_all(self, line: int, texts: Iterable[str], reason: str) -> None:
        """Keep a run of lines that begins at ``line``."""
        for offset, text in enumerate(texts):
            self.refuse(line + offset, text, reason)
