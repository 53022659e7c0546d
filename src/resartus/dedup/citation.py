"""``Citation``: what is compared of a record, in a form small enough for a million of them."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from sys import intern

from resartus.dedup.numbering import page_range, part_numbers, plain_number
from resartus.dedup.relations import Form, form_of
from resartus.dedup.words import title_words, words_of
from resartus.domain.record import Author, Record

__all__ = ["SKETCH_SIZE", "Citation", "normalise"]

SKETCH_SIZE = 24
_SHORTEST_ABSTRACT = 20
_DOI_PREFIX = re.compile(r"^(?:https?://)?(?:dx\.)?(?:doi\.org/|doi:\s*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One record as it is compared.

    ``title`` holds folded words; ``surnames``, ``given`` and ``first`` the
    folded words of all family names, of all given names written out, and of
    the first author's whole name. ``sketch`` holds the smallest hashes of the
    abstract's words, as four bytes each. ``heads_a_column`` is known only
    beside the other citations, see ``corpus.seen_together``.
    """

    record_id: str
    source: str
    title: str | None
    other_title: str | None
    parts: frozenset[str]
    surnames: str
    given: str
    first: str
    n_authors: int
    journals: tuple[str, ...]
    issn: tuple[str, ...]
    year: int | None
    volume: str | None
    issue: str | None
    first_page: str | None
    last_page: str | None
    doi: str | None
    pmid: int | None
    sketch: bytes | None
    form: Form
    heads_a_column: bool = False


def _sketch(abstract: str | None) -> bytes | None:
    """Return the smallest hashes of the abstract's words, or ``None`` for a stub.

    Two sketches estimate how many words two abstracts share (Broder 1997,
    bottom-k sketches) in a hundredth of the memory of the texts.
    """
    if abstract is None:
        return None
    words = {word for word in words_of(abstract) if len(word) > 3}
    if len(words) < _SHORTEST_ABSTRACT:
        return None
    smallest = sorted(zlib.crc32(word.encode()) for word in words)[:SKETCH_SIZE]
    return b"".join(number.to_bytes(4, "big") for number in smallest)


def _surname_words(author: Author) -> list[str]:
    name = author.last_name or author.collective_name or author.fore_name or ""
    # "Tan A.Schulze A.Davis P. G.": exports that lost what stood between the names.
    return [word for word in words_of(name.replace(".", " ")) if len(word) > 1]


def _given_words(author: Author) -> list[str]:
    if not author.fore_name or not author.last_name:
        return []
    return [word for word in words_of(author.fore_name.replace(".", " ")) if len(word) > 2]


def _doi(record: Record) -> str | None:
    if record.doi is None:
        return None
    return _DOI_PREFIX.sub("", record.doi.strip()).lower().rstrip(".")


def normalise(record: Record) -> Citation:
    """Return what is compared of a record."""
    words = title_words(record.title) if record.title else []
    other = title_words(record.vernacular_title) if record.vernacular_title else []
    surnames = [word for author in record.authors for word in _surname_words(author)]
    given = [word for author in record.authors for word in _given_words(author)]
    first: list[str] = []
    if record.authors:
        first = _surname_words(record.authors[0]) + _given_words(record.authors[0])
    first_page, last_page = page_range(record.pages)
    journals = dict.fromkeys(j for j in (record.journal, record.journal_abbreviation) if j)
    volume, issue = plain_number(record.volume), plain_number(record.issue)
    return Citation(
        record_id=record.record_id,
        source=intern(record.source),
        title=" ".join(words) or None,
        other_title=" ".join(other) or None,
        parts=part_numbers(words),
        surnames=" ".join(surnames),
        given=" ".join(given),
        first=" ".join(first),
        n_authors=len(record.authors),
        journals=tuple(intern(journal) for journal in journals),
        issn=tuple(intern(i.replace("-", "").upper()) for i in record.issn if i[:1].isdigit()),
        year=record.year,
        volume=intern(volume) if volume else None,
        issue=intern(issue) if issue else None,
        first_page=first_page,
        last_page=last_page,
        doi=_doi(record),
        pmid=record.pmid,
        sketch=_sketch(record.abstract),
        form=form_of(record),
    )
