"""One PubMed record's XML to a ``Record``: articles and books, every part the language can ask for.

Element names are those of NLM's PubMed DTD
(https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/index.html). What comes again in many
records, a heading or a day, is remembered by its characters and read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, cast

from resartus.domain.building import builder
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import OtherAbstract, Record, RelatedReport
from resartus.errors import DataError, ParseError
from resartus.sources.formats.readers.pubmed_days import day, history, published
from resartus.sources.formats.readers.pubmed_parts import (
    Lists,
    Take,
    Values,
    add,
    adder,
    keep,
    keeper,
    parts_of,
    setter,
)
from resartus.sources.formats.readers.pubmed_people import people
from resartus.sources.formats.readers.pubmed_shape import (
    ATTRIBUTES,
    Section,
    sections_of,
    up_to,
    walked,
    well_formed,
)
from resartus.sources.formats.readers.pubmed_subjects import chemicals, headings, keywords, named
from resartus.sources.formats.readers.xml_slices import attributes_of, children, leaves, text_of
from resartus.sources.formats.values.identifiers import find_doi

__all__ = ["parse_article"]

_build = builder(Record)
_END_OF_REFERENCES = b"</ReferenceList>"
_TAIL = 200
"""References are the last of an article but for a few closing tags."""


def parse_article(content: bytes, *, raw_hash: str | None = None) -> Record:
    """Return the record of one ``PubmedArticle`` or ``PubmedBookArticle``.

    Raises
    ------
    ParseError
        If the XML is not well formed, or holds no PMID.
    """
    references: tuple[Pmid, ...] = ()
    end = content.rfind(_END_OF_REFERENCES, -_TAIL)
    if end >= 0:
        # Up to half of a new record's bytes; only the cited PMIDs are asked for.
        start = content.find(b"<ReferenceList")
        references = _cited(content[start:end])
        content = content[:start] + content[end + len(_END_OF_REFERENCES) :]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError(f"not well-formed XML: {error}") from error
    known: Values = {"source": "pubmed", "raw_hash": raw_hash, "references": references}
    try:
        return _record(sections_of(text), known.copy())
    except ParseError:
        # A part read for itself was odd; the whole tells whether it is wrong, and where.
        return _record(walked(text), known)


def _cited(content: bytes) -> tuple[Pmid, ...]:
    """Return the PMIDs in a list of references."""
    parts = content.split(b'<ArticleId IdType="pubmed">')
    del parts[0]
    numbers = [part[: part.find(b"<", 0, 32)] for part in parts]
    if not b"".join(numbers).isdigit():
        numbers = [number for part in numbers if (number := part.strip()).isdigit()]
    found = [int(number) for number in numbers if len(number) < 10]
    return cast("tuple[Pmid, ...]", tuple(found))


def _record(sections: list[Section], values: Values) -> Record:
    lists: Lists = {}
    for tag, written, inner in sections:
        take = _SECTIONS.get(tag)
        if take is not None:
            take(inner, written, values, lists)
    if "pmid" not in values:
        raise ParseError("the record has no PMID")
    for name, items in lists.items():
        values[name] = tuple(items)
    if "title" not in values and "book_title" in values:
        # A whole book, not a chapter: its title is the record's.
        values["title"] = values["book_title"]
    values["record_id"] = RecordId(f"pubmed:{values['pmid']}")
    try:
        return _build(**values)
    except DataError as error:
        raise ParseError(error.message) from error


# Article -------------------------------------------------------------------


def _citation(inner: str, written: str, values: Values, lists: Lists) -> None:
    attributes = attributes_of(written)
    status = attributes.get("Status")
    if status:
        values["status"] = status
        values["owner"] = attributes.get("Owner")
        values["indexing_method"] = attributes.get("IndexingMethod")


def _pmid(inner: str, written: str, values: Values, lists: Lists) -> None:
    text = inner if inner.isdigit() else inner.strip()
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1 << 32):
        raise ParseError(f"PMID {text!r} is not a positive number")
    values["pmid"] = Pmid(int(text))
    if written != ' Version="1"':
        version = attributes_of(written).get("Version", "1")
        values["version"] = int(version) if version.isdigit() else 1


def _article(inner: str, written: str, values: Values, lists: Lists) -> None:
    values["publication_model"] = attributes_of(written).get("PubModel")


def _journal(inner: str, written: str, values: Values, lists: Lists) -> None:
    found, numbers = _journal_and_issue(inner)
    values.update(found)
    if numbers:
        lists["issn"] = list(numbers)


_USUAL_JOURNAL = re.compile(
    rf"""[^<]*+(?:<ISSN[ ]IssnType="\w++">([^<]*+)</ISSN>[^<]*+)?+
    <JournalIssue[ ]CitedMedium="\w++">[^<]*+
    (?:<Volume>([^<]*+)</Volume>[^<]*+)?+(?:<Issue>([^<]*+)</Issue>[^<]*+)?+
    <PubDate>({up_to("PubDate")})</PubDate>[^<]*+</JournalIssue>[^<]*+
    (?:<Title>([^<]*+)</Title>[^<]*+)?+
    (?:<ISOAbbreviation>([^<]*+)</ISOAbbreviation>[^<]*+)?+""",
    re.VERBOSE | re.ASCII,
)
"""Almost every journal."""
_name_of = lru_cache(maxsize=20_000)(text_of)


@lru_cache(maxsize=5_000)
def _journal_and_issue(inner: str) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return journal, issue and date, and the ISSNs; an issue's articles stand together."""
    usual = _USUAL_JOURNAL.fullmatch(inner)
    if usual is None:
        return _unusual_journal(well_formed(inner, "Journal"))
    number, volume, issue, day, title, abbreviation = usual.groups()
    found = {
        "volume": _name_of(volume) if volume else None,
        "issue": _name_of(issue) if issue else None,
        "journal": _name_of(title) if title else None,
        "journal_abbreviation": _name_of(abbreviation) if abbreviation else None,
        **published(well_formed(day, "PubDate")),
    }
    issn = _name_of(number) if number else None
    return found, () if issn is None else (issn,)


