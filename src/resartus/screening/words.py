"""Words of a text, with the endings folded that only grammar asks for."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["fold_word", "plain_words_of", "word_parts_of", "words_of"]

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


@lru_cache(maxsize=200_000)
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


def words_of(text: str) -> list[str]:
    """Return the folded words of two letters or digits and more, in order."""
    return [fold_word(word) for word in _WORD.findall(text.lower())]


def plain_words_of(text: str) -> list[str]:
    """Return the words of two letters or digits and more as they are printed, in lower case."""
    return _WORD.findall(text.lower())


@lru_cache(maxsize=200_000)
def _parts(word: str) -> tuple[str, ...]:
    if len(word) <= 5:
        return ()
    return f"…{word[-5:]}", f"…{word[-4:]}", f"{word[:5]}…"


def word_parts_of(text: str) -> list[str]:
    """Return beginnings and endings of the longer words.

    In medicine they carry meaning: drugs of a class share an ending
    ("-triptan", "-olol"), conditions of an organ a beginning ("hepat-").
    """
    return [part for word in words_of(text) for part in _parts(word)]
