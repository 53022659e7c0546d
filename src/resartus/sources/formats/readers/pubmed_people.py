"""The people of a PubMed record: authors, editors, investigators, and those it is about."""

from __future__ import annotations

import re
from functools import lru_cache

from resartus.domain.building import builder
from resartus.domain.record import Author
from resartus.sources.formats.readers.pubmed_parts import Lists, Take, Values, add, keep
from resartus.sources.formats.readers.pubmed_shape import ATTRIBUTES, up_to, well_formed
from resartus.sources.formats.readers.xml_slices import attributes_of, children, leaves, text_of

__all__ = ["people"]

_NAMES = {
    "LastName": "last_name",
    "ForeName": "fore_name",
    "FirstName": "fore_name",
    "Initials": "initials",
    "Suffix": "suffix",
    "CollectiveName": "collective_name",
}
_OF_PEOPLE = frozenset({*_NAMES, "AffiliationInfo", "Affiliation", "Identifier"})
_ORCID = re.compile(r"\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx]", re.ASCII)
_NO_SPACE = r"[^<&\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]++"
_NAME = rf"({_NO_SPACE}(?:[ ]{_NO_SPACE})*+)"
"""A name that is its own text: no entity, no markup, spaces single and only inside."""
_AFFILIATION = re.compile(
    r"<AffiliationInfo>[^<]*+<Affiliation>([^<]*+)</Affiliation>[^<]*+</AffiliationInfo>[^<]*+",
    re.ASCII,
)
_USUAL_ORCID = re.compile(r'<Identifier Source="ORCID">([^<]*+)</Identifier>[^<]*+', re.ASCII)
_author = builder(Author)
_SHARE = 8
"""What ``_usual`` cuts for each person: what stands before, and the seven groups."""


def _usual(tag: str) -> re.Pattern[str]:
    """Return the pattern of almost every person: names in the DTD's order, then particulars."""
    return re.compile(
        rf"""<{tag}({ATTRIBUTES})>[^<]*+
        <LastName>{_NAME}</LastName>[^<]*+
        (?:<ForeName>{_NAME}</ForeName>[^<]*+)?+
        (?:<Initials>{_NAME}</Initials>[^<]*+)?+
        (?:<Suffix>{_NAME}</Suffix>[^<]*+)?+
        (?:<AffiliationInfo>[^<]*+<Affiliation>([^<]*+)</Affiliation>[^<]*+</AffiliationInfo>[^<]*+
        (?=</{tag}>))?+
        (?=</{tag}>|<AffiliationInfo>|<Identifier[ ])
        ({up_to(tag)})</{tag}>[^<]*+""",
        re.VERBOSE | re.ASCII,
    )


def people(name: str, tag: str) -> Take:
    """Return a reader of a list of people.

    Parameters
    ----------
    name : str
        The record's field.
    tag : str
        The element of one person.
    """
    usual = _usual(tag)

    def take(inner: str, written: str, values: Values, lists: Lists) -> None:
        into = "editors" if attributes_of(written).get("Type") == "editors" else name
        found = usual.split(inner)
        places: dict[str | None, tuple[str, ...]] = {None: ()}
        for before, said, last, fore, initials, suffix, place, more in zip(
            *[found[i::_SHARE] for i in range(_SHARE)], strict=False
        ):
            if before and before.strip():
                _take_unusual(before, tag, into, lists)
            orcid = None
            if more:
                affiliations, orcid = _particulars(more)
            elif place in places:
                affiliations = places[place]
            else:
                affiliations = places[place] = _affiliated(place)
            person = _author(last, fore, initials, suffix, None, affiliations, orcid)
            if said == _VALID:
                add(lists, into, person)
            else:
                _take(person, said, into, lists)
        if found[-1].strip():
            _take_unusual(found[-1], tag, into, lists)

    return take


_VALID = ' ValidYN="Y"'


def _take_unusual(inner: str, tag: str, into: str, lists: Lists) -> None:
    for _, said, content in children(well_formed(inner, f"{tag}List")):
        parts: dict[str, str] = {}
        for part, _, written in leaves(content, _OF_PEOPLE):
            text = text_of(written) if part in _NAMES else None
            if text is not None:
                parts[_NAMES[part]] = text
        if any(name in parts for name in ("last_name", "fore_name", "collective_name")):
            affiliations, orcid = _unusual_particulars(content)
            _take(_author(**parts, affiliations=affiliations, orcid=orcid), said, into, lists)


def _take(person: Author, said: str, into: str, lists: Lists) -> None:
    if attributes_of(said).get("ValidYN") == "N":
        # The corrected form of the name stands beside it and is the author.
        keep(lists, "misspelt name", person.short_name)
    else:
        add(lists, into, person)


def _affiliated(place: str | None) -> tuple[str, ...]:
    text = text_of(place) if place else None
    return () if text is None else (text,)


@lru_cache(maxsize=5_000)
def _particulars(inner: str) -> tuple[tuple[str, ...], str | None]:
    """Return affiliations and ORCID; the people of one place share them."""
    found = _AFFILIATION.split(inner)
    rest = "".join(found[::2])
    usual = _USUAL_ORCID.fullmatch(rest) if rest else None
    if rest and usual is None:
        return _unusual_particulars(well_formed(inner, "Person"))
    affiliations = tuple([text for part in found[1::2] if (text := text_of(part)) is not None])
    return affiliations, None if usual is None else _orcid(usual[1])


def _unusual_particulars(whole: str) -> tuple[tuple[str, ...], str | None]:
    affiliations = []
    orcid = None
    for tag, written, content in leaves(whole, _OF_PEOPLE):
        if tag == "Affiliation":
            text = text_of(content)
            if text is not None:
                affiliations.append(text)
        elif tag == "Identifier" and attributes_of(written).get("Source") == "ORCID":
            orcid = _orcid(content) or orcid
    return tuple(affiliations), orcid


def _orcid(content: str) -> str | None:
    found = _ORCID.search(content)
    if found is None:
        return None
    digits = found[0].replace("-", "").upper()
    return "-".join(digits[i : i + 4] for i in range(0, 16, 4))
