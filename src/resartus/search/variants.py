"""Plural and British or American forms of a word, as PubMed adds them to untagged words.

PubMed's help names both for automatic term mapping: "translations include
singular and plural forms and British and American spellings"; the rules here
are ours and cover English endings and medical spellings.
"""

from __future__ import annotations

__all__ = ["word_variants"]

_SPELLINGS = (
    ("gynaec", "gynec"),
    ("haem", "hem"),
    ("oesoph", "esoph"),
    ("oestr", "estr"),
    ("paed", "ped"),
    ("leuk", "leuc"),
    ("tumour", "tumor"),
    ("randomis", "randomiz"),
    ("anaesth", "anesth"),
    ("centre", "center"),
)


def _numbers(word: str) -> set[str]:
    """Return the other number of a word: metastasis and metastases, cancer and cancers."""
    found = set()
    if word.endswith("sis") and len(word) > 5:
        found.add(word[:-2] + "es")
    elif word.endswith("ses") and len(word) > 5:
        found.update((word[:-2] + "is", word[:-2], word[:-1]))
    elif word.endswith("ies") and len(word) > 4:
        found.add(word[:-3] + "y")
    elif word.endswith("s") and not word.endswith(("ss", "us")) and len(word) > 3:
        found.add(word[:-1])
    elif word.endswith("y") and len(word) > 3 and word[-2] not in "aeiou":
        found.add(word[:-1] + "ies")
    elif len(word) > 2 and not word.endswith("s"):
        found.add(word + "s")
    return found


def word_variants(word: str) -> frozenset[str]:
    """Return a lower-case word with its other number and spelling, itself included.

    Examples
    --------
    >>> sorted(word_variants("metastasis"))
    ['metastases', 'metastasis']
    >>> sorted(word_variants("gynaecological"))
    ['gynaecological', 'gynaecologicals', 'gynecological', 'gynecologicals']
    """
    found = {word, *_numbers(word)}
    for british, american in _SPELLINGS:
        for known in tuple(found):
            if british in known:
                found.add(known.replace(british, american))
            elif american in known and not (american == "hem" and not known.startswith("hem")):
                found.add(known.replace(american, british))
    return frozenset(found)
