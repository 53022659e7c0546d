"""A parsed query to its plan and to the translation PubMed would show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyroaring import BitMap

from resartus.search.language.ast import Chain, LineRef, Node, Operator, Range, Term
from resartus.search.language.diagnostics import Diagnostic, Diagnostics
from resartus.search.language.fields import Field
from resartus.search.language.parser import parse_query
from resartus.search.mapping.automatic import AutomaticMapping
from resartus.search.mapping.mapped import Mapped, Sureness, Translation, TranslationCache
from resartus.search.mapping.tagged import Tables, TaggedTerms
from resartus.search.plan import NOTHING, Given, Plan, Steps, all_of

__all__ = ["Resolved", "Resolver"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A line's plan, its translation, what was mapped to what, and remarks."""

    plan: Plan
    text: str
    translations: tuple[Translation, ...]
    diagnostics: tuple[Diagnostic, ...]


class Resolver:
    """Turns trees into plans.

    Parameters
    ----------
    tables : Tables
        MeSH, journals, authors, today.
    cache : TranslationCache, optional
        Translations received from NCBI, preferred to our own.
    """

    def __init__(self, tables: Tables, *, cache: TranslationCache | None = None) -> None:
        self.tables = tables
        self.cache = cache

    def resolve(self, node: Node | None, *, given: Mapping[int, BitMap] | None = None) -> Resolved:
        """Return what a tree means; ``given`` holds the results of lines it refers to."""
        notes = Diagnostics()
        work = _Work(self, TaggedTerms(self.tables, notes), given or {})
        mapped = None if node is None else work.map(node)
        if mapped is None:
            mapped = Mapped(plan=NOTHING, text="")
        return Resolved(
            plan=mapped.plan,
            text=mapped.text,
            translations=tuple(work.tagged.translations),
            diagnostics=notes.sorted(),
        )


class _Work:
    def __init__(
        self, resolver: Resolver, tagged: TaggedTerms, given: Mapping[int, BitMap]
    ) -> None:
        self.resolver = resolver
        self.tagged = tagged
        self.automatic = AutomaticMapping(tagged)
        self.given = given

    def map(self, node: Node) -> Mapped | None:
        """Return what a tree means, or ``None`` where all of it is words PubMed ignores."""
        if isinstance(node, Chain):
            return self._chain(node)
        if isinstance(node, Range):
            return self.tagged.range(node)
        if isinstance(node, LineRef):
            found = self.given.get(node.number)
            plan = NOTHING if found is None else Given(found)
            return Mapped(plan=plan, text=f"#{node.number}")
        if node.tag is None or (node.tag.field is Field.ALL and node.tag.distance is None):
            return self._untagged(node)
        return self.tagged.map(node, node.tag)

    def _untagged(self, term: Term) -> Mapped | None:
        received = self._received(term)
        if received is not None:
            return received
        clauses = self.automatic.map(term)
        if not clauses:
            return None
        if len(clauses) == 1:
            return clauses[0]
        text = " AND ".join(part.text if part.is_single else f"({part.text})" for part in clauses)
        return Mapped(plan=all_of(part.plan for part in clauses), text=text, is_single=False)

    def _received(self, term: Term) -> Mapped | None:
        """Return NCBI's own translation of these words, if one was kept."""
        cache = self.resolver.cache
        words = " ".join(term.text.lower().split())
        target = None if cache is None or term.quoted else cache.find(words)
        if target is None:
            return None
        tree = parse_query(target).tree
        if tree is None:
            return None
        # NCBI's text is all tagged, so that reading it asks no table of ours for untagged words.
        quiet = _Work(
            Resolver(self.resolver.tables), TaggedTerms(self.tagged.tables, Diagnostics()), {}
        )
        mapped = quiet.map(tree)
        if mapped is None:
            return None
        self.tagged.translated(term, target, Sureness.NCBI)
        return Mapped(plan=mapped.plan, text=target, is_single=mapped.is_single)

    def _chain(self, node: Chain) -> Mapped | None:
        items: list[Plan] = []
        operators: list[str] = []
        texts: list[str] = []
        opened = 0
        last: str | None = None
        for index, item in enumerate(node.items):
            mapped = self.map(item)
            if mapped is None:
                continue
            text = mapped.text if mapped.is_single else f"({mapped.text})"
            if not items:
                if index and node.operators[index - 1] is Operator.NOT:
                    # What it was taken from consists of ignored words: nothing is left.
                    continue
                items.append(mapped.plan)
                texts.append(text)
                continue
            operator = node.operators[index - 1].value
            if last is not None and operator != last:
                texts.append(")")
                opened += 1
            texts.append(f" {operator} {text}")
            operators.append(operator)
            items.append(mapped.plan)
            last = operator
        if not items:
            return None
        if len(items) == 1:
            return Mapped(plan=items[0], text=texts[0])
        plan = Steps(tuple(items), tuple(operators))
        return Mapped(plan=plan, text="(" * opened + "".join(texts), is_single=False)
