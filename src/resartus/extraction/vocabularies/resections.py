"""Liver resections as sets of segments, in Brisbane's words and in the New World's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from resartus.extraction.vocabularies.pack import Vocabulary, vocabulary

__all__ = ["MAJOR_FROM", "Resection", "parse_resection"]

MAJOR_FROM = 3
"""A resection of three segments or more is called major."""

_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8"}
_SEGMENTS = re.compile(
    r"(?:segment(?:ectom(?:y|ies)|s)?|sg\.?|s)\s*"
    r"((?:[1-8]|VIII|VII|VI|IV|V|III|II|I)[ab]?"
    r"(?:\s*(?:,|\+|/|and|&|-|–|to)\s*(?:[1-8]|VIII|VII|VI|IV|V|III|II|I)[ab]?)*)\b"
)  # fmt: skip
_ONE = re.compile(r"[1-8]|VIII|VII|VI|IV|V|III|II|I")
_RANGE = re.compile(r"([1-8]|[IV]+)[ab]?\s*(?:-|–|to)\s*([1-8]|[IV]+)")
_NEW_WORLD = re.compile(r"\bH([1-8]{1,8})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resection:
    """What was taken out: whole segments, and whether anything was taken without regard to them."""

    segments: tuple[str, ...]
    is_anatomical: bool
    brisbane: str | None

    @property
    def new_world(self) -> str | None:
        """``"H5678"``; ``None`` where no whole segment was removed."""
        return f"H{''.join(self.segments)}" if self.segments else None

    @property
    def is_major(self) -> bool:
        """Whether three segments or more were removed (the caudate does not count)."""
        return len([s for s in self.segments if s != "1"]) >= MAJOR_FROM


def _digit(text: str) -> str:
    return _ROMAN.get(text, text)


def _listed(text: str) -> set[str]:
    spans = _RANGE.findall(text)
    found = {_digit(match) for match in _ONE.findall(text)}
    for start, end in spans:
        first, last = int(_digit(start)), int(_digit(end))
        found |= {str(n) for n in range(min(first, last), max(first, last) + 1)}
    return found


def parse_resection(text: str, *, names: Vocabulary | None = None) -> Resection | None:
    """Return the segments that a procedure's words remove, or ``None`` if none are named.

    Read are Brisbane's and older names ("extended right hepatectomy", "left
    lateral segmentectomy"), the New World's ("H5678"), and segments listed
    ("segmentectomies 5, 6 and 7", "segments II-III"). Several names add up.
    """
    known = names or vocabulary("resection")
    rest = text
    segments: set[str] = set()
    is_free = False
    # Longest names first: "extended right hepatectomy" holds "right hepatectomy".
    by_name = sorted(
        ((name, term) for term in known.terms for name in (term.code, *term.synonyms)),
        key=lambda pair: -len(pair[0]),
    )
    for name, term in by_name:
        words = r"[\s-]+".join(re.escape(word) for word in re.split(r"[\s-]+", name))
        pattern = rf"\b{words}(?:s|ies)?\b"
        shorter, count = re.subn(pattern, " ", rest, flags=re.IGNORECASE)
        if count:
            rest = shorter
            segments |= set(term.parts)
            is_free = is_free or not term.parts
    for found in _NEW_WORLD.findall(rest):
        segments |= set(found)
    for found in _SEGMENTS.findall(re.sub(r"\bS(?=[1-8IV])", "s", rest.replace("Seg", "seg"))):
        segments |= _listed(found)
    if not segments and not is_free:
        return None
    named = known.with_parts(segments) if segments else None
    return Resection(
        segments=tuple(sorted(segments)),
        is_anatomical=bool(segments) and not is_free,
        brisbane=None if named is None else named.code,
    )
