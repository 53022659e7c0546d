"""Replies of esearch, einfo and efetch, read into values; a half reply never passes for a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from resartus.domain.ids import Pmid
from resartus.errors import ParseError
from resartus.sources.eutils.verdict import Transient, judge_error_text

__all__ = ["DatabaseInfo", "SearchReply", "delivered_pmids", "read_info", "read_search", "whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReply:
    """What esearch said.

    ``translations`` pairs what was typed with what PubMed made of it;
    ``not_found`` names phrases and fields that were dropped: the query that
    ran is then broader than the one asked.
    """

    count: int
    pmids: tuple[Pmid, ...]
    query_translation: str | None = None
    translations: tuple[tuple[str, str], ...] = ()
    phrases_not_found: tuple[str, ...] = ()
    fields_not_found: tuple[str, ...] = ()
    phrases_ignored: tuple[str, ...] = ()
    quoted_phrases_not_found: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    query_key: str | None = None
    web_env: str | None = None
    payload: str | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each thing in which the search that ran differs from the one asked."""
        said = [
            f"PubMed does not know {text!r} and left it out: the search that ran is broader"
            for text in self.phrases_not_found
        ]
        said += [
            f"PubMed has no field {text!r} and searched its term without it"
            for text in self.fields_not_found
        ]
        said += [f"PubMed ignored {text!r}" for text in self.phrases_ignored]
        said += [
            f"PubMed's phrase index does not hold {text}" for text in self.quoted_phrases_not_found
        ]
        quiet = ("no items found",)
        said += [
            f"PubMed says: {text}"
            for text in self.messages
            if text.rstrip(".").casefold() not in quiet
        ]
        return tuple(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseInfo:
    """Which PubMed answered: its build, its last update, how many records it holds."""

    build: str | None
    updated: str | None
    count: int | None

    @property
    def version(self) -> str:
        """In words, for the methods section."""
        parts = [self.build or "build not stated"]
        if self.updated:
            parts.append(f"last update {self.updated}")
        if self.count is not None:
            parts.append(f"{self.count:,} records")
        return ", ".join(parts)


def _root(content: bytes, expected: str) -> etree._Element:
    """Parse a whole document; entities and DTDs are never fetched."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Transient(f"its XML is cut off or damaged ({error.msg})", is_content=True) from error
    if root.tag != expected:
        raise Transient(f"it sent <{root.tag!s}> in place of <{expected}>", is_content=True)
    return root


def whole(expected: str, *, host: str) -> Callable[[bytes], None]:
    """Return a check that a reply is a whole document of this root without an ``<ERROR>``."""

    def check(content: bytes) -> None:
        if b"<ERROR>" in content[:4000] or b"<error>" in content[:4000]:
            text = content.decode("utf-8", "replace")
            start = text.upper().find("<ERROR>") + len("<ERROR>")
            end = text.upper().find("</ERROR>", start)
            judge_error_text(text[start : end if end > 0 else start + 300], host=host)
        _root(content, expected)

    return check


def _texts(root: etree._Element, path: str) -> tuple[str, ...]:
    return tuple(text for node in root.iterfind(path) if (text := (node.text or "").strip()))


def _whole_number(root: etree._Element, path: str) -> int:
    text = (root.findtext(path) or "").strip()
    if not text.isdigit():
        raise ParseError(f"esearch gave {path} = {text!r}, which is not a count", field=path)
    return int(text)


def read_search(content: bytes, *, payload: str | None = None) -> SearchReply:
    """Return what an esearch reply (XML) says.

    Raises
    ------
    ParseError
        If it holds no count.
    """
    try:
        root = _root(content, "eSearchResult")
    except Transient as error:
        raise ParseError(f"an esearch reply cannot be read: {error}") from error
    pairs = [
        ((node.findtext("From") or "").strip(), (node.findtext("To") or "").strip())
        for node in root.iterfind("TranslationSet/Translation")
    ]
    return SearchReply(
        count=_whole_number(root, "Count"),
        pmids=tuple(Pmid(int(text)) for text in _texts(root, "IdList/Id")),
        query_translation=(root.findtext("QueryTranslation") or "").strip() or None,
        translations=tuple(pairs),
        phrases_not_found=_texts(root, "ErrorList/PhraseNotFound"),
        fields_not_found=_texts(root, "ErrorList/FieldNotFound"),
        phrases_ignored=_texts(root, "WarningList/PhraseIgnored"),
        quoted_phrases_not_found=_texts(root, "WarningList/QuotedPhraseNotFound"),
        messages=_texts(root, "WarningList/OutputMessage"),
        query_key=(root.findtext("QueryKey") or "").strip() or None,
        web_env=(root.findtext("WebEnv") or "").strip() or None,
        payload=payload,
    )


def read_info(content: bytes) -> DatabaseInfo:
    """Return what an einfo reply says of the database."""
    try:
        root = _root(content, "eInfoResult")
    except Transient as error:
        raise ParseError(f"an einfo reply cannot be read: {error}") from error
    count = (root.findtext("DbInfo/Count") or "").strip()
    return DatabaseInfo(
        build=(root.findtext("DbInfo/DbBuild") or "").strip() or None,
        updated=(root.findtext("DbInfo/LastUpdate") or "").strip() or None,
        count=int(count) if count.isdigit() else None,
    )


def delivered_pmids(content: bytes) -> tuple[Pmid, ...]:
    """Return the PMIDs of the articles and books of an efetch reply, in its order."""
    root = _root(content, "PubmedArticleSet")
    paths = {
        "PubmedArticle": "MedlineCitation/PMID",
        "PubmedBookArticle": "BookDocument/PMID",
    }
    found = []
    for node in root:
        path = paths.get(node.tag) if isinstance(node.tag, str) else None
        text = (node.findtext(path) or "").strip() if path else ""
        if text.isdigit():
            found.append(Pmid(int(text)))
    return tuple(found)
