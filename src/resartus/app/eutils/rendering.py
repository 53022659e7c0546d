"""Records as the texts PubMed sends: MEDLINE and abstract."""

from __future__ import annotations

import textwrap

from resartus.domain.record import Record
from resartus.sources.formats.writers.nbib import render_nbib

__all__ = ["abstract_text", "medline_text"]


def medline_text(record: Record) -> str:
    """Return a record in MEDLINE format, ending with a blank line."""
    return render_nbib(record)


def abstract_text(record: Record, number: int, *, printed: str) -> str:
    """Return a record as PubMed's abstract format has it.

    Parameters
    ----------
    number : int
        Its place in the reply, from 1.
    printed : str
        The date of publication as printed.
    """
    issue = f"({record.issue})" if record.issue else ""
    place = f";{record.volume or ''}{issue}" if record.volume or record.issue else ""
    pages = f":{record.pages}" if record.pages else ""
    source = record.journal_abbreviation or record.journal or record.book_title or ""
    doi = f" doi: {record.doi}." if record.doi else ""
    parts = [_folded(f"{number}. {source}. {printed}{place}{pages}.{doi}")]
    if record.title:
        parts.append(_folded(record.title))
    authors = ", ".join(author.short_name for author in record.authors)
    if authors:
        parts.append(_folded(f"{authors}."))
    affiliations = dict.fromkeys(a for author in record.authors for a in author.affiliations)
    if affiliations:
        listed = "\n".join(_folded(f"({i}){a}") for i, a in enumerate(affiliations, 1))
        parts.append(f"Author information:\n{listed}")
    if record.abstract:
        parts.append("\n".join(_folded(line) for line in record.abstract.splitlines()))
    named = [f"DOI: {record.doi}"] if record.doi else []
    if record.pmcid:
        named.append(f"PMCID: {record.pmcid}")
    indexed = " [Indexed for MEDLINE]" if record.status == "MEDLINE" else ""
    parts.append("\n".join([*named, f"PMID: {record.pmid}{indexed}"]))
    return "\n\n".join(parts) + "\n\n\n"


def _folded(text: str) -> str:
    return textwrap.fill(text, width=80, break_long_words=False, break_on_hyphens=False)
