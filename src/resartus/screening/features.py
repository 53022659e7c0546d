"""Records as numbers: words and pairs of words, weighted by how rare they are, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from resartus.domain.record import Record
from resartus.screening.parts import FeatureTable
from resartus.screening.words import plain_words_of, word_parts_of, words_of

__all__ = ["Block", "Blocks", "PlainWords", "Words"]

_PAIR = np.int64(1) << np.int64(31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a record that is weighted by itself.

    ``read`` returns the part's terms in order and ``show`` the same as they
    are printed, one for one; with ``pairs`` two that follow each other are a
    term too. ``weight`` is the block's share in the similarity of two records,
    the text's being 1. ``slope`` is how far a short part is brought to the
    same length as a long one: 1 wholly, less leaves a bare title less sure.
    ``least`` is in how many records a term must stand to have a column.
    """

    name: str
    read: Callable[[Record], list[str]]
    show: Callable[[Record], list[str]]
    weight: float = 1.0
    pairs: bool = False
    slope: float = 0.7
    least: int = 2


def _number(lists: Iterable[list[str]]) -> tuple[dict[str, int], NDArray[Any], NDArray[Any]]:
    """Give each word a number; return the numbering, the numbers, and each list's end."""
    vocabulary: dict[str, int] = {}
    numbers: list[NDArray[Any]] = []
    ends, total = [0], 0
    for words in lists:
        ids = [vocabulary.setdefault(word, len(vocabulary)) for word in words]
        numbers.append(np.asarray(ids, dtype=np.int32))
        total += len(ids)
        ends.append(total)
    flat = np.concatenate(numbers) if numbers else np.empty(0, np.int32)
    return vocabulary, flat, np.asarray(ends, dtype=np.int64)


