"""Words of a text, with the endings folded that only grammar asks for."""

from __future__ import annotations

import re

__all__ = ["fold_word", "parts_of", "plain_words_of"]

_WORD = re.compile(r"\w\w+")
_ENDINGS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("ations", "ate"),
    ("ation", "ate"),
    ("ments", "ment"),
    ("ings", ""),
    ("ing", ""),
    ("ied", "y"),
    ("ed", ""),
    ("es", ""),
    ("s", ""),
)


def fold_word(word: str) -> str:
    """Return an English word without its ending: ``"trials"`` and ``"trial"`` become one.

    Cruder than a linguist's stemmer, and measured to rank as well.
    """
    if len(word) > 4:
        for ending, instead in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                if ending == "s" and word.endswith("ss"):
                    continue
                return word[: -len(ending)] + instead
    return word


def plain_words_of(text: str) -> list[str]:
    """Return the words of two letters or digits and more as they are printed, in lower case."""
    return _WORD.findall(text.lower())


def parts_of(word: str) -> tuple[str, ...]:
    """Return the endings and the beginning of a longer word, none of a short one.

    In medicine they carry meaning: drugs of a class share an ending
    ("-triptan", "-olol"), conditions of an organ a beginning ("hepat-").
    """
    if len(word) <= 5:
        return ()
    return f"…{word[-5:]}", f"…{word[-4:]}", f"{word[:5]}…"
