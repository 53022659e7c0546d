"""RIS as EndNote, Zotero, Covidence and Rayyan read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resartus.domain.decision import Decision
from resartus.domain.record import MeshHeading, Record
from resartus.sources.formats.decisions import render_label, render_note
from resartus.sources.formats.values.dates import PartialDate, render_date
from resartus.sources.formats.values.extras import EXTRA_RIS, type_in
from resartus.sources.formats.values.names import render_author

__all__ = ["render_mesh", "render_ris"]

_INDENT = "\n      "


def render_ris(record: Record, *, decisions: Sequence[Decision] = ()) -> str:
    """Return one record with its end tag.

    Decisions go in twice: a note (``N1``) with everything, which
    ``read_citations`` turns back into the decision, and a keyword such as
    ``resartus/full-text/include`` that reference managers show as a tag.

    Parameters
    ----------
    record : Record
        What to write. MeSH headings become keywords; PubMed's dates of
        entry, grants and links are not part of RIS and stay behind.
    decisions : sequence of Decision
        In the order they were made.
    """
    lines = [f"{tag}  - {_one_value(value)}" for tag, value in _pairs(record, decisions)]
    lines.append("ER  - ")
    return "\r\n".join(lines).replace("\n", "\r\n").replace("\r\r\n", "\r\n") + "\r\n\r\n"


def _one_value(value: str) -> str:
    # An indented line cannot be taken for a tag.
    return value.replace("\n", _INDENT) if "\n" in value else value


def _pairs(record: Record, decisions: Sequence[Decision]) -> Iterator[tuple[str, str]]:
    yield "TY", type_in(record.fields, tag="ris:TY") or "JOUR"
    if record.title:
        yield "TI", record.title
    for author in record.authors:
        yield "AU", render_author(author)
    if record.vernacular_title:
        yield "TT", record.vernacular_title
    if record.journal:
        yield "T2", record.journal
    if record.journal_abbreviation:
        yield "J2", record.journal_abbreviation
    if record.abstract:
        yield "AB", record.abstract
    yield from _dates(record)
    yield from _place(record)
    if record.doi:
        yield "DO", record.doi
    if record.pmid:
        yield "PMID", str(record.pmid)
    if record.pmcid:
        yield "C2", record.pmcid
    if record.url:
        yield "UR", record.url
    for language in record.languages:
        yield "LA", language
    for kind in record.publication_types:
        yield "M3", kind
    for keyword in record.keywords:
        yield "KW", keyword
    for heading in record.mesh:
        yield "KW", render_mesh(heading)
    for place in dict.fromkeys(a for author in record.authors for a in author.affiliations):
        yield "AD", place
    yield from _fields(record)
    yield from _decisions(decisions)


def _dates(record: Record) -> Iterator[tuple[str, str]]:
    if record.year:
        yield "PY", str(record.year)
    if record.published_text:
        yield "DA", record.published_text
    elif record.year and record.month:
        yield "DA", render_date(PartialDate(record.year, record.month, record.day))


def _place(record: Record) -> Iterator[tuple[str, str]]:
    if record.volume:
        yield "VL", record.volume
    if record.issue:
        yield "IS", record.issue
    if record.pages:
        start, dash, end = record.pages.partition("-")
        if dash and start and end and "-" not in end and record.pages.count("-") == 1:
            yield "SP", start
            yield "EP", end
        else:
            yield "SP", record.pages
    for issn in record.issn:
        yield "SN", issn


def _fields(record: Record) -> Iterator[tuple[str, str]]:
    for tag, value in record.fields:
        if tag == "isbn":
            yield "SN", value
        elif tag.startswith("ris:"):
            if tag != "ris:TY":
                yield tag[4:], value
        elif tag in EXTRA_RIS:
            yield EXTRA_RIS[tag], value


def _decisions(decisions: Sequence[Decision]) -> Iterator[tuple[str, str]]:
    for decision in decisions:
        yield "N1", render_note(decision)
    label = render_label(decisions)
    if label is not None:
        yield "KW", label


def render_mesh(heading: MeshHeading) -> str:
    """Return a heading as MEDLINE prints it: ``*Neoplasms/drug therapy/*surgery``."""
    parts = [f"*{heading.descriptor}" if heading.major else heading.descriptor]
    parts += [f"*{item.name}" if item.major else item.name for item in heading.qualifiers]
    return "/".join(parts)
