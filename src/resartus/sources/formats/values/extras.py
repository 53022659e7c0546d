"""What a record keeps in ``fields``: one name per idea, and its tag in each format.

A tag that no name covers is kept as ``"ris:U3"``: the format, a colon, the
tag as it stood. Only the same format can write it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["EXTRA_BIBTEX", "EXTRA_CSL", "EXTRA_ENW", "EXTRA_RIS", "kind_of", "type_in"]

_TABLE: tuple[tuple[str, str, str, str, str], ...] = (
    # name, RIS, BibTeX, ENW, CSL
    ("publisher", "PB", "publisher", "%I", "publisher"),
    ("place", "CY", "address", "%C", "publisher-place"),
    ("note", "N1", "note", "%Z", "note"),
    ("editor", "A2", "editor", "%E", "editor"),
    ("series", "T3", "series", "%S", "collection-title"),
    ("edition", "ET", "edition", "%7", "edition"),
    ("database", "DB", "database", "%~", "source"),
    ("provider", "DP", "provider", "%W", "archive"),
    ("accession", "AN", "unique-id", "%M", "archive_location"),
    ("address", "AD", "affiliation", "%+", "author-address"),
    ("short_title", "ST", "shorttitle", "%!", "title-short"),
    ("article_number", "C7", "article-number", "%]", "number"),
    ("file", "L1", "file", "%>", "file"),
    ("link", "L2", "link", "%?", "link"),
    ("call_number", "CN", "lccn", "%L", "call-number"),
    ("accessed", "Y2", "urldate", "%[", "accessed-text"),
    ("label", "ID", "key", "%F", "citation-key"),
)
EXTRA_RIS: Mapping[str, str] = MappingProxyType({row[0]: row[1] for row in _TABLE})
EXTRA_BIBTEX: Mapping[str, str] = MappingProxyType({row[0]: row[2] for row in _TABLE})
EXTRA_ENW: Mapping[str, str] = MappingProxyType({row[0]: row[3] for row in _TABLE})
EXTRA_CSL: Mapping[str, str] = MappingProxyType({row[0]: row[4] for row in _TABLE})

# kind: RIS, BibTeX, EndNote, CSL. The first of a kind is what is written.
_KINDS: tuple[tuple[str, str, str, str, str], ...] = (
    ("article", "JOUR", "article", "Journal Article", "article-journal"),
    ("article", "EJOUR", "article", "Electronic Article", "article-journal"),
    ("article", "MGZN", "article", "Magazine Article", "article-magazine"),
    ("article", "INPR", "article", "Journal Article", "article-journal"),
    ("article", "ABST", "article", "Journal Article", "article-journal"),
    ("conference", "CPAPER", "inproceedings", "Conference Paper", "paper-conference"),
    ("conference", "CONF", "conference", "Conference Proceedings", "paper-conference"),
    ("proceedings", "CONF", "proceedings", "Conference Proceedings", "book"),
    ("chapter", "CHAP", "incollection", "Book Section", "chapter"),
    ("chapter", "ECHAP", "inbook", "Electronic Book Section", "chapter"),
    ("book", "BOOK", "book", "Book", "book"),
    ("book", "EBOOK", "book", "Electronic Book", "book"),
    ("book", "EDBOOK", "book", "Edited Book", "book"),
    ("thesis", "THES", "phdthesis", "Thesis", "thesis"),
    ("thesis", "THES", "mastersthesis", "Thesis", "thesis"),
    ("report", "RPRT", "techreport", "Report", "report"),
    ("preprint", "UNPB", "unpublished", "Unpublished Work", "article"),
    ("web", "ELEC", "online", "Web Page", "webpage"),
    ("data", "DATA", "dataset", "Dataset", "dataset"),
    ("patent", "PAT", "patent", "Patent", "patent"),
    ("other", "GEN", "misc", "Generic", "document"),
)
_COLUMN = {"ris:TY": 1, "bibtex:type": 2, "endnote:type": 3, "csl:type": 4}
_TO_KIND = {
    (tag, row[column].casefold()): row[0]
    for row in reversed(_KINDS)
    for tag, column in _COLUMN.items()
}


def kind_of(fields: tuple[tuple[str, str], ...]) -> str | None:
    """Return ``"article"``, ``"conference"``, ``"chapter"`` ... from what a record keeps."""
    for tag, value in fields:
        if tag in _COLUMN:
            kind = _TO_KIND.get((tag, value.casefold()))
            if kind is not None:
                return kind
    return None


def type_in(fields: tuple[tuple[str, str], ...], *, tag: str) -> str | None:
    """Return the type of a record as one format names it.

    Parameters
    ----------
    fields : tuple of (str, str)
        What the record keeps.
    tag : str
        ``"ris:TY"``, ``"bibtex:type"``, ``"endnote:type"`` or ``"csl:type"``.
    """
    for name, value in fields:
        if name == tag:
            return value
    kind = kind_of(fields)
    if kind is None:
        return None
    return next(row[_COLUMN[tag]] for row in _KINDS if row[0] == kind)
