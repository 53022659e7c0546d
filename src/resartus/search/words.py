"""Text to words, the same for what is indexed and what is asked.

Lower case, without accents, cut at everything that is neither letter nor
digit; Greek letters are spelled out, so that ``TGF-β`` and ``TGF-beta`` are
one. PubMed's help says nothing of accents or Greek; NLM's own local indexer
(EDirect) strips accents and spells Greek letters.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["fold", "fold_all", "joined", "words_of"]

_ASCII = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() and code < 128 else 32 for code in range(256)
)
_LINES = _ASCII[:10] + b"\n" + _ASCII[11:]
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_NOT_WORD = re.compile(r"[\W_]+")
_NOT_WORD_IN_LINE = re.compile(r"(?:[^\w\n]|_)+")
# Letters that Unicode does not take apart.
_WHOLE = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "ς": "σ"}
)
_GREEK = {
    chr(code): name
    for code, name in zip(
        (*range(0x3B1, 0x3C2), *range(0x3C3, 0x3CA)),
        """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi
    rho sigma tau upsilon phi chi psi omega
    """.split(),  # noqa: SIM905 - a list of words reads as words
        strict=True,
    )
}
_GREEK_LETTERS = str.maketrans(_GREEK)


@lru_cache(maxsize=50_000)
def _fold_run(run: str) -> str:
    """Fold a run of characters beyond ASCII; what is no letter becomes a space.

    So all that is left of most texts is ASCII, which folds five times faster.
    """
    decomposed = unicodedata.normalize("NFKD", run.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", bare.casefold().translate(_WHOLE).translate(_GREEK_LETTERS))


class _NoAsciiFormError(Exception):
    """A letter has no ASCII form, such as Chinese."""


def _fold_unencodable(error: UnicodeError) -> tuple[str, int]:
    """Give the encoder a run's folded form, if that is ASCII; it finds runs faster than re."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    folded = _fold_run(error.object[error.start : error.end])
    if not folded.isascii():
        # A new error: raising the one given would tie it to this call, and memory with it.
        raise _NoAsciiFormError
    return folded, error.end


_FOLDED = "resartus.folded"
codecs.register_error(_FOLDED, _fold_unencodable)


def fold(text: str) -> str:
    """Return the words of a text with spaces between them; there may be several spaces."""
    if text.isascii() and text.isalnum():
        return text.lower()
    try:
        return text.encode("ascii", _FOLDED).translate(_ASCII).decode("ascii")
    except _NoAsciiFormError:
        return _NOT_WORD.sub(" ", _fold_foreign(text).lower())


def fold_all(texts: Iterable[str | None]) -> list[str]:
    """Fold several texts in one pass; missing ones are left out."""
    joined = "\n".join(
        [text.replace("\n", " ") if "\n" in text else text for text in texts if text]
    )
    if not joined:
        return []
    try:
        return joined.encode("ascii", _FOLDED).translate(_LINES).decode("ascii").split("\n")
    except _NoAsciiFormError:
        return _NOT_WORD_IN_LINE.sub(" ", _fold_foreign(joined).lower()).split("\n")


def _fold_foreign(text: str) -> str:
    return _FOREIGN.sub(lambda found: _fold_run(found[0]), text)


def joined(text: str) -> str:
    """Return the words of a text as one: ``united_states``."""
    return "_".join(fold(text).split())


def words_of(text: str) -> list[str]:
    """Return the words of a text.

    Examples
    --------
    >>> words_of("TGF-β in Müller's H₂O")
    ['tgf', 'beta', 'in', 'muller', 's', 'h2o']
    """
    return fold(text).split()
