"""The Atom feed of a watcher (RFC 4287): written whole, from what it has told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from lxml import etree

from resartus import __version__
from resartus.stores.payloads import write_whole
from resartus.stores.watch_log import FeedEntry

__all__ = ["render_feed", "write_feed"]

_ATOM = "http://www.w3.org/2005/Atom"


def _printable(text: str) -> str:
    """Return text without the control characters that XML cannot hold."""
    return "".join(c if c in "\n\t" or c.isprintable() else " " for c in text)


def render_feed(entries: Sequence[FeedEntry], *, at: datetime, name: str) -> bytes:
    """Return the feed, newest first; ``at`` dates a feed without an entry."""

    def add(parent: etree._Element, tag: str, text: str, **attributes: str) -> None:
        child = etree.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
        child.text = _printable(text)

    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    add(feed, "title", name)
    add(feed, "id", f"urn:resartus:watch:{name}")
    add(feed, "updated", (entries[0].at if entries else at).isoformat())
    add(feed, "generator", "Resartus", version=__version__)
    author = etree.SubElement(feed, f"{{{_ATOM}}}author")
    add(author, "name", "Resartus watch")
    for entry in entries:
        node = etree.SubElement(feed, f"{{{_ATOM}}}entry")
        add(node, "title", entry.title)
        add(node, "id", f"urn:resartus:{entry.entry_id}")
        add(node, "updated", entry.at.isoformat())
        etree.SubElement(node, f"{{{_ATOM}}}category", {"term": entry.review})
        add(node, "content", entry.body, type="text")
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True)


def write_feed(path: Path, entries: Sequence[FeedEntry], *, at: datetime) -> None:
    """Write the feed whole or not at all; one that says the same is left alone."""
    content = render_feed(entries, at=at, name=path.stem)
    if not (path.is_file() and path.read_bytes() == content):
        write_whole(path, content)
