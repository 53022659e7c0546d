"""Records as numbers: words and pairs of words, weighted by how rare they are, block by block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count, pairwise
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.screening.parts import FeatureTable
from resartus.screening.words import fold_word, parts_of, plain_words_of

__all__ = ["Block", "Blocks", "PlainWords", "Words"]

_PAIR = np.int64(1) << np.int64(31)

Field = Literal["text", "title", "heading"]
"""What is read of a record; text is its title and abstract."""
Form = Callable[[str], tuple[str, ...]]
"""The terms a word stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a record that is weighted by itself.

    ``form`` turns a printed word into its terms; with ``pairs`` two that follow
    each other are a term too. ``weight`` is the block's share in the
    similarity of two records, the text's being 1. ``slope`` is how far a short
    part is brought to the same length as a long one: 1 wholly, less leaves a
    bare title less sure. ``least`` is in how many records a term must stand to
    have a column.
    """

    name: str
    field: Field
    form: Form
    weight: float = 1.0
    pairs: bool = False
    slope: float = 0.7
    least: int = 2

    def terms_of(self, record: Record) -> Iterator[tuple[str, str]]:
        """Yield the record's terms in order, each as it is kept and as it is printed."""
        for word in _read(record, self.field):
            terms = self.form(word)
            printed = (word,) if len(terms) == 1 else terms
            yield from zip(terms, printed, strict=True)


