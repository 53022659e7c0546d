"""Whether the words a person quotes stand in the text on hand, and where."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

__all__ = ["SearchableText", "find_span", "searchable"]

_DASHES = dict.fromkeys("‐‑‒–—―−﹣－", "-")
_QUOTES = {**dict.fromkeys("‘’‚‛′´`", "'"), **dict.fromkeys("“”„‟″", '"')}
_SAME = {**_DASHES, **_QUOTES, "·": ".", "•": ".", "∙": "."}
# Runs of plain letters are folded at once; every other character by itself.
_PIECE = re.compile(r"(?P<plain>[!-,./-_a-~]+)|(?P<other>\S)")
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class SearchableText:
    """A text folded for comparison, with the place in the original of every character."""

    original: str
    folded: str
    places: tuple[int, ...]


def searchable(text: str) -> SearchableText:
    """Fold a text: letters without case, ligatures opened, one kind of dash, no white space.

    A dash between letters does not count, since a line may have broken there
    ("hepatec-", "tomy"); between figures it does.
    """
    folded: list[str] = []
    places: list[int] = []
    for match in _PIECE.finditer(text):
        i, piece = match.start(), match.group()
        if match.lastgroup == "plain":
            folded.append(piece.lower())
            places.extend(range(i, match.end()))
            continue
        part = _folded(piece)
        if part and not (part == "-" and _joins_letters(text, i)):
            folded.append(part)
            places.extend([i] * len(part))
    return SearchableText(text, "".join(folded), tuple(places))


@cache
def _folded(char: str) -> str:
    """Return what one character is compared as; nothing for white space and marks unseen."""
    if char in _INVISIBLE or char.isspace():
        return ""
    parts = unicodedata.normalize("NFKC", _SAME.get(char, char)).casefold()
    return "".join(_SAME.get(part, part) for part in parts if not part.isspace())


def _joins_letters(text: str, i: int) -> bool:
    before, after = text[max(0, i - 3) : i].rstrip(), text[i + 1 : i + 8].lstrip()
    return before[-1:].isalpha() and after[:1].isalpha()


def _is_inside(text: str, place: int, edge: str, *, step: int) -> bool:
    """Whether a match's edge falls inside a word or a number of the text ("5" in "15" or "5.3")."""
    beside = place + step
    if not edge.isalnum() or not 0 <= beside < len(text):
        return False
    neighbour = text[beside]
    if neighbour.isalnum():
        # A unit may follow a number without a space, as in "53mo".
        return edge.isdigit() == neighbour.isdigit() or step < 0
    beyond = beside + step
    return (
        edge.isdigit() and neighbour in ".,·" and 0 <= beyond < len(text) and text[beyond].isdigit()
    )


@lru_cache(maxsize=4096)
def _folded_span(span: str) -> str:
    return searchable(span).folded


def find_span(text: str | SearchableText, span: str) -> tuple[int, int] | None:
    """Return where the quoted words stand in the text, end exclusive, or ``None``.

    White space, hyphenation, ligatures, kinds of dash and quotation marks and
    case may differ; words and figures may not. A match never begins or ends
    within a word or a number: "5" is not found in "15" or "5.3".
    """
    source = searchable(text) if isinstance(text, str) else text
    wanted = _folded_span(span)
    if not wanted:
        return None
    at = source.folded.find(wanted)
    while at >= 0:
        first, last = source.places[at], source.places[at + len(wanted) - 1]
        inside = _is_inside(source.original, first, wanted[0], step=-1) or _is_inside(
            source.original, last, wanted[-1], step=1
        )
        if not inside:
            return first, last + 1
        at = source.folded.find(wanted, at + 1)
    return None
