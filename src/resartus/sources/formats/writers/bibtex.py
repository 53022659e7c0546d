"""BibTeX as Zotero, JabRef, EndNote and biber read it: UTF-8, one field a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from resartus.domain.decision import Decision
from resartus.domain.record import Author, Record
from resartus.sources.formats.decisions import render_label, render_note
from resartus.sources.formats.values.extras import EXTRA_BIBTEX, type_in
from resartus.sources.formats.values.latex import to_latex
from resartus.sources.formats.writers.ris import render_mesh

__all__ = ["CitationKeys", "render_bibtex"]

_VERBATIM = frozenset({"doi", "url", "eprint", "file"})
_KEY = re.compile(r"[^\s,{}()\"#%~\\=]+")


class CitationKeys:
    """Gives each entry a key of its own: the one it came with, else ``ramia2012``."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def next_key(self, record: Record) -> str:
        """Return the key of one record."""
        own = next((text for tag, text in record.fields if tag == "label"), "")
        key = own if _KEY.fullmatch(own) else _made(record)
        count = self._given.get(key, 0) + 1
        self._given[key] = count
        return key if count == 1 else f"{key}-{count}"


def _made(record: Record) -> str:
    name = record.authors[0].short_name.split(" ")[0] if record.authors else "anonymous"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    letters = "".join(letter for letter in plain if letter.isalnum()).lower() or "anonymous"
    return f"{letters}{record.year or ''}"


def render_bibtex(record: Record, *, key: str, decisions: Sequence[Decision] = ()) -> str:
    """Return one entry with the blank line after it.

    Decisions go into a field of our own, from which they are read again in
    whole, and into a keyword, which reference managers show as a tag. Affiliations, ORCID,
    grants, links and PubMed's dates of entry have no place here and stay behind.

    Parameters
    ----------
    record : Record
        What to write.
    key : str
        The citation key.
    decisions : sequence of Decision
        In the order they were made.
    """
    kind = type_in(record.fields, tag="bibtex:type") or "article"
    lines = [f"@{kind}{{{key},"]
    seen: dict[str, int] = {}
    for name, value in _pairs(record, decisions, kind):
        seen[name] = count = seen.get(name, 0) + 1
        if count > 1:
            # BibTeX allows a field once.
            name = f"{name}-{count}"
        lines.append(f"  {name} = {{{_written(name, value)}}},")
    if len(lines) == 1:
        # BibTeX has no entry without a field.
        lines.append("  title = {},")
    return "\n".join([*lines, "}", "", ""])


def _written(name: str, value: str) -> str:
    if name in _VERBATIM and "{" not in value and "}" not in value:
        # Underscores and percent signs of addresses are not LaTeX.
        return value
    # The marks stand for the braces of a group's name, which are not to be escaped.
    return to_latex(value).replace("\0", "{").replace("\1", "}")


def _pairs(record: Record, decisions: Sequence[Decision], kind: str) -> Iterator[tuple[str, str]]:
    is_part = kind in ("inproceedings", "conference", "incollection", "inbook")
    simple = (
        ("title", record.title),
        ("booktitle" if is_part else "journal", record.journal),
        ("shortjournal", record.journal_abbreviation),
        ("origtitle", record.vernacular_title),
        ("year", str(record.year) if record.year else None),
        ("month", str(record.month) if record.month else None),
        ("day", str(record.day) if record.day else None),
        ("date-printed", record.published_text),
        ("volume", record.volume),
        ("number", record.issue),
        ("pages", record.pages.replace("-", "--") if record.pages else None),
        ("doi", record.doi),
        ("pmid", str(record.pmid) if record.pmid else None),
        ("pmcid", record.pmcid),
        ("url", record.url),
        ("abstract", record.abstract),
    )
    if record.authors:
        yield "author", " and ".join(_name(author) for author in record.authors)
    for name, value in simple:
        if value:
            yield name, value
    if record.issn:
        yield "issn", ", ".join(record.issn)
    if record.languages:
        yield "language", ", ".join(record.languages)
    if record.publication_types:
        yield "type", "; ".join(record.publication_types)
    label = render_label(decisions)
    keywords = [*record.keywords, *map(render_mesh, record.mesh), *([label] if label else [])]
    if keywords:
        # A semicolon at the end says that commas inside divide nothing.
        yield "keywords", "; ".join(keywords) + (";" if len(keywords) == 1 else "")
    for tag, value in record.fields:
        if tag.startswith("bibtex:") and tag != "bibtex:type":
            yield tag[7:], value
        elif tag == "isbn":
            yield "isbn", value
        elif tag in EXTRA_BIBTEX and tag != "label":
            yield EXTRA_BIBTEX[tag], value
    for decision in decisions:
        yield "resartus-decision", render_note(decision)


def _name(author: Author) -> str:
    if author.collective_name:
        return "\0" + author.collective_name + "\1"
    fore = author.fore_name or author.initials
    parts = [author.last_name or "", author.suffix or "", fore or ""]
    if author.last_name is None:
        return f"\0{fore}\1"
    if not fore and " " in author.last_name:
        # A comma at the end says that all of it is the last name.
        return f"{author.last_name},"
    return ", ".join(part for part in parts if part)
