"""Text as it is compared: folded to plain lower-case words, whatever the export did to it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["fold", "journal_names", "journal_words", "title_words", "words_of"]

_TAG = re.compile(r"</?[a-zA-Z][^>]{0,60}>")
_WORD = re.compile(r"\w+")
_APOSTROPHE = re.compile(r"['’‘`´]")
_ACCENT = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20f0]+")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#\d+);")
# Letters that NFKD leaves whole, and Greek letters as abstracts spell them out.
_LETTERS = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
    "ı": "i", "α": " alpha ", "β": " beta ", "γ": " gamma ", "δ": " delta ",
    "ε": " epsilon ", "κ": " kappa ", "λ": " lambda ", "μ": " mu ", "ω": " omega ",
}  # fmt: skip
_LETTER = re.compile(f"[{''.join(_LETTERS)}]")
_LANGUAGES = (
    "afrikaans|arabic|bulgarian|chinese|croatian|czech|danish|dutch|english|estonian|finnish|"
    "flemish|french|german|greek|hebrew|hungarian|icelandic|italian|japanese|korean|latvian|"
    "lithuanian|norwegian|persian|polish|portuguese|romanian|russian|serbian|slovak|slovene|"
    "slovenian|spanish|swedish|thai|turkish|ukrainian"
)
# What catalogues add behind a title and no author wrote.
_NOTE = re.compile(
    # Ovid prints where it appeared, with an issue in brackets of its own; a narrow field cuts it.
    r"(?<=.)\[\s*(?:published )?"
    r"(?:erratum|corrected|republished|(?:comment|retraction|update) (?:in|of))\b"
    r"[^\]]*(?:\]|$)"
    r"|[\[(]\s*(?:"
    rf"(?:article in |in )?(?:{_LANGUAGES})(?:\s*(?:,|and|/)\s*(?:{_LANGUAGES}))*"
    r"|authors?['’]?s? transl\w*|transl\w*"
    r"|see comments?|comments?|letter|editorial|review(?: \d+ refs?)?|\d+ refs?"
    r"|(?:published )?(?:erratum|corrected|republished|summary)[^\])]*"
    r"|proceeding\w*|abstract|poster|conference abstract|electronic resource"
    r")\s*[\])]",
    re.IGNORECASE,
)
_CORRECTED = re.compile(
    r"^\W*(?:erratum|corrigendum|correction|(?:publisher|author).{0,2} correction)"
    r"(?: to)?\s*(?::|[-–—]\s)\s*|\(vol\.? \d+, [^()]*\d{4}\)\s*$",
    re.IGNORECASE,
)
_JOURNAL_STOP = frozenset(
    {
        "the", "of", "and", "in", "for", "on", "de", "la", "le", "les", "des", "du", "der", "die",
        "das", "und", "et", "e", "y", "a", "an", "to", "del", "della", "di",
    }
)  # fmt: skip
_PLACE = re.compile(r"[(\[][^)\]]*[)\]]")
_SECOND_NAME = re.compile(r"\[([^\]]*\s[^\]]*)\]")
# Embase runs the meeting's name into the journal's.
_MEETING = re.compile(r"[.:;]\s*conference\b.*$", re.IGNORECASE)


def fold(text: str) -> str:
    """Return ``text`` in lower case without accents, markup or apostrophes."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = _ENTITY.sub(" ", text)
    text = text.lower()
    if not text.isascii():
        text = _LETTER.sub(lambda letter: _LETTERS[letter[0]], text)
        text = unicodedata.normalize("NFKD", text)
        text = _ACCENT.sub("", text)
    return _APOSTROPHE.sub("", text)


def words_of(text: str) -> list[str]:
    """Return the words of any text."""
    return _WORD.findall(fold(text))


def title_words(title: str) -> list[str]:
    """Return a title's words without what catalogues add: brackets, language, notes.

    Nor with what makes it an erratum: ``relations.form_of`` tells its form,
    and the title which paper it corrects.

    >>> title_words("[Die Leber. Teil II (author's transl)]. [German]")
    ['die', 'leber', 'teil', 'ii']
    """
    if "[" in title or "(" in title:
        title = _NOTE.sub(" ", title)
    return words_of(_CORRECTED.sub(" ", title))


@lru_cache(maxsize=200_000)
def journal_words(journal: str) -> tuple[str, ...]:
    """Return a journal's words that carry meaning, without its town.

    >>> journal_words("Acta oncologica (Stockholm, Sweden)")
    ('acta', 'oncologica')
    """
    plain = _PLACE.sub(" ", _MEETING.sub("", journal))
    words = tuple(w for w in words_of(plain) if w not in _JOURNAL_STOP)
    return words or tuple(words_of(journal))


@lru_cache(maxsize=200_000)
def journal_names(journal: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of each name a journal goes by: its own, and one in square brackets.

    >>> journal_names("Gan to Kagaku Ryoho [Japanese Journal of Cancer]")[1]
    ('japanese', 'journal', 'cancer')
    """
    second = _SECOND_NAME.search(journal)
    names = (journal_words(journal),)
    return (*names, journal_words(second[1])) if second else names
