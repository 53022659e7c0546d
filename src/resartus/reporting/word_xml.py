"""The pieces of WordprocessingML the Word writer is made of, built directly: tables are long."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from lxml import etree

__all__ = [
    "W",
    "bookmark",
    "border",
    "child",
    "element",
    "field",
    "internal_link",
    "run",
    "word_name",
]

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_XML = "http://www.w3.org/XML/1998/namespace"


def element(tag: str, **attributes: str) -> Any:
    """Return a ``w:`` element with ``w:`` attributes; ``_`` after a name is dropped."""
    made = etree.Element(f"{{{W}}}{tag}", nsmap={"w": W})
    for name, value in attributes.items():
        made.set(f"{{{W}}}{name.rstrip('_')}", value)
    return made


def child(parent: Any, tag: str, **attributes: str) -> Any:
    """Append a ``w:`` element to ``parent`` and return it."""
    made = etree.SubElement(parent, f"{{{W}}}{tag}")
    for name, value in attributes.items():
        made.set(f"{{{W}}}{name.rstrip('_')}", value)
    return made


def word_name(anchor: str) -> str:
    """Return a bookmark name for an anchor: Word allows 40 letters, digits and underscores."""
    return "r_" + hashlib.sha256(anchor.encode()).hexdigest()[:24]


def run(parent: Any, text: str, *, style: str | None = None, **properties: str) -> Any:
    """Append a run of text; ``properties`` are run properties such as ``b="1"``."""
    made = child(parent, "r")
    if style or properties:
        holder = child(made, "rPr")
        if style:
            child(holder, "rStyle", val=style)
        for name, value in properties.items():
            child(holder, name, val=value)
    lines = text.split("\n")
    for position, line in enumerate(lines):
        if position:
            child(made, "br")
        words = child(made, "t")
        words.text = _printable(line)
        if line != line.strip() or "  " in line:
            words.set(f"{{{_XML}}}space", "preserve")
    return made


def _printable(text: str) -> str:
    """Return text without the control characters that XML forbids."""
    return "".join(c for c in text if c in "\t" or ord(c) >= 32)


def internal_link(parent: Any, anchor: str, text: str, *, style: str | None = None) -> None:
    """Append words that lead to a bookmark."""
    link = child(parent, "hyperlink", anchor=word_name(anchor), history="1")
    run(link, text, style=style)


def bookmark(parent: Any, anchor: str, number: int) -> None:
    """Append an empty bookmark that links can point at."""
    child(parent, "bookmarkStart", id=str(number), name=word_name(anchor))
    child(parent, "bookmarkEnd", id=str(number))


def field(parent: Any, instruction: str, shown: str, *, style: str | None = None) -> None:
    """Append a field with its present result, so that it reads right before any update."""
    simple = child(parent, "fldSimple", instr=f" {instruction} ")
    run(simple, shown, style=style)


def border(parent: Any, tag: str, sides: Sequence[str], *, size: int, colour: str) -> None:
    """Append borders for the named sides; ``size`` in eighths of a point."""
    holder = child(parent, tag)
    for side in sides:
        child(holder, side, val="single", sz=str(size), space="0", color=colour)
