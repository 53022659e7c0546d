"""PubMed's search fields: labels, codes and every spelling of their tags."""

from __future__ import annotations

import difflib
from enum import Enum

__all__ = ["Field", "closest_tag", "field_by_tag", "is_known_tag", "normalise_tag"]


class Field(Enum):
    """A search field; the value is its label in PubMed's Search Details."""

    ALL = "All Fields"
    UID = "UID"
    TITLE = "Title"
    TITLE_ABSTRACT = "Title/Abstract"
    TEXT_WORD = "Text Word"
    OTHER_TERM = "Other Term"
    MESH = "MeSH Terms"
    MESH_MAJOR = "MeSH Major Topic"
    SUBHEADING = "MeSH Subheading"
    PHARMACOLOGICAL_ACTION = "Pharmacological Action"
    SUBSTANCE = "Supplementary Concept"
    REGISTRY_NUMBER = "EC/RN Number"
    PUBLICATION_TYPE = "Publication Type"
    LANGUAGE = "Language"
    AUTHOR = "Author"
    FULL_AUTHOR = "Author - Full"
    FIRST_AUTHOR = "Author - First"
    LAST_AUTHOR = "Author - Last"
    CORPORATE_AUTHOR = "Author - Corporate"
    INVESTIGATOR = "Investigator"
    FULL_INVESTIGATOR = "Investigator - Full"
    AUTHOR_ID = "Author - Identifier"
    EDITOR = "Editor"
    BOOK = "Book"
    ISBN = "ISBN"
    PUBLISHER = "Publisher"
    PERSONAL_NAME = "Subject - Personal Name"
    AFFILIATION = "Affiliation"
    JOURNAL = "Journal"
    JOURNAL_ID = "NLM Unique ID"
    VOLUME = "Volume"
    ISSUE = "Issue"
    PAGINATION = "Pagination"
    GRANT = "Grants and Funding"
    SECONDARY_SOURCE = "Secondary Source ID"
    LOCATION_ID = "Location ID"
    ARTICLE_ID = "Article Identifier"
    PLACE = "Place of Publication"
    TRANSLITERATED_TITLE = "Transliterated Title"
    CONFLICT_OF_INTEREST = "Conflict of Interest Statements"
    FILTER = "Filter"
    PUBLICATION_DATE = "Date - Publication"
    ELECTRONIC_DATE = "Electronic Publication Date"
    PRINT_DATE = "Print Publication Date"
    ENTRY_DATE = "Date - Entry"
    CREATE_DATE = "Date - Create"
    MESH_DATE = "Date - MeSH"
    MODIFICATION_DATE = "Date - Modification"
    COMPLETION_DATE = "Date - Completion"

    @property
    def label(self) -> str:
        """The name PubMed prints in Search Details."""
        return self.value

    @property
    def tag(self) -> str:
        """The short tag people type."""
        return _SPELLINGS[self].split("|")[0]

    @property
    def is_date(self) -> bool:
        """Whether it takes ``2001/02/03`` and ranges of such dates."""
        return self in _DATES

    @property
    def takes_range(self) -> bool:
        """Whether ``a:b`` is a range in it; elsewhere a colon is a space."""
        return self in _DATES or self is Field.UID

    @property
    def takes_proximity(self) -> bool:
        """Whether ``"..."[field:~N]`` is allowed."""
        return self in _PROXIMITY

    @property
    def takes_noexp(self) -> bool:
        """Whether ``[field:noexp]`` is allowed."""
        return self in _NOEXP


