"""Whether words in a text are denied: "no reoperation", "without recurrence"."""

from __future__ import annotations

import re

__all__ = ["is_negated"]

_BEFORE = re.compile(
    r"\b(?:no|not|none|never|without|denied|nor|neither|absence of|free of|free from|lack of"
    r"|ruled out|excluded|negative for|did not|was not|were not|had no|zero)\b[^.;:]{0,60}$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^[^.;:,]{0,25}\b(?:(?:was|were|is|are|has|have|had)(?: been)? not|not (?:seen|observed|found"
    r"|required|needed)|absent|ruled out|was excluded|did not occur)\b",
    re.IGNORECASE,
)
# A "but" or a second clause ends what a "no" denies.
_TURN = re.compile(
    r"\b(?:but|however|although|except|whereas|while|which)\b|, and\b", re.IGNORECASE
)


def is_negated(text: str, start: int, end: int) -> bool:
    """Whether the words from ``start`` to ``end`` are denied within their own clause."""
    before = text[max(0, start - 90) : start]
    turns = list(_TURN.finditer(before))
    if turns:
        before = before[turns[-1].end() :]
    return bool(_BEFORE.search(before)) or bool(_AFTER.match(text[end : end + 80]))
