"""``Journals``: which journal a name means: title, abbreviation, ISSN, NLM id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from resartus.domain.record import Record
from resartus.search.words import fold

__all__ = ["Journal", "Journals", "journal_of"]


class Journal(NamedTuple):
    """The names one record gives of its journal."""

    nlm_id: str
    title: str | None
    abbreviation: str | None
    issn: tuple[str, ...]


def journal_of(record: Record) -> Journal | None:
    """Return a record's journal, or ``None`` where no NLM id tells which it is."""
    if record.nlm_id is None:
        return None
    return Journal(record.nlm_id, record.journal, record.journal_abbreviation, record.issn)


def _key(name: str) -> str:
    return " ".join(fold(name).split())


@dataclass(slots=True)
class Journals:
    """A table of journals, gathered from records.

    PubMed maps title, abbreviation and both ISSNs to the journal and so finds
    its articles under every title it had (PubMed User Guide, Journal).
    """

    _names: dict[str, dict[str, None]] = field(default_factory=dict)
    _labels: dict[str, str] = field(default_factory=dict)
    _rows: dict[Journal, None] = field(default_factory=dict)

    def add(self, journals: Iterable[Journal]) -> bool:
        """Take names in; say whether any was new."""
        is_new = False
        for journal in journals:
            if journal in self._rows:
                continue
            is_new = True
            self._rows[journal] = None
            self._labels[journal.nlm_id] = journal.abbreviation or journal.title or journal.nlm_id
            for name in (journal.title, journal.abbreviation, *journal.issn):
                if name:
                    self._names.setdefault(_key(name), {})[journal.nlm_id] = None
        return is_new

    def ids(self, name: str) -> tuple[str, ...]:
        """Return the NLM ids a title, abbreviation or ISSN stands for; empty if unknown."""
        return tuple(self._names.get(_key(name), ()))

    def label(self, nlm_id: str) -> str:
        """Return the abbreviation PubMed prints."""
        return self._labels.get(nlm_id, nlm_id)

    def rows(self) -> list[list[object]]:
        """Return the table as plain values, sorted."""
        return sorted([j.nlm_id, j.title, j.abbreviation, list(j.issn)] for j in self._rows)

    def __len__(self) -> int:
        return len(self._labels)
