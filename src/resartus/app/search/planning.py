"""Which searches there are, and how one is put to an engine: query, limits, lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from resartus.app.review import Review
from resartus.domain.query import DATE_TAGS, Search
from resartus.errors import NotFoundError
from resartus.search.language.ast import Chain, LineRef, Node
from resartus.search.language.parser import parse_query
from resartus.search.language.render import render_node

__all__ = [
    "from_where_it_stood",
    "limited_term",
    "limits_of",
    "lines_of",
    "planned_searches",
    "term_of",
]

_CURLED = str.maketrans(dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‘’‚‛′", "'"))


def planned_searches(review: Review, search_id: str | None = None) -> tuple[Search, ...]:
    """Return all searches of the protocol, or the one named."""
    searches = review.protocol.searches
    if search_id is None:
        return searches
    for search in searches:
        if search.search_id == search_id:
            return (search,)
    known = ", ".join(repr(search.search_id) for search in searches) or "none"
    raise NotFoundError(f"search {search_id!r} is not in review.toml; it has: {known}")


def from_where_it_stood(search: Search, *, today: date) -> Search:
    """Return the search for the time since: from the year after its last to this year."""
    return replace(
        search,
        from_year=None if search.to_year is None else search.to_year + 1,
        to_year=today.year,
    )


def limits_of(search: Search) -> str | None:
    """Return the limits as PubMed's language has them, or ``None`` without any.

    A range of dates is open to the year 3000, as PubMed's own form writes it.
    """
    parts = []
    if search.from_year or search.to_year:
        tag = DATE_TAGS[search.date_type]
        parts.append(f"{search.from_year or 1000}:{search.to_year or 3000}[{tag}]")
    if search.entered_since:
        parts.append(f"{search.entered_since:%Y/%m/%d}:3000[edat]")
    if search.languages:
        languages = " OR ".join(f"{code}[la]" for code in search.languages)
        parts.append(f"({languages})" if len(search.languages) > 1 else languages)
    return " AND ".join(parts) or None


def term_of(search: Search) -> str:
    """Return the whole search as one query, limits included, lines of a strategy put together.

    What was typed is kept but for curly quotes, which word processors put in.
    """
    parsed = parse_query(search.query)
    if parsed.is_list:
        lines = {line.number: line.node for line in parsed.lines}
        query = render_node(_expanded(parsed.tree, lines))
    else:
        query = " ".join(search.query.translate(_CURLED).split())
    return limited_term(query, search)


def limited_term(query: str, limits: Search | None) -> str:
    """Return a query with the limits of a search added."""
    added = None if limits is None else limits_of(limits)
    return query if added is None else f"({query}) AND {added}"


def lines_of(search: Search) -> dict[int, str]:
    """Return the lines of a numbered strategy in PubMed's language; none for a single query."""
    parsed = parse_query(search.query)
    if not parsed.is_list:
        return {}
    return {line.number: render_node(line.node) for line in parsed.lines if line.node is not None}


def _expanded(node: Node | None, lines: Mapping[int, Node | None]) -> Node | None:
    """Return a tree in which each ``#n`` is replaced by that line."""
    if isinstance(node, LineRef):
        # A line refers only to lines above it, so that this ends.
        return _expanded(lines.get(node.number), lines)
    if isinstance(node, Chain):
        items = tuple(_expanded(item, lines) or item for item in node.items)
        return replace(node, items=items)
    return node