# First spelling: the short tag used when rendering. Codes are einfo's.
_SPELLINGS: dict[Field, str] = {
    Field.ALL: "all|all fields",
    Field.UID: "uid|pmid",
    Field.TITLE: "ti|title|titl",
    Field.TITLE_ABSTRACT: "tiab|title/abstract|title abstract|ti/ab|ti,ab",
    Field.TEXT_WORD: "tw|text word|text words|word",
    Field.OTHER_TERM: "ot|other term|other terms|otrm",
    Field.MESH: "mh|mesh|mesh terms|mesh term|mesh heading|mesh headings",
    Field.MESH_MAJOR: "majr|mesh major topic|mesh major topics|mj|major topic",
    Field.SUBHEADING: "sh|subheading|mesh subheading|mesh subheadings|subh",
    Field.PHARMACOLOGICAL_ACTION: "pa|pharmacological action|pharmacologic action|papx",
    Field.SUBSTANCE: "nm|supplementary concept|substance name|subs|scr",
    Field.REGISTRY_NUMBER: "rn|ec/rn number|registry number|ecno",
    Field.PUBLICATION_TYPE: "pt|publication type|ptyp",
    Field.LANGUAGE: "la|language|lang",
    Field.AUTHOR: "au|author|auth",
    Field.FULL_AUTHOR: "fau|author - full|full author name|full author|full",
    Field.FIRST_AUTHOR: "1au|author - first|first author name|first author|faut",
    Field.LAST_AUTHOR: "lastau|author - last|last author name|last author|laut",
    Field.CORPORATE_AUTHOR: "cn|author - corporate|corporate author|coln",
    Field.INVESTIGATOR: "ir|investigator",
    Field.FULL_INVESTIGATOR: "fir|investigator - full|full investigator name|finv",
    Field.AUTHOR_ID: "auid|author - identifier|author identifier",
    Field.EDITOR: "ed|editor",
    Field.BOOK: "book",
    Field.ISBN: "isbn",
    Field.PUBLISHER: "pubn|publisher",
    Field.PERSONAL_NAME: "ps|subject - personal name|personal name as subject",
    Field.AFFILIATION: "ad|affiliation|affl",
    Field.JOURNAL: "ta|journal|jour|journal title",
    Field.JOURNAL_ID: "jid|nlm unique id|nlm id",
    Field.VOLUME: "vi|volume|vol",
    Field.ISSUE: "ip|issue|iss",
    Field.PAGINATION: "pg|pagination|page",
    Field.GRANT: "gr|grants and funding|grant number|grant|grnt",
    Field.SECONDARY_SOURCE: "si|secondary source id",
    Field.LOCATION_ID: "lid|location id",
    Field.ARTICLE_ID: "aid|article identifier|doi",
    Field.PLACE: "pl|place of publication|cnty",
    Field.TRANSLITERATED_TITLE: "tt|transliterated title",
    Field.CONFLICT_OF_INTEREST: "cois|conflict of interest statements",
    Field.FILTER: "sb|filter|subset|filt",
    Field.PUBLICATION_DATE: "dp|date - publication|publication date|pdat|date of publication",
    Field.ELECTRONIC_DATE: "epdat|electronic publication date|electronic date of publication|epdt",
    Field.PRINT_DATE: "ppdat|print publication date|print date of publication|ppdt",
    Field.ENTRY_DATE: "edat|date - entry|entry date|entrez date",
    Field.CREATE_DATE: "crdt|date - create|create date|date - created",
    Field.MESH_DATE: "mhda|date - mesh|mesh date",
    Field.MODIFICATION_DATE: "lr|date - modification|modification date|mdat",
    Field.COMPLETION_DATE: "dcom|date - completion|completion date|cdat",
}
_DATES = frozenset(
    {
        Field.PUBLICATION_DATE,
        Field.ELECTRONIC_DATE,
        Field.PRINT_DATE,
        Field.ENTRY_DATE,
        Field.CREATE_DATE,
        Field.MESH_DATE,
        Field.MODIFICATION_DATE,
        Field.COMPLETION_DATE,
    }
)
_PROXIMITY = frozenset({Field.TITLE, Field.TITLE_ABSTRACT, Field.AFFILIATION})
_NOEXP = frozenset({Field.MESH, Field.MESH_MAJOR, Field.SUBHEADING, Field.PUBLICATION_TYPE})


def normalise_tag(text: str) -> str:
    """Lower-case a tag and drop what does not matter: spaces around ``-``, ``/`` and the ends."""
    words = " ".join(text.casefold().replace("-", " - ").split())
    return words.replace(" / ", "/").replace("/ ", "/").replace(" /", "/").replace(" ,", ",")


_BY_TAG: dict[str, Field] = {
    normalise_tag(spelling): field
    for field, spellings in _SPELLINGS.items()
    for spelling in (*spellings.split("|"), field.value)
}


def field_by_tag(text: str) -> Field | None:
    """Return the field of a tag's text, without brackets and modifiers, or ``None``."""
    return _BY_TAG.get(normalise_tag(text))


def is_known_tag(text: str) -> bool:
    """Tell whether the text between brackets is a tag, with or without modifiers."""
    return field_by_tag(text.partition(":")[0].strip("[] ")) is not None


def closest_tag(text: str) -> str | None:
    """Return the known tag that a mistyped one most resembles."""
    found = difflib.get_close_matches(normalise_tag(text)[:40], _BY_TAG, n=1, cutoff=0.6)
    return _BY_TAG[found[0]].tag if found else None
