"""One PubMed record's XML to a ``Record``: articles and books, every part the language can ask for.

Element names are those of NLM's PubMed DTD
(https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/index.html). What comes again in many
records, a heading or a day, is remembered by its characters and read once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from sys import intern
from typing import Any

from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import (
    Author,
    MeshHeading,
    MeshQualifier,
    OtherAbstract,
    Record,
    RelatedReport,
)
from resartus.errors import DataError, ParseError
from resartus.sources.formats.readers.pubmed_shape import sections_of
from resartus.sources.formats.readers.xml_slices import (
    attributes_of,
    children,
    leaves,
    text_of,
)
from resartus.sources.formats.values.dates import parse_date
from resartus.sources.formats.values.identifiers import find_doi

__all__ = ["parse_article"]

_Values = dict[str, Any]
_Lists = dict[str, list[Any]]
_Take = Callable[[bytes, bytes, _Values, _Lists], None]
"""Reads an element from its content and its attributes, as they are written."""
_ORCID = re.compile(rb"\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx]")


def parse_article(content: bytes, *, raw_hash: str | None = None) -> Record:
    """Return the record of one ``PubmedArticle`` or ``PubmedBookArticle``.

    Raises
    ------
    ParseError
        If the XML is not well formed, or holds no PMID.
    """
    references: tuple[Pmid, ...] = ()
    start = content.find(b"<ReferenceList")
    if start >= 0:
        # Up to half of a new record's bytes; only the cited PMIDs are asked for.
        end = content.rfind(b"</ReferenceList>") + len(b"</ReferenceList>")
        if end > start:
            references = _cited(content[start:end])
            content = content[:start] + content[end:]
    values: _Values = {"source": "pubmed", "raw_hash": raw_hash, "references": references}
    lists: _Lists = {}
    for tag, written, inner in sections_of(content):
        take = _SECTIONS.get(tag)
        if take is not None:
            take(inner, written, values, lists)
    return _record(values, lists)


def _cited(content: bytes) -> tuple[Pmid, ...]:
    """Return the PMIDs in a list of references."""
    parts = content.split(b'<ArticleId IdType="pubmed">')[1:]
    numbers = [part[: part.find(b"<")].strip() for part in parts]
    return tuple(Pmid(int(number)) for number in numbers if number.isdigit() and len(number) < 10)


def _record(values: _Values, lists: _Lists) -> Record:
    if "pmid" not in values:
        raise ParseError("the record has no PMID")
    for name, items in lists.items():
        values[name] = tuple(items)
    if "title" not in values and "book_title" in values:
        # A whole book, not a chapter: its title is the record's.
        values["title"] = values["book_title"]
    values["record_id"] = RecordId(f"pubmed:{values['pmid']}")
    try:
        return Record(**values)
    except DataError as error:
        raise ParseError(error.message) from error


# Texts ---------------------------------------------------------------------


def _append(lists: _Lists, name: str, value: Any) -> None:
    known = lists.get(name)
    if known is None:
        lists[name] = [value]
    else:
        known.append(value)


def _keep(lists: _Lists, tag: str, text: str | None) -> None:
    if text is not None:
        _append(lists, "fields", (tag, text))


def _setter(name: str) -> _Take:
    def take(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
        text = text_of(inner)
        if text is not None and name not in values:
            values[name] = text

    return take


def _adder(name: str) -> _Take:
    def take(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
        text = text_of(inner)
        if text is not None:
            _append(lists, name, intern(text))

    return take


def _keeper(tag: str) -> _Take:
    def take(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
        _keep(lists, tag, text_of(inner))

    return take


def _parts(inner: bytes, *known: bytes) -> dict[bytes, str]:
    """Return the text of the first element of each known name."""
    found: dict[bytes, str] = {}
    for tag, _, content in leaves(inner, frozenset(known)):
        text = text_of(content)
        if text is not None:
            found.setdefault(tag, text)
    return found


# Dates ---------------------------------------------------------------------

_DATE = frozenset({b"Year", b"Month", b"Day", b"Hour", b"Minute", b"Second"})


@lru_cache(maxsize=20_000)
def _date(inner: bytes) -> date | str:
    """Return a day, or the words of one that no calendar has."""
    parts = {tag: text.decode() for tag, _, text in leaves(inner, _DATE) if text}
    try:
        month = parts.get(b"Month", "1")
        number = int(month) if month.isdigit() else parse_date(f"2000 {month}").month or 0
        return date(int(parts[b"Year"]), number, int(parts.get(b"Day", "1")))
    except (KeyError, ValueError):
        return " ".join(parts.values()) or "nothing"


def _day(name: str, tag: str) -> _Take:
    def take(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
        found = _date(inner)
        if isinstance(found, str):
            _keep(lists, f"unread date:{tag}", found)
        else:
            values[name] = found

    return take


_HISTORY = {"pubmed": "entered_on", "entrez": "created_on", "medline": "indexed_on"}
"""The steps that NBIB prints as EDAT, CRDT and MHDA."""


def _history(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    steps = []
    for content in inner.split(b"</PubMedPubDate>"):
        for status, found in _step(content):
            if isinstance(found, str):
                _keep(lists, f"unread date:{status or 'PubMedPubDate'}", found)
            elif status:
                steps.append((status, found))
                name = _HISTORY.get(status)
                if name is not None:
                    values[name] = found
    if steps:
        lists["history"] = steps


@lru_cache(maxsize=20_000)
def _step(inner: bytes) -> tuple[tuple[str | None, date | str], ...]:
    """Return status and day of a step, or nothing after the last."""
    whole = inner + b"</PubMedPubDate>" if b"<" in inner else b""
    return tuple(
        (attributes_of(written).get("PubStatus"), _date(content))
        for _, written, content in children(whole)
    )


@lru_cache(maxsize=5_000)
def _published(inner: bytes) -> Mapping[str, Any]:
    """Read PubDate: year, month and day, or a MedlineDate such as ``1998 Dec-1999 Jan``."""
    parts = _parts(inner, b"Year", b"Month", b"Day", b"Season", b"MedlineDate")
    printed = parts.get(b"MedlineDate")
    if printed is None:
        # Books and some journals give the month as a number: "2017/06/01".
        between = "/" if parts.get(b"Month", "").isdigit() else " "
        printed = between.join(
            parts[name] for name in (b"Year", b"Month", b"Season", b"Day") if name in parts
        )
    if not printed:
        return {}
    read = parse_date(printed)
    if read.month is None and parts.get(b"Month", "").isdigit():
        read = parse_date("/".join(parts.get(name, "") for name in (b"Year", b"Month", b"Day")))
    found: dict[str, Any] = {"year": read.year, "month": read.month, "day": read.day}
    if b"MedlineDate" in parts or b"Season" in parts or read.year is None:
        found["published_text"] = printed
    return found


# Article -------------------------------------------------------------------


def _citation(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    attributes = attributes_of(written)
    status = attributes.get("Status")
    if status:
        values["status"] = status
        values["owner"] = attributes.get("Owner")
        values["indexing_method"] = attributes.get("IndexingMethod")


def _pmid(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    text = inner.strip()
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1 << 32):
        raise ParseError(f"PMID {text!r} is not a positive number")
    values["pmid"] = Pmid(int(text))
    version = attributes_of(written).get("Version", "1")
    values["version"] = int(version) if version.isdigit() else 1


def _article(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    values["publication_model"] = attributes_of(written).get("PubModel")


def _journal(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    before, _, rest = inner.partition(b"<JournalIssue")
    issue, _, after = rest.partition(b"</JournalIssue>")
    values.update(_issue(issue))
    names, numbers = _journal_names(before + after)
    values.update(names)
    for number in numbers:
        _issn(number, lists)


@lru_cache(maxsize=5_000)
def _issue(inner: bytes) -> Mapping[str, Any]:
    """Return volume, issue and date; an issue's articles stand together in NLM's files."""
    found: dict[str, Any] = {}
    for tag, _, content in children(inner[inner.find(b">") + 1 :]):
        if tag == b"PubDate":
            found.update(_published(content))
        elif tag in (b"Volume", b"Issue"):
            text = text_of(content)
            if text is not None:
                found[tag.decode().lower()] = text
    return found


@lru_cache(maxsize=10_000)
def _journal_names(inner: bytes) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return a journal's names, and its ISSNs."""
    names: dict[str, str] = {}
    numbers = []
    for tag, _, content in children(inner):
        text = text_of(content)
        if text is None:
            continue
        if tag == b"Title":
            names["journal"] = text
        elif tag == b"ISSN":
            numbers.append(text)
        elif tag == b"ISOAbbreviation":
            names["journal_abbreviation"] = text
    return names, tuple(numbers)


