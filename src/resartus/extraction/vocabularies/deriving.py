"""A grade derived from what was done, where the authors give none; always marked so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from resartus.errors import DataError
from resartus.extraction.negation import is_negated
from resartus.extraction.vocabularies.pack import Term, Vocabulary, vocabulary

__all__ = ["DerivedTerm", "derive_term", "stated_grade"]

_STATED = re.compile(
    r"\b(?:clavien(?:[-–\s]+dindo)?|CD)[^.;]{0,30}?\b(V|IV[ab]?|III[ab]?|II|I)\b(d)?"
    r"|\bgrade\s+(V|IV[ab]?|III[ab]?|II|I)\b(d)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedTerm:
    """A term with the words that led to it; ``is_derived`` is false where authors say it."""

    term: Term
    words: str
    start: int
    end: int
    is_derived: bool

    @property
    def derivation(self) -> str | None:
        """``"derived from 'relaparotomy'"``, for the anchor; ``None`` when stated."""
        return f"derived from {self.words!r}" if self.is_derived else None


def stated_grade(text: str) -> DerivedTerm | None:
    """Return the worst Clavien-Dindo grade that the authors name."""
    scale = vocabulary("clavien-dindo")
    found = [
        DerivedTerm(
            term=scale.term(match[1] or match[3]),
            words=match.group(),
            start=match.start(),
            end=match.end(),
            is_derived=False,
        )
        for match in _STATED.finditer(text)
    ]
    return max(found, key=lambda d: scale.rank(d.term.code), default=None)


def derive_term(text: str, scale: Vocabulary) -> DerivedTerm | None:
    """Return the worst term that the words of a treatment point to, or ``None``.

    Denied words do not count ("no reoperation"). The result is marked as
    derived: a person decides.

    Raises
    ------
    DataError
        If the vocabulary has no order, so that nothing is worst.
    """
    if not scale.is_ordered:
        raise DataError(f"{scale.vocabulary_id} has no order; nothing can be derived from it")
    for term in reversed(scale.terms):
        for word in term.derive:
            for match in re.finditer(rf"\b{re.escape(word)}[\w-]*", text, re.IGNORECASE):
                if not is_negated(text, match.start(), match.end()):
                    return DerivedTerm(
                        term=term,
                        words=match.group(),
                        start=match.start(),
                        end=match.end(),
                        is_derived=True,
                    )
    return None