def _unusual_journal(whole: str) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    found: dict[str, Any] = {}
    numbers: dict[str, None] = {}
    before, _, rest = whole.partition("<JournalIssue")
    issue, _, after = rest.partition("</JournalIssue>")
    for tag, _, content in (*children(issue[issue.find(">") + 1 :]), *children(before + after)):
        text = text_of(content)
        if tag == "PubDate":
            found.update(published(content))
        elif tag == "ISSN" and text is not None:
            numbers[text] = None
        elif tag in _OF_JOURNALS:
            found[_OF_JOURNALS[tag]] = text
    return found, tuple(numbers)


_OF_JOURNALS = {
    "Volume": "volume",
    "Issue": "issue",
    "Title": "journal",
    "ISOAbbreviation": "journal_abbreviation",
}
_JOURNAL_INFO = {
    "MedlineTA": "journal_abbreviation",
    "NlmUniqueID": "nlm_id",
    "Country": "country",
}


def _journal_info(inner: str, written: str, values: Values, lists: Lists) -> None:
    found, number = _journal_parts(inner)
    values.update(found)
    if number is not None and number not in lists.get("issn", ()):
        add(lists, "issn", number)


_USUAL_JOURNAL_INFO = re.compile(
    r"""[^<]*+(?:<Country>([^<]*+)</Country>[^<]*+)?+<MedlineTA>([^<]*+)</MedlineTA>[^<]*+
    (?:<NlmUniqueID>([^<]*+)</NlmUniqueID>[^<]*+)?+
    (?:<ISSNLinking>([^<]*+)</ISSNLinking>[^<]*+)?+""",
    re.VERBOSE | re.ASCII,
)


@lru_cache(maxsize=10_000)
def _journal_parts(inner: str) -> tuple[Mapping[str, str], str | None]:
    usual = _USUAL_JOURNAL_INFO.fullmatch(inner)
    if usual is not None:
        country, abbreviation, nlm_id, number = [text and text_of(text) for text in usual.groups()]
        named = {"country": country, "journal_abbreviation": abbreviation, "nlm_id": nlm_id}
        return {name: text for name, text in named.items() if text}, number or None
    parts = parts_of(well_formed(inner, "MedlineJournalInfo"), *_JOURNAL_INFO, "ISSNLinking")
    found = {name: parts[tag] for tag, name in _JOURNAL_INFO.items() if tag in parts}
    return found, parts.get("ISSNLinking")


_ABSTRACT_TEXT = re.compile(
    rf"<AbstractText({ATTRIBUTES})>({up_to('AbstractText')})</AbstractText>[^<]*+", re.ASCII
)
"""Almost every section of an abstract."""
_COPYRIGHT = re.compile(
    r"[^<]*+<CopyrightInformation>([^<]*+)</CopyrightInformation>[^<]*+", re.ASCII
)
_OF_ABSTRACTS = frozenset({"AbstractText", "CopyrightInformation"})


def _sections(inner: str) -> tuple[str | None, bool, str | None]:
    """Return an abstract with its labels, whether it has any, and its copyright."""
    usual = _ABSTRACT_TEXT.split(inner)
    rest = "".join(usual[::3])
    owner = _COPYRIGHT.fullmatch(rest)
    if owner is not None or not rest.strip():
        elements = list(zip(usual[1::3], usual[2::3], strict=True))
        rights = owner[1] if owner is not None else ""
    else:
        found = leaves(inner, _OF_ABSTRACTS)
        elements = [(written, text) for tag, written, text in found if tag == "AbstractText"]
        rights = "".join([text for tag, _, text in found if tag == "CopyrightInformation"])
    parts = []
    is_structured = False
    for written, content in elements:
        text = text_of(content)
        label = attributes_of(written).get("Label") if written else None
        if label and label.casefold() != "unlabelled":
            is_structured = True
            text = f"{label}: {text}" if text else None
        if text:
            parts.append(text)
    return "\n".join(parts) or None, is_structured, text_of(rights)


