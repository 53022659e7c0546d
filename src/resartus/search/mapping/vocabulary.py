"""``Vocabulary``: MeSH by every name it goes by, its trees, and the compact table it lies in."""

from __future__ import annotations

import bisect
import re
import zlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from resartus.domain.mesh import Mesh
from resartus.errors import ParseError
from resartus.search.words import fold

__all__ = ["BUNDLED", "Vocabulary", "pack_mesh", "unpack_mesh"]

BUNDLED = Path(__file__).with_name("mesh.table")
_MAGIC = "resartus mesh 1"
_LINE_ENDS = re.compile(r"[\t\n\r|]+")


def _key(name: str) -> str:
    return " ".join(fold(name).split())


def _clean(text: str) -> str:
    return _LINE_ENDS.sub(" ", text).strip()


def pack_mesh(mesh: Mesh) -> bytes:
    """Return a table as bytes: one line a concept, names folded for looking up, compressed."""
    lines = [f"{_MAGIC}\t{_clean(mesh.edition)}"]
    for item in sorted(mesh.descriptors, key=lambda d: d.ui):
        keys = dict.fromkeys(_key(name) for name in (item.name, *item.entries))
        keys.pop("", None)
        lines.append("\t".join(("D", item.ui, _clean(item.name), "|".join(sorted(item.trees)),
                                "|".join(keys), "|".join(item.actions))))  # fmt: skip
    for qualifier in sorted(mesh.qualifiers, key=lambda q: q.name):
        lines.append("\t".join(("Q", qualifier.name, qualifier.code, "|".join(qualifier.broader))))
    for concept in sorted(mesh.supplementary, key=lambda s: s.ui):
        keys = dict.fromkeys(_key(name) for name in (concept.name, *concept.entries))
        keys.pop("", None)
        lines.append("\t".join(("S", concept.ui, _clean(concept.name), "|".join(concept.headings),
                                "|".join(keys), "|".join(concept.actions))))  # fmt: skip
    return zlib.compress("\n".join(lines).encode("utf-8"), 9)


def unpack_mesh(content: bytes, *, where: str = "the MeSH table") -> Vocabulary:
    """Return the vocabulary of a table.

    Raises
    ------
    ParseError
        If the bytes are no such table.
    """
    try:
        lines = zlib.decompress(content).decode("utf-8").split("\n")
    except (zlib.error, UnicodeDecodeError) as error:
        raise ParseError(
            f"{where} is damaged ({error}); load MeSH again with 'resartus mesh load'"
        ) from error
    magic, _, edition = lines[0].partition("\t")
    if magic != _MAGIC:
        raise ParseError(f"{where} begins with {magic[:40]!r}, not {_MAGIC!r}; load MeSH again")
    return Vocabulary(edition, lines[1:])


