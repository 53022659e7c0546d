"""The shape of an article as NLM's DTD prescribes it: one pattern that checks it and cuts it.

Nearly every article NLM sends fits. What does not, for an odd element, a comment or a
formula, is checked by expat and walked instead (``xml_slices``), with the same result.
Elements that come again and again, or are read by a pattern of their own, are only cut
out here: whoever reads them asks ``well_formed`` about those not seen before.
"""

from __future__ import annotations

import re
from functools import cache

from resartus.sources.formats.readers.xml_slices import children, plain_xml

__all__ = ["ATTRIBUTES", "sections_of", "up_to", "well_formed"]

_MODELS = """
PubmedArticle: MedlineCitation PubmedData
MedlineCitation: PMID DateCompleted? DateRevised? Article MedlineJournalInfo ChemicalList?
    SupplMeshList? CitationSubset* CommentsCorrectionsList? GeneSymbolList? MeshHeadingList?
    NumberOfReferences? PersonalNameSubjectList? OtherID* OtherAbstract* KeywordList*
    CoiStatement? SpaceFlightMission* InvestigatorList? GeneralNote*
Article: Journal ArticleTitle Pagination? ELocationID* Abstract? AuthorList?
    Language* DataBankList? GrantList? PublicationTypeList VernacularTitle? ArticleDate*
PubmedData: History? PublicationStatus? ArticleIdList
Journal: ISSN? JournalIssue Title? ISOAbbreviation?
JournalIssue: Volume? Issue? PubDate
PubDate: ( Year ( Month Day? | Season )? | MedlineDate )
Pagination: StartPage? EndPage? MedlinePgn?
Abstract: AbstractText* CopyrightInformation?
OtherAbstract: AbstractText* CopyrightInformation?
AuthorList: Author*
InvestigatorList: Investigator*
PersonalNameSubjectList: PersonalNameSubject*
Author: ( LastName ForeName? Initials? Suffix? | CollectiveName ) Identifier* AffiliationInfo*
Investigator: LastName ForeName? Initials? Suffix? Identifier* AffiliationInfo*
PersonalNameSubject: LastName ForeName? Initials? Suffix?
AffiliationInfo: Affiliation Identifier*
DataBankList: DataBank*
DataBank: DataBankName AccessionNumberList?
AccessionNumberList: AccessionNumber*
GrantList: Grant*
Grant: GrantID? Acronym? Agency? Country?
PublicationTypeList: PublicationType*
MedlineJournalInfo: Country? MedlineTA NlmUniqueID? ISSNLinking?
ChemicalList: Chemical*
Chemical: RegistryNumber NameOfSubstance
SupplMeshList: SupplMeshName*
CommentsCorrectionsList: CommentsCorrections*
CommentsCorrections: RefSource? PMID? Note?
GeneSymbolList: GeneSymbol*
MeshHeadingList: MeshHeading*
MeshHeading: DescriptorName QualifierName*
KeywordList: Keyword*
History: PubMedPubDate*
PubMedPubDate: Year Month Day ( Hour ( Minute Second? )? )?
Person: ( LastName ForeName? Initials? Suffix? | CollectiveName )? Identifier* AffiliationInfo*
DateCompleted: Year Month Day
DateRevised: Year Month Day
ArticleDate: Year Month Day
ArticleIdList: ArticleId*
"""
"""Content models from https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd; all other
elements hold text. ``Person`` is any of a person's parts."""

_TOLD = frozenset({"MedlineCitation", "Article", "PubmedData"})
"""Elements whose children are told one by one."""
_WITH_ATTRIBUTES = frozenset({
    "MedlineCitation", "PMID", "Article", "ISSN", "JournalIssue", "ELocationID", "AbstractText",
    "AuthorList", "Author", "Investigator", "Identifier", "DataBankList", "GrantList",
    "PublicationType", "ArticleDate", "NameOfSubstance", "SupplMeshName", "CommentsCorrections",
    "DescriptorName", "QualifierName", "OtherID", "OtherAbstract", "KeywordList", "Keyword",
    "GeneralNote", "PubMedPubDate", "ArticleId",
})  # fmt: skip
_LIFTED = ("AuthorList", "MeshHeadingList", "History")
"""Long elements, in their order: they are taken out before the pattern sees the rest, since
finding a tag costs a tenth of matching up to it."""
_UNCHECKED = frozenset({
    *_LIFTED, "Journal", "PublicationTypeList", "DateCompleted", "DateRevised",
    "MedlineJournalInfo", "ChemicalList", "ArticleIdList", "InvestigatorList",
    "PersonalNameSubjectList",
})  # fmt: skip
"""Elements whose content is left to their readers to check."""
ATTRIBUTES = r'(?:[ ][\w:.-]++="[^"<]*+")*+'
"""An element's attributes as NLM writes them, in patterns with and without free spaces."""
_BETWEEN = "[^<]*+"
"""White space; one sign to stop at is looked for several times faster than a class of signs."""
_UNKNOWN_ENTITY = re.compile("&(?!amp;|lt;|gt;|quot;|apos;)")
_MARKUP = ("i", "b", "sub", "sup", "u")

Section = tuple[str, str, str]
"""Tag, attributes and content of an element, as they are written."""
_Place = tuple[str, int, re.Pattern[str] | None]
"""A told element, where its groups begin in the pattern, and how each is found if it may repeat."""


