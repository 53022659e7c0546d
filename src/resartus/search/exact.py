"""Exact tokens of a record: ``la:eng``, ``mh:D008113``, ``au:o_brien|ja``.

What many records share, a heading, a journal, a status, is turned into tokens once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from resartus.domain.record import Author, Record
from resartus.search.words import joined

__all__ = ["token", "tokens_of"]

HeadingId = Callable[[str], str | None]
"""Gives MeSH's id of a heading or publication type by its name."""
_FIRST_PAGE = re.compile(r"[\w.]+")
_RELATIONS = {"correctedandrepublishedin": "correctedrepublishedin",
              "correctedandrepublishedfrom": "correctedrepublishedfrom"}  # fmt: skip


def token(field: str, text: str) -> str:
    """Return an exact token: ``la:eng``, ``pl:united_states``."""
    return f"{field}:{joined(text)}"


@lru_cache(maxsize=100_000)
def _joined(text: str) -> str:
    return joined(text)


@lru_cache(maxsize=50_000)
def _letters(text: str | None) -> str:
    return joined(text).replace("_", "") if text else ""


def tokens_of(record: Record, heading_id: HeadingId) -> list[str]:
    """Return all exact tokens of a record, each once."""
    found: dict[str, None] = {}
    add = found.update
    _add_headings(record, heading_id, found)
    for name, ui in _pairs(record.publication_types, record.publication_type_uis):
        found[f"pt:{ui or _id(None, name, heading_id)}"] = None
    for name, ui in _pairs(record.substances, record.substance_uis):
        found[f"nm:{ui or _joined(name)}"] = None
    for number in record.chemical_numbers:
        found[f"rn:{_joined(number)}"] = None
    _add_people(record, found)
    add(
        _source(
            record.nlm_id,
            record.journal_abbreviation,
            record.journal,
            record.issn,
            record.country,
            record.languages,
        )
    )
    _add_numbers(record, found)
    add(
        _state(
            record.status,
            record.owner,
            record.indexing_method,
            record.publication_status,
            record.subsets,
        )
    )
    _add_filters(record, found)
    return list(found)


def _id(ui: str | None, name: str, heading_id: HeadingId) -> str:
    return ui or heading_id(name) or f"={_joined(name)}"


def _add_headings(record: Record, heading_id: HeadingId, found: dict[str, None]) -> None:
    for heading in record.mesh:
        ui = heading.ui or _id(None, heading.descriptor, heading_id)
        found[f"mh:{ui}"] = None
        is_major = heading.major
        for qualifier in heading.qualifiers:
            name = _joined(qualifier.name)
            found[f"sh:{name}"] = None
            found[f"mh:{ui}/{name}"] = None
            if heading.major or qualifier.major:
                found[f"mj:{ui}/{name}"] = None
                is_major = True
        if is_major:
            found[f"mj:{ui}"] = None


def _pairs(names: Sequence[str], uis: Sequence[str]) -> Iterable[tuple[str, str]]:
    return zip(names, uis or ("",) * len(names), strict=False)


# People --------------------------------------------------------------------


def _name(person: Author) -> str:
    """Return ``o_brien|ja|jr``: surname, initials and suffix, each told from the next."""
    last = _joined(person.last_name or person.fore_name or "")
    return f"{last}|{_letters(person.initials)}|{_letters(person.suffix)}"


def _add_people(record: Record, found: dict[str, None]) -> None:
    name = None
    for author in record.authors:
        if author.collective_name:
            continue
        is_first = name is None
        name = _name(author)
        if is_first:
            found[f"1au:{name}"] = None
        found[f"au:{name}"] = None
        if author.orcid:
            found[f"auid:{author.orcid.replace('-', '').lower()}"] = None
        if author.fore_name and author.last_name:
            # Full names: ``fau:o_brien|jo_ann``.
            found[f"fau:{_joined(author.last_name)}|{_joined(author.fore_name)}"] = None
    if name is not None:
        found[f"lastau:{name}"] = None
    for person in record.investigators:
        if person.fore_name and person.last_name:
            found[f"fir:{_joined(person.last_name)}|{_joined(person.fore_name)}"] = None
    for field, people in (
        ("ir", record.investigators),
        ("ed", record.editors),
        ("ps", record.personal_subjects),
    ):
        for person in people:
            if not person.collective_name:
                found[f"{field}:{_name(person)}"] = None


# Source and state ----------------------------------------------------------


def _listed(field: str, values: Iterable[str | None]) -> list[str]:
    return [f"{field}:{_joined(value)}" for value in values if value]


@lru_cache(maxsize=20_000)
def _source(
    nlm_id: str | None,
    abbreviation: str | None,
    title: str | None,
    issn: Sequence[str],
    country: str | None,
    languages: Sequence[str],
) -> Mapping[str, None]:
    return dict.fromkeys(
        [
            *_listed("la", languages),
            *_listed("jid", (nlm_id,)),
            *_listed("ta", (abbreviation,)),
            *_listed("jt", (title,)),
            *_listed("is", issn),
            *_listed("pl", (country,)),
        ]
    )


def _add_numbers(record: Record, found: dict[str, None]) -> None:
    """Add volume, issue, first page, and every identifier."""
    if record.volume:
        found[f"vi:{_joined(record.volume)}"] = None
    if record.issue:
        found[f"ip:{_joined(record.issue)}"] = None
    page = _FIRST_PAGE.search(record.pages) if record.pages else None
    if page is not None:
        found[f"pg:{_joined(page[0])}"] = None
    for number in record.isbn:
        found[f"isbn:{_joined(number)}"] = None
    ids = [value for _, value in record.identifiers]
    ids += [value for _, value in record.locations]
    for value in dict.fromkeys([*ids, record.doi, record.pmcid]):
        if value:
            # Not remembered: no other record has it.
            found[token("aid", value)] = None


@lru_cache(maxsize=5_000)
def _state(
    status: str | None,
    owner: str | None,
    indexing_method: str | None,
    publication_status: str | None,
    subsets: Sequence[str],
) -> Mapping[str, None]:
    found = []
    if status:
        found.append(status.lower().replace("-", ""))
    if owner:
        found.append(f"owner{owner.lower()}")
    if indexing_method:
        found.append(f"indexingmethod_{indexing_method.lower()}")
    if publication_status:
        found.append(f"pubstatus{publication_status.lower()}")
    found += [f"jsubset{subset.lower()}" for subset in subsets]
    return dict.fromkeys([f"sb:{value}" for value in found])


def _add_filters(record: Record, found: dict[str, None]) -> None:
    """Add the filters of PubMed that a record's content decides."""
    if record.abstract:
        found["sb:hasabstract"] = None
    if record.is_abstract_structured:
        found["sb:hasstructuredabstract"] = None
    for other in record.other_abstracts:
        if (other.language or "eng") != "eng":
            found["sb:hasnonenglishabstract"] = None
    if record.keywords:
        found["sb:haskeyword"] = None
    if record.registry_numbers:
        found["sb:hasdatabanklist"] = None
        found["sb:data"] = None
    if record.conflict_of_interest:
        found["sb:hascois"] = None
    for kind, _ in record.identifiers:
        if kind == "mid":
            found["sb:hasnihmsid"] = None
    if record.pmcid:
        found["sb:pubmed_pmc"] = None
    if record.book_title:
        found["sb:pmcbook"] = None
    for report in record.related:
        kind = report.kind.lower()
        found[f"sb:has{_RELATIONS.get(kind, kind)}"] = None
