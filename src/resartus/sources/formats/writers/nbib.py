"""NBIB, as PubMed's "Send to: Citation manager" writes it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from resartus.domain.record import Author, Record
from resartus.sources.formats.readers.nbib import RELATION_TAGS
from resartus.sources.formats.values.dates import PartialDate, printed_date
from resartus.sources.formats.values.identifiers import find_issn
from resartus.sources.formats.writers.ris import render_mesh

__all__ = ["render_nbib"]


def render_nbib(record: Record) -> str:
    """Return one record with the blank line after it.

    Decisions have no place in this format. Lines are folded at 88 columns
    and go on with six spaces, as PubMed's do.
    """
    return "".join(_folded(tag, value) for tag, value in _pairs(record)) + "\n"


def _folded(tag: str, value: str) -> str:
    text = " ".join(value.split("\n"))
    if len(text) > 82:
        text = "\n      ".join(
            textwrap.wrap(text, width=82, break_long_words=False, break_on_hyphens=False)
        )
    return f"{tag:<4}- {text}\n"


def _pairs(record: Record) -> Iterator[tuple[str, str]]:
    if record.pmid:
        yield "PMID", str(record.pmid)
    if record.status:
        yield "STAT", record.status
    if record.revised_on:
        yield "LR", record.revised_on.strftime("%Y%m%d")
    kept = {tag: value for tag, value in record.fields if tag == "nbib:IS"}
    said = {issn for value in kept.values() for issn in find_issn(value)}
    for issn in record.issn:
        if issn not in said:
            yield "IS", issn
    yield from _place(record)
    if record.title:
        yield "TI", record.title
    if record.doi:
        yield "LID", f"{record.doi} [doi]"
    if record.abstract:
        yield "AB", record.abstract
    for author in record.authors:
        yield from _author(author)
    for language in record.languages:
        yield "LA", language
    for grant in record.grants:
        yield "GR", grant
    for kind in record.publication_types:
        yield "PT", kind
    if record.vernacular_title:
        yield "TT", record.vernacular_title
    yield from _journal_and_dates(record)
    for substance in record.substances:
        yield "RN", substance
    for number in record.registry_numbers:
        yield "SI", number
    for heading in record.mesh:
        yield "MH", render_mesh(heading)
    for keyword in record.keywords:
        yield "OT", keyword
    for link in record.related:
        tag = RELATION_TAGS.get(link.kind)
        if tag is not None:
            pmid = f"PMID: {link.pmid}" if link.pmid else ""
            yield tag, link.citation or pmid
    if record.pmcid:
        yield "PMC", record.pmcid
    for name, value in record.fields:
        if name.startswith("nbib:"):
            yield name[5:], value
        elif name in _EXTRAS:
            yield _EXTRAS[name], value


def _place(record: Record) -> Iterator[tuple[str, str]]:
    if record.volume:
        yield "VI", record.volume
    if record.issue:
        yield "IP", record.issue
    if record.published_text:
        said = record.year is None or str(record.year) in record.published_text
        yield "DP", record.published_text if said else f"{record.year} {record.published_text}"
    elif record.year:
        yield "DP", printed_date(PartialDate(record.year, record.month, record.day))
    if record.pages:
        yield "PG", record.pages


def _author(author: Author) -> Iterator[tuple[str, str]]:
    if author.collective_name:
        yield "CN", author.collective_name
    else:
        full = ", ".join(part for part in (author.last_name, author.fore_name) if part)
        if author.suffix:
            full += f", {author.suffix}"
        yield "FAU", full
        yield "AU", author.short_name
    if author.orcid:
        yield "AUID", f"ORCID: {author.orcid}"
    for affiliation in author.affiliations:
        yield "AD", affiliation


def _journal_and_dates(record: Record) -> Iterator[tuple[str, str]]:
    if record.electronic_on:
        yield "DEP", record.electronic_on.strftime("%Y%m%d")
    if record.country:
        yield "PL", record.country
    if record.journal_abbreviation:
        yield "TA", record.journal_abbreviation
    if record.journal:
        yield "JT", record.journal
    if record.nlm_id:
        yield "JID", record.nlm_id
    said = {name for name, _ in record.fields}
    if record.entered_on and "nbib:EDAT" not in said:
        yield "EDAT", record.entered_on.strftime("%Y/%m/%d 00:00")
    if record.created_on and "nbib:CRDT" not in said:
        yield "CRDT", record.created_on.strftime("%Y/%m/%d 00:00")
    if record.url and record.url.startswith(("http://", "https://")):
        yield "AID", record.url


_EXTRAS = {
    "note": "GN",
    "publisher": "PB",
    "place": "CY",
    "edition": "EN",
    "editor": "FED",
    "series": "CTI",
    "isbn": "ISBN",
    "address": "AD",
}
