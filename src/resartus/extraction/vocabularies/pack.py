"""Packs of vocabularies: terms with synonyms, crosswalks, findings that set a stage."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from resartus.errors import DataError, NotFoundError

__all__ = ["Crosswalk", "Pack", "Term", "Vocabulary", "load_packs", "parse_pack", "vocabulary"]

_TOP = {"id", "version", "title", "vocabulary", "crosswalk"}
_VOCABULARY = {"id", "label", "source", "edition", "checked", "ordered", "term", "terms",
               "findings"}  # fmt: skip
_TERM = {"code", "label", "synonyms", "broader", "parts", "derive"}
_CROSSWALK = {"from", "to", "source", "pairs"}


def _key(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.strip().casefold())


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term. ``parts`` are what it is made of (segments); ``derive`` words that point to it."""

    code: str
    label: str
    synonyms: tuple[str, ...] = ()
    broader: str | None = None
    parts: tuple[str, ...] = ()
    derive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Terms of one scale in one edition; in an ``ordered`` one later terms are worse or later."""

    vocabulary_id: str
    label: str
    source: str
    terms: tuple[Term, ...]
    edition: str | None = None
    is_checked: bool = True
    is_ordered: bool = False
    findings: Mapping[str, str]

    def term(self, text: str) -> Term:
        """Return the term of a code, label or synonym; case, hyphens and spaces do not count.

        Raises
        ------
        NotFoundError
            Naming the codes there are.
        """
        found = self.find(text)
        if found is None:
            codes = ", ".join(term.code for term in self.terms)
            raise NotFoundError(f"{text!r} is no term of {self.vocabulary_id}; it has: {codes}")
        return found

    def find(self, text: str) -> Term | None:
        """Return the term of a code, label or synonym, or ``None``."""
        wanted = _key(text)
        for term in self.terms:
            if wanted in (_key(name) for name in (term.code, term.label, *term.synonyms)):
                return term
        return None

    def rank(self, code: str) -> int:
        """Return a term's place in an ordered vocabulary, from 0.

        Raises
        ------
        DataError
            If the vocabulary has no order.
        """
        if not self.is_ordered:
            raise DataError(f"{self.vocabulary_id} has no order")
        return self.terms.index(self.term(code))

    def stage_of(self, finding: str) -> Term:
        """Return the stage that a finding sets ("liver parenchyma").

        Raises
        ------
        NotFoundError
            Naming the findings there are.
        """
        for name, code in self.findings.items():
            if _key(name) == _key(finding):
                return self.term(code)
        raise NotFoundError(
            f"finding {finding!r} sets no stage in {self.vocabulary_id}; "
            f"these do: {', '.join(self.findings) or 'none'}"
        )

    def with_parts(self, parts: Iterable[str]) -> Term | None:
        """Return the term made of exactly these parts, or ``None``."""
        wanted = frozenset(parts)
        return next((t for t in self.terms if t.parts and frozenset(t.parts) == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalk:
    """Codes of one vocabulary in another; it loses what the other does not tell apart."""

    from_id: str
    to_id: str
    source: str
    pairs: Mapping[str, str]

    def convert(self, code: str) -> str:
        """Return the code in the other vocabulary.

        Raises
        ------
        NotFoundError
            If the code has none.
        """
        if code not in self.pairs:
            raise NotFoundError(
                f"{code!r} of {self.from_id} has no place in {self.to_id}; "
                f"known: {', '.join(self.pairs)}"
            )
        return self.pairs[code]

    def back(self, code: str) -> tuple[str, ...]:
        """Return all codes that stand for one of the other vocabulary."""
        return tuple(own for own, other in self.pairs.items() if other == code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Vocabularies and crosswalks that change together, in one version."""

    pack_id: str
    version: str
    title: str
    vocabularies: tuple[Vocabulary, ...]
    crosswalks: tuple[Crosswalk, ...] = ()


def _only(values: Mapping[str, Any], allowed: set[str], where: str) -> None:
    for name in values:
        if name not in allowed:
            raise DataError(
                f"{where}: {name!r} is not a known key; allowed: {', '.join(sorted(allowed))}"
            )


