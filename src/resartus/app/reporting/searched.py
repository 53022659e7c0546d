"""PRISMA-S as an appendix: sixteen items, from the log where it knows, else from the team."""

from __future__ import annotations

from resartus.app.reporting.material import Material
from resartus.app.search.prisma_s import PrismaSItem, items_of
from resartus.reporting.document import (
    Block,
    Paragraph,
    Section,
    Text,
    TextStyle,
    Verbatim,
    content,
)

__all__ = ["searched_section"]

_STRATEGIES = 8


def _item(item: PrismaSItem) -> tuple[Block, ...]:
    title = Text(text=f"{item.number}. {item.title}: ", style=TextStyle.STRONG)
    key = (f"PRISMA-S:{item.number}",)
    if item.text is None:
        missing = Text(text="not said yet", style=TextStyle.MISSING)
        return (Paragraph(content=content(title, missing)),)
    if item.number == _STRATEGIES:
        return (
            Paragraph(content=content(title)),
            Verbatim(text=item.text, items=key),
        )
    return (Paragraph(content=content(title, item.text), items=key),)


def searched_section(material: Material) -> Section:
    """Return the appendix on the searches; what nobody said yet is shown as such."""
    items = items_of(material.state, material.protocol)
    return Section(
        section_id="prisma-s",
        title="The searches, by PRISMA-S",
        blocks=tuple(block for item in items for block in _item(item)),
    )