def _abstract(inner: str, written: str, values: Values, lists: Lists) -> None:
    text, values["is_abstract_structured"], owner = _sections(inner)
    keep(lists, "copyright", owner)
    if text is not None:
        values["abstract"] = text


def _other_abstract(inner: str, written: str, values: Values, lists: Lists) -> None:
    text, _, _ = _sections(inner)
    if text is not None:
        said = attributes_of(written)
        other = OtherAbstract(text=text, kind=said.get("Type"), language=said.get("Language"))
        add(lists, "other_abstracts", other)


_USUAL_PAGES = re.compile(r"[^<]*+<MedlinePgn>([^<]*+)</MedlinePgn>[^<]*+", re.ASCII)


def _pages(inner: str, written: str, values: Values, lists: Lists) -> None:
    usual = _USUAL_PAGES.fullmatch(inner)
    printed = text_of(usual[1]) if usual is not None else _unusual_pages(inner)
    if printed is not None:
        values["pages"] = printed


def _unusual_pages(inner: str) -> str | None:
    parts = parts_of(inner, "MedlinePgn", "StartPage", "EndPage")
    start, end = parts.get("StartPage"), parts.get("EndPage")
    if "MedlinePgn" in parts:
        return parts["MedlinePgn"]
    return f"{start}-{end}" if start and end and start != end else start or end


def _location(inner: str, written: str, values: Values, lists: Lists) -> None:
    text = text_of(inner)
    said = attributes_of(written)
    kind = said.get("EIdType") or "unknown"
    if text is None or said.get("ValidYN") == "N":
        keep(lists, f"invalid {kind}", text)
        return
    add(lists, "locations", (kind, text))
    if kind == "doi":
        _doi(text, values)


def _doi(text: str, values: Values) -> None:
    if "doi" not in values:
        found = find_doi(text)
        if found is not None:
            values["doi"] = found


_ARTICLE_ID = re.compile(r'<ArticleId IdType="(\w++)">([^<]*+)</ArticleId>', re.ASCII)
"""Almost every identifier."""


def _article_ids(inner: str, written: str, values: Values, lists: Lists) -> None:
    for kind, content in _ids(inner):
        text = text_of(content)
        pair = (kind, text)
        if text is None or kind == "pubmed" or pair in lists.get("identifiers", ()):
            continue
        add(lists, "identifiers", pair)
        if kind == "doi":
            _doi(text, values)
        elif kind == "pmc":
            values["pmcid"] = text.upper() if text[:3].upper() == "PMC" else f"PMC{text}"


def _ids(inner: str) -> Iterable[tuple[str, str]]:
    """Return kind and content of each identifier."""
    usual = _ARTICLE_ID.split(inner)
    if not "".join(usual[::3]).strip():
        return zip(usual[1::3], usual[2::3], strict=True)
    return [
        (attributes_of(written).get("IdType", "pubmed"), content)
        for _, written, content in leaves(well_formed(inner, "ArticleIdList"), _ARTICLE_IDS)
    ]


_ARTICLE_IDS = frozenset({"ArticleId"})
_AUTHORS = people("authors", "Author")
_GRANT = re.compile(
    r"""<Grant>[^<]*+(?:<GrantID>([^<]*+)</GrantID>[^<]*+)?+(?:<Acronym>([^<]*+)</Acronym>[^<]*+)?+
    (?:<Agency>([^<]*+)</Agency>[^<]*+)?+(?:<Country>([^<]*+)</Country>[^<]*+|<Country/>[^<]*+)?+
    </Grant>[^<]*+""",
    re.ASCII | re.VERBOSE,
)
"""Almost every grant."""
_OF_GRANT = ("GrantID", "Acronym", "Agency", "Country")


def _grants(inner: str, written: str, values: Values, lists: Lists) -> None:
    usual = _GRANT.split(inner)
    if "".join(usual[::5]).strip():
        for _, _, content in children(inner):
            parts = parts_of(content, *_OF_GRANT)
            _add_grant([parts.get(tag) for tag in _OF_GRANT], lists)
        return
    for each in zip(usual[1::5], usual[2::5], usual[3::5], usual[4::5], strict=True):
        _add_grant([text_of(part) if part else None for part in each], lists)


def _add_grant(parts: Iterable[str | None], lists: Lists) -> None:
    text = "/".join([part for part in parts if part])
    if text:
        add(lists, "grants", text)


