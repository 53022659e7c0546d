"""``Draft``: a record while a reader gathers it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from sys import intern

from resartus.domain.ids import Pmid, RecordId
from resartus.domain.record import Author, MeshHeading, Record, RelatedReport
from resartus.sources.formats.decisions import ImportedDecision, read_note
from resartus.sources.formats.values.dates import is_plain_date, parse_date
from resartus.sources.formats.values.identifiers import (
    find_doi,
    find_isbn,
    find_issn,
    find_pmcid,
    find_pmid,
    pmid_of_url,
)
from resartus.sources.formats.values.languages import language_code
from resartus.sources.formats.values.names import parse_author
from resartus.sources.formats.values.text import clean_text, one_line, without_markup

__all__ = ["Draft", "RecordIds"]


@dataclass(slots=True)
class Draft:
    """Values of one citation as they are found; ``finish`` makes the record.

    Every method that cannot use a value keeps it in ``extras`` under the
    tag it came with, so nothing of the file is lost.
    """

    title: str | None = None
    vernacular_title: str | None = None
    abstract: str | None = None
    journal: str | None = None
    journal_abbreviation: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    start_page: str | None = None
    end_page: str | None = None
    doi: str | None = None
    pmid: Pmid | None = None
    pmcid: str | None = None
    url: str | None = None
    nlm_id: str | None = None
    country: str | None = None
    status: str | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    published_text: str | None = None
    electronic_on: date | None = None
    entered_on: date | None = None
    created_on: date | None = None
    revised_on: date | None = None
    authors: list[Author] = field(default_factory=list)
    issn: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    publication_types: list[str] = field(default_factory=list)
    mesh: list[MeshHeading] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    substances: list[str] = field(default_factory=list)
    registry_numbers: list[str] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)
    related: list[RelatedReport] = field(default_factory=list)
    extras: list[tuple[str, str]] = field(default_factory=list)
    decisions: list[ImportedDecision] = field(default_factory=list)

    def keep(self, tag: str, text: str) -> None:
        """Keep a text as it stood."""
        text = clean_text(text)
        if text and (tag, text) not in self.extras:
            self.extras.append((intern(tag), text))

    def set_text(self, name: str, text: str, *, tag: str) -> None:
        """Give a field of one line its first value; keep every other one."""
        text = one_line(text)
        if not text:
            return
        current = getattr(self, name)
        if current is None:
            setattr(self, name, text)
        elif current != text:
            self.keep(tag, text)

    def set_journal(self, text: str, *, tag: str) -> None:
        """Give the journal's full name."""
        self.set_text("journal", intern(one_line(without_markup(text))), tag=tag)

    def set_title(self, text: str, *, tag: str) -> None:
        """Give the title, without markup."""
        self.set_text("title", without_markup(text), tag=tag)

    def set_abstract(self, text: str, *, tag: str) -> None:
        """Give the abstract; a second and different one is kept."""
        text = clean_text(without_markup(text))
        if not text:
            return
        if self.abstract is None:
            self.abstract = text
        elif self.abstract != text:
            self.keep(tag, text)

    def add_author(self, text: str, *, given_first: bool = False, tag: str = "author") -> None:
        """Add one name; "anonymous" is kept as text, not as a person."""
        author = parse_author(text, given_first=given_first)
        if author is not None:
            self.authors.append(author)
        else:
            self.keep(tag, text)

    def add_issn(self, text: str, *, tag: str) -> None:
        """Add what ISSNs and ISBNs a text holds; keep the text when it says more."""
        found = find_issn(text)
        books = () if found else find_isbn(text)
        for issn in found:
            if issn not in self.issn:
                self.issn.append(intern(issn))
        for isbn in books:
            self.keep("isbn", isbn)
        if (not found and not books) or _says_more(text, (*found, *books)):
            self.keep(tag, text)

    def add_doi(self, text: str, *, tag: str) -> None:
        """Take a DOI, bare or inside an address."""
        doi = find_doi(text)
        if doi is None:
            self.keep(tag, text)
        elif self.doi is None:
            self.doi = doi
        elif self.doi.casefold() != doi.casefold():
            self.keep(tag, text)

    def add_pmid(self, text: str, *, tag: str) -> None:
        """Take a PMID where a format says that it is one."""
        pmid = find_pmid(text)
        if pmid is None or (self.pmid is not None and pmid != self.pmid):
            self.keep(tag, text)
        else:
            self.pmid = pmid

    def add_pmcid(self, text: str, *, tag: str) -> None:
        """Take a PMCID."""
        pmcid = find_pmcid(text)
        if pmcid is None or (self.pmcid is not None and pmcid != self.pmcid):
            self.keep(tag, text)
        else:
            self.pmcid = pmcid

    def add_url(self, text: str, *, tag: str) -> None:
        """Take the first address; keep the others; find a DOI or PMID in any."""
        text = one_line(text)
        if not text:
            return
        if self.pmid is None:
            self.pmid = pmid_of_url(text)
        if self.doi is None and "doi.org/10." in text:
            self.doi = find_doi(text)
        self.set_text("url", text, tag=tag)

    def add_language(self, text: str) -> None:
        """Add languages as MARC codes; an unknown name stays as it is."""
        for part in re.split(r"\s*[;,/]\s*|\n", one_line(text)):
            if part:
                code = intern(language_code(part))
                if code not in self.languages:
                    self.languages.append(code)

    def add_keywords(self, text: str, *, separator: str | None = None) -> None:
        """Add keywords, one per line or divided by a separator (a regular expression)."""
        parts = text.split("\n") if separator is None else re.split(separator, text)
        for part in parts:
            keyword = one_line(part)
            if keyword and keyword not in self.keywords:
                self.keywords.append(intern(keyword))

    def add_types(self, text: str) -> None:
        """Add one publication type."""
        text = one_line(text)
        if text and text not in self.publication_types:
            self.publication_types.append(intern(text))

    def add_note(self, text: str, *, tag: str = "note") -> None:
        """Keep a note; take verdicts of screening tools and a PMID out of it."""
        text = without_markup(text)
        found = read_note(text)
        if found is not None:
            self.decisions.extend(found.verdicts)
            if found.rest:
                self.keep(tag, found.rest)
            return
        if self.pmid is None and "PMID" in text:
            inside = re.search(r"\bPMID:?\s*(\d{1,8})\b", text)
            if inside is not None and int(inside.group(1)):
                self.pmid = Pmid(int(inside.group(1)))
        if self.pmcid is None and "PMCID" in text:
            self.pmcid = find_pmcid(text)
        self.keep(tag, text)

    def take_pmid_of_accession(self) -> None:
        """Take a bare accession number for the PMID where the record names PubMed as its source."""
        if self.pmid is not None:
            return
        said = " ".join(text for tag, text in self.extras if tag in ("database", "provider"))
        if any(name in said.casefold() for name in ("pubmed", "medline", "nlm")):
            number = next((t for tag, t in self.extras if tag == "accession" and t.isdigit()), None)
            if number is not None:
                self.pmid = find_pmid(number)

    def set_date(self, text: str, *, tag: str) -> None:
        """Read a date; keep its words where year, month and day do not say them all."""
        text = one_line(text)
        if not text:
            return
        found = parse_date(text)
        if found.year is not None and self.year is not None and found.year != self.year:
            self.keep(tag, text)
            return
        if self.year is None:
            self.year = found.year
        if self.month is None:
            self.month, self.day = found.month, found.day
        elif found.month == self.month:
            self.day = self.day or found.day
        elif found.month is not None:
            self.keep(tag, text)
            return
        if not is_plain_date(text, found):
            if self.published_text is None:
                self.published_text = text
            elif self.published_text != text:
                self.keep(tag, text)

    def finish(self, *, source: str, record_id: RecordId, raw_hash: str) -> Record:
        """Return the record; the draft is spent."""
        if self.pages is None:
            self._join_pages()
        else:
            self.pages = tidy_pages(self.pages)
        if self.pages is None:
            number = next((text for tag, text in self.extras if tag == "article_number"), None)
            if number is not None:
                self.pages = number
        return Record(
            record_id=record_id,
            source=source,
            pmid=self.pmid,
            pmcid=self.pmcid,
            doi=self.doi,
            title=self.title,
            vernacular_title=self.vernacular_title,
            abstract=self.abstract,
            authors=tuple(self.authors),
            journal=self.journal,
            journal_abbreviation=self.journal_abbreviation,
            issn=tuple(self.issn),
            nlm_id=self.nlm_id,
            year=self.year,
            month=self.month,
            day=self.day,
            published_text=self.published_text,
            electronic_on=self.electronic_on,
            entered_on=self.entered_on,
            created_on=self.created_on,
            revised_on=self.revised_on,
            volume=self.volume,
            issue=self.issue,
            pages=self.pages,
            languages=tuple(self.languages),
            publication_types=tuple(self.publication_types),
            mesh=tuple(self.mesh),
            keywords=tuple(self.keywords),
            substances=tuple(self.substances),
            registry_numbers=tuple(self.registry_numbers),
            grants=tuple(self.grants),
            related=tuple(self.related),
            country=self.country,
            status=self.status,
            url=self.url,
            fields=tuple(self.extras),
            raw_hash=raw_hash,
        )

    def is_empty(self) -> bool:
        """Say whether nothing but a type was found."""
        return not (
            self.title
            or self.abstract
            or self.authors
            or self.doi
            or self.pmid
            or self.journal
            or self.vernacular_title
            or self.keywords
            or self.url
            or self.year
            or any(not tag.endswith((":TY", ":type")) for tag, _ in self.extras)
        )

    def _join_pages(self) -> None:
        start, end = self.start_page, self.end_page
        if start is not None and end is not None and (start, end) != ("No", "Specified"):
            start = start if start == end or "-" in start else f"{start}-{end}"
        elif end is not None:
            self.keep("end_page", f"{start} {end}" if start else end)
            start = None
        self.pages = tidy_pages(start) if start else None


def tidy_pages(text: str) -> str:
    """Return ``376-383`` for ``pp. 376 -- 383``."""
    text = re.sub(r"\s*(?:-{1,3}|[\u2010-\u2015])\s*", "-", text)
    bare = re.sub(r"^pp?\.?\s*(?=\d)", "", text)
    return bare.strip("-") or text


def _says_more(text: str, found: Iterable[str]) -> bool:
    rest = text
    for number in found:
        rest = rest.replace(number, "").replace(number.replace("-", ""), "")
    return any(letter.isalnum() for letter in rest)


class RecordIds:
    """Gives each record of a file its id: the same file gives the same ids.

    Parameters
    ----------
    source : str
        The prefix of every id.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._seen: dict[str, int] = {}

    def next_id(self, *, key: str | None = None, raw: str = "") -> RecordId:
        """Return ``"ris:1f3a..."`` by the hash of the raw text, or by a key such as the PMID."""
        if key is None:
            key = hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen = self._seen.get(key, 0) + 1
        self._seen[key] = seen
        return RecordId(f"{self._source}:{key}" if seen == 1 else f"{self._source}:{key}-{seen}")
