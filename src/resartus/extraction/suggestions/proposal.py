"""What a proposer gives, and the gate that every proposal passes: words found, value in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from resartus.domain.extracted import CellValue
from resartus.errors import DataError
from resartus.extraction.derivation import parse_derivation
from resartus.extraction.spans import find_span, searchable
from resartus.extraction.suggestions.numbers import number_of

__all__ = ["Checked", "Proposal", "Proposer", "Refused", "admit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A value proposed for a field, with the words of the text it rests on."""

    field: str
    value: str
    words: str
    patient: str | None = None
    derivation: str | None = None
    note: str | None = None


class Proposer(Protocol):
    """Rules or a model: the same door for both."""

    @property
    def name(self) -> str:
        """Who proposes: ``"rules"``, or the model's own name."""
        ...

    @property
    def version(self) -> str:
        """In which version."""
        ...

    def propose(self, text: str, fields: Sequence[str]) -> list[Proposal]:
        """Return proposals for these fields from a text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A proposal that passed: its value as the form wants it, and where its words stand."""

    proposal: Proposal
    value: CellValue
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A proposal that did not pass, and why."""

    proposal: Proposal
    reason: str


def _has_number(words: str, value: float) -> bool:
    for match in re.finditer(r"\d+(?:[.,·]\d+)?|[A-Za-z]+(?:-[a-z]+)?", words):
        if number_of(match.group()) == value:
            return True
    return False


def _why_not(proposal: Proposal, value: CellValue, words: str) -> str | None:
    """Return why the value does not follow from its words, or ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if _has_number(words, float(value)):
        return None
    if value == 0 and re.search(r"\b(?:no|none|nil|without|not)\b", words, re.IGNORECASE):
        return None
    if proposal.derivation:
        try:
            found = parse_derivation(proposal.derivation)
        except DataError as error:
            return error.message
        if found is not None and found.holds and abs(found.stated - float(value)) < 1e-9:
            left = proposal.derivation.rpartition("=")[0]
            figures = re.findall(r"\d+(?:[.,]\d+)?", left)
            if any(_has_number(words, float(f.replace(",", "."))) for f in figures):
                return None
        return "its derivation does not lead from the words to the value"
    return "the value does not stand in its words"


def admit(
    text: str,
    proposals: Iterable[Proposal],
    *,
    read: Callable[[str, str], CellValue],
) -> tuple[list[Checked], list[Refused]]:
    """Let through what can be followed back, and say why the rest is refused.

    Parameters
    ----------
    text : str
        The text that was read.
    proposals : iterable of Proposal
        From rules or from a model; neither is believed.
    read : callable
        Turns field and text into the form's value; raises ``DataError``.
    """
    source = searchable(text)
    passed: list[Checked] = []
    refused: list[Refused] = []
    seen: set[tuple[str | None, str, CellValue, int]] = set()
    for proposal in proposals:
        place = find_span(source, proposal.words)
        if place is None:
            refused.append(Refused(proposal=proposal, reason="its words do not stand in the text"))
            continue
        words = text[slice(*place)]
        try:
            value = read(proposal.field, proposal.value)
        except DataError as error:
            refused.append(Refused(proposal=proposal, reason=error.message))
            continue
        reason = _why_not(proposal, value, words)
        if reason is not None:
            refused.append(Refused(proposal=proposal, reason=reason))
            continue
        key = (proposal.patient, proposal.field, value, place[0])
        if key not in seen:
            seen.add(key)
            passed.append(Checked(proposal=proposal, value=value, start=place[0], end=place[1]))
    return passed, refused
