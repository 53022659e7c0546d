"""Other forms of the words of a phrase under which a table may hold it.

NLM maps phrases by UMLS synonyms and lexical variants, which cannot be
shipped. These few rules of ours stand in for them and their mappings are
marked as guesses: number, British and American spelling, ``-ical`` for
``-ic``, and cancer or tumour for neoplasm.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from resartus.search.variants import word_variants

__all__ = ["phrase_forms"]

_LIMIT = 200
_NEOPLASM = {"cancer", "cancers", "tumor", "tumors", "tumour", "tumours", "carcinoma"}


def _forms(word: str) -> tuple[str, ...]:
    found = set(word_variants(word))
    for form in tuple(found):
        if form.endswith("ical") and len(form) > 7:
            found.update((form[:-2], form[:-4] + "ic"))
        elif form.endswith("ic") and len(form) > 6:
            found.add(form + "al")
    if word in _NEOPLASM - {"carcinoma"}:
        found.update(("neoplasm", "neoplasms"))
    found.discard(word)
    return (word, *sorted(found))


def phrase_forms(words: Sequence[str]) -> Iterator[str]:
    """Yield other forms of a phrase, one word changed before two."""
    choices = [_forms(word) for word in words]
    every = itertools.islice(itertools.product(*choices), 1, _LIMIT)
    yield from (
        " ".join(form)
        for form in sorted(
            every, key=lambda form: sum(a != b for a, b in zip(form, words, strict=True))
        )
    )
