"""What the readers of a PubMed record's parts share: where a part's values go, and plain texts."""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Any

from resartus.sources.formats.readers.pubmed_shape import well_formed
from resartus.sources.formats.readers.xml_slices import leaves, text_of

__all__ = [
    "Lists",
    "Take",
    "Values",
    "add",
    "adder",
    "keep",
    "keeper",
    "parts_of",
    "pieces",
    "setter",
]

Values = dict[str, Any]
"""A record's single values by field."""
Lists = dict[str, list[Any]]
"""A record's repeated values by field."""
Take = Callable[[str, str, Values, Lists], None]
"""Reads an element from its content and its attributes, as they are written."""


def add(lists: Lists, name: str, value: Any) -> None:
    """Put a value at the end of a field's list."""
    known = lists.get(name)
    if known is None:
        lists[name] = [value]
    else:
        known.append(value)


def keep(lists: Lists, tag: str, text: str | None) -> None:
    """Keep a text that no field holds, under its source's name for it."""
    if text is not None:
        add(lists, "fields", (tag, text))


def setter(name: str) -> Take:
    """Return a reader of the one text of a field; the first stands."""

    def take(inner: str, written: str, values: Values, lists: Lists) -> None:
        text = text_of(inner)
        if text is not None and name not in values:
            values[name] = text

    return take


def adder(name: str) -> Take:
    """Return a reader of one of a field's texts."""

    def take(inner: str, written: str, values: Values, lists: Lists) -> None:
        text = text_of(inner)
        if text is not None:
            add(lists, name, intern(text))

    return take


def keeper(tag: str) -> Take:
    """Return a reader of what is only kept."""

    def take(inner: str, written: str, values: Values, lists: Lists) -> None:
        keep(lists, tag, text_of(inner))

    return take


def parts_of(inner: str, *known: str) -> dict[str, str]:
    """Return the text of the first element of each known name."""
    found: dict[str, str] = {}
    for tag, _, content in leaves(inner, frozenset(known)):
        text = text_of(content)
        if text is not None:
            found.setdefault(tag, text)
    return found


def pieces(inner: str, tag: str, around: str) -> list[str]:
    """Return each element of a list, without its closing tag and still to be checked.

    Parameters
    ----------
    inner : str
        What stands in the list, checked only if something stands after its last element.
    tag : str
        Of each element.
    around : str
        Of the list.
    """
    closing = f"</{tag}>"
    found = inner.split(closing)
    if found[-1].strip():
        found = well_formed(inner, around).split(closing)
    found.pop()
    return found
