"""``Document``: a record as the words, tokens and days that plans ask for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from resartus.domain.record import Author, Record
from resartus.search.plan import Part
from resartus.search.words import fold, fold_all

__all__ = ["DATE_FIELDS", "Document", "document_of", "token"]

DATE_FIELDS = ("dp", "dp1", "ppdat", "epdat", "edat", "crdt", "mhda", "lr", "dcom")
"""PubMed's date tags; ``dp1`` holds the days a single ``[dp]`` date may fall on.

A single publication date does not look at an electronic date later than the
printed one, a range does (PubMed User Guide, Publication Date).
"""
_SEASONS = {"winter": 1, "spring": 4, "summer": 7, "autumn": 10, "fall": 10}
_SEASON = re.compile("|".join(_SEASONS), re.IGNORECASE)
_FIRST_PAGE = re.compile(r"[\w.]+")
_RELATIONS = {"correctedandrepublishedin": "correctedrepublishedin",
              "correctedandrepublishedfrom": "correctedrepublishedfrom"}  # fmt: skip


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


def token(field: str, text: str) -> str:
    """Return an exact token: ``la:eng``, ``pl:united_states``."""
    return f"{field}:{'_'.join(fold(text).split())}"


@lru_cache(maxsize=100_000)
def _folded(text: str) -> str:
    return fold(text)


@lru_cache(maxsize=100_000)
def _joined(text: str) -> str:
    return "_".join(fold(text).split())


@lru_cache(maxsize=20_000)
def _token(field: str, text: str) -> str:
    return token(field, text)


@lru_cache(maxsize=50_000)
def _letters(text: str) -> str:
    return fold(text).replace(" ", "")


def name_tokens(people: Iterable[Author]) -> list[str]:
    """Return ``o_brien|ja|jr``: surname, initials and suffix, each told from the next."""
    return [
        f"{_joined(person.last_name or person.fore_name or '')}"
        f"|{_letters(person.initials) if person.initials else ''}"
        f"|{_letters(person.suffix) if person.suffix else ''}"
        for person in people
    ]


def full_name_tokens(people: Iterable[Author]) -> list[str]:
    """Return ``o_brien|jo_ann`` for those whose fore names are known."""
    return [
        f"{_joined(person.last_name)}|{_joined(person.fore_name)}"
        for person in people
        if person.fore_name and person.last_name
    ]


def _full_name(author: Author) -> str | None:
    """Return ``Jo Ann O'Brien JA Jr``, in which both forms of a name are phrases."""
    if author.collective_name:
        return None
    parts = (author.fore_name, author.last_name, author.initials, author.suffix)
    return " ".join([part for part in parts if part])


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
    abstract = [record.abstract, *[other.text for other in record.other_abstracts]]
    affiliations = dict.fromkeys([a for x in record.authors for a in x.affiliations])
    # One pass of folding over all of them: it is what costs.
    texts = _folded_parts(
        (
            (Part.TITLE, title),
            (Part.ABSTRACT, abstract),
            (Part.KEYWORD, record.keywords),
            (Part.SUBJECT, _subject(record)),
            (Part.AFFILIATION, affiliations),
            (Part.REST, _rest(record)),
        )
    )
    fielded = [
        " ".join([f"{name}:{word}" for word in _folded(text).split()])
        for name, values in _fielded(record)
        for text in values
        if text
    ]
    if fielded:
        texts[Part.FIELDED] = fielded
    return Document(int(record.pmid or 0), texts, _tokens(record, heading_id), _dates(record))


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


def _subject(record: Record) -> Iterable[str | None]:
    """Yield what Text Word covers beyond title, abstract and keywords."""
    for heading in record.mesh:
        yield heading.descriptor
        for qualifier in heading.qualifiers:
            yield qualifier.name
    yield from record.publication_types
    yield from record.substances
    yield from record.registry_numbers
    for person in record.personal_subjects:
        yield _full_name(person)
    for author in record.authors:
        yield author.collective_name
    for report in record.related:
        yield report.citation


def _rest(record: Record) -> Iterable[str | None]:
    """Yield what All Fields covers beyond Text Word and affiliations; no dates, no country."""
    for person in (*record.authors, *record.investigators, *record.editors):
        yield _full_name(person)
    yield record.journal
    yield record.journal_abbreviation
    yield from record.issn
    yield from record.isbn
    yield from (record.volume, record.issue, record.pages, record.publisher)
    yield from record.grants
    yield from record.chemical_numbers
    yield from record.languages
    yield from (value for _, value in record.identifiers)
    yield record.vernacular_title
    yield record.conflict_of_interest
    if record.pmid is not None:
        yield str(record.pmid)


