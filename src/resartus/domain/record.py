"""``Record``: one citation as a source gave it, never edited."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from resartus.domain.checks import require_aware, require_text, require_tuple
from resartus.domain.ids import Pmid, RecordId
from resartus.errors import DataError

__all__ = [
    "Author",
    "MeshHeading",
    "MeshQualifier",
    "OtherAbstract",
    "Record",
    "RelatedReport",
]

_DOI = re.compile(r"10\.\d{3,9}/\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person, or a group with only a ``collective_name``."""

    last_name: str | None = None
    fore_name: str | None = None
    initials: str | None = None
    suffix: str | None = None
    collective_name: str | None = None
    affiliations: tuple[str, ...] = ()
    orcid: str | None = None

    def __post_init__(self) -> None:
        if not (self.last_name or self.collective_name or self.fore_name):
            raise DataError("an author has no name; leave the author out or give a last_name")

    @property
    def short_name(self) -> str:
        """``"Ramia JM"``, as MEDLINE and Vancouver style print it."""
        if self.collective_name:
            return self.collective_name
        parts = (self.last_name or self.fore_name, self.initials, self.suffix)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshQualifier:
    """A MeSH subheading on one heading."""

    name: str
    major: bool = False
    ui: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshHeading:
    """A MeSH descriptor with its subheadings, as an indexer put it on a record."""

    descriptor: str
    major: bool = False
    ui: str | None = None
    qualifiers: tuple[MeshQualifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedReport:
    """A link to another report: erratum, retraction, comment, update.

    ``kind`` is PubMed's RefType, for example ``"RetractionIn"``.
    """

    kind: str
    pmid: Pmid | None = None
    citation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAbstract:
    """An abstract besides the first: another language, another publisher, plain words.

    ``kind`` is PubMed's Type (``"Publisher"``, ``"plain-language-summary"``),
    ``language`` MEDLINE's code.
    """

    text: str
    kind: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One citation as a source gave it.

    Missing is ``None`` or an empty tuple, never ``""``. A record changes only
    when a newer version of it arrives from its source.

    Parameters
    ----------
    record_id : RecordId
        Unique in the review, for example ``"pubmed:21452068"``.
    source : str
        What gave it: ``"pubmed"``, ``"ris"``, a file's format.
    year : int, optional
        Year of publication, 1500 to 2200.
    month, day : int, optional
        Of publication, where printed.
    published_text : str, optional
        The date as printed, for example ``"1998 Dec-1999 Jan"``.
    electronic_on, entered_on, created_on, revised_on, completed_on, indexed_on : date, optional
        PubMed's electronic publication, entry (EDAT), creation (CRDT), revision (LR),
        completion (DCOM) and MeSH (MHDA) dates.
    history : tuple of (str, date)
        Every dated step the source names, such as ``("received", ...)``.
    publication_model : str, optional
        PubMed's PubModel, which tells whether the printed date is of print.
    publication_status : str, optional
        ``"ppublish"``, ``"epublish"``, ``"aheadofprint"``.
    publication_type_uis, substance_uis : tuple of str
        MeSH's ids, in the order of ``publication_types`` and ``substances``.
    chemical_numbers : tuple of str
        EC, CAS and UNII numbers of the substances.
    registry_numbers : tuple of str
        Data banks and accession numbers, as ``"ClinicalTrials.gov/NCT00004179"``.
    identifiers, locations : tuple of (str, str)
        All article ids and all electronic locations, each with its type before it.
    references : tuple of Pmid
        The cited articles whose PMID is given.
    subsets : tuple of str
        NLM's citation subsets, for example ``"IM"``.
    fields : tuple of (str, str)
        What the source gave and no other field holds, as tag and text.
    raw_hash : str, optional
        SHA-256 of the payload the record was read from.
    version : int
        PubMed's version number of the citation, 1 unless stated.
    """

    record_id: RecordId
    source: str
    pmid: Pmid | None = None
    pmcid: str | None = None
    doi: str | None = None
    title: str | None = None
    vernacular_title: str | None = None
    abstract: str | None = None
    is_abstract_structured: bool = False
    other_abstracts: tuple[OtherAbstract, ...] = ()
    authors: tuple[Author, ...] = ()
    investigators: tuple[Author, ...] = ()
    editors: tuple[Author, ...] = ()
    personal_subjects: tuple[Author, ...] = ()
    book_title: str | None = None
    collection_title: str | None = None
    isbn: tuple[str, ...] = ()
    publisher: str | None = None
    journal: str | None = None
    journal_abbreviation: str | None = None
    issn: tuple[str, ...] = ()
    nlm_id: str | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    published_text: str | None = None
    electronic_on: date | None = None
    entered_on: date | None = None
    created_on: date | None = None
    revised_on: date | None = None
    completed_on: date | None = None
    indexed_on: date | None = None
    history: tuple[tuple[str, date], ...] = ()
    publication_model: str | None = None
    publication_status: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    languages: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    publication_type_uis: tuple[str, ...] = ()
    mesh: tuple[MeshHeading, ...] = ()
    keywords: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    substance_uis: tuple[str, ...] = ()
    chemical_numbers: tuple[str, ...] = ()
    registry_numbers: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    locations: tuple[tuple[str, str], ...] = ()
    references: tuple[Pmid, ...] = ()
    subsets: tuple[str, ...] = ()
    conflict_of_interest: str | None = None
    grants: tuple[str, ...] = ()
    related: tuple[RelatedReport, ...] = ()
    country: str | None = None
    status: str | None = None
    owner: str | None = None
    indexing_method: str | None = None
    url: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    raw_hash: str | None = None
    fetched_at: datetime | None = None
    version: int = 1

    def __post_init__(self) -> None:
        where = f"record {self.record_id!r}"
        require_text(self.record_id, field="record_id", where="a record")
        require_text(self.source, field="source", where=where)
        if self.pmid is not None and self.pmid < 1:
            raise DataError(f"pmid {self.pmid!r} of {where} is not above 0", field="pmid")
        if self.year is not None and not 1500 <= self.year <= 2200:
            raise DataError(f"year {self.year!r} of {where} is not in 1500..2200", field="year")
        if self.month is not None and not 1 <= self.month <= 12:
            raise DataError(f"month {self.month!r} of {where} is not in 1..12", field="month")
        if self.doi is not None and not _DOI.fullmatch(self.doi):
            raise DataError(
                f"doi {self.doi!r} of {where} does not look like 10.1234/x; "
                "keep what was given in fields",
                field="doi",
            )
        for name in ("title", "abstract", "journal"):
            if getattr(self, name) == "":
                raise DataError(f"{name} of {where} is ''; use None", field=name)
        require_tuple(self.authors, field="authors", where=where)
        if self.fetched_at is not None:
            require_aware(self.fetched_at, field="fetched_at", where=where)

    @property
    def first_author(self) -> str | None:
        """Short name of the first author, or ``None``."""
        return self.authors[0].short_name if self.authors else None

    @property
    def label(self) -> str:
        """How people name it: ``"Kamel 2011"``, or its id when nothing is known."""
        if not self.authors:
            return self.title[:60] if self.title else str(self.record_id)
        author = self.authors[0].last_name or self.authors[0].short_name
        return f"{author} {self.year}" if self.year else author