class Vocabulary:
    """MeSH for looking up.

    Parameters
    ----------
    edition : str
        Which year, from where.
    lines : iterable of str
        Of the packed table.
    """

    def __init__(self, edition: str, lines: Iterable[str]) -> None:
        self.edition = edition
        self._labels: dict[str, str] = {}
        self._trees: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._concepts: dict[str, str] = {}
        self._acting: dict[str, list[str]] = {}
        self._exploded: dict[str, frozenset[str]] = {}
        self._qualifiers: dict[str, tuple[str, tuple[str, ...]]] = {}
        names = self._names
        for line in lines:
            kind, _, rest = line.partition("\t")
            parts = rest.split("\t")
            if kind == "Q":
                broader = tuple(parts[2].split("|")) if parts[2] else ()
                self._qualifiers[parts[0]] = (parts[1].lower(), broader)
                continue
            ui, name, trees, keys, actions = parts
            self._labels[ui] = name
            if kind == "D":
                self._trees[ui] = trees
            into = names if kind == "D" else self._concepts
            for key in keys.split("|"):
                known = into.get(key)
                into[key] = ui if known is None else f"{known} {ui}"
            for action in actions.split("|") if actions else ():
                self._acting.setdefault(action, []).append(ui)

    def __len__(self) -> int:
        return len(self._trees)

    # Headings -------------------------------------------------------------

    def find(self, name: str) -> tuple[str, ...]:
        """Return the ids of the headings a name or entry term stands for; the name's own first."""
        key = _key(name)
        found = self._names.get(key)
        if found is None:
            return ()
        uis = found.split(" ")
        return tuple(sorted(uis, key=lambda ui: _key(self._labels[ui]) != key))

    def find_key(self, key: str) -> tuple[str, ...]:
        """Return the headings of a name that is folded already."""
        found = self._names.get(key)
        return tuple(found.split(" ")) if found else ()

    def id_of(self, name: str) -> str | None:
        """Return the id of the heading with exactly this name, entry terms aside."""
        for ui in self.find(name):
            if _key(self._labels[ui]) == _key(name):
                return ui
        return None

    def concepts(self, name: str) -> tuple[str, ...]:
        """Return the ids of the supplementary concepts a name stands for."""
        found = self._concepts.get(_key(name))
        return tuple(found.split(" ")) if found else ()

    def label(self, ui: str) -> str:
        """Return the heading's name."""
        return self._labels.get(ui, ui)

    def fitting(self, pattern: str) -> tuple[str, ...]:
        """Return the ids of headings that a pattern with ``*`` fits, by name or entry term."""
        pieces = [" ".join(fold(piece).split()) for piece in pattern.split("*")]
        wanted = re.compile(".*".join(re.escape(piece) for piece in pieces))
        found: dict[str, None] = {}
        at = bisect.bisect_left(self._sorted_names, pieces[0])
        while at < len(self._sorted_names) and self._sorted_names[at].startswith(pieces[0]):
            key = self._sorted_names[at]
            if wanted.fullmatch(key):
                found.update(dict.fromkeys(self._names[key].split(" ")))
            at += 1
        return tuple(found)

    @cached_property
    def _sorted_names(self) -> list[str]:
        return sorted(self._names)

    def squeezed(self, name: str) -> tuple[str, ...]:
        """Return the publication types whose name without spaces is this: ``clinicaltrial``."""
        return self._types.get(name, ())

    @cached_property
    def _types(self) -> dict[str, tuple[str, ...]]:
        types = [ui for ui in self._trees if self.is_publication_type(ui)]
        return {_key(self._labels[ui]).replace(" ", ""): (ui,) for ui in types}

    @cached_property
    def _starts(self) -> frozenset[str]:
        """The first two words of every name of two words or more."""
        found = set()
        for table in (self._names, self._concepts):
            for key in table:
                first, _, rest = key.partition(" ")
                if rest:
                    found.add(f"{first} {rest.partition(' ')[0]}")
        return frozenset(found)

    def begins(self, first: str, second: str) -> bool:
        """Say whether any name begins with these two words."""
        return f"{first} {second}" in self._starts

    @cached_property
    def _places(self) -> list[tuple[str, str]]:
        return sorted(
            (number, ui)
            for ui, trees in self._trees.items()
            if trees
            for number in trees.split("|")
        )

    def explode(self, ui: str) -> frozenset[str]:
        """Return a heading and all headings below it, at every place it has in the trees."""
        known = self._exploded.get(ui)
        if known is not None:
            return known
        found = {ui}
        trees = self._trees.get(ui)
        for number in trees.split("|") if trees else ():
            below = f"{number}."
            at = bisect.bisect_left(self._places, (below, ""))
            while at < len(self._places) and self._places[at][0].startswith(below):
                found.add(self._places[at][1])
                at += 1
        self._exploded[ui] = frozenset(found)
        return self._exploded[ui]

    def is_publication_type(self, ui: str) -> bool:
        """Say whether a heading stands in the tree of publication types."""
        return self._trees.get(ui, "").startswith("V")

    def is_only_publication_type(self, ui: str) -> bool:
        """Say whether all its places are publication types."""
        trees = self._trees.get(ui, "")
        return bool(trees) and all(number.startswith("V") for number in trees.split("|"))

    # Pharmacological actions ----------------------------------------------

    @property
    def knows_actions(self) -> bool:
        """Whether the table says which substances act how."""
        return bool(self._acting)

    def acting(self, ui: str) -> frozenset[str]:
        """Return the headings and concepts with an action, or one below it."""
        return frozenset(
            member for action in self.explode(ui) for member in self._acting.get(action, ())
        )

    # Qualifiers -----------------------------------------------------------

    def qualifier(self, text: str) -> str | None:
        """Return the name of a subheading given by name or two-letter code."""
        return self._qualifier_names.get(_key(text))

    @cached_property
    def _qualifier_names(self) -> dict[str, str]:
        by_code = {code: name for name, (code, _) in self._qualifiers.items()}
        return by_code | {_key(name): name for name in self._qualifiers}

    def code(self, name: str) -> str:
        """Return a subheading's two letters."""
        return self._qualifiers[name][0].upper()

    def explode_qualifier(self, name: str) -> frozenset[str]:
        """Return a subheading and those below it."""
        found = {name}
        grew = True
        while grew:
            more = {
                lower for lower, (_, broader) in self._qualifiers.items() if found & set(broader)
            } - found
            found |= more
            grew = bool(more)
        return frozenset(found)

    def qualifiers(self) -> Iterator[str]:
        """Yield all subheadings."""
        return iter(self._qualifiers)
