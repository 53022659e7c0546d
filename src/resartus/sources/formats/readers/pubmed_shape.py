"""The shape of an article as NLM's DTD prescribes it: one pattern that checks it and cuts it.

Nearly every article NLM sends fits. What does not, for an odd element, a comment or a
formula, is checked by expat and walked instead (``xml_slices``), with the same result.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from resartus.sources.formats.readers.xml_slices import children, plain_xml

__all__ = ["sections_of"]

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
DateCompleted: Year Month Day
DateRevised: Year Month Day
ArticleDate: Year Month Day
ArticleIdList: ArticleId*
"""
"""Content models from https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd; all other
elements hold text."""

_TOLD = frozenset({"MedlineCitation", "Article", "PubmedData"})
"""Elements whose children are told one by one."""
_OPEN = frozenset(tag.encode() for tag in _TOLD)
_ATTRIBUTES = r'(?: [\w:.-]++="[^"<]*+")*+'
_BETWEEN = "[^<]*+"
"""White space; one sign to stop at is looked for several times faster than a class of signs."""
_ENTITY = re.compile(rb"&(?:amp|lt|gt|quot|apos);")
_MARKUP = ("i", "b", "sub", "sup", "u")

Section = tuple[bytes, bytes, bytes]
"""Tag, attributes and content of an element, as they are written."""


class _Place(NamedTuple):
    """Where a told element's groups begin in the pattern."""

    tag: bytes
    group: int
    may_repeat: bool


class _Shape:
    """The pattern of an article, made from the content models."""

    def __init__(self) -> None:
        lines = re.sub(r"\n +", " ", _MODELS.strip()).split("\n")
        self._models = dict(line.split(": ") for line in lines)
        self._groups = 0
        self.places: list[_Place] = []
        written = self._element("PubmedArticle", is_told=False) + _BETWEEN
        self.pattern = re.compile(written.encode("ascii"))

    def _element(self, tag: str, *, is_told: bool) -> str:
        is_open = tag in _TOLD
        if is_told or is_open:
            self.places.append(_Place(tag.encode(), self._groups, may_repeat=False))
            self._groups += 1 if is_open else 2
        model = self._models.get(tag)
        inner = _text(2) if model is None else self._content(model, is_open=is_open) + _BETWEEN
        if is_open:
            return rf"{_BETWEEN}<{tag}({_ATTRIBUTES})>{inner}</{tag}>"
        if is_told:
            return rf"{_BETWEEN}<{tag}({_ATTRIBUTES})>({inner})</{tag}>"
        return rf"{_BETWEEN}<{tag}{_ATTRIBUTES}(?:>{inner}</{tag}|/)>"

    def _content(self, model: str, *, is_open: bool) -> str:
        parts = []
        for item in model.split():
            tag = item.rstrip("?*")
            may_repeat = item.endswith("*")
            if item in "(|)":
                parts.append("(?:" if item == "(" else item)
            elif item == ")?":
                parts.append(")?+")
            elif may_repeat and is_open:
                self.places.append(_Place(tag.encode(), self._groups, may_repeat=True))
                self._groups += 1
                parts.append(f"((?:{self._element(tag, is_told=False)})*+)")
            else:
                element = self._element(tag, is_told=is_open)
                parts.append(f"(?:{element}){item[len(tag) :]}+" if item != tag else element)
        return "".join(parts)


def _text(depth: int) -> str:
    """Return the pattern of text with markup up to a depth."""
    marked = ""
    if depth:
        inner = _text(depth - 1)
        marked = "|<(?:" + "|".join(f"{tag}>{inner}</{tag}" for tag in _MARKUP) + ")>"
    return f"(?:[^<]++{marked})*+"


shape = cache(_Shape)
"""Made when the first article comes: that takes a fraction of a second."""


def sections_of(content: bytes) -> list[Section]:
    """Return what an article or a book consists of, in its order.

    The children of ``MedlineCitation``, ``Article``, ``PubmedData`` and their like stand
    beside them, who have no content of their own.

    Raises
    ------
    ParseError
        If the XML is not well formed.
    """
    shaped = shape()
    found = shaped.pattern.fullmatch(content)
    if found is None or content.count(b"&") != len(_ENTITY.findall(content)):
        return walked(content)
    groups = found.groups()
    told: list[Section] = []
    for tag, group, may_repeat in shaped.places:
        written = groups[group]
        if may_repeat:
            if written:
                told.extend(children(written))
        elif written is not None:
            told.append((tag, written, b"" if tag in _OPEN else groups[group + 1]))
    return told


def walked(content: bytes) -> list[Section]:
    """Return the same from element to element, whatever the shape."""
    told: list[Section] = []
    for _, _, root in children(plain_xml(content)):
        for tag, attributes, part in children(root):
            told.append((tag, attributes, b""))
            for child in children(part):
                if child[0] == b"Article":
                    told.append((child[0], child[1], b""))
                    told.extend(children(child[2]))
                else:
                    told.append(child)
    return told
