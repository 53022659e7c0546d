"""How a document lies in Tantivy, and a plan becomes its query."""

from __future__ import annotations

import re
from collections.abc import Sequence

import tantivy

from resartus.search.documents import DATE_FIELDS, Document
from resartus.search.plan import (
    All,
    Any,
    But,
    Everything,
    Given,
    Part,
    Period,
    Plan,
    Pmids,
    Steps,
    Tokens,
    Words,
)

__all__ = ["GAP", "Indirect", "Packed", "build_schema", "pack", "query_of", "register"]

GAP = 24
"""Empty places between two runs of a part: proximity up to this many words cannot cross them."""
_NEAR = frozenset({Part.TITLE, Part.ABSTRACT, Part.KEYWORD, Part.AFFILIATION})
"""The parts that proximity is asked in; between runs of any other, one empty place will do."""
_BORDERS = {part: (part.value, " " + "| " * (GAP + 1 if part in _NEAR else 1)) for part in Part}
_WORDS = "words"
_TOKENS = "tokens"
_RECORD = "record"
_MANY = 12
_DEEPEST = 24
Q = tantivy.Query

Packed = tuple[int, tuple[tuple[str, str], ...], tuple[tuple[str, int], ...]]
"""A document as plain values, cheap to send between processes: PMID, texts, days by field."""


class Indirect(Exception):
    """A plan that is no single Tantivy query: it is answered in pieces."""


def build_schema() -> tantivy.Schema:
    """Return the schema; ``pmid`` is signed, since tantivy-py deletes nothing by unsigned ones."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("pmid", stored=True, indexed=True, fast=True)
    builder.add_integer_field("rank", fast=True)
    builder.add_bytes_field("raw", stored=True)
    builder.add_text_field("meta", stored=True, tokenizer_name="raw", index_option="basic")
    for part in Part:
        builder.add_text_field(part.value, tokenizer_name=_WORDS, index_option="position")
    builder.add_text_field("kw", tokenizer_name=_TOKENS, index_option="basic")
    for name in DATE_FIELDS:
        builder.add_integer_field(name, fast=True)
    return builder.build()


def register(index: tantivy.Index) -> None:
    """Give an index its tokenizers: texts are folded, so spaces cut; ``|`` is an empty place."""
    whitespace = tantivy.Tokenizer.whitespace
    borders = tantivy.Filter.custom_stopword(["|"])
    index.register_tokenizer(
        _WORDS, tantivy.TextAnalyzerBuilder(whitespace()).filter(borders).build()
    )
    index.register_tokenizer(_TOKENS, tantivy.TextAnalyzerBuilder(whitespace()).build())


def pack(document: Document) -> Packed:
    """Return a document's fields as Tantivy takes them."""
    texts = []
    for part, runs in document.texts.items():
        name, border = _BORDERS[part]
        texts.append((name, border.join(runs)))
    texts.append(("kw", " ".join((_RECORD, *document.tokens))))
    days = [(name, day) for name, numbers in document.dates.items() for day in numbers]
    return document.pmid, tuple(texts), tuple(days)


