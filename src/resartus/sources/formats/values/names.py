"""Authors' names in the dialects of citation files."""

from __future__ import annotations

import re
from functools import lru_cache

from resartus.domain.record import Author
from resartus.sources.formats.values.text import one_line

__all__ = ["initials_of", "parse_author", "render_author", "split_authors"]

_INITIALS = re.compile(r"(?:[^\W\d_]\.?[ -]?){1,5}")
_SHORT = re.compile(r"[^\W\d_]{1,4}")
_SUFFIX = re.compile(r"(?:Jr|Sr|[IV]{2,3}|2nd|3rd|4th|Jnr|Snr)\.?", re.IGNORECASE)
_GROUP = re.compile(
    r"\b(?:group|consortium|committee|collaborat\w+|investigators|society|association|"
    r"organi[sz]ation|network|team|university|institute|ministry|department|centre|center|"
    r"foundation|agency|council|federation|trialists|registry|federal|national)\b",
    re.IGNORECASE,
)
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_NOBODY = frozenset({"", "anonymous", "anon", "[anonymous]", "no authorship indicated", "unknown"})


def initials_of(fore_name: str) -> str | None:
    """Return ``"JM"`` for ``"José M."``; each capital of ``"JM"`` counts as one name."""
    letters = []
    for part in re.split(r"[\s.\-‐]+", fore_name):
        if not part or not part[0].isalpha():
            continue
        if part.isupper() and len(part) <= 4:
            letters.append(part)
        elif part[0].isupper() or not part[0].isascii() or not letters:
            letters.append(part[0].upper())
    return "".join(letters) or None


def _looks_like_initials(text: str) -> bool:
    if not _INITIALS.fullmatch(text + " "):
        return False
    letters = [letter for letter in text if letter.isalpha()]
    return all(letter.isupper() or not letter.islower() for letter in letters)


@lru_cache(maxsize=50_000)
def parse_author(text: str, *, given_first: bool = False) -> Author | None:
    """Read one name.

    Parameters
    ----------
    text : str
        ``Ramia, José M.``, ``Ramia JM``, ``J. M. Ramia``, ``Ramia, J. M., Jr.``
        or a group. A comma at the end marks a group (EndNote's custom).
    given_first : bool
        How to read two plain words without a comma: ``Tom Cruise`` (BibTeX)
        or ``Cruise Tom``, which then stays one last name.

    Returns
    -------
    Author or None
        ``None`` for an empty name and for "anonymous".
    """
    text = one_line(text).strip(";")
    if text.casefold().rstrip(",") in _NOBODY:
        return None
    if text.endswith(","):
        return Author(collective_name=text.rstrip(", ")) if text.rstrip(", ") else None
    if "," in text:
        return _with_comma(text)
    words = text.split(" ")
    if len(words) == 1:
        return Author(last_name=text)
    if _SUFFIX.fullmatch(words[-1]) and len(words) > 2 and _is_initials_word(words[-2]):
        return _last_first(" ".join(words[:-2]), words[-2], suffix=words[-1])
    if _is_initials_word(words[-1]):
        # "van der Berg A B": every one of the last words that is initials.
        cut = len(words) - 1
        while cut > 1 and _is_initials_word(words[cut - 1]):
            cut -= 1
        return _last_first(" ".join(words[:cut]), " ".join(words[cut:]))
    if _GROUP.search(text) or len(words) > 5:
        return Author(collective_name=text)
    if _looks_like_initials(words[0]) or given_first:
        cut = _where_last_name_starts(words)
        return _last_first(" ".join(words[cut:]), " ".join(words[:cut]))
    return Author(last_name=text)


def _is_initials_word(word: str) -> bool:
    bare = word.replace(".", "").replace("-", "")
    return bool(_SHORT.fullmatch(bare)) and bare.isupper()


def _where_last_name_starts(words: list[str]) -> int:
    """Find the particle (BibTeX's "von") or the last word."""
    for index, word in enumerate(words[1:-1], start=1):
        if word[:1].islower():
            return index
    return len(words) - 1


def _with_comma(text: str) -> Author | None:
    parts = [part.strip() for part in text.split(",")]
    last, rest = parts[0], [part for part in parts[1:] if part]
    if not last:
        return _last_first(" ".join(rest), "") if rest else None
    suffix = None
    if len(rest) > 1:
        suffixes = [part for part in rest if _SUFFIX.fullmatch(part)]
        if suffixes:
            suffix = suffixes[0]
            rest.remove(suffix)
    return _last_first(last, ", ".join(rest), suffix=suffix)


def _last_first(last: str, fore: str, *, suffix: str | None = None) -> Author:
    return Author(
        last_name=last or None,
        fore_name=fore or None,
        initials=initials_of(fore) if fore else None,
        suffix=suffix,
    )


def render_author(author: Author) -> str:
    """Return ``Ramia, José M.``, or a group with the comma that marks it as one."""
    if author.collective_name:
        return f"{author.collective_name},"
    fore = author.fore_name or author.initials
    if author.last_name is None:
        return fore or ""
    parts = [author.last_name]
    if fore:
        parts.append(fore)
    if author.suffix:
        parts.append(author.suffix)
    return ", ".join(parts)


def split_authors(text: str) -> tuple[str, ...]:
    """Split one cell that holds all authors.

    Semicolons, newlines and ``" and "`` separate names. Commas do only where
    no name has one inside: ``Smith A, Walter B`` but not ``Smith, A``.
    """
    text = text.strip()
    if text.startswith("[") and text.endswith("]") and ("'" in text or '"' in text):
        inner = re.findall(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", text)
        return tuple(first or second for first, second in inner if first or second)
    if ";" in text:
        return tuple(part for part in re.split(r"\s*;\s*", text) if part.strip(" .,;"))
    for separator in (r"\s*\n+\s*", r"\s*\|\s*", r"\s+and\s+"):
        parts = [part for part in re.split(separator, text) if part.strip(" .,;")]
        if len(parts) > 1:
            return tuple(part.strip() for part in parts)
    text = text.strip(" ;")
    parts = [part.strip() for part in text.rstrip(".,").split(",") if part.strip()]
    if len(parts) > 1 and all(" " in part for part in parts):
        return tuple(parts)
    if len(parts) == 2 or not parts:
        return (text,) if text else ()
    if len(parts) > 2 and len(parts) % 2 == 0 and all(map(_looks_like_initials, parts[1::2])):
        # Scopus lists one name and its initials after the other, all by commas.
        return tuple(f"{last}, {fore}" for last, fore in zip(parts[::2], parts[1::2], strict=True))
    return tuple(parts) if len(parts) > 1 else (text,)
