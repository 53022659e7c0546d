"""``Document``: a record as the words, tokens and days that plans ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from resartus.domain.record import Author, Record
from resartus.search.exact import tokens_of
from resartus.search.plan import Part
from resartus.search.words import fold, fold_all

__all__ = ["DATE_FIELDS", "Document", "document_of"]

DATE_FIELDS = ("dp", "dp1", "ppdat", "epdat", "edat", "crdt", "mhda", "lr", "dcom")
"""PubMed's date tags; ``dp1`` holds the days a single ``[dp]`` date may fall on.

A single publication date does not look at an electronic date later than the
printed one, a range does (PubMed User Guide, Publication Date).
"""
_SEASONS = {"winter": 1, "spring": 4, "summer": 7, "autumn": 10, "fall": 10}
_SEASON = re.compile("|".join(_SEASONS), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """What is asked of one record.

    ``texts`` gives each part's runs of folded words; phrases stay inside a
    run. ``dates`` gives each date field's days as ``yyyymmdd`` numbers.
    """

    pmid: int
    texts: dict[Part, list[str]]
    tokens: list[str]
    dates: dict[str, list[int]]


def document_of(record: Record, heading_id: Callable[[str], str | None]) -> Document:
    """Return the document of a record.

    Parameters
    ----------
    heading_id : callable
        Gives MeSH's id of a heading or publication type by its name, or
        ``None``. Asked only where the record has no id, as in NBIB files.
    """
    title = [record.title, record.collection_title]
    if record.book_title != record.title:
        title.append(record.book_title)
    affiliations = dict.fromkeys([a for x in record.authors for a in x.affiliations])
    # One pass of folding over all that no other record shares: it is what costs.
    texts = _folded_parts(
        (
            (Part.TITLE, title),
            (Part.ABSTRACT, (record.abstract, *[other.text for other in record.other_abstracts])),
            (Part.KEYWORD, record.keywords),
            (Part.SUBJECT, _subject(record)),
            (Part.AFFILIATION, affiliations),
            (Part.REST, _rest(record)),
        )
    )
    shared = list(_runs(record.publication_types))
    for heading in record.mesh:
        shared.append(_folded(heading.descriptor))
        shared += [_folded(qualifier.name) for qualifier in heading.qualifiers]
    shared += [_folded(name) for name in record.substances]
    if shared:
        texts.setdefault(Part.SUBJECT, []).extend(shared)
    source = _runs((record.journal, record.journal_abbreviation, *record.issn, *record.languages))
    if source:
        texts.setdefault(Part.REST, []).extend(source)
    fielded = _fielded(record)
    if fielded:
        texts[Part.FIELDED] = fielded
    return Document(int(record.pmid or 0), texts, tokens_of(record, heading_id), _dates(record))


@lru_cache(maxsize=100_000)
def _folded(text: str) -> str:
    return fold(text)


@lru_cache(maxsize=20_000)
def _runs(texts: tuple[str | None, ...]) -> list[str]:
    return fold_all(texts)


def _folded_parts(
    parts: Iterable[tuple[Part, Iterable[str | None]]],
) -> dict[Part, list[str]]:
    kept = [(part, [text for text in texts if text]) for part, texts in parts]
    folded = fold_all([text for _, texts in kept for text in texts])
    found: dict[Part, list[str]] = {}
    start = 0
    for part, texts in kept:
        if texts:
            found[part] = folded[start : start + len(texts)]
            start += len(texts)
    return found


def _subject(record: Record) -> list[str | None]:
    """Return what Text Word covers beyond title, abstract, keywords and what is shared."""
    found: list[str | None] = [author.collective_name for author in record.authors]
    found += record.registry_numbers
    found += [_full_name(person) for person in record.personal_subjects]
    found += [report.citation for report in record.related]
    return found


def _rest(record: Record) -> list[str | None]:
    """Return what All Fields covers beyond Text Word, affiliations and what is shared.

    No dates, no country.
    """
    people = (*record.authors, *record.investigators, *record.editors)
    found: list[str | None] = [_full_name(person) for person in people]
    found += record.isbn
    found += (record.volume, record.issue, record.pages, record.publisher)
    found += record.grants
    found += record.chemical_numbers
    found += [value for _, value in record.identifiers]
    found += (record.vernacular_title, record.conflict_of_interest)
    if record.pmid is not None:
        found.append(str(record.pmid))
    return found


def _full_name(author: Author) -> str | None:
    """Return ``Jo Ann O'Brien JA Jr``, in which both forms of a name are phrases."""
    if author.collective_name:
        return None
    if author.fore_name and author.last_name and author.initials and not author.suffix:
        return f"{author.fore_name} {author.last_name} {author.initials}"
    parts = (author.fore_name, author.last_name, author.initials, author.suffix)
    return " ".join([part for part in parts if part])


def _fielded(record: Record) -> list[str]:
    """Return words with their field before them, for the fields few ask for."""
    groups = [author.collective_name for author in record.authors if author.collective_name]
    named = [("cn", text) for text in groups]
    named += [("gr", text) for text in record.grants]
    named += [("si", text) for text in record.registry_numbers]
    for name, text in (
        ("tt", record.vernacular_title),
        ("cois", record.conflict_of_interest),
        ("book", record.book_title),
        ("pubn", record.publisher),
    ):
        if text:
            named.append((name, text))
    # Substances come again and again, the others do not.
    found = [_known_substance("nm", text) for text in record.substances]
    return found + [_prefixed(name, text) for name, text in named]


def _prefixed(name: str, text: str) -> str:
    return " ".join([f"{name}:{word}" for word in fold(text).split()])


_known_substance = lru_cache(maxsize=20_000)(_prefixed)


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _printed(record: Record) -> int | None:
    """Return the printed date: no month is January or the season's first, no day is the first."""
    if record.year is None:
        return None
    month = record.month
    if month is None:
        season = _SEASON.search(record.published_text or "")
        month = _SEASONS[season[0].lower()] if season else 1
    return record.year * 10_000 + month * 100 + (record.day or 1)


def _dates(record: Record) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    printed = _printed(record)
    electronic = None if record.electronic_on is None else _number(record.electronic_on)
    is_electronic = (record.publication_model or "").startswith("Electronic")
    days = [day for day in (printed, electronic) if day is not None]
    if days:
        found["dp"] = sorted(set(days))
        if printed is None or electronic is None or electronic <= printed:
            found["dp1"] = found["dp"]
        else:
            found["dp1"] = [printed]
    if printed is not None and not is_electronic:
        found["ppdat"] = [printed]
    if electronic is None and is_electronic:
        electronic = printed
    if electronic is not None:
        found["epdat"] = [electronic]
    for field, day in (
        ("edat", record.entered_on),
        ("crdt", record.created_on),
        ("mhda", record.indexed_on or record.entered_on),
        ("lr", record.revised_on),
        ("dcom", record.completed_on),
    ):
        if day is not None:
            found[field] = [_number(day)]
    return found
