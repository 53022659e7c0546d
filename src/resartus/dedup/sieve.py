"""Which pairs that share a key may be one report at all: a glance at many pairs at a time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from resartus.dedup.citation import Citation

__all__ = ["FILLER", "Sieve"]

FILLER = frozenset(
    {
        "the", "of", "and", "in", "for", "on", "a", "an", "with", "to", "by", "from", "at", "as",
        "is", "its", "or", "de", "la", "le", "les", "des", "du", "der", "die", "das", "und", "et",
        "e", "y", "versus", "vs", "among", "between", "after", "before", "during", "using",
        "study", "patients",
    }
)  # fmt: skip
"""Words that tell no title from another."""

_BITS, _WORD = 256, 64
_PLACE_FIELDS = 4
_FEW_WORDS = 3


def _hash(text: str | int | None) -> int:
    """Return a number that is 0 for a missing value alone."""
    return (zlib.crc32(str(text).encode()) or 1) if text else 0


def _title_bits(citation: Citation) -> int:
    bits = 0
    for title in (citation.title, citation.other_title):
        for word in (title or "").split():
            if word not in FILLER:
                bits |= 1 << (zlib.crc32(word.encode()) % _BITS)
    return bits


class Sieve:
    """What a glance needs of each citation, in columns: 56 bytes a citation.

    As a corpus grows, more and more records share a title's last words or a
    year and a page by chance. A full comparison of one such pair takes some
    40 microseconds, a glance a tenth of one. The glance asks for two things
    that agree and lets everything through that it cannot see.
    """

    def __init__(self, citations: Sequence[Citation]) -> None:
        self._words = np.zeros((len(citations), _BITS // _WORD), np.uint64)
        self._fields = np.zeros((len(citations), _PLACE_FIELDS), np.uint32)
        self._identifiers = np.zeros((len(citations), 2), np.uint32)
        for at, citation in enumerate(citations):
            bits = _title_bits(citation)
            self._words[at] = [bits >> shift & (1 << _WORD) - 1 for shift in range(0, _BITS, _WORD)]
            name = next((word for word in citation.first.split() if len(word) > 3), citation.first)
            self._fields[at] = [
                _hash(name[:4]),
                _hash(citation.volume),
                _hash((citation.first_page or "").lstrip("abcdefghijklmnopqrstuvwxyz")),
                _hash(citation.last_page),
            ]
            self._identifiers[at] = [_hash(citation.doi), _hash(citation.pmid)]

    def keeps(self, left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return which of the pairs are worth comparing, as a mask.

        They are if they share an identifier; or most words of the shorter
        title; or half of them and one of first author, volume, first and last
        page; or three of those four, whatever the titles (a translation). A
        missing field counts as half an agreement, a missing title as half
        its words.
        """
        words_a, words_b = self._words[left], self._words[right]
        fewer = np.minimum(_count(words_a), _count(words_b))
        common = _count(words_a & words_b)
        share = np.where(fewer > 0, common / np.maximum(fewer, 1), 0.5)
        fields_a, fields_b = self._fields[left], self._fields[right]
        missing = (fields_a == 0) | (fields_b == 0)
        agreeing = np.where(missing, 0.5, fields_a == fields_b).sum(axis=1)
        known_a, known_b = self._identifiers[left], self._identifiers[right]
        identified = ((known_a == known_b) & (known_a != 0)).any(axis=1)
        return np.asarray(
            identified
            | ((share >= 0.8) & (fewer >= _FEW_WORDS))
            | ((share >= 0.5) & (agreeing >= 1))
            | (agreeing >= 3)
        )


def _count(bits: NDArray[np.uint64]) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return counts
