"""Search: a text in PubMed's language, over any index, to complete sets with their translation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from pyroaring import BitMap

from resartus.search.journals import Journals
from resartus.search.language.ast import Chain, Node
from resartus.search.language.diagnostics import Diagnostic
from resartus.search.language.parser import parse_query
from resartus.search.language.render import render_node
from resartus.search.language.strategy import ParsedQuery
from resartus.search.mapping.mapped import Sureness, Translation, TranslationCache
from resartus.search.mapping.resolver import Resolver
from resartus.search.mapping.tagged import Tables
from resartus.search.mapping.vocabulary import Vocabulary
from resartus.search.plan import Plan

__all__ = ["FoundLine", "Outcome", "Searchable", "TermCount", "search_index"]


class Searchable(Protocol):
    """What a search asks of an index, and the matcher answers too."""

    def evaluate(self, plan: Plan) -> BitMap:
        """Return the ids of all records a plan matches."""
        ...

    def count(self, plan: Plan) -> int:
        """Return how many records a plan matches."""
        ...

    def journals(self) -> Journals:
        """Return the journals of the records."""
        ...

    def has_token(self, prefix: str) -> bool:
        """Say whether any record has a token that begins so."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCount:
    """One part of a query with how many records it finds alone; ``span`` is in the typed text."""

    text: str
    translation: str
    count: int
    span: tuple[int, int]
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLine:
    """One line of a strategy: what it was translated to and what it found."""

    number: int
    text: str
    translation: str
    pmids: BitMap
    plan: Plan

    @property
    def count(self) -> int:
        """How many records the line found."""
        return len(self.pmids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A search's whole result.

    ``pmids`` iterates in ascending order. A query that is no numbered
    strategy has one line. ``terms`` is filled on request.
    """

    query: str
    parsed: ParsedQuery
    pmids: BitMap
    lines: tuple[FoundLine, ...]
    translations: tuple[Translation, ...]
    diagnostics: tuple[Diagnostic, ...]
    terms: tuple[TermCount, ...] = ()

    @property
    def count(self) -> int:
        """How many records were found."""
        return len(self.pmids)

    @property
    def translation(self) -> str:
        """The translation as PubMed's Search Details print it; a strategy's line by line."""
        if not self.parsed.is_list:
            return self.lines[-1].translation if self.lines else ""
        return "\n".join(f"#{line.number} {line.translation}" for line in self.lines)


def search_index(
    query: str,
    index: Searchable,
    *,
    vocabulary: Vocabulary,
    today: date,
    cache: TranslationCache | None = None,
    with_counts: bool = False,
    history: Mapping[int, BitMap] | None = None,
) -> Outcome:
    """Answer a query completely. Never raises for what is typed.

    Parameters
    ----------
    query : str
        PubMed's language; numbered lines may refer to each other by ``#n``.
    index : Searchable
        Where to look.
    vocabulary : Vocabulary
        MeSH, for headings and automatic term mapping.
    today : date
        What relative dates count from.
    cache : TranslationCache, optional
        Translations received from NCBI, preferred to our own.
    with_counts : bool
        Also count what every part of the query finds alone.
    history : mapping of int to BitMap, optional
        Results of earlier searches that ``#n`` may name, as on a server.
    """
    parsed = parse_query(query, known_lines=frozenset(history or ()))
    tables = Tables(
        vocabulary=vocabulary, today=today, journals=index.journals(), has_token=index.has_token
    )
    resolver = Resolver(tables, cache=cache)
    given: dict[int, BitMap] = dict(history or {})
    lines: list[FoundLine] = []
    translations: dict[Translation, None] = {}
    diagnostics = list(parsed.diagnostics)
    terms: list[TermCount] = []
    for line in parsed.lines:
        resolved = resolver.resolve(line.node, given=given)
        pmids = index.evaluate(resolved.plan)
        if not pmids and any(t.sureness is not Sureness.NCBI for t in resolved.translations):
            # PubMed runs a query again without the tags it added itself if they found nothing.
            plain = Resolver(replace(tables, maps_untagged=False)).resolve(line.node, given=given)
            found = index.evaluate(plain.plan) if plain.text != resolved.text else pmids
            if found:
                resolved, pmids = plain, found
        given[line.number] = pmids
        translations.update(dict.fromkeys(resolved.translations))
        diagnostics += resolved.diagnostics
        lines.append(
            FoundLine(
                number=line.number,
                text=render_node(line.node),
                translation=resolved.text,
                pmids=pmids,
                plan=resolved.plan,
            )
        )
        if with_counts and line.node is not None:
            terms += _counts(line.node, resolver, index, given)
    return Outcome(
        query=query,
        parsed=parsed,
        pmids=lines[-1].pmids if lines else BitMap(),
        lines=tuple(lines),
        translations=tuple(translations),
        diagnostics=tuple(sorted(diagnostics, key=lambda note: (note.start, note.end))),
        terms=tuple(terms),
    )


def _counts(
    node: Node, resolver: Resolver, index: Searchable, given: Mapping[int, BitMap], depth: int = 0
) -> list[TermCount]:
    """Count a node and all below it, in the order of the text."""
    resolved = resolver.resolve(node, given=given)
    found = [
        TermCount(
            text=render_node(node),
            translation=resolved.text,
            count=index.count(resolved.plan),
            span=node.span,
            depth=depth,
        )
    ]
    if isinstance(node, Chain):
        for item in node.items:
            found += _counts(item, resolver, index, given, depth + 1)
    return found
