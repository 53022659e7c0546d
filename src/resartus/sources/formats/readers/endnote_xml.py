"""EndNote XML, as EndNote, Zotero and Mendeley write it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import IO, Any

from lxml import etree

from resartus.domain.record import Record
from resartus.sources.formats.encoding import TextLines
from resartus.sources.formats.values.collector import Collector
from resartus.sources.formats.values.draft import Draft
from resartus.sources.formats.values.text import clean_text

__all__ = ["read_endnote_xml"]

_BLOCK = 1 << 18
_OPEN = re.compile(rb"<record(?:\s[^<>]*)?>", re.IGNORECASE)
_CLOSE = re.compile(rb"</record\s*>", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)")


def read_endnote_xml(lines: TextLines, into: Collector) -> Iterator[Record]:
    """Read records one by one; one that is not well-formed harms no other.

    The file is cut at its ``record`` tags before XML is read, so that memory
    does not grow with the file.

    Parameters
    ----------
    lines : TextLines
        The file; its bytes are read, since XML names its own encoding.
    into : Collector
        Finishes the records and keeps unread lines.
    """
    with lines.open() as stream:
        encoding, blocks = _encoding_of(stream)
        for line, content in _cut(blocks, into):
            # A parser of its own for each: its log speaks of this record alone.
            parser = etree.XMLParser(
                encoding=encoding,
                recover=True,
                huge_tree=True,
                resolve_entities=False,
                no_network=True,
            )
            # None where nothing at all could be recovered, which the stubs do not know.
            element: Any = etree.fromstring(content, parser)
            text = content.decode(encoding, "replace")
            if element is None:
                into.refuse_all(line, text.splitlines(), "not well-formed XML")
                continue
            for entry in parser.error_log:
                # What could be read of the record is in it; the place is told all the same.
                into.refuse(line + entry.line - 1, entry.message, "not well-formed XML")
            record = _record(element, into, line=line, raw=text)
            if record is not None:
                yield record


def _encoding_of(stream: IO[bytes]) -> tuple[str, Iterator[bytes]]:
    """Return the encoding that the file declares, UTF-8 unless it does, and its blocks."""
    first = stream.read(_BLOCK)
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        rest = chain([first], iter(lambda: stream.read(_BLOCK), b""))
        return "utf-8", (decoder.decode(block).encode("utf-8") for block in rest)
    declared = _DECLARED.search(first[:200])
    name = declared.group(1).decode("ascii") if declared else "utf-8"
    try:
        codecs.lookup(name)
    except LookupError:
        name = "utf-8"
    return name, chain([first], iter(lambda: stream.read(_BLOCK), b""))


def _cut(blocks: Iterable[bytes], into: Collector) -> Iterator[tuple[int, bytes]]:
    """Yield the line and the bytes of each record; one that never closes ends at the next."""
    held, line, searched = b"", 1, 0
    for block in chain(blocks, [b""]):
        held += block
        while True:
            start = _OPEN.search(held)
            if start is None:
                # A tag may lie across two blocks.
                keep = min(len(held), 2_000)
                line += held.count(b"\n", 0, len(held) - keep)
                held, searched = held[len(held) - keep :], 0
                break
            closed = _CLOSE.search(held, max(start.end(), searched))
            if closed is None and block:
                searched = max(len(held) - 20, 0)
                break
            end = closed.end() if closed else len(held)
            second = _OPEN.search(held, start.end(), end)
            if second is not None:
                end = second.start()
            line += held.count(b"\n", 0, start.start())
            if closed is None or second is not None:
                into.refuse(line, "<record>", "a record that is not closed")
            yield line, held[start.start() : end]
            line += held.count(b"\n", start.start(), end)
            held, searched = held[end:], 0


def _record(element: Any, into: Collector, *, line: int, raw: str) -> Record | None:
    draft = Draft()
    for child in element:
        if isinstance(child.tag, str):
            _take(draft, child, child.tag.casefold())
    draft.take_pmid_of_accession()
    return into.finish(draft, line=line, raw=raw)


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
