"""The names that links inside a report point at."""

from __future__ import annotations

import re

__all__ = ["evidence_anchor", "number_anchor", "reference_anchor", "slug"]


def slug(text: str) -> str:
    """Return ``text`` as an HTML id and URL fragment: other characters become their code."""
    return re.sub(r"[^A-Za-z0-9_.-]", lambda found: f"~{ord(found.group()):x}", text)


def evidence_anchor(evidence_id: str) -> str:
    """Return the anchor of an evidence row in the appendix."""
    return "e-" + slug(evidence_id)


def number_anchor(number_id: str) -> str:
    """Return the anchor of a number in the appendix."""
    return "n-" + slug(number_id)


def reference_anchor(record_id: str) -> str:
    """Return the anchor of an entry of the reference list."""
    return "ref-" + slug(record_id)
