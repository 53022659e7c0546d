"""Mark the words of the criteria in a title or abstract, as an aid to the eye."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from resartus.domain.protocol import Protocol

__all__ = ["Highlights", "Segment", "highlights_of", "mark"]

# Words of every protocol, which would colour half of an abstract.
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "about after also among answer answers because been before being between case "
        "cases compared does from have into more most none only other others "
        "over patient patients question report reports review series study studies such than "
        "that their there these this those time title treated treatment which with "
        "within without whom year years result results",
    )
)
_WORD = re.compile(r"[^\W\d_][\w-]{3,}")
_TAG = re.compile(r"\[[^\]]*\]|:~\d+|\b(?:AND|OR|NOT)\b|[0-9#:]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlights:
    """Stems that speak for a record, and stems that speak against it."""

    wanted: frozenset[str]
    unwanted: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of text; ``kind`` is ``"wanted"``, ``"unwanted"`` or ``""``."""

    text: str
    kind: str = ""


def _stem(word: str) -> str:
    """Return the word without the endings that plurals and adjectives add."""
    word = word.casefold()
    for ending in ("ations", "ation", "ases", "asis", "ions", "ies", "ion", "al", "es", "ic", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _stems(texts: Iterable[str]) -> frozenset[str]:
    words = (word for text in texts for word in _WORD.findall(text))
    return frozenset(_stem(w) for w in words if w.casefold() not in _COMMON)


def highlights_of(protocol: Protocol) -> Highlights:
    """Return what to mark: the words of question, searches and criteria."""
    wanted = _stems(
        [
            protocol.population,
            protocol.intervention,
            *(_TAG.sub(" ", search.query) for search in protocol.searches),
            *(f"{c.name} {c.text}" for c in protocol.eligibility.include),
        ]
    )
    # The texts of the exclusions name what is wanted too; their short names say what is not.
    against = _stems(c.name for c in protocol.eligibility.exclude)
    return Highlights(wanted=wanted, unwanted=against - wanted)


def mark(text: str, *, highlights: Highlights) -> tuple[Segment, ...]:
    """Return the text cut into segments; joined they give the text again."""
    segments: list[Segment] = []
    plain = 0
    for found in _WORD.finditer(text):
        stem = _stem(found.group())
        kind = "wanted" if stem in highlights.wanted else ""
        kind = kind or ("unwanted" if stem in highlights.unwanted else "")
        if kind:
            if found.start() > plain:
                segments.append(Segment(text=text[plain : found.start()]))
            segments.append(Segment(text=found.group(), kind=kind))
            plain = found.end()
    if plain < len(text):
        segments.append(Segment(text=text[plain:]))
    return tuple(segments)
