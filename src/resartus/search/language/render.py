"""Tree to PubMed text, so that reading it again gives the same tree."""

from __future__ import annotations

from enum import Enum

from resartus.search.language.ast import Chain, LineRef, Node, Range, Tag, Term
from resartus.search.language.strategy import ParsedQuery, begins_like_a_line

__all__ = ["Style", "render_node", "render_query", "render_tag"]


class Style(Enum):
    """``TYPED``: short tags (``[tiab]``). ``DETAILS``: labels as in PubMed's Search Details."""

    TYPED = "typed"
    DETAILS = "details"


def render_query(query: ParsedQuery, *, style: Style = Style.TYPED) -> str:
    """Return the query in PubMed's language; a list keeps its lines and numbers."""
    if not query.is_list:
        text = render_node(query.tree, style=style)
        return f"({text})" if begins_like_a_line(text) else text
    return "\n".join(
        f"#{line.number} {render_node(line.node, style=style)}".rstrip() for line in query.lines
    )


def render_node(node: Node | None, *, style: Style = Style.TYPED) -> str:
    """Return one tree as text; nothing for ``None``."""
    if node is None:
        return ""
    parts: list[str] = []
    _write(node, style, parts)
    return "".join(parts)


def render_tag(tag: Tag, *, style: Style = Style.TYPED) -> str:
    """Return a tag in brackets with its modifier."""
    name = tag.field.tag if style is Style.TYPED else tag.field.label
    if tag.noexp:
        name += ":noexp"
    elif tag.distance is not None:
        name += f":~{tag.distance}"
    elif tag.journal_id is not None:
        name += f":__jid{tag.journal_id}"
    return f"[{name}]"


def _write(node: Node, style: Style, parts: list[str]) -> None:
    if isinstance(node, Term):
        text = f'"{node.text}"' if node.quoted else node.text
        parts.append(text if node.tag is None else text + render_tag(node.tag, style=style))
    elif isinstance(node, Range):
        parts.append(f"{node.low}:{node.high}{render_tag(node.tag, style=style)}")
    elif isinstance(node, LineRef):
        parts.append(f"#{node.number}")
    elif isinstance(node, Chain):
        for index, item in enumerate(node.items):
            if index:
                parts.append(f" {node.operators[index - 1].value} ")
            grouped = isinstance(item, Chain)
            if grouped:
                parts.append("(")
            _write(item, style, parts)
            if grouped:
                parts.append(")")
