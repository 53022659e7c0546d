"""What a PubMed record is about: headings, types, substances, keywords."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from sys import intern

from resartus.domain.building import builder
from resartus.domain.record import MeshHeading, MeshQualifier
from resartus.sources.formats.readers.pubmed_parts import Lists, Take, Values, add, pieces
from resartus.sources.formats.readers.pubmed_shape import well_formed
from resartus.sources.formats.readers.xml_slices import attributes_of, leaves, text_of

__all__ = ["chemicals", "headings", "keywords", "named"]

_NAME = r'UI="(\w++)" MajorTopicYN="([YN])">([^<]*+)</'
_USUAL_HEADING = re.compile(
    rf"[^<]*+<MeshHeading>[^<]*+<DescriptorName {_NAME}DescriptorName>[^<]*+(<.*+)?+",
    re.ASCII | re.DOTALL,
)
"""Almost every heading; its qualifiers are the last group."""
_USUAL_QUALIFIER = re.compile(rf"<QualifierName {_NAME}QualifierName>[^<]*+", re.ASCII)
_mesh_heading = builder(MeshHeading)
_OF_HEADING = frozenset({"DescriptorName", "QualifierName"})


def headings(inner: str, written: str, values: Values, lists: Lists) -> None:
    """Read a record's MeSH headings."""
    found = map(_heading, pieces(inner, "MeshHeading", "MeshHeadingList"))
    lists["mesh"] = [heading for heading in found if heading is not None]


@lru_cache(maxsize=50_000)
def _heading(inner: str) -> MeshHeading | None:
    usual = _USUAL_HEADING.fullmatch(inner)
    if usual is not None:
        ui, major, content, rest = usual.groups()
        name = text_of(content)
        qualifiers = _qualifiers(rest) if rest else ()
        if name is not None and qualifiers is not None:
            return _mesh_heading(
                descriptor=intern(name), ui=ui, major=major == "Y", qualifiers=qualifiers
            )
    return _unusual_heading(well_formed(f"{inner}</MeshHeading>", "MeshHeadingList"))


@lru_cache(maxsize=5_000)
def _qualifiers(inner: str) -> tuple[MeshQualifier, ...] | None:
    """Return the qualifiers of a heading, or ``None`` where they are written unusually."""
    found = _USUAL_QUALIFIER.split(inner)
    if "".join(found[::4]):
        return None
    return tuple(
        MeshQualifier(name=intern(name), ui=ui, major=major == "Y")
        for ui, major, content in zip(found[1::4], found[2::4], found[3::4], strict=True)
        if (name := text_of(content)) is not None
    )


def _unusual_heading(whole: str) -> MeshHeading | None:
    qualifiers = []
    descriptor = None
    for tag, written, content in leaves(whole, _OF_HEADING | {"MeshHeading"}):
        name = text_of(content) if tag in _OF_HEADING else None
        if name is None:
            continue
        said = attributes_of(written)
        ui, is_major = said.get("UI"), said.get("MajorTopicYN") == "Y"
        if tag == "DescriptorName":
            descriptor = MeshHeading(descriptor=intern(name), ui=ui, major=is_major)
        else:
            qualifiers.append(MeshQualifier(name=intern(name), ui=ui, major=is_major))
    return None if descriptor is None else replace(descriptor, qualifiers=tuple(qualifiers))


@lru_cache(maxsize=20_000)
def _names_and_uis(inner: str, tag: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = [
        (intern(text), intern(attributes_of(written).get("UI", "")))
        for _, written, content in leaves(well_formed(inner, f"{tag}List"), frozenset({tag}))
        if (text := text_of(content)) is not None
    ]
    return tuple(name for name, _ in found), tuple(ui for _, ui in found)


def named(names: str, uis: str, tag: str) -> Take:
    """Return a reader of names with their ids."""

    def take(inner: str, written: str, values: Values, lists: Lists) -> None:
        # A book has its types without a list around them.
        whole = inner if "<" in inner else f"<{tag}{written}>{inner}</{tag}>"
        for name, items in zip((names, uis), _names_and_uis(whole, tag), strict=True):
            lists.setdefault(name, []).extend(items)

    return take


_USUAL_CHEMICAL = re.compile(
    r"[^<]*+<Chemical>[^<]*+<RegistryNumber>([^<]*+)</RegistryNumber>[^<]*+"
    r'<NameOfSubstance UI="(\w++)">([^<]*+)</NameOfSubstance>[^<]*+',
    re.ASCII,
)
_CHEMICAL = frozenset({"Chemical", "RegistryNumber", "NameOfSubstance"})


@lru_cache(maxsize=20_000)
def _chemical(inner: str) -> Iterable[tuple[str, str]]:
    """Return what one chemical adds to the lists of a record."""
    usual = _USUAL_CHEMICAL.fullmatch(inner)
    if usual is not None:
        number, ui, name = usual.groups()
        return _chemical_parts(text_of(number), ui, text_of(name))
    number = name = ui = None
    for tag, written, content in leaves(
        well_formed(f"{inner}</Chemical>", "ChemicalList"), _CHEMICAL
    ):
        if tag == "NameOfSubstance":
            name, ui = text_of(content), attributes_of(written).get("UI", "")
        elif tag == "RegistryNumber":
            number = text_of(content)
    return _chemical_parts(number, ui, name)


def _chemical_parts(
    number: str | None, ui: str | None, name: str | None
) -> tuple[tuple[str, str], ...]:
    parts = (
        ("chemical_numbers", None if number == "0" else number),
        ("substances", name),
        ("substance_uis", None if name is None else ui),
    )
    return tuple([(field, intern(text)) for field, text in parts if text is not None])


def chemicals(inner: str, written: str, values: Values, lists: Lists) -> None:
    """Read a record's substances, with their ids and numbers."""
    for content in pieces(inner, "Chemical", "ChemicalList"):
        for name, text in _chemical(content):
            add(lists, name, text)


_KEYWORD = re.compile(r'<Keyword(?: MajorTopicYN="[YN]")?+>([^<]*+)</Keyword>')


def keywords(inner: str, written: str, values: Values, lists: Lists) -> None:
    """Read one of a record's lists of keywords."""
    found = _KEYWORD.findall(inner)
    if inner.count("<") != 2 * len(found):
        found = [content for _, _, content in leaves(inner, frozenset({"Keyword"}))]
    texts = [text for content in found if (text := text_of(content)) is not None]
    if texts:
        lists.setdefault("keywords", []).extend(texts)