def _needed(values: Mapping[str, Any], name: str, where: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise DataError(f'{where}: {name} is missing; write {name} = "…"', field=name)
    return value


def _vocabulary(values: Mapping[str, Any], file: str) -> Vocabulary:
    where = f"{file}, vocabulary {values.get('id', '?')!r}"
    _only(values, _VOCABULARY, where)
    terms = [Term(code=code, label=code) for code in values.get("terms", ())]
    for row in values.get("term", ()):
        _only(row, _TERM, where)
        code = _needed(row, "code", where)
        terms.append(
            Term(
                code=code,
                label=row.get("label", code),
                synonyms=tuple(row.get("synonyms", ())),
                broader=row.get("broader"),
                parts=tuple(row.get("parts", ())),
                derive=tuple(row.get("derive", ())),
            )
        )
    codes = [term.code for term in terms]
    names: dict[str, str] = {}
    for term in terms:
        for name in {_key(n) for n in (term.code, *term.synonyms)}:
            if name in names:
                raise DataError(f"{where}: {name!r} means both {names[name]!r} and {term.code!r}")
            names[name] = term.code
        if term.broader is not None and term.broader not in codes:
            raise DataError(f"{where}: {term.code!r} is under {term.broader!r}, which is no term")
    if not terms:
        raise DataError(f"{where}: has no terms")
    findings = values.get("findings", {})
    for finding, code in findings.items():
        if code not in codes:
            raise DataError(f"{where}: finding {finding!r} sets {code!r}, which is no term")
    return Vocabulary(
        vocabulary_id=_needed(values, "id", where),
        label=_needed(values, "label", where),
        source=_needed(values, "source", where),
        terms=tuple(terms),
        edition=values.get("edition"),
        is_checked=values.get("checked", True),
        is_ordered=values.get("ordered", False),
        findings=findings,
    )


def parse_pack(text: str, *, file: str = "pack.toml") -> Pack:
    """Return the pack that a TOML file describes.

    Raises
    ------
    DataError
        If a name means two terms, or a reference leads nowhere.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{file} is not valid TOML: {error}", where=file) from error
    _only(values, _TOP, file)
    vocabularies = tuple(_vocabulary(row, file) for row in values.get("vocabulary", ()))
    by_id = {v.vocabulary_id: v for v in vocabularies}
    crosswalks = []
    for row in values.get("crosswalk", ()):
        _only(row, _CROSSWALK, f"{file}, a crosswalk")
        start, end = _needed(row, "from", file), _needed(row, "to", file)
        for own, other in row["pairs"].items():
            for vocabulary_id, code in ((start, own), (end, other)):
                if vocabulary_id not in by_id or by_id[vocabulary_id].find(code) is None:
                    raise DataError(f"{file}: {code!r} of {vocabulary_id!r} is no term")
        crosswalks.append(
            Crosswalk(
                from_id=start, to_id=end, source=_needed(row, "source", file), pairs=row["pairs"]
            )
        )
    return Pack(
        pack_id=_needed(values, "id", file),
        version=_needed(values, "version", file),
        title=_needed(values, "title", file),
        vocabularies=vocabularies,
        crosswalks=tuple(crosswalks),
    )


@cache
def _bundled() -> tuple[Pack, ...]:
    folder = resources.files(__package__) / "packs"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(parse_pack(f.read_text(encoding="utf-8"), file=f.name) for f in files)


def load_packs(extra: Iterable[Path] = ()) -> tuple[Pack, ...]:
    """Return the bundled packs and those of further files; a later pack goes before an earlier.

    Raises
    ------
    DataError
        If a file does not hold.
    """
    own = [parse_pack(p.read_text(encoding="utf-8"), file=p.name) for p in extra]
    return (*reversed(own), *_bundled())


def vocabulary(name: str, *, packs: Iterable[Pack] | None = None) -> Vocabulary:
    """Return a vocabulary by its id.

    Raises
    ------
    NotFoundError
        Naming the vocabularies there are.
    """
    known = [v for pack in (packs if packs is not None else _bundled()) for v in pack.vocabularies]
    for candidate in known:
        if candidate.vocabulary_id == name:
            return candidate
    names = ", ".join(v.vocabulary_id for v in known)
    raise NotFoundError(f"vocabulary {name!r} is not known; there are: {names}")
