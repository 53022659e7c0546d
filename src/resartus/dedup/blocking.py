"""Which pairs are worth comparing: records that share a key, without looking at every pair."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from resartus.dedup.citation import Citation
from resartus.dedup.sieve import FILLER, Sieve

__all__ = ["candidate_pairs", "keys_of"]

MAX_BLOCK = 12
"""Records under one key that all meet each other; beyond, only neighbours do."""

_AT_A_TIME = 1 << 18
"""Pairs that are looked at together: some 50 MB."""


def _hash(kind: str, *parts: object) -> int:
    text = "\x1f".join((kind, *map(str, parts))).encode()
    # Two 32-bit sums make one 64-bit key: a clash costs one comparison, never a link.
    return (zlib.crc32(text) << 32) | zlib.adler32(text)


def keys_of(citation: Citation) -> list[int]:
    """Return the keys under which a citation meets its candidates.

    Any single field may be missing, abbreviated or mistyped and the others
    still bring two records together: DOI, PMID, the title whole and by its
    opening, ending and longest words, and place with author or year.
    """
    keys = []
    if citation.doi:
        keys.append(_hash("doi", citation.doi))
    if citation.pmid:
        keys.append(_hash("pmid", citation.pmid))
    # Long enough to be a name and not a particle.
    first = next((word for word in citation.first.split() if len(word) > 3), citation.first)
    for title in (citation.title, citation.other_title):
        if title is None:
            continue
        keys.append(_hash("title", title.replace(" ", "")[:60]))
        words = [word for word in title.split() if word not in FILLER]
        if len(words) >= 4:
            keys.append(_hash("opening", *words[:3]))
            keys.append(_hash("ending", *words[-3:]))
            keys.append(_hash("longest", *sorted(sorted(words, key=lambda w: (-len(w), w))[:4])))
        if words and first:
            keys.append(_hash("author and word", first[:6], words[0][:6], citation.year))
    if citation.first_page:
        if citation.volume:
            keys.append(_hash("place", citation.volume, citation.first_page, citation.last_page))
            if first:
                keys.append(
                    _hash("author's place", first[:5], citation.volume, citation.first_page)
                )
        if citation.year:
            keys.append(_hash("year's page", citation.year, citation.first_page, first[:4]))
            if citation.last_page:
                keys.append(
                    _hash("year's pages", citation.year, citation.first_page, citation.last_page)
                )
    return keys


def _pairs_of_blocks(keys: NDArray[np.uint64], owners: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the pairs that share a key, each as ``low << 32 | high``, once."""
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    found = []
    # In the sorted column, owners of one key stand together: compare each with the next few.
    for gap in range(1, MAX_BLOCK):
        same = keys[gap:] == keys[:-gap]
        if not same.any():
            break
        low, high = owners[:-gap][same], owners[gap:][same]
        distinct = low != high
        found.append((low[distinct].astype(np.int64) << 32) | high[distinct])
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def candidate_pairs(
    citations: Sequence[Citation], *, advance: Callable[[int], None] = lambda n: None
) -> NDArray[np.int32]:
    """Return the pairs to compare as an array of shape (n, 2) of places, low before high.

    The cost is that of sorting about ten keys a record. Under one key every
    record meets its ``MAX_BLOCK - 1`` neighbours, so that a thousand records
    called "Editorial" make a thousand times eleven pairs and not a million;
    records are sorted by title, year and page beforehand, which makes
    neighbours of those most alike. Of the pairs that meet, those that share
    nothing but a key go through the ``Sieve``.
    """
    # Neighbours under a crowded key are those with the same title, year and page.
    rank = sorted(
        range(len(citations)),
        key=lambda i: (
            citations[i].title or "",
            citations[i].year or 0,
            citations[i].first_page or "",
        ),
    )
    keys, owners = array("Q"), array("i")
    for place, index in enumerate(rank):
        mine = keys_of(citations[index])
        keys.extend(mine)
        owners.extend([place] * len(mine))
        advance(1)
    packed = _pairs_of_blocks(
        np.frombuffer(keys, np.uint64) if keys else np.empty(0, np.uint64),
        np.frombuffer(owners, np.int32) if owners else np.empty(0, np.int32),
    )
    back = np.asarray(rank, np.int32)
    left, right = back[packed >> 32], back[packed & 0xFFFFFFFF]
    sieve = Sieve(citations)
    kept = [
        sieve.keeps(left[start : start + _AT_A_TIME], right[start : start + _AT_A_TIME])
        for start in range(0, len(packed), _AT_A_TIME)
    ]
    worth = np.concatenate(kept) if kept else np.empty(0, np.bool_)
    pairs = np.stack([left[worth], right[worth]], axis=1)
    pairs.sort(axis=1)
    return pairs
