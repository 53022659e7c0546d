"""EndNote XML, as EndNote, Zotero and Mendeley write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from resartus.domain.record import Record
from resartus.sources.formats.encoding import TextLines
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.draft import Draft
from resartus.sources.formats.values.text import clean_text

__all__ = ["read_endnote_xml"]


def read_endnote_xml(lines: TextLines, into: Collector) -> Iterator[Record]:
    """Read records one by one, past what is not well-formed; what breaks is kept as unread.

    Parameters
    ----------
    lines : TextLines
        The file; its bytes are read, since XML names its own encoding.
    into : Collector
        Finishes the records and keeps unread lines.
    """
    with lines.open() as stream:
        context = etree.iterparse(
            stream,
            events=("end",),
            tag=("record", "RECORD"),
            recover=True,
            huge_tree=True,
            resolve_entities=False,
            no_network=True,
        )
        for _, element in context:
            record = _record(element, into)
            if record is not None:
                yield record
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
        for entry in context.error_log:
            into.refuse(entry.line, entry.message, "not well-formed XML")


def _record(element: Any, into: Collector) -> Record | None:
    draft = Draft()
    for child in element:
        if isinstance(child.tag, str):
            _take(draft, child, child.tag.casefold())
    draft.take_pmid_of_accession()
    raw = etree.tostring(element, encoding="unicode", with_tail=False)
    return into.finish(draft, line=element.sourceline or 1, raw=raw)


def _take(draft: Draft, element: Any, path: str) -> None:
    """Take an element where its path is known; otherwise go down into it, or keep it."""
    act = _ACTIONS.get(path)
    if act is not None:
        text = _text(element)
        if text:
            act(draft, text)
        return
    if path == "ref-type":
        draft.keep("endnote:type", element.get("name") or _text(element))
        return
    children = [child for child in element if isinstance(child.tag, str)]
    if not children or all(child.tag == "style" for child in children):
        text = _text(element)
        if text and path not in _OF_THE_LIBRARY:
            draft.keep(f"endnote:{path}", text)
        return
    for child in children:
        _take(draft, child, f"{path}/{child.tag.casefold()}")


# Number and path of the record in somebody's library: true of the file, not of the citation.
_OF_THE_LIBRARY = frozenset({"database", "source-app", "rec-number", "foreign-keys/key"})


def _text(element: Any) -> str:
    text = "".join(element.itertext()) if len(element) else element.text or ""
    # EndNote ends lines within a value by a carriage return.
    return clean_text(text.replace("\r", "\n"))


def _set(name: str, path: str) -> Callable[[Draft, str], None]:
    return lambda draft, text: draft.set_text(name, text, tag=f"endnote:{path}")


def _keeper(name: str) -> Callable[[Draft, str], None]:
    return lambda draft, text: draft.keep(name, text)


def _add_urls(draft: Draft, text: str) -> None:
    for part in text.split("\n"):
        draft.add_url(part, tag="endnote:url")


_ACTIONS: dict[str, Callable[[Draft, str], None]] = {
    "contributors/authors/author": lambda draft, text: draft.add_author(text, tag="author"),
    "contributors/secondary-authors/author": _keeper("editor"),
    "titles/title": lambda draft, text: draft.set_title(text, tag="endnote:titles/title"),
    "periodical/full-title": lambda draft, text: draft.set_journal(
        text, tag="endnote:periodical/full-title"
    ),
    "titles/secondary-title": lambda draft, text: draft.set_journal(
        text, tag="endnote:titles/secondary-title"
    ),
    "periodical/abbr-1": _set("journal_abbreviation", "periodical/abbr-1"),
    "titles/alt-title": _set("journal_abbreviation", "titles/alt-title"),
    "titles/translated-title": _set("vernacular_title", "titles/translated-title"),
    "titles/short-title": _keeper("short_title"),
    "titles/tertiary-title": _keeper("series"),
    "pages": _set("pages", "pages"),
    "volume": _set("volume", "volume"),
    "number": _set("issue", "number"),
    "issue": _set("issue", "issue"),
    "edition": _keeper("edition"),
    "keywords/keyword": lambda draft, text: draft.add_keywords(text),
    "dates/year": lambda draft, text: draft.set_date(text, tag="endnote:dates/year"),
    "dates/pub-dates/date": lambda draft, text: draft.set_date(
        text, tag="endnote:dates/pub-dates/date"
    ),
    "pub-location": _keeper("place"),
    "publisher": _keeper("publisher"),
    "isbn": lambda draft, text: draft.add_issn(text, tag="endnote:isbn"),
    "accession-num": _keeper("accession"),
    "electronic-resource-num": lambda draft, text: draft.add_doi(
        text, tag="endnote:electronic-resource-num"
    ),
    "abstract": lambda draft, text: draft.set_abstract(text, tag="endnote:abstract"),
    "notes": lambda draft, text: draft.add_note(text),
    "research-notes": lambda draft, text: draft.add_note(text, tag="endnote:research-notes"),
    "label": _keeper("label"),
    "auth-address": _keeper("address"),
    "call-num": _keeper("call_number"),
    "language": lambda draft, text: draft.add_language(text),
    "urls/related-urls/url": _add_urls,
    "urls/web-urls/url": _add_urls,
    "urls/pdf-urls/url": _keeper("file"),
    "remote-database-name": _keeper("database"),
    "remote-database-provider": _keeper("provider"),
    "work-type": lambda draft, text: draft.add_types(text),
    "custom2": lambda draft, text: draft.add_pmcid(text, tag="endnote:custom2"),
    "access-date": _keeper("accessed"),
}
