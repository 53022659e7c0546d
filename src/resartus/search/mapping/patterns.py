"""A term's words with their wildcards, and the parts of a record each word field means."""

from __future__ import annotations

from resartus.search.language.fields import Field
from resartus.search.plan import Part
from resartus.search.words import words_of

__all__ = ["FIELDED", "LEAST_BEFORE_STAR", "PARTS", "STOPWORDS", "patterns_of"]

LEAST_BEFORE_STAR = 4
"""Characters before the first ``*``; with fewer the ``*`` is a space (NLM Technical Bulletin,
May-June 2024, "PubMed Wildcard")."""
_STAR = "\ua66e"
# A letter that no fold changes, to carry the star through folding.

_TITLE_ABSTRACT = (Part.TITLE, Part.ABSTRACT, Part.KEYWORD)
PARTS: dict[Field, tuple[Part, ...]] = {
    Field.TITLE: (Part.TITLE,),
    Field.TITLE_ABSTRACT: _TITLE_ABSTRACT,
    Field.TEXT_WORD: (*_TITLE_ABSTRACT, Part.SUBJECT),
    Field.ALL: (*_TITLE_ABSTRACT, Part.SUBJECT, Part.AFFILIATION, Part.REST),
    Field.OTHER_TERM: (Part.KEYWORD,),
    Field.AFFILIATION: (Part.AFFILIATION,),
}
FIELDED: dict[Field, str] = {
    Field.GRANT: "gr",
    Field.SUBSTANCE: "nm",
    Field.SECONDARY_SOURCE: "si",
    Field.TRANSLITERATED_TITLE: "tt",
    Field.CONFLICT_OF_INTEREST: "cois",
    Field.CORPORATE_AUTHOR: "cn",
    Field.BOOK: "book",
    Field.PUBLISHER: "pubn",
}
STOPWORDS = frozenset(
    """
    a about again all almost also although always among an and another any are as at be
    because been before being between both but by can could did do does done due during
    each either enough especially etc for found from further had has have having here how
    however i if in into is it its itself just kg km made mainly make may mg might ml mm
    most mostly must nearly neither no nor obtained of often on our overall perhaps pmid
    quite rather really regarding seem seen several should show showed shown shows
    significantly since so some such than that the their theirs them then there therefore
    these they this those through thus to upon various very was we were what when which
    while with within without would
    """.split()  # noqa: SIM905 - a list of words reads as words
)
"""The complete list of the PubMed User Guide, Stopwords."""


def patterns_of(text: str) -> tuple[tuple[str, ...], bool]:
    """Return a term's words, each with its ``*``, and whether a ``*`` was too early to count.

    Examples
    --------
    >>> patterns_of("colo* cancer*")
    (('colo*', 'cancer*'), False)
    >>> patterns_of("can*er")
    (('can', 'er'), True)
    """
    if "*" not in text:
        return tuple(words_of(text)), False
    found: list[str] = []
    is_short = False
    for word in words_of(text.replace("*", _STAR)):
        start = word.find(_STAR)
        if start < 0:
            found.append(word)
        elif start < LEAST_BEFORE_STAR:
            is_short = True
            found += [piece for piece in word.split(_STAR) if piece]
        else:
            pieces = [piece for piece in word.split(_STAR) if piece]
            end = "*" if word.endswith(_STAR) else ""
            found.append("*".join(pieces) + end)
    return tuple(found), is_short
