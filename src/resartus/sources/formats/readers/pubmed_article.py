"""One PubMed record's XML to a ``Record``: articles and books, every part the language can ask for.

Element names are those of NLM's PubMed DTD
(https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/index.html).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from sys import intern
from typing import Any

from lxml import etree

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
from resartus.sources.formats.values.dates import parse_date
from resartus.sources.formats.values.identifiers import find_doi

__all__ = ["parse_article", "record_of"]

_Element = Any
"""An lxml element; its stubs would make every child an unknown union."""
_ORCID = re.compile(r"\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx]")


def _parser() -> etree.XMLParser:
    # The bytes of one record name no DTD and no entity beyond XML's five; nothing is ever fetched.
    return etree.XMLParser(
        load_dtd=False,
        no_network=True,
        resolve_entities=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )


_PARSER = _parser()


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
    try:
        root = etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError as error:
        raise ParseError(f"not well-formed XML: {error.msg}") from error
    return record_of(root, references=references, raw_hash=raw_hash)


def _cited(content: bytes) -> tuple[Pmid, ...]:
    """Return the PMIDs in a list of references."""
    parts = content.split(b'<ArticleId IdType="pubmed">')[1:]
    numbers = [part[: part.find(b"<")].strip() for part in parts]
    return tuple(Pmid(int(number)) for number in numbers if number.isdigit() and len(number) < 10)


def record_of(
    root: _Element, *, references: tuple[Pmid, ...] = (), raw_hash: str | None = None
) -> Record:
    """Return the record of a parsed article; references stand outside the tree, for speed."""
    values: dict[str, Any] = {"source": "pubmed", "raw_hash": raw_hash, "references": references}
    lists: dict[str, list[Any]] = {}
    for part in root:
        for child in part:
            take = _TOP.get(child.tag)
            if take is not None:
                take(child, values, lists)
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


def _text(element: _Element) -> str | None:
    """Return all text inside, markup and formulas kept as their characters, spaces single."""
    text = "".join(element.itertext()) if len(element) else element.text
    if not text:
        return None
    if text.isprintable() and "  " not in text:
        # Most texts: no line break, no wide space, so nothing to fold.
        return text.strip() or None
    return " ".join(text.split()) or None


def _child_text(element: _Element, tag: str) -> str | None:
    child = element.find(tag)
    return None if child is None else _text(child)


def _append(lists: dict[str, list[Any]], name: str, value: Any) -> None:
    known = lists.get(name)
    if known is None:
        lists[name] = [value]
    else:
        known.append(value)


def _keep(lists: dict[str, list[Any]], tag: str, text: str | None) -> None:
    if text is not None:
        _append(lists, "fields", (tag, text))


def _setter(name: str) -> Callable[[_Element, dict[str, Any], dict[str, list[Any]]], None]:
    def take(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
        text = _text(element)
        if text is not None and name not in values:
            values[name] = text

    return take


def _adder(name: str) -> Callable[[_Element, dict[str, Any], dict[str, list[Any]]], None]:
    def take(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
        text = _text(element)
        if text is not None:
            _append(lists, name, intern(text))

    return take


def _keeper(tag: str) -> Callable[[_Element, dict[str, Any], dict[str, list[Any]]], None]:
    def take(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
        _keep(lists, tag, _text(element))

    return take


# Dates ---------------------------------------------------------------------


def _date(element: _Element, lists: dict[str, list[Any]]) -> date | None:
    try:
        # Year, month, day in this order almost always; the hours after them are not looked at.
        first, second, third = element[:3]
        if third.tag == "Day" and second.tag == "Month":
            return date(int(first.text), int(second.text), int(third.text))
    except (TypeError, ValueError):
        pass
    parts: dict[str, str] = {child.tag: child.text for child in element if child.text}
    try:
        month = parts.get("Month", "1")
        number = int(month) if month.isdigit() else parse_date(f"2000 {month}").month or 0
        return date(int(parts["Year"]), number, int(parts.get("Day", "1")))
    except (KeyError, ValueError):
        shown = " ".join(parts.values()) or "nothing"
        _keep(lists, f"unread date:{element.get('PubStatus') or element.tag}", shown)
        return None


def _day(name: str) -> Callable[[_Element, dict[str, Any], dict[str, list[Any]]], None]:
    def take(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
        found = _date(element, lists)
        if found is not None:
            values[name] = found

    return take


def _published(element: _Element, values: dict[str, Any]) -> None:
    """Read PubDate: year, month and day, or a MedlineDate such as ``1998 Dec-1999 Jan``."""
    parts: dict[str, str] = {}
    for child in element:
        text = _text(child)
        if text:
            parts[child.tag] = text
    printed = parts.get("MedlineDate")
    if printed is None:
        # Books and some journals give the month as a number: "2017/06/01".
        between = "/" if parts.get("Month", "").isdigit() else " "
        printed = between.join(
            parts[name] for name in ("Year", "Month", "Season", "Day") if name in parts
        )
    if not printed:
        return
    read = parse_date(printed)
    if read.month is None and parts.get("Month", "").isdigit():
        read = parse_date("/".join(parts.get(name, "") for name in ("Year", "Month", "Day")))
    values["year"], values["month"], values["day"] = read
    if "MedlineDate" in parts or "Season" in parts or read.year is None:
        values["published_text"] = printed


# Article -------------------------------------------------------------------


def _pmid(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    text = (element.text or "").strip()
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1 << 32):
        raise ParseError(f"PMID {text!r} is not a positive number")
    values["pmid"] = Pmid(int(text))
    version = element.get("Version", "1")
    values["version"] = int(version) if version.isdigit() else 1
    citation = element.getparent()
    status = citation.get("Status")
    if status:
        values["status"] = intern(status)
        values["owner"] = citation.get("Owner")
        values["indexing_method"] = citation.get("IndexingMethod")


def _article(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    values["publication_model"] = element.get("PubModel")
    for child in element:
        take = _ARTICLE.get(child.tag)
        if take is not None:
            take(child, values, lists)


def _journal(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    for child in element:
        tag = child.tag
        if tag == "JournalIssue":
            for part in child:
                if part.tag == "PubDate":
                    _published(part, values)
                elif part.tag in ("Volume", "Issue"):
                    _setter(part.tag.lower())(part, values, lists)
        elif tag == "Title":
            text = _text(child)
            values["journal"] = None if text is None else intern(text)
        elif tag == "ISSN":
            _issn(child, values, lists)
        elif tag == "ISOAbbreviation":
            values.setdefault("journal_abbreviation", _text(child))


def _issn(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    text = _text(element)
    if text is not None and text not in lists.get("issn", ()):
        _append(lists, "issn", intern(text))


def _journal_info(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    for child in element:
        text = _text(child)
        if text is None:
            continue
        if child.tag == "MedlineTA":
            values["journal_abbreviation"] = intern(text)
        elif child.tag == "NlmUniqueID":
            values["nlm_id"] = intern(text)
        elif child.tag == "Country":
            values["country"] = intern(text)
        elif child.tag == "ISSNLinking":
            _issn(child, values, lists)


def _sections(element: _Element) -> tuple[str | None, bool]:
    """Return an abstract with its labels, and whether it has any."""
    parts = []
    is_structured = False
    for child in element:
        if child.tag != "AbstractText":
            continue
        text = _text(child)
        label = child.get("Label")
        if label and label.casefold() != "unlabelled":
            is_structured = True
            text = f"{label}: {text}" if text else None
        if text:
            parts.append(text)
    return "\n".join(parts) or None, is_structured


def _abstract(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    text, values["is_abstract_structured"] = _sections(element)
    if text is not None:
        values["abstract"] = text
    _keep(lists, "copyright", _child_text(element, "CopyrightInformation"))


def _other_abstract(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    text, _ = _sections(element)
    if text is not None:
        other = OtherAbstract(text=text, kind=element.get("Type"), language=element.get("Language"))
        _append(lists, "other_abstracts", other)


def _pages(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    printed = _child_text(element, "MedlinePgn")
    if printed is None:
        start, end = _child_text(element, "StartPage"), _child_text(element, "EndPage")
        printed = f"{start}-{end}" if start and end and start != end else start or end
    if printed is not None:
        values["pages"] = printed


def _location(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    text = _text(element)
    kind = element.get("EIdType") or "unknown"
    if text is None or element.get("ValidYN") == "N":
        _keep(lists, f"invalid {kind}", text)
        return
    _append(lists, "locations", (intern(kind), text))
    if kind == "doi":
        _doi(text, values)


def _doi(text: str, values: dict[str, Any]) -> None:
    if "doi" not in values:
        found = find_doi(text)
        if found is not None:
            values["doi"] = found


def _article_ids(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    for child in element:
        text = _text(child)
        kind = child.get("IdType", "pubmed")
        if text is None or kind == "pubmed":
            continue
        pair = (intern(kind), text)
        if pair in lists.get("identifiers", ()):
            continue
        _append(lists, "identifiers", pair)
        if kind == "doi":
            _doi(text, values)
        elif kind == "pmc":
            values["pmcid"] = text.upper() if text[:3].upper() == "PMC" else f"PMC{text}"


# People --------------------------------------------------------------------


def _person(element: _Element) -> Author | None:
    parts: dict[str, Any] = {}
    affiliations: list[str] = []
    for child in element:
        tag = child.tag
        name = _PERSON.get(tag)
        if name is not None:
            text = child.text
            if len(child) or text is None or not text.isprintable():
                text = _text(child)
            parts[name] = text
        elif tag == "AffiliationInfo":
            for inner in child:
                if inner.tag == "Affiliation" and (text := _text(inner)):
                    affiliations.append(intern(text))
        elif tag == "Affiliation":
            if text := _text(child):
                affiliations.append(intern(text))
        elif tag == "Identifier" and child.get("Source") == "ORCID":
            found = _ORCID.search(child.text or "")
            if found:
                digits = found[0].replace("-", "").upper()
                parts["orcid"] = "-".join(digits[i : i + 4] for i in range(0, 16, 4))
    if not (parts.get("last_name") or parts.get("collective_name") or parts.get("fore_name")):
        return None
    return Author(affiliations=tuple(affiliations), **parts)


_PERSON = {
    "LastName": "last_name",
    "ForeName": "fore_name",
    "FirstName": "fore_name",
    "Initials": "initials",
    "Suffix": "suffix",
    "CollectiveName": "collective_name",
}


def _people(name: str) -> Callable[[_Element, dict[str, Any], dict[str, list[Any]]], None]:
    def take(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
        into = "editors" if element.get("Type") == "editors" else name
        for child in element:
            person = _person(child)
            if person is None:
                continue
            if child.get("ValidYN") == "N":
                # The corrected form of the name stands beside it and is the author.
                _keep(lists, "misspelt name", person.short_name)
            else:
                _append(lists, into, person)

    return take


# Subjects ------------------------------------------------------------------


def _mesh(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    headings = []
    for heading in element:
        qualifiers = []
        name = ui = None
        is_major = False
        for child in heading:
            text = _text(child)
            if text is None:
                continue
            if child.tag == "DescriptorName":
                name, ui = intern(text), child.get("UI")
                is_major = child.get("MajorTopicYN") == "Y"
            elif child.tag == "QualifierName":
                qualifiers.append(_qualifier(text, child.get("UI"), child.get("MajorTopicYN")))
        if name is not None:
            headings.append(
                MeshHeading(descriptor=name, ui=ui, major=is_major, qualifiers=tuple(qualifiers))
            )
    lists["mesh"] = headings


_QUALIFIERS: dict[tuple[str, str | None, str | None], MeshQualifier] = {}


def _qualifier(name: str, ui: str | None, major: str | None) -> MeshQualifier:
    # Some eighty exist, so each is made once.
    key = (name, ui, major)
    known = _QUALIFIERS.get(key)
    if known is None:
        known = _QUALIFIERS[key] = MeshQualifier(name=intern(name), ui=ui, major=major == "Y")
    return known


def _named(
    names: str, uis: str, tag: str
) -> Callable[[_Element, dict[str, Any], dict[str, list[Any]]], None]:
    def take(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
        for child in element.iter(tag):
            text = _text(child)
            if text is not None:
                _append(lists, names, intern(text))
                _append(lists, uis, intern(child.get("UI") or ""))

    return take


def _chemicals(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    _named("substances", "substance_uis", "NameOfSubstance")(element, values, lists)
    for child in element.iter("RegistryNumber"):
        text = _text(child)
        if text is not None and text != "0":
            _append(lists, "chemical_numbers", text)


def _keywords(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    for child in element:
        text = _text(child)
        if text is not None:
            _append(lists, "keywords", text)


def _grants(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    for child in element:
        parts = [_child_text(child, t) for t in ("GrantID", "Acronym", "Agency", "Country")]
        text = "/".join(part for part in parts if part)
        if text:
            _append(lists, "grants", text)


def _databanks(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    for bank in element:
        name = _child_text(bank, "DataBankName")
        numbers = [_text(number) for number in bank.iter("AccessionNumber")]
        for number in numbers or [None]:
            text = "/".join(part for part in (name, number) if part)
            if text:
                _append(lists, "registry_numbers", text)


def _related(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    for child in element:
        number = _child_text(child, "PMID")
        pmid = Pmid(int(number)) if number and number.isdigit() and int(number) else None
        note = _child_text(child, "Note")
        source = _child_text(child, "RefSource")
        citation = " ".join(part for part in (source, note) if part) or None
        kind = child.get("RefType") or "Cites"
        if kind == "Cites":
            # Before 2019 the references of an article stood here.
            if pmid is not None:
                values["references"] = (*values["references"], pmid)
        else:
            _append(
                lists, "related", RelatedReport(kind=intern(kind), pmid=pmid, citation=citation)
            )


def _history(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    for child in element:
        found = _date(child, lists)
        status = child.get("PubStatus")
        if found is None or not status:
            continue
        _append(lists, "history", (intern(status), found))
        name = _HISTORY.get(status)
        if name is not None:
            values[name] = found


# NBIB prints the same three as EDAT, CRDT and MHDA.
_HISTORY = {"pubmed": "entered_on", "entrez": "created_on", "medline": "indexed_on"}


# Books ---------------------------------------------------------------------


def _book(element: _Element, values: dict[str, Any], lists: dict[str, list[Any]]) -> None:
    for child in element:
        tag = child.tag
        if tag == "Publisher":
            values["publisher"] = _child_text(child, "PublisherName")
            _keep(lists, "publisher place", _child_text(child, "PublisherLocation"))
        elif tag == "BookTitle":
            values["book_title"] = _text(child)
        elif tag == "CollectionTitle":
            values["collection_title"] = _text(child)
        elif tag == "PubDate":
            _published(child, values)
        elif tag == "AuthorList":
            _people("authors")(child, values, lists)
        elif tag == "Isbn":
            _adder("isbn")(child, values, lists)
        elif tag == "ELocationID":
            _location(child, values, lists)
        elif tag in ("Volume", "Edition", "Medium", "VolumeTitle", "ReportNumber"):
            _keep(lists, f"book {tag.lower()}", _text(child))


_Take = Callable[[_Element, dict[str, Any], dict[str, list[Any]]], None]
_SHARED: dict[str, _Take] = {
    "ArticleTitle": _setter("title"),
    "VernacularTitle": _setter("vernacular_title"),
    "Pagination": _pages,
    "ELocationID": _location,
    "Abstract": _abstract,
    "AuthorList": _people("authors"),
    "InvestigatorList": _people("investigators"),
    "Language": _adder("languages"),
    "DataBankList": _databanks,
    "GrantList": _grants,
}
_ARTICLE: Mapping[str, _Take] = {
    **_SHARED,
    "Journal": _journal,
    "ArticleDate": _day("electronic_on"),
    "PublicationTypeList": _named("publication_types", "publication_type_uis", "PublicationType"),
}
_TOP: Mapping[str, _Take] = {
    **_SHARED,
    "PMID": _pmid,
    "Article": _article,
    "DateCompleted": _day("completed_on"),
    "DateRevised": _day("revised_on"),
    "MedlineJournalInfo": _journal_info,
    "ChemicalList": _chemicals,
    "SupplMeshList": _named("substances", "substance_uis", "SupplMeshName"),
    "MeshHeadingList": _mesh,
    "KeywordList": _keywords,
    "OtherAbstract": _other_abstract,
    "CommentsCorrectionsList": _related,
    "PersonalNameSubjectList": _people("personal_subjects"),
    "CitationSubset": _adder("subsets"),
    "CoiStatement": _setter("conflict_of_interest"),
    "GeneralNote": _keeper("note"),
    "SpaceFlightMission": _keeper("space flight mission"),
    "GeneSymbolList": _keeper("gene symbols"),
    "OtherID": _keeper("other id"),
    "NumberOfReferences": _keeper("number of references"),
    # PubmedData and PubmedBookData
    "History": _history,
    "PublicationStatus": _setter("publication_status"),
    "ArticleIdList": _article_ids,
    # BookDocument
    "Book": _book,
    "LocationLabel": _keeper("location label"),
    "PublicationType": _named("publication_types", "publication_type_uis", "PublicationType"),
    "DateRevisedBook": _day("revised_on"),
    "ContributionDate": _keeper("contribution date"),
    "ItemList": _keeper("items"),
    "Sections": _keeper("sections"),
}