def _read(record: Record, field: Field) -> list[str]:
    if field == "text":
        return plain_words_of(f"{record.title or ''} {record.abstract or ''}")
    if field == "title":
        return plain_words_of(record.title or "")
    # Headings, keywords and publication types, each a term as a whole.
    named = [heading.descriptor for heading in record.mesh]
    types = [f"type {name}" for name in record.publication_types]
    return [name.casefold() for name in (*named, *record.keywords, *types)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbered:
    """Words of all records one after the other, by their number, and where each record ends."""

    vocabulary: Sequence[str]
    words: NDArray[Any]
    ends: NDArray[Any]

    def formed(self, form: Form) -> _Numbered:
        """Return the terms that the words stand for: each word of the vocabulary is asked once."""
        numbering: defaultdict[str, int] = defaultdict(count().__next__)
        terms = [[numbering[term] for term in form(word)] for word in self.vocabulary]
        sizes = np.fromiter(map(len, terms), np.int64, len(terms))
        flat = np.fromiter(chain.from_iterable(terms), np.int32, int(sizes.sum()))
        if (sizes == 1).all():
            return _Numbered(vocabulary=list(numbering), words=flat[self.words], ends=self.ends)
        each = sizes[self.words]
        after = np.concatenate([[0], np.cumsum(each)])
        start = (np.cumsum(sizes) - sizes)[self.words]
        places = np.arange(after[-1]) + np.repeat(start - after[:-1], each)
        return _Numbered(vocabulary=list(numbering), words=flat[places], ends=after[self.ends])


def _number(lists: Iterable[list[str]]) -> _Numbered:
    numbering: defaultdict[str, int] = defaultdict(count().__next__)
    numbers: list[NDArray[Any]] = []
    for words in lists:
        numbers.append(np.fromiter(map(numbering.__getitem__, words), np.int32, len(words)))
    sizes = np.fromiter(map(len, numbers), np.int64, len(numbers))
    return _Numbered(
        vocabulary=list(numbering),
        words=np.concatenate(numbers) if numbers else np.empty(0, np.int32),
        ends=np.concatenate([[0], np.cumsum(sizes)]),
    )


def _count(numbered: _Numbered, *, pairs: bool) -> tuple[NDArray[Any], Any]:
    """Return the terms, ascending, and how often each stands in each record, a term a column.

    One sort of numbers that carry both the term and the record: several times
    faster than to tell the terms apart first.
    """
    n, words = len(numbered.ends) - 1, numbered.words.astype(np.int64)
    rows = np.repeat(np.arange(n, dtype=np.int64), np.diff(numbered.ends))
    # From the lowest bit up: the record, the word, and one more than the word before it.
    of_row, of_word = n.bit_length(), (len(numbered.vocabulary) + 1).bit_length()
    both = words << of_row | rows
    if pairs and len(words) > 1:
        if of_row + 2 * of_word > 63:
            raise DataError(
                f"{n} records with {len(numbered.vocabulary)} different words are too many to rank"
            )
        same = rows[:-1] == rows[1:]
        both = np.concatenate([both, (words[:-1][same] + 1 << of_word + of_row) | both[1:][same]])
    del rows, words
    both.sort()
    starts = _where_new(both)
    counts = np.diff(starts, append=len(both)).astype(np.float64)
    both = both[starts]
    rows = (both & (1 << of_row) - 1).astype(np.int32)
    both >>= of_row
    begins = _where_new(both)
    codes = both[begins]
    matrix = sp.csc_matrix((counts, rows, np.append(begins, len(counts))), shape=(n, len(codes)))
    return (codes >> of_word) * _PAIR + (codes & (1 << of_word) - 1), matrix


def _where_new(ascending: NDArray[Any]) -> NDArray[Any]:
    """Return where each different number begins."""
    return np.flatnonzero(np.diff(ascending, prepend=ascending[:1] - 1))


def _weigh(numbered: _Numbered, *, block: Block) -> tuple[Any, NDArray[Any], NDArray[Any]]:
    """Return one block's rows at a length near ``sqrt(weight)``, with its terms and their scales.

    (1 + ln count) times (1 + ln((1 + n) / (1 + n with the term))), as
    scikit-learn has it; a term of nearly all records is left out. A term of one
    record alone counts in that record's length but needs no column. Lengths are
    pivoted (Singhal A, Buckley C, Mitra M. SIGIR 1996:21-29).
    """
    terms, counts = _count(numbered, pairs=block.pairs)
    n = counts.shape[0]
    in_records = np.diff(counts.indptr)
    scales = np.log((1 + n) / (1 + in_records)) + 1
    # In a handful of records nearly every term is in nearly all.
    if n > 20:
        scales[in_records > 0.95 * n] = 0
    counts.data = (1 + np.log(counts.data)) * np.repeat(scales, in_records)
    length = np.sqrt(np.bincount(counts.indices, weights=counts.data**2, minlength=n))
    if length.any():
        length = (1 - block.slope) * length[length > 0].mean() + block.slope * length
    kept = np.flatnonzero((in_records >= block.least) & (scales > 0))
    rows = counts[:, kept].tocsr()
    rows.data *= np.repeat(np.sqrt(block.weight) / np.maximum(length, 1e-12), np.diff(rows.indptr))
    return rows, terms[kept], scales[kept]


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
    version = "2"

    def __init__(
        self,
        *,
        title: float = 0.3,
        headings: float = 0.3,
        parts: float = 0.4,
        slope: float = 1.0,
    ) -> None:
        self.blocks: tuple[Block, ...] = (
            Block(name="", field="text", form=_folded, pairs=True, slope=slope),
            Block(name="title", field="title", form=_folded, weight=title, pairs=True, slope=slope),
            Block(name="heading", field="heading", form=_whole, weight=headings, slope=slope),
            Block(name="part", field="text", form=_parts, weight=parts, slope=slope),
        )

    def extract(self, records: Sequence[Record]) -> FeatureTable:
        """Return the table of these records."""
        matrices, vocabularies, keys, scales = [], [], [], []
        read: dict[Field, _Numbered] = {}
        for block in self._used():
            if block.field not in read:
                read[block.field] = _number(_read(record, block.field) for record in records)
            numbered = read[block.field].formed(block.form)
            matrix, terms, scale = _weigh(numbered, block=block)
            matrices.append(matrix)
            vocabularies.append({term: n for n, term in enumerate(numbered.vocabulary)})
            keys.append(terms)
            scales.append(scale)
        return FeatureTable(
            matrix=sp.hstack(matrices, format="csr"),
            vocabularies=tuple(vocabularies),
            keys=tuple(keys),
            scales=tuple(scales),
        )

    def _columns(
        self, block: int, terms: Sequence[tuple[str, str]], table: FeatureTable, *, pairs: bool
    ) -> dict[str, int]:
        """Return the columns, within a block, of the terms that the table knows, as printed."""
        vocabulary, keys = table.vocabularies[block], table.keys[block]
        known = [(vocabulary.get(term), printed) for term, printed in terms]
        named = {printed: n for n, printed in known if n is not None}
        if pairs:
            for (a, first), (b, second) in pairwise(known):
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
                terms = [(term, w) for w in plain_words_of(text) for term in block.form(w)]
                columns = list(self._columns(index, terms, table, pairs=True).values())
                row[columns] = scales[columns]
            parts.append(row * np.sqrt(block.weight) / max(float(np.linalg.norm(row)), 1e-12))
        return sp.csr_matrix(np.concatenate(parts))

    def terms_of(self, record: Record, table: FeatureTable) -> Mapping[str, int]:
        """Return the record's terms as people read them, each with its column."""
        found: dict[str, int] = {}
        start = 0
        for index, block in enumerate(self._used()):
            terms = list(block.terms_of(record))
            columns = self._columns(index, terms, table, pairs=block.pairs)
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
        self.blocks = (Block(name="", field="text", form=_folded, pairs=True),)


class PlainWords(Blocks):
    """Words and pairs as they are printed.

    Parameters
    ----------
    least : int
        In how many records a term must stand to have a column. With 1, as in
        ASReview's ELAS u4, each record is also like itself by the terms that no
        other has, so that a model can learn it by heart a little.
    """

    name = "plain-words"

    def __init__(self, least: int = 2) -> None:
        self.blocks = (
            Block(name="", field="text", form=_whole, pairs=True, slope=1.0, least=least),
        )


def _whole(word: str) -> tuple[str, ...]:
    return (word,)


def _folded(word: str) -> tuple[str, ...]:
    return (fold_word(word),)


def _parts(word: str) -> tuple[str, ...]:
    return parts_of(fold_word(word))
