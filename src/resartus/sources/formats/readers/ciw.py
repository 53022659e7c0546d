"""CIW, Web of Science's plain text: two letters, a space, lines that go on with three spaces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from resartus.domain.record import Author, Record
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.draft import Draft
from resartus.sources.formats.values.names import parse_author
from resartus.sources.formats.values.text import one_line

__all__ = ["CIW_ACTIONS", "add_ciw_authors", "looks_like_ciw", "read_ciw"]

_TAG = re.compile(r"[A-Z][A-Z0-9](?: |$)")
_EMAIL = re.compile(r"\s*\(\S+@[^\s()]+\)")
_HEAD = re.compile(r"FN (?:Clarivate|Thomson|ISI)|PT [JBSPC]$")


def looks_like_ciw(line: str) -> bool:
    """Say whether a line begins a file or record of Web of Science."""
    return _HEAD.match(line.rstrip()) is not None


@dataclass(slots=True)
class _Entry:
    line: int
    raw: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)


def read_ciw(lines: Iterable[str], into: Collector) -> Iterator[Record]:
    """Read records of Web of Science, Zoological Record and their kin.

    A record begins at ``PT`` and ends at ``ER``. The file's head (``FN``,
    ``VR``) and end (``EF``) hold nothing of a citation and are kept as unread.

    Parameters
    ----------
    lines : iterable of str
        Lines of the file with their ends.
    into : Collector
        Finishes the records and keeps unread lines.
    """
    entry: _Entry | None = None
    for number, line in enumerate(lines, start=1):
        text = line.rstrip()
        if not text:
            continue
        is_tag = _TAG.match(text) is not None
        tag, value = (text[:2], text[3:]) if is_tag else ("", text.strip())
        if tag in ("PT", "ER") and entry is not None:
            if tag == "ER":
                entry.raw.append(line)
            yield from _close(entry, into)
            entry = None
            if tag == "ER":
                continue
        if tag == "PT":
            entry = _Entry(line=number)
        if entry is None:
            head = {"FN": "the file's head", "VR": "the file's head", "EF": "the file's end"}
            into.refuse(number, line, head.get(tag, "outside any record"))
            continue
        entry.raw.append(line)
        if is_tag:
            entry.pairs.append((tag, value))
        else:
            last, before = entry.pairs[-1]
            entry.pairs[-1] = (last, f"{before}\n{value}")
    if entry is not None:
        yield from _close(entry, into)


def _close(entry: _Entry, into: Collector) -> Iterator[Record]:
    draft = Draft()
    short = [value for tag, value in entry.pairs if tag == "AU"]
    full = [value for tag, value in entry.pairs if tag == "AF"]
    add_ciw_authors(draft, short, full)
    for tag, value in entry.pairs:
        if not value or tag in ("AU", "AF"):
            continue
        act = CIW_ACTIONS.get(tag)
        if act is not None:
            act(draft, value)
        else:
            draft.keep(f"ciw:{tag}", value)
    record = into.finish(draft, line=entry.line, raw="".join(entry.raw))
    if record is not None:
        yield record


def add_ciw_authors(draft: Draft, short: Iterable[str], full: Iterable[str]) -> None:
    """Add authors by their full names (``AF``), with the initials of the short ones (``AU``)."""
    brief = [name for value in short for name in value.split("\n") if name.strip()]
    names = [name for value in full for name in value.split("\n") if name.strip()]
    if not names:
        names, brief = brief, []
    if brief and len(brief) != len(names):
        for name in brief:
            draft.keep("ciw:AU", name)
        brief = []
    for index, name in enumerate(names):
        email = _EMAIL.search(name)
        if email is not None:
            draft.keep("email", email.group().strip(" ()"))
            name = _EMAIL.sub("", name)
        author = parse_author(name)
        if author is None:
            draft.keep("author", name)
            continue
        known = parse_author(brief[index]) if brief else None
        draft.authors.append(_with_initials(author, known))


def _with_initials(author: Author, known: Author | None) -> Author:
    if known is None or known.initials is None or author.collective_name:
        return author
    return replace(author, initials=known.initials)


def _set_type(draft: Draft, value: str) -> None:
    kinds = {"J": "JOUR", "B": "BOOK", "S": "CHAP", "C": "CONF", "P": "PAT"}
    if value in kinds:
        draft.keep("ris:TY", kinds[value])
    draft.keep("ciw:PT", value)


def _add_unique(draft: Draft, value: str) -> None:
    if value.startswith("MEDLINE:"):
        draft.add_pmid(value, tag="accession")
    draft.keep("accession", value)


def _keeper(name: str) -> Callable[[Draft, str], None]:
    return lambda draft, value: draft.keep(name, value)


def _add_listed(draft: Draft, value: str) -> None:
    draft.add_keywords(one_line(value), separator=r"\s*;\s*")


def _text(name: str, tag: str) -> Callable[[Draft, str], None]:
    return lambda draft, value: draft.set_text(name, value, tag=f"ciw:{tag}")


CIW_ACTIONS: dict[str, Callable[[Draft, str], None]] = {
    "PT": _set_type,
    "TI": lambda draft, value: draft.set_title(one_line(value), tag="ciw:TI"),
    "FT": _text("vernacular_title", "FT"),
    "AB": lambda draft, value: draft.set_abstract(one_line(value), tag="ciw:AB"),
    "SO": lambda draft, value: draft.set_journal(value, tag="ciw:SO"),
    "J9": _text("journal_abbreviation", "J9"),
    "JI": _text("journal_abbreviation", "JI"),
    "PY": lambda draft, value: draft.set_date(value, tag="ciw:PY"),
    "PD": lambda draft, value: draft.set_date(value, tag="ciw:PD"),
    "VL": _text("volume", "VL"),
    "IS": _text("issue", "IS"),
    "BP": _text("start_page", "BP"),
    "EP": _text("end_page", "EP"),
    "PS": _text("pages", "PS"),
    "AR": _keeper("article_number"),
    "DI": lambda draft, value: draft.add_doi(value, tag="ciw:DI"),
    "PM": lambda draft, value: draft.add_pmid(value, tag="ciw:PM"),
    "SN": lambda draft, value: draft.add_issn(value, tag="ciw:SN"),
    "EI": lambda draft, value: draft.add_issn(value, tag="ciw:EI"),
    "BN": lambda draft, value: draft.add_issn(value, tag="ciw:BN"),
    "LA": lambda draft, value: draft.add_language(value),
    "DT": lambda draft, value: draft.add_types(value),
    "DE": _add_listed,
    "ID": _add_listed,
    "UT": _add_unique,
    "AN": _keeper("accession"),
    "CA": lambda draft, value: draft.add_author(f"{one_line(value)},"),
    "BE": _keeper("editor"),
    "ED": _keeper("editor"),
    "PU": _keeper("publisher"),
    "PI": _keeper("place"),
    "SE": _keeper("series"),
    "C1": _keeper("address"),
}
