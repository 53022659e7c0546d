"""Rules that find values in a text: patients, ages, months, procedures, what is denied."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from resartus.extraction.follow_up_text import parse_follow_up
from resartus.extraction.negation import is_negated
from resartus.extraction.suggestions.numbers import NUMBER, number_of
from resartus.extraction.suggestions.proposal import Proposal
from resartus.extraction.vocabularies.deriving import derive_term, stated_grade
from resartus.extraction.vocabularies.pack import vocabulary
from resartus.extraction.vocabularies.resections import parse_resection

__all__ = ["Rules"]

_PEOPLE = r"(?:consecutive |female |evaluable |eligible )*(?:patients|women|cases|individuals)"
_SENTENCE = re.compile(r"[^.;]+(?:\.\d[^.;]*)*[.;]?")
_STAGE = re.compile(r"\b(?:FIGO\s+)?[Ss]tage\s+(?P<n>IV[AB]?|III[ABC]?\d?|II[ABC]?|I[ABC]?\d?)\b")
_OPERATION = re.compile(
    r"\b(?:\w*(?:hepatect|sectionect|segmentect|lobect|metastasect)\w+|wedge|segments?|resection)\b"
    r"|\bH[1-8]+\b",
    re.IGNORECASE,
)
_MARGIN = re.compile(
    r"\b(R[012])\b(?=\s+(?:resection|margin|status))|\b(negative|positive) margins?\b",
    re.IGNORECASE,
)


@cache
def _rules() -> tuple[str, Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]]]:
    """Return the version of the rules and, by kind, field and pattern."""
    path = resources.files(__package__) / "rules.toml"
    values = tomllib.loads(path.read_text(encoding="utf-8"))

    def compiled(pattern: str) -> re.Pattern[str]:
        for name, part in (
            ("{n}", f"(?P<n>{NUMBER})"),
            ("{d}", r"(?P<n>\d+(?:[.·]\d+)?)"),
            ("{people}", _PEOPLE),
        ):
            pattern = pattern.replace(name, part)
        return re.compile(pattern, re.IGNORECASE)

    kinds = {
        kind: tuple((row["field"], compiled(p)) for row in values[kind] for p in row["patterns"])
        for kind in ("number", "denied")
    }
    return values["version"], kinds


def _sentences(text: str) -> Iterator[str]:
    for match in _SENTENCE.finditer(text):
        if match.group().strip():
            yield match.group().strip()


def _numbers(text: str) -> Iterator[Proposal]:
    for field, pattern in _rules()[1]["number"]:
        for match in pattern.finditer(text):
            if is_negated(text, match.start(), match.end()):
                continue
            value = number_of(match["n"])
            if value is not None:
                yield Proposal(field=field, value=f"{value:g}", words=match.group())


def _denied(text: str) -> Iterator[Proposal]:
    for field, pattern in _rules()[1]["denied"]:
        for match in pattern.finditer(text):
            yield Proposal(
                field=field, value="0", words=match.group(), note="denied in the text, so 0"
            )


def _procedures(text: str) -> Iterator[Proposal]:
    for sentence in _sentences(text):
        found = parse_resection(sentence)
        operation = _OPERATION.search(sentence)
        if found is None or operation is None or is_negated(sentence, *operation.span()):
            continue
        told = found.brisbane or (
            f"segments {', '.join(found.segments)}"
            if found.segments
            else "non-anatomical resection"
        )
        yield Proposal(
            field="procedure",
            value=told,
            words=sentence,
            note=f"segments: {found.new_world or 'none whole'}",
        )


def _scales(text: str) -> Iterator[Proposal]:
    for match in _STAGE.finditer(text):
        yield Proposal(field="figo_stage", value=match["n"], words=match.group())
    for match in _MARGIN.finditer(text):
        if not is_negated(text, match.start(), match.end()):
            word = (match[1] or match[2]).upper()
            value = {"NEGATIVE": "R0", "POSITIVE": "R1"}.get(word, word)
            yield Proposal(field="margin", value=value, words=match.group())
    grade = stated_grade(text) or derive_term(text, vocabulary("clavien-dindo"))
    if grade is not None:
        yield Proposal(
            field="complication_grade",
            value=grade.term.code,
            words=text[grade.start : grade.end],
            note=grade.derivation,
        )


def _follow_ups(text: str) -> Iterator[Proposal]:
    for sentence in _sentences(text):
        said = parse_follow_up(sentence)
        if said.value is None or said.status.is_dead is None or "median" in sentence.lower():
            continue
        yield Proposal(
            field="follow_up_text", value=sentence.rstrip(".;"), words=sentence.rstrip(".;"),
            note=f"{said.status.value}, {said.bound.value} {said.value:g} {said.unit}",
        )  # fmt: skip


_FINDERS: tuple[Callable[[str], Iterator[Proposal]], ...] = (
    _numbers,
    _denied,
    _procedures,
    _scales,
    _follow_ups,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rule-based proposer; it reads English."""

    name: str = "rules"

    @property
    def version(self) -> str:
        """The version of the rules."""
        return _rules()[0]

    def propose(self, text: str, fields: Sequence[str]) -> list[Proposal]:
        """Return what the rules find for these fields; denied findings are no findings.

        "No operative deaths" gives 0 with its words; "no complication" never
        gives a complication.
        """
        wanted = set(fields)
        return [p for find in _FINDERS for p in find(text) if p.field in wanted]
