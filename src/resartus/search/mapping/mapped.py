"""``Mapped``: a piece of a query with what it became and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resartus.search.plan import Plan

__all__ = ["Mapped", "Sureness", "Translation", "TranslationCache"]

from typing import Protocol, runtime_checkable


class Sureness(StrEnum):
    """How far a translation is PubMed's own."""

    NCBI = "ncbi"
    """NCBI gave it for these very words."""
    EXACT = "exact"
    """A tag or quotes say what is meant, and PubMed documents it."""
    TABLE = "table"
    """MeSH, the journals or the authors on hand hold the words; PubMed documents the order."""
    GUESS = "guess"
    """NLM's own table is not published; our rules stand in for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """One mapping, as PubMed's TranslationSet lists them."""

    source: str
    target: str
    sureness: Sureness


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """What a piece of the query became.

    ``text`` prints it as PubMed's Search Details would; ``is_single`` says
    whether it needs no parentheses.
    """

    plan: Plan
    text: str
    is_single: bool = True


@runtime_checkable
class TranslationCache(Protocol):
    """Translations received from NCBI."""

    def find(self, words: str) -> str | None:
        """Return NCBI's translation of these untagged words (lower case, single spaces)."""
        ...
