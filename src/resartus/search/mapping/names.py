"""Names of people to tokens: surname, initials, suffix, as PubMed reads them.

``smith j`` also finds smith ja and smith jb; quotes ask for exactly the name
(PubMed User Guide, Author).
"""

from __future__ import annotations

from resartus.search.exact import token
from resartus.search.plan import Tokens
from resartus.search.words import words_of

__all__ = ["author_tokens", "full_name_tokens", "split_name"]

_SUFFIXES = frozenset(("jr", "sr", "2nd", "3rd", "4th", "5th", "ii", "iii", "iv"))


def split_name(text: str) -> tuple[str, str, str] | None:
    """Return surname, initials and suffix of ``o'brien ja jr``, or ``None`` without initials."""
    words = words_of(text)
    suffix = words.pop() if len(words) > 2 and words[-1] in _SUFFIXES else ""
    if len(words) < 2 or len(words[-1]) > 2 or not words[-1].isalpha():
        return None
    return "_".join(words[:-1]), words[-1], suffix


def author_tokens(code: str, text: str, *, is_exact: bool) -> Tokens:
    """Return the tokens of a name typed into an author field."""
    if "*" in text:
        head = text.partition("*")[0]
        words = words_of(head)
        plain = "_".join(words)
        prefixes = {f"{code}:{plain}"}
        if len(words) > 1 and not head[-1:].isspace():
            prefixes.add(f"{code}:{'_'.join(words[:-1])}|{words[-1]}")
        return Tokens(prefixes=frozenset(prefixes if words else ()))
    whole = "_".join(words_of(text))
    if not whole:
        return Tokens()
    parts = split_name(text)
    if is_exact:
        exact = {f"{code}:{whole}||"}
        if parts is not None:
            exact.add(f"{code}:{'|'.join(parts)}")
        return Tokens(exact=frozenset(exact))
    prefixes = {f"{code}:{whole}|"}
    patterns = set()
    if parts is not None:
        last, initials, suffix = parts
        if suffix:
            patterns.add(f"{code}:{last}|{initials}*|{suffix}")
        else:
            prefixes.add(f"{code}:{last}|{initials}")
    found = Tokens(prefixes=frozenset(prefixes), patterns=frozenset(patterns))
    if code in ("au", "ir"):
        full = full_name_tokens("fau" if code == "au" else "fir", text, is_whole=True)
        found = Tokens(
            exact=full.exact, prefixes=found.prefixes | full.prefixes, patterns=found.patterns
        )
    return found


def full_name_tokens(code: str, text: str, *, is_whole: bool = False) -> Tokens:
    """Return the tokens of a full name, natural or inverted; a comma says which.

    With ``is_whole`` a surname alone gives nothing.
    """
    last, comma, fore = text.partition(",")
    words = words_of(text)
    if len(words) < 2:
        if is_whole or not words:
            return Tokens()
        return Tokens(prefixes=frozenset((f"{code}:{words[0]}|",)))
    if comma:
        pairs = [(words_of(last), words_of(fore))]
    else:
        pairs = [(words[-1:], words[:-1]), (words[:1], words[1:])]
    names = {
        f"{token(code, ' '.join(surname))}|{'_'.join(given)}"
        for surname, given in pairs
        if surname and given
    }
    return Tokens(exact=frozenset(names), prefixes=frozenset(f"{name}_" for name in names))