def _issn(text: str | None, lists: _Lists) -> None:
    if text is not None and text not in lists.get("issn", ()):
        _append(lists, "issn", intern(text))


_JOURNAL_INFO = {
    b"MedlineTA": "journal_abbreviation",
    b"NlmUniqueID": "nlm_id",
    b"Country": "country",
}


def _journal_info(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    parts = _journal_parts(inner)
    for tag, name in _JOURNAL_INFO.items():
        if tag in parts:
            values[name] = parts[tag]
    _issn(parts.get(b"ISSNLinking"), lists)


@lru_cache(maxsize=10_000)
def _journal_parts(inner: bytes) -> Mapping[bytes, str]:
    return _parts(inner, *_JOURNAL_INFO, b"ISSNLinking")


_OF_ABSTRACTS = frozenset({b"AbstractText", b"CopyrightInformation"})


def _sections(inner: bytes, lists: _Lists | None = None) -> tuple[str | None, bool]:
    """Return an abstract with its labels, and whether it has any; keep its copyright."""
    parts = []
    is_structured = False
    for tag, written, content in leaves(inner, _OF_ABSTRACTS):
        text = text_of(content)
        if tag != b"AbstractText":
            if lists is not None:
                _keep(lists, "copyright", text)
            continue
        label = attributes_of(written).get("Label") if written else None
        if label and label.casefold() != "unlabelled":
            is_structured = True
            text = f"{label}: {text}" if text else None
        if text:
            parts.append(text)
    return "\n".join(parts) or None, is_structured


def _abstract(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    text, values["is_abstract_structured"] = _sections(inner, lists)
    if text is not None:
        values["abstract"] = text


def _other_abstract(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    text, _ = _sections(inner)
    if text is not None:
        said = attributes_of(written)
        other = OtherAbstract(text=text, kind=said.get("Type"), language=said.get("Language"))
        _append(lists, "other_abstracts", other)


def _pages(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    parts = _parts(inner, b"MedlinePgn", b"StartPage", b"EndPage")
    printed = parts.get(b"MedlinePgn")
    if printed is None:
        start, end = parts.get(b"StartPage"), parts.get(b"EndPage")
        printed = f"{start}-{end}" if start and end and start != end else start or end
    if printed is not None:
        values["pages"] = printed


def _location(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    text = text_of(inner)
    said = attributes_of(written)
    kind = said.get("EIdType") or "unknown"
    if text is None or said.get("ValidYN") == "N":
        _keep(lists, f"invalid {kind}", text)
        return
    _append(lists, "locations", (kind, text))
    if kind == "doi":
        _doi(text, values)


def _doi(text: str, values: _Values) -> None:
    if "doi" not in values:
        found = find_doi(text)
        if found is not None:
            values["doi"] = found


def _article_ids(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    for _, attributes, content in leaves(inner, frozenset({b"ArticleId"})):
        text = text_of(content)
        kind = attributes_of(attributes).get("IdType", "pubmed")
        if text is None or kind == "pubmed":
            continue
        pair = (kind, text)
        if pair in lists.get("identifiers", ()):
            continue
        _append(lists, "identifiers", pair)
        if kind == "doi":
            _doi(text, values)
        elif kind == "pmc":
            values["pmcid"] = text.upper() if text[:3].upper() == "PMC" else f"PMC{text}"


# People --------------------------------------------------------------------

_NAMES = {
    b"LastName": "last_name",
    b"ForeName": "fore_name",
    b"FirstName": "fore_name",
    b"Initials": "initials",
    b"Suffix": "suffix",
    b"CollectiveName": "collective_name",
}
_PEOPLE = frozenset({b"Author", b"Investigator", b"PersonalNameSubject"})
_OF_PEOPLE = _PEOPLE | {*_NAMES, b"AffiliationInfo", b"Affiliation", b"Identifier"}
_END_OF_PERSON = re.compile(rb"</(?:Author|Investigator|PersonalNameSubject)>")
_PERSON = re.compile(
    rb"""\s*+<(?:Author|Investigator|PersonalNameSubject)([^>]*+)>
    \s*+<LastName>([^<]*+)</LastName>
    (?:\s*+<ForeName>([^<]*+)</ForeName>)?+
    (?:\s*+<Initials>([^<]*+)</Initials>)?+
    (?:\s*+<Suffix>([^<]*+)</Suffix>)?+\s*+""",
    re.VERBOSE,
)
"""Almost every person's name, in the order the DTD prescribes."""
_ONE_AFFILIATION = re.compile(
    rb"<AffiliationInfo>\s*+<Affiliation>([^<]*+)</Affiliation>\s*+</AffiliationInfo>\s*+"
)
_name_of = lru_cache(maxsize=50_000)(text_of)


def _people(name: str) -> _Take:
    def take(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
        into = "editors" if attributes_of(written).get("Type") == "editors" else name
        for content in _END_OF_PERSON.split(inner):
            person, is_valid = _person(content)
            if person is None:
                continue
            if is_valid:
                _append(lists, into, person)
            else:
                # The corrected form of the name stands beside it and is the author.
                _keep(lists, "misspelt name", person.short_name)

    return take


def _person(inner: bytes) -> tuple[Author | None, bool]:
    """Return a person, and whether the name is as it should be."""
    parts: dict[str, Any] = {}
    usual = _PERSON.match(inner)
    if usual is None:
        written = inner[: inner.find(b">")]
        parts.update(_particulars(inner))
    else:
        written, last, fore, initials, suffix = usual.groups(b"")
        parts["last_name"] = _name_of(last)
        if fore:
            parts["fore_name"] = _name_of(fore)
        if initials:
            parts["initials"] = _name_of(initials)
        if suffix:
            parts["suffix"] = _name_of(suffix)
        parts.update(_particulars(inner[usual.end() :]))
    is_valid = attributes_of(written).get("ValidYN") != "N"
    if not (parts.get("last_name") or parts.get("collective_name") or parts.get("fore_name")):
        return None, is_valid
    return Author(**parts), is_valid


@lru_cache(maxsize=5_000)
def _particulars(inner: bytes) -> Mapping[str, Any]:
    """Return affiliations, ORCID and unusual names; the people of one place share them."""
    usual = _ONE_AFFILIATION.fullmatch(inner)
    if usual is not None:
        text = text_of(usual[1])
        return {} if text is None else {"affiliations": (text,)}
    parts: dict[str, Any] = {}
    affiliations = []
    for tag, written, content in leaves(inner, _OF_PEOPLE):
        if tag in _NAMES:
            parts[_NAMES[tag]] = _name_of(content)
        elif tag == b"Affiliation":
            text = text_of(content)
            if text is not None:
                affiliations.append(text)
        elif tag == b"Identifier" and attributes_of(written).get("Source") == "ORCID":
            found = _ORCID.search(content)
            if found:
                digits = found[0].decode().replace("-", "").upper()
                parts["orcid"] = "-".join(digits[i : i + 4] for i in range(0, 16, 4))
    if affiliations:
        parts["affiliations"] = tuple(affiliations)
    return parts


# Subjects ------------------------------------------------------------------

_HEADING = frozenset({b"MeshHeading", b"DescriptorName", b"QualifierName"})
_MESH_NAME = re.compile(rb'<([DQ])\w+Name UI="(\w+)" MajorTopicYN="([YN])">([^<]*+)</')
"""Almost every descriptor and qualifier."""


def _mesh(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    headings = [_heading(content) for content in inner.split(b"</MeshHeading>")]
    lists["mesh"] = [heading for heading in headings if heading is not None]


@lru_cache(maxsize=50_000)
def _heading(inner: bytes) -> MeshHeading | None:
    qualifiers = []
    name = ui = None
    is_major = False
    for letter, code, major, content in _mesh_names(inner):
        text = text_of(content)
        if text is None:
            continue
        if letter == b"D":
            name, ui, is_major = intern(text), code, major == b"Y"
        else:
            qualifiers.append(_qualifier(text, code, major))
    if name is None:
        return None
    return MeshHeading(
        descriptor=name,
        ui=None if ui is None else ui.decode(),
        major=is_major,
        qualifiers=tuple(qualifiers),
    )


def _mesh_names(inner: bytes) -> list[tuple[bytes, bytes | None, bytes, bytes]]:
    """Return letter, id, whether it is major, and name of each part of a heading."""
    usual = _MESH_NAME.findall(inner)
    if inner.count(b"<") == 2 * len(usual) + 1:
        return usual
    found = []
    for tag, written, content in leaves(inner, _HEADING):
        if tag != b"MeshHeading":
            said = attributes_of(written)
            ui, major = said.get("UI"), said.get("MajorTopicYN", "N")
            found.append((tag[:1], None if ui is None else ui.encode(), major.encode(), content))
    return found


@lru_cache(maxsize=1_000)
def _qualifier(name: str, code: bytes | None, major: bytes) -> MeshQualifier:
    ui = None if code is None else code.decode()
    return MeshQualifier(name=intern(name), ui=ui, major=major == b"Y")


@lru_cache(maxsize=20_000)
def _names_and_uis(inner: bytes, tag: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = [
        (intern(text), intern(attributes_of(written).get("UI", "")))
        for _, written, content in leaves(inner, frozenset({tag}))
        if (text := text_of(content)) is not None
    ]
    return tuple(name for name, _ in found), tuple(ui for _, ui in found)


def _named(names: str, uis: str, tag: bytes) -> _Take:
    def take(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
        # A book has its types without a list around them.
        whole = inner if b"<%b" % tag in inner else b"<%b%b>%b" % (tag, written, inner)
        for name, items in zip((names, uis), _names_and_uis(whole, tag), strict=True):
            lists.setdefault(name, []).extend(items)

    return take


_CHEMICAL = frozenset({b"Chemical", b"RegistryNumber", b"NameOfSubstance"})


@lru_cache(maxsize=20_000)
def _chemical(inner: bytes) -> Iterable[tuple[str, str]]:
    """Return what one chemical adds to the lists of a record."""
    found = []
    for tag, written, content in leaves(inner, _CHEMICAL):
        text = text_of(content)
        if text is None:
            continue
        if tag == b"NameOfSubstance":
            found += [("substances", intern(text))]
            found += [("substance_uis", attributes_of(written).get("UI", ""))]
        elif tag == b"RegistryNumber" and text != "0":
            found += [("chemical_numbers", text)]
    return found


def _chemicals(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    for content in inner.split(b"</Chemical>"):
        for name, text in _chemical(content):
            _append(lists, name, text)


def _keywords(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    for _, _, content in leaves(inner, frozenset({b"Keyword"})):
        text = text_of(content)
        if text is not None:
            _append(lists, "keywords", text)


_GRANT = (b"GrantID", b"Acronym", b"Agency", b"Country")


def _grants(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    for _, _, content in children(inner):
        parts = _parts(content, *_GRANT)
        if parts:
            _append(lists, "grants", "/".join(parts[tag] for tag in _GRANT if tag in parts))


def _databanks(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    known = frozenset({b"DataBankName", b"AccessionNumberList", b"AccessionNumber"})
    for _, _, bank in children(inner):
        name = None
        numbers: list[str | None] = []
        for tag, _, content in leaves(bank, known):
            if tag == b"DataBankName":
                name = text_of(content)
            elif tag == b"AccessionNumber":
                numbers.append(text_of(content))
        for number in numbers or [None]:
            text = "/".join(part for part in (name, number) if part)
            if text:
                _append(lists, "registry_numbers", text)


def _related(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    for _, attributes, content in children(inner):
        parts = _parts(content, b"PMID", b"RefSource", b"Note")
        number = parts.get(b"PMID", "")
        pmid = Pmid(int(number)) if number.isdigit() and int(number) else None
        citation = " ".join(parts[tag] for tag in (b"RefSource", b"Note") if tag in parts) or None
        kind = attributes_of(attributes).get("RefType") or "Cites"
        if kind == "Cites":
            # Before 2019 the references of an article stood here.
            if pmid is not None:
                values["references"] = (*values["references"], pmid)
        else:
            _append(lists, "related", RelatedReport(kind=kind, pmid=pmid, citation=citation))


# Books ---------------------------------------------------------------------


def _book(inner: bytes, written: bytes, values: _Values, lists: _Lists) -> None:
    for tag, attributes, content in children(inner):
        if tag == b"Publisher":
            parts = _parts(content, b"PublisherName", b"PublisherLocation")
            values["publisher"] = parts.get(b"PublisherName")
            _keep(lists, "publisher place", parts.get(b"PublisherLocation"))
        elif tag == b"BookTitle":
            values["book_title"] = text_of(content)
        elif tag == b"CollectionTitle":
            values["collection_title"] = text_of(content)
        elif tag == b"PubDate":
            values.update(_published(content))
        elif tag == b"AuthorList":
            _people("authors")(content, attributes, values, lists)
        elif tag == b"Isbn":
            _adder("isbn")(content, attributes, values, lists)
        elif tag == b"ELocationID":
            _location(content, attributes, values, lists)
        elif tag in (b"Volume", b"Edition", b"Medium", b"VolumeTitle", b"ReportNumber"):
            _keep(lists, f"book {tag.decode().lower()}", text_of(content))


_SECTIONS: Mapping[bytes, _Take] = {
    # MedlineCitation
    b"MedlineCitation": _citation,
    b"PMID": _pmid,
    b"DateCompleted": _day("completed_on", "DateCompleted"),
    b"DateRevised": _day("revised_on", "DateRevised"),
    b"MedlineJournalInfo": _journal_info,
    b"ChemicalList": _chemicals,
    b"SupplMeshList": _named("substances", "substance_uis", b"SupplMeshName"),
    b"CitationSubset": _adder("subsets"),
    b"CommentsCorrectionsList": _related,
    b"GeneSymbolList": _keeper("gene symbols"),
    b"MeshHeadingList": _mesh,
    b"NumberOfReferences": _keeper("number of references"),
    b"PersonalNameSubjectList": _people("personal_subjects"),
    b"OtherID": _keeper("other id"),
    b"OtherAbstract": _other_abstract,
    b"KeywordList": _keywords,
    b"CoiStatement": _setter("conflict_of_interest"),
    b"SpaceFlightMission": _keeper("space flight mission"),
    b"InvestigatorList": _people("investigators"),
    b"GeneralNote": _keeper("note"),
    # Article, and in part BookDocument
    b"Article": _article,
    b"Journal": _journal,
    b"ArticleTitle": _setter("title"),
    b"Pagination": _pages,
    b"ELocationID": _location,
    b"Abstract": _abstract,
    b"AuthorList": _people("authors"),
    b"Language": _adder("languages"),
    b"DataBankList": _databanks,
    b"GrantList": _grants,
    b"PublicationTypeList": _named("publication_types", "publication_type_uis", b"PublicationType"),
    b"VernacularTitle": _setter("vernacular_title"),
    b"ArticleDate": _day("electronic_on", "ArticleDate"),
    # PubmedData and PubmedBookData
    b"History": _history,
    b"PublicationStatus": _setter("publication_status"),
    b"ArticleIdList": _article_ids,
    # BookDocument
    b"BookDocument": _citation,
    b"Book": _book,
    b"LocationLabel": _keeper("location label"),
    b"PublicationType": _named("publication_types", "publication_type_uis", b"PublicationType"),
    b"DateRevisedBook": _day("revised_on", "DateRevisedBook"),
    b"ContributionDate": _keeper("contribution date"),
    b"ItemList": _keeper("items"),
    b"Sections": _keeper("sections"),
}