def _fielded(record: Record) -> Iterable[tuple[str, Iterable[str | None]]]:
    yield "gr", record.grants
    yield "nm", record.substances
    yield "si", record.registry_numbers
    yield "tt", (record.vernacular_title,)
    yield "cois", (record.conflict_of_interest,)
    yield "cn", [author.collective_name for author in record.authors]
    yield "book", (record.book_title,)
    yield "pubn", (record.publisher,)


def _id(ui: str | None, name: str, heading_id: Callable[[str], str | None]) -> str:
    return ui or heading_id(name) or f"={_joined(name)}"


def _tokens(record: Record, heading_id: Callable[[str], str | None]) -> list[str]:
    tokens: dict[str, None] = {}
    for heading in record.mesh:
        ui = _id(heading.ui, heading.descriptor, heading_id)
        tokens[f"mh:{ui}"] = None
        is_major = heading.major
        for qualifier in heading.qualifiers:
            name = _joined(qualifier.name)
            tokens[f"sh:{name}"] = None
            tokens[f"mh:{ui}/{name}"] = None
            if heading.major or qualifier.major:
                tokens[f"mj:{ui}/{name}"] = None
                is_major = True
        if is_major:
            tokens[f"mj:{ui}"] = None
    uis = record.publication_type_uis or ("",) * len(record.publication_types)
    for name, ui in zip(record.publication_types, uis, strict=False):
        tokens[f"pt:{_id(ui, name, heading_id)}"] = None
    uis = record.substance_uis or ("",) * len(record.substances)
    for name, ui in zip(record.substances, uis, strict=False):
        tokens[f"nm:{ui}" if ui else _token("nm", name)] = None
    _people_tokens(record, tokens)
    for field, values in _exact(record):
        for value in values:
            if value:
                tokens[_token(field, value)] = None
    for value in _flags(record):
        tokens[f"sb:{value}"] = None
    return list(tokens)


def _people_tokens(record: Record, tokens: dict[str, None]) -> None:
    people = [author for author in record.authors if not author.collective_name]
    names = name_tokens(people)
    for author, name in zip(people, names, strict=True):
        tokens[f"au:{name}"] = None
        if author.orcid:
            tokens[f"auid:{author.orcid.replace('-', '').lower()}"] = None
    if people:
        tokens[f"1au:{names[0]}"] = None
        tokens[f"lastau:{names[-1]}"] = None
    for name in full_name_tokens(people):
        tokens[f"fau:{name}"] = None
    if record.investigators:
        for name in full_name_tokens(record.investigators):
            tokens[f"fir:{name}"] = None
    for field, persons in (
        ("ir", record.investigators),
        ("ed", record.editors),
        ("ps", record.personal_subjects),
    ):
        for name in name_tokens([person for person in persons if not person.collective_name]):
            tokens[f"{field}:{name}"] = None


def _exact(record: Record) -> Iterable[tuple[str, Iterable[str | None]]]:
    page = _FIRST_PAGE.search(record.pages or "")
    yield "la", record.languages
    yield "jid", (record.nlm_id,)
    yield "ta", (record.journal_abbreviation,)
    yield "jt", (record.journal,)
    yield "is", record.issn
    yield "isbn", record.isbn
    yield "vi", (record.volume,)
    yield "ip", (record.issue,)
    yield "pg", (page[0] if page else None,)
    yield "pl", (record.country,)
    yield "rn", record.chemical_numbers
    yield "aid", (value for _, value in record.identifiers)
    yield "aid", (record.doi, record.pmcid)
    yield "aid", (value for _, value in record.locations)


def _flags(record: Record) -> Iterable[str]:
    """Yield the filters of PubMed that a record alone decides."""
    if record.abstract:
        yield "hasabstract"
    if record.is_abstract_structured:
        yield "hasstructuredabstract"
    if any((other.language or "eng") != "eng" for other in record.other_abstracts):
        yield "hasnonenglishabstract"
    if record.keywords:
        yield "haskeyword"
    if record.registry_numbers:
        yield "hasdatabanklist"
        yield "data"
    if record.conflict_of_interest:
        yield "hascois"
    if any(kind == "mid" for kind, _ in record.identifiers):
        yield "hasnihmsid"
    for report in record.related:
        kind = report.kind.lower()
        yield f"has{_RELATIONS.get(kind, kind)}"
    if record.status:
        yield record.status.lower().replace("-", "")
    if record.owner:
        yield f"owner{record.owner.lower()}"
    if record.indexing_method:
        yield f"indexingmethod_{record.indexing_method.lower()}"
    if record.publication_status:
        yield f"pubstatus{record.publication_status.lower()}"
    if record.pmcid:
        yield "pubmed_pmc"
    if record.book_title:
        yield "pmcbook"
    for subset in record.subsets:
        yield f"jsubset{subset.lower()}"


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
