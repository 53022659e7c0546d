"""NLM's MeSH files, any year: XML (desc, qual, supp) and ASCII (d, q, c, mtrees).

https://www.nlm.nih.gov/databases/download/mesh.html; in the public domain.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from lxml import etree

from resartus.domain.mesh import Descriptor, Mesh, Qualifier, Supplementary
from resartus.errors import NotFoundError, ParseError

__all__ = ["read_mesh"]

_TREE_LINE = re.compile(r"(.+);([A-Z]\d{2}(?:\.\d{3})*)\s*$")
_ROOTS = {
    "DescriptorRecord": "descriptors",
    "QualifierRecord": "qualifiers",
    "SupplementalRecord": "supplementary",
}


def _open(path: Path) -> IO[bytes]:
    if not path.is_file():
        raise NotFoundError(f"there is no file {str(path)!r} to load MeSH from")
    with path.open("rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if is_packed else path.open("rb")  # type: ignore[return-value]


def read_mesh(paths: Sequence[Path]) -> Mesh:
    """Read MeSH files of one edition together.

    Raises
    ------
    NotFoundError
        If a file is not there.
    ParseError
        If a file is none of NLM's forms, or torn.
    """
    descriptors: dict[str, Descriptor] = {}
    qualifiers: dict[str, Qualifier] = {}
    supplementary: dict[str, Supplementary] = {}
    trees: dict[str, list[str]] = {}
    for path in paths:
        count = 0
        try:
            for item in _items(path):
                count += 1
                if isinstance(item, Descriptor):
                    descriptors[item.ui] = item
                elif isinstance(item, Qualifier):
                    qualifiers[item.name] = item
                elif isinstance(item, Supplementary):
                    supplementary[item.ui] = item
                else:
                    trees.setdefault(item[0], []).append(item[1])
        except (EOFError, OSError, etree.XMLSyntaxError, UnicodeDecodeError) as error:
            raise ParseError(
                f"{path.name} is damaged after {count} concepts ({error}); fetch it again",
                where=path.name,
            ) from error
        if not count:
            raise ParseError(
                f"{path.name} holds no MeSH; NLM's files are named desc2026.xml, qual2026.xml, "
                "supp2026.xml, d2026.bin, q2026.bin, c2026.bin or mtrees2026.bin",
                where=path.name,
            )
    if trees:
        descriptors = _with_trees(descriptors, trees)
    names = ", ".join(path.name for path in paths)
    by_name = {item.name: item.ui for item in descriptors.values()}
    return Mesh(
        edition=f"NLM MeSH, {names}",
        descriptors=tuple(_with_action_ids(item, by_name) for item in descriptors.values()),
        qualifiers=_with_broader(tuple(qualifiers.values())),
        supplementary=tuple(_with_action_ids(item, by_name) for item in supplementary.values()),
    )


def _with_trees(
    descriptors: dict[str, Descriptor], trees: dict[str, list[str]]
) -> dict[str, Descriptor]:
    return {
        ui: replace(item, trees=item.trees or tuple(trees.get(item.name, ())))
        for ui, item in descriptors.items()
    }


def _with_broader(qualifiers: tuple[Qualifier, ...]) -> tuple[Qualifier, ...]:
    """Turn the XML files' tree numbers (``Y04.010``) into the names right above."""
    by_number = {number: item.name for item in qualifiers for number in item.broader}
    return tuple(
        replace(
            item,
            broader=tuple(
                by_number[above]
                for number in item.broader
                if (above := number.rpartition(".")[0]) in by_number
            ),
        )
        for item in qualifiers
    )


def _with_action_ids(item: Any, by_name: dict[str, str]) -> Any:
    """ASCII files name the actions; XML gives their ids."""
    return replace(item, actions=tuple(by_name.get(name, name) for name in item.actions))


_Item = Descriptor | Qualifier | Supplementary | tuple[str, str]


def _items(path: Path) -> Iterator[_Item]:
    with _open(path) as stream:
        head = stream.read(4096)
    with _open(path) as stream:
        if b"<?xml" in head or b"RecordSet" in head:
            yield from _xml(stream)
        elif b"*NEWRECORD" in head:
            yield from _ascii(stream)
        else:
            for line in stream:
                found = _TREE_LINE.match(line.decode("utf-8-sig"))
                if found is None:
                    return
                yield found[1], found[2]


# XML -----------------------------------------------------------------------


def _texts(element: Any, path: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(found.text.strip() for found in element.iterfind(path) if found.text)
    )


def _xml(stream: IO[bytes]) -> Iterator[_Item]:
    # Events name the records alone; no DTD is loaded and nothing is fetched.
    events = etree.iterparse(
        stream, tag=tuple(_ROOTS), load_dtd=False, no_network=True, resolve_entities=False
    )
    for _, element in events:
        if element.tag == "DescriptorRecord":
            yield Descriptor(
                ui=_texts(element, "DescriptorUI")[0],
                name=_texts(element, "DescriptorName/String")[0],
                trees=_texts(element, "TreeNumberList/TreeNumber"),
                entries=_texts(element, "ConceptList/Concept/TermList/Term/String"),
                actions=_texts(
                    element, ".//PharmacologicalAction/DescriptorReferredTo/DescriptorUI"
                ),
            )
        elif element.tag == "QualifierRecord":
            codes = _texts(element, ".//Abbreviation")
            yield Qualifier(
                name=_texts(element, "QualifierName/String")[0],
                code=codes[0] if codes else "",
                broader=_texts(element, "TreeNumberList/TreeNumber"),
            )
        else:
            headings = _texts(element, ".//HeadingMappedTo/DescriptorReferredTo/DescriptorUI")
            yield Supplementary(
                ui=_texts(element, "SupplementalRecordUI")[0],
                name=_texts(element, "SupplementalRecordName/String")[0],
                entries=_texts(element, "ConceptList/Concept/TermList/Term/String"),
                headings=tuple(ui.lstrip("*") for ui in headings),
                actions=_texts(
                    element, ".//PharmacologicalAction/DescriptorReferredTo/DescriptorUI"
                ),
            )
        element.clear()
        above = element.getparent()
        while above is not None and element.getprevious() is not None:
            del above[0]


# ASCII ---------------------------------------------------------------------


def _ascii(stream: IO[bytes]) -> Iterator[_Item]:
    values: dict[str, list[str]] = {}
    for raw in stream:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line == "*NEWRECORD":
            if values:
                yield _ascii_item(values)
            values = {}
            continue
        name, sep, value = line.partition(" = ")
        if sep:
            values.setdefault(name, []).append(value)
    if values:
        yield _ascii_item(values)


def _ascii_item(values: dict[str, list[str]]) -> _Item:
    def first(name: str) -> str:
        return values.get(name, [""])[0]

    entries = tuple(
        value.split("|")[0]
        for name in ("ENTRY", "PRINT ENTRY", "SY")
        for value in values.get(name, ())
    )
    actions = tuple(values.get("PA", ()))
    if "MH" in values:
        return Descriptor(
            ui=first("UI"),
            name=first("MH"),
            trees=tuple(values.get("MN", ())),
            entries=entries,
            actions=actions,
        )
    if "SH" in values:
        return Qualifier(name=first("SH"), code=first("QA"))
    headings = tuple(value.lstrip("*").split("/")[0] for value in values.get("HM", ()))
    return Supplementary(
        ui=first("UI"), name=first("NM"), entries=entries, headings=headings, actions=actions
    )
