"""Headers of tables, as databases and screening tools name the same thing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from resartus.errors import DataError

__all__ = [
    "FIELDS",
    "GOES_ON",
    "ColumnGuess",
    "column_key",
    "guess_columns",
    "known_headers",
    "rank_of",
]

# Field: headers, the better ones first. Of two columns for one field of one value the better
# counts and the other is kept. Sources: exports of PubMed, Embase, Scopus, Web of Science, IEEE,
# Springer, ERIC, Cochrane, Zotero, Rayyan, Covidence and ASReview's documented column names.
_HEADERS: Mapping[str, str] = {
    "title": "title|article title|document title|item title|primary title|study title|titles|ti|t1",
    "vernacular_title": "original title|vernacular title|foreign title|translated title",
    "abstract": "abstract|abstract note|abstracts|summary|notes abstract|n2|ab",
    "authors": "author full names|authors|author|author(s)|author names|author list|creators|"
    "first authors|first_authors|au|af|a1",
    "journal": "journal|source title|publication title|journal/book|journal name|secondary title|"
    "journal title|publication|source|periodical|container title|so|jo|t2|jf",
    "journal_abbreviation": "journal abbreviation|abbreviated source title|"
    "journal iso abbreviation|iso abbreviation|ja|j2|ji",
    "year": "year|publication year|published year|pub year|year published|publication_year|py|"
    "pubyear",
    "date": "date|publication date|cover date|published|date published|online date|da|pd",
    "month": "month|published month|publication month",
    "day": "day|published day",
    "volume": "volume|journal volume|vl|vol",
    "issue": "issue|journal issue|number|is",
    "pages": "pages|page range|pagination|pg",
    "start_page": "start page|page start|beginning page|first page|sp|bp",
    "end_page": "end page|page end|ending page|last page|ep",
    "article_number": "art. no.|article number|article no|ar",
    "doi": "doi|item doi|digital object identifier|doi link|do|di|electronic resource num",
    "pmid": "pmid|pubmed id|pubmed_id|medline pmid|pubmedid|pubmed|pm",
    "entrez": "entrezuid",
    "pmcid": "pmcid|pmc id|pmc_id|pmc",
    "url": "url|link|links|url link|open url link|pdf link|ur|html",
    "issn": "issn|eissn|e-issn|print issn|electronic issn|sn|ei|isbn|isbns|bn",
    "languages": "language|languages|language of original document|la|lang",
    "publication_types": "publication type|publication types|document type|type of reference|"
    "item type|content type|reference type|type|dt|pt",
    "keywords": "keywords|author keywords|keyword|index keywords|ieee terms|manual tags|"
    "automatic tags|emtree drug index terms (major focus)|emtree drug index terms|"
    "emtree medical index terms (major focus)|emtree medical index terms|descriptors|mesh_terms|"
    "inspec controlled terms|inspec non-controlled terms|mesh terms|keywords plus|kw|de|id_terms",
    "mesh": "mesh",
    "substances": "substances",
    "registry_numbers": "registry numbers|clinical trial numbers",
    "grants": "grants",
    "note": "notes|note|extra|exported_notes|asreview_note",
    "publisher": "publisher|pb|pu",
    "place": "place|place published|location|publisher location",
    "editor": "editor|editors|secondary authors",
    "edition": "edition",
    "series": "series|series title|book series title",
    "accession": "accession number|accession_number|an|ut|ut (unique wos id)|eid|unique wos id|"
    "embase accession id",
    "address": "affiliations|affiliation|addresses|author address|correspondence address|c1",
    "database": "database|resource|db",
    "label": "key|citation key|id|record_id|covidence #|ref",
    "published_text": "published text",
    "country": "country",
    "nlm_id": "nlm id",
    "status": "status of record",
    "other_fields": "other fields",
    "verdict": "included|label_included|final_included|included_label|asreview_label|label|"
    "final_label|decision|abstract_included|inclusion|included_flag|title_abstract_label|verdict",
    "stage": "decision stage",
    "decided_by": "decided by",
    "decided_at": "decided at",
    "reasons": "exclusion reason|exclusion reasons|reason|reason for exclusion",
    "tags": "tags",
    "all_decisions": "all decisions",
    "own_id": "resartus record",
    "summary_line": "details|citation",
}
FIELDS = tuple(_HEADERS)
"""What a column can be mapped to."""


def column_key(header: str) -> str:
    """Return a header for comparison: lower case, one space, no quotes or underscores."""
    text = header.replace("\ufeff", "").strip().strip('"').replace("_", " ").casefold()
    return re.sub(r"\s+", " ", text)


_RANKED = {
    column_key(header): (field, rank)
    for field, headers in _HEADERS.items()
    for rank, header in enumerate(headers.split("|"))
}


GOES_ON = " goes on: "
"""Between a column's name and the rest of a text that is too long for a cell of Excel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGuess:
    """What each column of a table is taken for, to be confirmed or changed by a person.

    Parameters
    ----------
    columns : tuple of str
        The headers as they stand.
    fields : tuple of (str or None)
        One of ``FIELDS`` for each column, ``None`` where nothing was recognised:
        such a column is kept under its own name.
    samples : tuple of str
        The first value in each column that is not empty, at most 80 characters.
    is_sure : bool
        Whether a column holds titles, abstracts or identifiers; if not, a person must say.
    """

    columns: tuple[str, ...]
    fields: tuple[str | None, ...]
    samples: tuple[str, ...]
    is_sure: bool


def known_headers(columns: Sequence[str]) -> int:
    """Return how many headers are known names."""
    return sum(column_key(column) in _RANKED for column in columns)


def guess_columns(
    columns: Sequence[str],
    *,
    given: Mapping[str, str] | None = None,
    rows: Sequence[Sequence[str]] = (),
) -> ColumnGuess:
    """Say what each column holds.

    Parameters
    ----------
    columns : sequence of str
        The headers.
    given : mapping of str to str, optional
        Field to header, as a person said: ``{"title": "Study name"}``.
    rows : sequence of sequence of str
        The first rows, for samples.

    Raises
    ------
    DataError
        If a field or a header named in ``given`` does not exist.
    """
    fields: list[str | None] = []
    for column in columns:
        found = _RANKED.get(column_key(column))
        fields.append(found[0] if found else None)
    for field, header in (given or {}).items():
        if field not in _HEADERS:
            raise DataError(f"field {field!r} is not one of: {', '.join(FIELDS)}", field=field)
        matches = [i for i, c in enumerate(columns) if column_key(c) == column_key(header)]
        if not matches:
            raise DataError(
                f"column {header!r} is not in the table; it has: {', '.join(columns)}", field=field
            )
        # What a person says takes the field away from every other column.
        fields = [None if known == field else known for known in fields]
        fields[matches[0]] = field
    samples = tuple(
        next((row[i].strip()[:80] for row in rows if i < len(row) and row[i].strip()), "")
        for i in range(len(columns))
    )
    named = set(fields)
    is_sure = bool(named & {"title", "abstract", "pmid", "doi"})
    return ColumnGuess(
        columns=tuple(columns), fields=tuple(fields), samples=samples, is_sure=is_sure
    )


def rank_of(header: str) -> int:
    """Return how good a header is for its field; 0 is best, unknown headers come last."""
    found = _RANKED.get(column_key(header))
    return found[1] if found else 99
