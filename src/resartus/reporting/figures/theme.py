"""Figures that follow the theme of the page: one drawing, its colours by light or dark."""

from __future__ import annotations

import re

from resartus.reporting.figures.canvas import ACCENT, BAND, INK, PAPER, QUIET, RULE, SECOND

__all__ = ["follow_theme"]

# What each colour of a drawing on paper becomes on a dark sheet. Signs in
# circles keep their own pale grounds, and dark letters on them.
_DARK = {
    INK: "#e3e8eb",
    QUIET: "#a9b4bc",
    RULE: "#4a565f",
    BAND: "#252e35",
    ACCENT: "#73c7d4",
    SECOND: "#eb9a63",
    PAPER: "#1a2025",
    "#000000": "#e3e8eb",
    "#cfd6da": "#414d56",
    "#e1e6e9": "#323c44",
    "#9aa5ad": "#7b8791",
    "#3a1506": "#8a3416",
}
_COLOUR = re.compile(f"(?:{'|'.join(_DARK)})(?![0-9a-f])", re.IGNORECASE)
_NAMED = ";".join(f"--c{colour[1:]}: {dark}" for colour, dark in _DARK.items())
# An image takes its scheme from the page that shows it, so that the theme
# chosen under Settings counts too; on paper the page is light.
_STYLE = (
    f"<style>@media (prefers-color-scheme: dark) {{ svg {{ {_NAMED}; fill: {_DARK[INK]} }} }}"
    "</style>"
)
_BODY = re.compile(r"(<svg\b[^>]*>)(.*)", re.DOTALL)


def follow_theme(svg: str) -> str:
    """Return a drawing whose known colours change where the page is dark.

    Without such a page, and where a program knows no variables, it looks as
    it was drawn: each colour carries its own as the fallback.
    """
    found = _BODY.search(svg)
    if found is None:
        return svg
    body = _COLOUR.sub(
        lambda colour: f"var(--c{colour[0][1:].lower()}, {colour[0].lower()})", found[2]
    )
    return f"{svg[: found.start()]}{found[1]}{_STYLE}{body}"