def _databanks(inner: str, written: str, values: Values, lists: Lists) -> None:
    known = frozenset({"DataBankName", "AccessionNumberList", "AccessionNumber"})
    for _, _, bank in children(inner):
        name = None
        numbers: list[str | None] = []
        for tag, _, content in leaves(bank, known):
            if tag == "DataBankName":
                name = text_of(content)
            elif tag == "AccessionNumber":
                numbers.append(text_of(content))
        for number in numbers or [None]:
            text = "/".join(part for part in (name, number) if part)
            if text:
                add(lists, "registry_numbers", text)


def _related(inner: str, written: str, values: Values, lists: Lists) -> None:
    for _, attributes, content in children(inner):
        parts = parts_of(content, "PMID", "RefSource", "Note")
        number = parts.get("PMID", "")
        pmid = Pmid(int(number)) if number.isdigit() and int(number) else None
        citation = " ".join(parts[tag] for tag in ("RefSource", "Note") if tag in parts) or None
        kind = attributes_of(attributes).get("RefType") or "Cites"
        if kind == "Cites":
            # Before 2019 the references of an article stood here.
            if pmid is not None:
                values["references"] = (*values["references"], pmid)
        else:
            add(lists, "related", RelatedReport(kind=kind, pmid=pmid, citation=citation))


def _references(inner: str, written: str, values: Values, lists: Lists) -> None:
    """Read references that are not the last of an article."""
    values["references"] += _cited(inner.encode())


# Books ---------------------------------------------------------------------


def _book(inner: str, written: str, values: Values, lists: Lists) -> None:
    for tag, attributes, content in children(inner):
        if tag == "Publisher":
            parts = parts_of(content, "PublisherName", "PublisherLocation")
            values["publisher"] = parts.get("PublisherName")
            keep(lists, "publisher place", parts.get("PublisherLocation"))
        elif tag == "BookTitle":
            values["book_title"] = text_of(content)
        elif tag == "CollectionTitle":
            values["collection_title"] = text_of(content)
        elif tag == "PubDate":
            values.update(published(content))
        elif tag == "AuthorList":
            _AUTHORS(content, attributes, values, lists)
        elif tag == "Isbn":
            adder("isbn")(content, attributes, values, lists)
        elif tag == "ELocationID":
            _location(content, attributes, values, lists)
        elif tag in ("Volume", "Edition", "Medium", "VolumeTitle", "ReportNumber"):
            keep(lists, f"book {tag.lower()}", text_of(content))


_SECTIONS: Mapping[str, Take] = {
    # MedlineCitation
    "MedlineCitation": _citation,
    "PMID": _pmid,
    "DateCompleted": day("completed_on", "DateCompleted"),
    "DateRevised": day("revised_on", "DateRevised"),
    "MedlineJournalInfo": _journal_info,
    "ChemicalList": chemicals,
    "SupplMeshList": named("substances", "substance_uis", "SupplMeshName"),
    "CitationSubset": adder("subsets"),
    "CommentsCorrectionsList": _related,
    "GeneSymbolList": keeper("gene symbols"),
    "MeshHeadingList": headings,
    "NumberOfReferences": keeper("number of references"),
    "PersonalNameSubjectList": people("personal_subjects", "PersonalNameSubject"),
    "OtherID": keeper("other id"),
    "OtherAbstract": _other_abstract,
    "KeywordList": keywords,
    "CoiStatement": setter("conflict_of_interest"),
    "SpaceFlightMission": keeper("space flight mission"),
    "InvestigatorList": people("investigators", "Investigator"),
    "GeneralNote": keeper("note"),
    # Article, and in part BookDocument
    "Article": _article,
    "Journal": _journal,
    "ArticleTitle": setter("title"),
    "Pagination": _pages,
    "ELocationID": _location,
    "Abstract": _abstract,
    "AuthorList": _AUTHORS,
    "Language": adder("languages"),
    "DataBankList": _databanks,
    "GrantList": _grants,
    "PublicationTypeList": named("publication_types", "publication_type_uis", "PublicationType"),
    "VernacularTitle": setter("vernacular_title"),
    "ArticleDate": day("electronic_on", "ArticleDate"),
    # PubmedData and PubmedBookData
    "History": history,
    "PublicationStatus": setter("publication_status"),
    "ArticleIdList": _article_ids,
    "ReferenceList": _references,
    # BookDocument
    "BookDocument": _citation,
    "Book": _book,
    "LocationLabel": keeper("location label"),
    "PublicationType": named("publication_types", "publication_type_uis", "PublicationType"),
    "DateRevisedBook": day("revised_on", "DateRevisedBook"),
    "ContributionDate": keeper("contribution date"),
    "ItemList": keeper("items"),
    "Sections": keeper("sections"),
}