def _pattern(text: str) -> str:
    return ".*".join(re.escape(piece) for piece in text.split("*"))


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    if not queries:
        return Q.empty_query()
    if len(queries) == 1:
        return queries[0]
    return Q.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _all(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return Q.boolean_query([(tantivy.Occur.Must, query) for query in queries])


def _but(kept: tantivy.Query, dropped: Sequence[tantivy.Query]) -> tantivy.Query:
    return Q.boolean_query(
        [(tantivy.Occur.Must, kept), *((tantivy.Occur.MustNot, query) for query in dropped)]
    )


def _regex(schema: tantivy.Schema, field: str, pattern: str) -> tantivy.Query:
    try:
        return Q.regex_query(schema, field, pattern)
    except ValueError as error:
        # Tantivy takes no pattern of over a thousand states.
        raise Indirect from error


def _word(schema: tantivy.Schema, part: str, word: str) -> tantivy.Query:
    if "*" in word:
        return _regex(schema, part, _pattern(word))
    return Q.term_query(schema, part, word, "basic")


def _words(schema: tantivy.Schema, plan: Words) -> tantivy.Query:
    words = plan.words
    if not words:
        return Q.empty_query()
    if len(words) == 1:
        return _any([_word(schema, part.value, words[0]) for part in plan.parts])
    if plan.distance is not None:
        pair = tuple(dict.fromkeys(words))
        if len(pair) == 1:
            return _words(schema, Words(pair, plan.parts))
        if len(pair) > 2 or plan.distance > GAP or not _NEAR.issuperset(plan.parts):
            raise Indirect
        # Tantivy's slop counts differently backwards, so both orders are asked for.
        return _any(
            [
                Q.phrase_query(schema, part.value, list(order), slop=plan.distance)
                for part in plan.parts
                for order in (pair, pair[::-1])
            ]
        )
    if any("*" in word for word in words):
        patterns: list[str | tuple[int, str]] = [_pattern(word) for word in words]
        try:
            return _any([Q.regex_phrase_query(schema, part.value, patterns) for part in plan.parts])
        except ValueError as error:
            raise Indirect from error
    return _any([Q.phrase_query(schema, part.value, list(words)) for part in plan.parts])


def _tokens(schema: tantivy.Schema, plan: Tokens) -> tantivy.Query:
    queries = [_regex(schema, "kw", _pattern(text)) for text in sorted(plan.patterns)]
    queries += [_regex(schema, "kw", _pattern(text) + ".*") for text in sorted(plan.prefixes)]
    if len(plan.exact) > _MANY:
        queries.append(Q.term_set_query(schema, "kw", sorted(plan.exact)))
    else:
        queries += [Q.term_query(schema, "kw", text, "basic") for text in sorted(plan.exact)]
    return _any(queries)


def _either(schema: tantivy.Schema, items: Sequence[Plan], depth: int) -> list[tantivy.Query]:
    """Return queries of an OR; single words of one part, if many, become one set."""
    sets: dict[str, list[str]] = {}
    queries = []
    for item in items:
        if (
            len(items) > _MANY
            and isinstance(item, Words)
            and len(item.words) == 1
            and "*" not in item.words[0]
        ):
            for part in item.parts:
                sets.setdefault(part.value, []).append(item.words[0])
        else:
            queries.append(query_of(schema, item, depth=depth + 1))
    queries += [Q.term_set_query(schema, part, words) for part, words in sets.items()]
    return queries


def _steps(schema: tantivy.Schema, plan: Steps, depth: int) -> tantivy.Query:
    runs = list(plan.runs())
    if len(runs) > _DEEPEST:
        raise Indirect
    query: tantivy.Query | None = None
    for operator, items in runs:
        if operator == "OR":
            found = _either(schema, items, depth)
            query = _any(found if query is None else [query, *found])
        else:
            assert query is not None
            found = [query_of(schema, item, depth=depth + 1) for item in items]
            query = _all([query, *found]) if operator == "AND" else _but(query, found)
    assert query is not None
    return query


def query_of(schema: tantivy.Schema, plan: Plan, *, depth: int = 0) -> tantivy.Query:
    """Return a plan as one query.

    Raises
    ------
    Indirect
        If it holds a set already known, words that must be looked at one by
        one, or is deep enough to risk Tantivy's stack.
    """
    if depth > _DEEPEST:
        raise Indirect
    match plan:
        case Words():
            return _words(schema, plan)
        case Tokens():
            return _tokens(schema, plan)
        case Any():
            return _any(_either(schema, plan.items, depth))
        case All():
            return _all([query_of(schema, item, depth=depth + 1) for item in plan.items])
        case But():
            kept = query_of(schema, plan.kept, depth=depth + 1)
            return _but(kept, [query_of(schema, plan.dropped, depth=depth + 1)])
        case Steps():
            return _steps(schema, plan, depth)
        case Period():
            return Q.range_query(schema, plan.field, tantivy.FieldType.Integer, plan.low, plan.high)
        case Pmids():
            if plan.low == plan.high:
                return Q.term_query(schema, "pmid", plan.low)
            return Q.range_query(schema, "pmid", tantivy.FieldType.Integer, plan.low, plan.high)
        case Everything():
            return Q.term_query(schema, "kw", _RECORD, "basic")
        case Given():
            raise Indirect
