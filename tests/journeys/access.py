"""The rules of access (WCAG 2.2 A and AA) that a tool can see, asked of a page as it stands."""

from typing import Any

from tests import needs

__all__ = ["COLOURS", "EVERY_RULE", "broken_rules"]

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EVERY_RULE = {"type": "tag", "values": _TAGS}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""What can change between a light page and a dark one."""


def broken_rules(page: Any, *, rules: dict[str, Any] = EVERY_RULE) -> list[tuple[str, list[str]]]:
    """Return the rules that the page breaks, each with the first places."""
    needs.module("axe_playwright_python")
    from axe_playwright_python.base import AXE_SCRIPT

    # Half a megabyte of script, read once a page. What holds is not told node by node.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"runOnly": rules, "iframes": False, "resultTypes": ["violations"]}
    run = "options => axe.run(document, options).then((found) => found.violations)"
    return [
        (broken["id"], [node["html"][:120] for node in broken["nodes"][:2]])
        for broken in page.evaluate(run, options)
    ]