class _Shape:
    """The pattern of an element, made from the content models."""

    def __init__(self, root: str, *, is_told: bool) -> None:
        lines = re.sub(r"\n +", " ", _MODELS.strip()).split("\n")
        self._models = dict(line.split(": ") for line in lines)
        self._told = _TOLD if is_told else frozenset[str]()
        self._groups = 0
        self.places: list[_Place] = []
        written = self._element(root, is_told=False) if is_told else self._inner(root)
        self.pattern = re.compile(written, re.ASCII)

    def _element(self, tag: str, *, is_told: bool) -> str:
        is_open = tag in self._told
        if is_told or is_open:
            self.places.append((tag, self._groups, None))
            self._groups += 1 if is_open else 2
        said = _said(tag)
        if is_open:
            return rf"<{tag}({said})>{self._inner(tag)}</{tag}>{_BETWEEN}"
        if is_told and tag in _LIFTED:
            return rf"<{tag}({said})>()</{tag}>{_BETWEEN}"
        if is_told and tag in _UNCHECKED:
            return rf"<{tag}({said})>({up_to(tag)})</{tag}>{_BETWEEN}"
        if is_told:
            return rf"<{tag}({said})>({self._inner(tag)})</{tag}>{_BETWEEN}"
        return rf"<{tag}{said}(?:>{self._inner(tag)}</{tag}|/)>{_BETWEEN}"

    def _inner(self, tag: str) -> str:
        model = self._models.get(tag)
        if model is None:
            return _text(2)
        parts = []
        is_open = tag in self._told
        for item in model.split():
            tag = item.rstrip("?*")
            may_repeat = item.endswith("*")
            if item in "(|)":
                parts.append("(?:" if item == "(" else item)
            elif item == ")?":
                parts.append(")?+")
            elif may_repeat and is_open:
                # The first is told as any other is; few elements come twice.
                first = self._element(tag, is_told=True)
                self.places.append((tag, self._groups, _each(tag)))
                self._groups += 1
                more = rf"<{tag}{_said(tag)}>{self._inner(tag)}</{tag}>{_BETWEEN}"
                parts.append(f"(?:{first}((?:{more})++)?+)?+")
            else:
                element = self._element(tag, is_told=is_open)
                parts.append(f"(?:{element}){item[len(tag) :]}+" if item != tag else element)
        return _BETWEEN + "".join(parts)


def _said(tag: str) -> str:
    """Return the pattern of an element's attributes, where the DTD knows any."""
    return ATTRIBUTES if tag in _WITH_ATTRIBUTES else ""


def _text(depth: int) -> str:
    """Return the pattern of text with markup up to a depth."""
    if not depth:
        return "[^<]*+"
    inner = _text(depth - 1)
    marked = "|".join(f"{tag}>{inner}</{tag}" for tag in _MARKUP)
    return f"[^<]*+(?:<(?:{marked})>[^<]*+)*+"


def up_to(tag: str) -> str:
    """Return the pattern of anything before a closing tag."""
    return rf"[^<]*+(?:<(?!/{tag}>)[^<]*+)*+"


def _each(tag: str) -> re.Pattern[str]:
    """Return the pattern of an element whose content has been checked."""
    return re.compile(rf"<{tag}({ATTRIBUTES})>({up_to(tag)})<", re.ASCII)


@cache
def shape() -> _Shape:
    """Return an article's shape, made when the first comes: that takes a fraction of a second."""
    return _Shape("PubmedArticle", is_told=True)


@cache
def _shape_inside(tag: str) -> re.Pattern[str]:
    return _Shape(tag, is_told=False).pattern


def well_formed(inner: str, tag: str) -> str:
    """Return what stands inside an element, as ``plain_xml`` would write it.

    Raises
    ------
    ParseError
        If it is not well formed.
    """
    if _shape_inside(tag).fullmatch(inner) is not None:
        return inner
    return plain_xml(f"<{tag}>{inner}</{tag}>")[len(tag) + 2 : -len(tag) - 3]


def sections_of(content: str) -> list[Section]:
    """Return what an article or a book consists of, in its order.

    The children of ``MedlineCitation``, ``Article``, ``PubmedData`` and their like stand
    beside them, who have no content of their own. Some have yet to be asked about by
    ``well_formed``; their attributes and their place have been checked.

    Raises
    ------
    ParseError
        If the XML is not well formed.
    """
    shaped = shape()
    rest, lifted = _lifted(content)
    found = shaped.pattern.fullmatch(rest)
    if found is None or ("&" in content and _UNKNOWN_ENTITY.search(content)):
        return walked(content)
    groups = found.groups()
    told: list[Section] = []
    for tag, group, each in shaped.places:
        written = groups[group]
        if written is None:
            continue
        if each is not None:
            told += [(tag, said, inner) for said, inner in each.findall(written)]
        elif tag in lifted:
            told.append((tag, written, lifted[tag]))
        else:
            told.append((tag, written, "" if tag in _TOLD else groups[group + 1]))
    return told


def _lifted(content: str) -> tuple[str, dict[str, str]]:
    """Return an article with its long elements empty, and what stood in them."""
    kept = []
    lifted = {}
    position = 0
    # From the end, where it is near; the others are looked for before it.
    last = content.rfind("<History>")
    for tag in _LIFTED:
        start = last if tag == "History" else content.find(f"<{tag}", position, last)
        if start < position:
            continue
        start = content.find(">", start) + 1
        end = content.find(f"</{tag}>", start)
        if end < 0:
            break
        kept.append(content[position:start])
        lifted[tag] = content[start:end]
        position = end
    kept.append(content[position:])
    return "".join(kept), lifted


def walked(content: str) -> list[Section]:
    """Return the same from element to element, whatever the shape."""
    told: list[Section] = []
    for _, _, root in children(plain_xml(content)):
        for tag, attributes, part in children(root):
            told.append((tag, attributes, ""))
            for child in children(part):
                if child[0] == "Article":
                    told.append((child[0], child[1], ""))
                    told.extend(children(child[2]))
                else:
                    told.append(child)
    return told