def _terms(
    numbers: NDArray[Any], ends: NDArray[Any], *, pairs: bool
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the number of each term and the row it stands in."""
    rows = np.repeat(np.arange(len(ends) - 1, dtype=np.int32), np.diff(ends))
    keys = numbers.astype(np.int64)
    if not pairs or len(keys) < 2:
        return keys, rows
    same = rows[:-1] == rows[1:]
    couples = (keys[:-1][same] + 1) * _PAIR + keys[1:][same]
    return np.concatenate([keys, couples]), np.concatenate([rows, rows[:-1][same]])


def _weigh(
    keys: NDArray[Any], rows: NDArray[Any], n: int, *, block: Block
) -> tuple[Any, NDArray[Any], NDArray[Any]]:
    """Return one block's rows at a length near ``sqrt(weight)``, with its terms and their scales.

    (1 + ln count) times (1 + ln((1 + n) / (1 + n with the term))), as
    scikit-learn has it; a term of nearly all records is left out. A term of one
    record alone counts in that record's length but needs no column. Lengths are
    pivoted (Singhal A, Buckley C, Mitra M. SIGIR 1996:21-29).
    """
    terms, columns = np.unique(keys, return_inverse=True)
    counts = sp.csr_matrix((np.ones(len(rows), np.float64), (rows, columns)), shape=(n, len(terms)))
    counts.sum_duplicates()
    in_records = np.bincount(counts.indices, minlength=len(terms))
    scales = np.log((1 + n) / (1 + in_records)) + 1
    # In a handful of records nearly every term is in nearly all.
    if n > 20:
        scales[in_records > 0.95 * n] = 0
    counts.data = (1 + np.log(counts.data)) * scales[counts.indices]
    length = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    if length.any():
        length = (1 - block.slope) * length[length > 0].mean() + block.slope * length
    counts.data *= np.repeat(
        np.sqrt(block.weight) / np.maximum(length, 1e-12), np.diff(counts.indptr)
    )
    kept = np.flatnonzero((in_records >= block.least) & (scales > 0))
    return counts[:, kept], terms[kept], scales[kept]


class Blocks:
    """Text, title, subject headings and parts of words as blocks of their own.

    Parameters
    ----------
    title, headings, parts : float
        Weight of the title, of the MeSH headings with keywords, and of the
        beginnings and endings of words; the text of title and abstract has
        weight 1.
    """

    name = "blocks"
    version = "1"

    def __init__(
        self,
        *,
        title: float = 0.3,
        headings: float = 0.3,
        parts: float = 0.4,
        slope: float = 1.0,
    ) -> None:
        self.blocks: tuple[Block, ...] = (
            Block(name="", read=_text, show=_plain_text, pairs=True, slope=slope),
            Block(
                name="title",
                read=_title,
                show=_plain_title,
                weight=title,
                pairs=True,
                slope=slope,
            ),
            Block(name="heading", read=_headings, show=_headings, weight=headings, slope=slope),
            Block(name="part", read=_parts, show=_parts, weight=parts, slope=slope),
        )

    def extract(self, records: Sequence[Record]) -> FeatureTable:
        """Return the table of these records."""
        matrices, vocabularies, keys, scales = [], [], [], []
        for block in self._used():
            vocabulary, numbers, ends = _number(block.read(record) for record in records)
            found, rows = _terms(numbers, ends, pairs=block.pairs)
            matrix, terms, scale = _weigh(found, rows, len(records), block=block)
            matrices.append(matrix)
            vocabularies.append(vocabulary)
            keys.append(terms)
            scales.append(scale)
        return FeatureTable(
            matrix=sp.hstack(matrices, format="csr"),
            vocabularies=tuple(vocabularies),
            keys=tuple(keys),
            scales=tuple(scales),
        )

    def _columns(
        self,
        block: int,
        words: list[str],
        table: FeatureTable,
        *,
        pairs: bool,
        shown: list[str] | None = None,
    ) -> dict[str, int]:
        """Return the columns, within a block, of the terms that the table knows."""
        vocabulary, keys = table.vocabularies[block], table.keys[block]
        numbers = [vocabulary.get(word) for word in words]
        printed = shown or words
        named = {word: n for word, n in zip(printed, numbers, strict=True) if n is not None}
        if pairs:
            for (first, second), (a, b) in zip(pairwise(printed), pairwise(numbers), strict=True):
                if a is not None and b is not None:
                    named[f"{first} {second}"] = (a + 1) * int(_PAIR) + b
        wanted = np.asarray(list(named.values()), dtype=np.int64)
        at = np.searchsorted(keys, wanted)
        return {
            term: int(place)
            for term, place, key in zip(named, at.tolist(), wanted.tolist(), strict=True)
            if place < len(keys) and keys[place] == key
        }

    def place(self, text: str, table: FeatureTable) -> Any:
        """Return other text as a row of the table, of length 1 in each block of words."""
        parts = []
        for index, block in enumerate(self._used()):
            keys, scales = table.keys[index], table.scales[index]
            row = np.zeros(len(keys))
            if block.pairs:
                columns = list(self._columns(index, words_of(text), table, pairs=True).values())
                row[columns] = scales[columns]
            parts.append(row * np.sqrt(block.weight) / max(float(np.linalg.norm(row)), 1e-12))
        return sp.csr_matrix(np.concatenate(parts))

    def terms_of(self, record: Record, table: FeatureTable) -> Mapping[str, int]:
        """Return the record's terms as people read them, each with its column."""
        found: dict[str, int] = {}
        start = 0
        for index, block in enumerate(self._used()):
            columns = self._columns(
                index, block.read(record), table, pairs=block.pairs, shown=block.show(record)
            )
            seen = set[int]()
            for term, column in columns.items():
                # "trial" and "trials" are one term: the first as printed stands for it.
                if column not in seen:
                    seen.add(column)
                    found[f"{block.name}: {term}" if block.name else term] = start + column
            start += len(table.keys[index])
        return found

    def _used(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.weight > 0)


class Words(Blocks):
    """Folded words and pairs of title and abstract alone."""

    name = "words"

    def __init__(self) -> None:
        self.blocks = (Block(name="", read=_text, show=_plain_text, pairs=True),)


class PlainWords(Blocks):
    """Words and pairs as they are printed, as ASReview's ELAS u4 has them."""

    name = "plain-words"

    def __init__(self) -> None:
        self.blocks = (Block(name="", read=_plain_text, show=_plain_text, pairs=True, slope=1.0),)


def _text(record: Record) -> list[str]:
    return words_of(f"{record.title or ''} {record.abstract or ''}")


def _plain_text(record: Record) -> list[str]:
    return plain_words_of(f"{record.title or ''} {record.abstract or ''}")


def _title(record: Record) -> list[str]:
    return words_of(record.title or "")


def _parts(record: Record) -> list[str]:
    return word_parts_of(f"{record.title or ''} {record.abstract or ''}")


def _plain_title(record: Record) -> list[str]:
    return plain_words_of(record.title or "")


def _headings(record: Record) -> list[str]:
    """Return headings, keywords and publication types, each a term as a whole."""
    named = [heading.descriptor for heading in record.mesh]
    types = [f"type {name}" for name in record.publication_types]
    return [name.casefold() for name in (*named, *record.keywords, *types)]
