"""``Plan``: a query with every word mapped, as engines answer it.

The language's tree says what was typed; a plan says what that means: which
words in which fields, which headings, which days. The matcher and every
index answer the same plans, so that they can be held against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from pyroaring import BitMap

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "All",
    "Any",
    "But",
    "Everything",
    "Given",
    "Part",
    "Period",
    "Plan",
    "Pmids",
    "Steps",
    "Tokens",
    "Words",
    "all_of",
    "any_of",
]


class Part(StrEnum):
    """The parts of a record whose words are indexed, each word once.

    PubMed's fields are sets of them: Title/Abstract is title, abstract and
    keywords; Text Word adds ``SUBJECT``; All Fields adds ``AFFILIATION`` and
    ``REST``. ``FIELDED`` holds words with their field before them
    (``gr:nih``), for the fields few ask for.
    """

    TITLE = "ti"
    ABSTRACT = "ab"
    KEYWORD = "ot"
    SUBJECT = "wx"
    AFFILIATION = "ad"
    REST = "ax"
    FIELDED = "fx"

    # A part equals its text, so it hashes as its text does; an enumeration's own way is slow.
    __hash__ = str.__hash__


@dataclass(frozen=True, slots=True)
class Words:
    """Words side by side in one of the parts, or near each other.

    A word may hold ``*``, any characters. With ``distance`` the words stand
    in any order, with at most so many words between neighbours.
    """

    words: tuple[str, ...]
    parts: tuple[Part, ...]
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """Any of these exact tokens, or any that begins so, or fits a ``*`` pattern."""

    exact: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``low`` to ``high``, both included, as ``yyyymmdd`` numbers."""

    field: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Pmids:
    """PMIDs from ``low`` to ``high``, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A result already known: an earlier line, or a set kept from an earlier search."""

    pmids: BitMap


@dataclass(frozen=True, slots=True)
class Everything:
    """Every record."""


@dataclass(frozen=True, slots=True)
class All:
    """Records in all the plans; at least two of them."""

    items: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Records in any of the plans; none gives nothing."""

    items: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class But:
    """Records in the first plan and not in the second."""

    kept: Plan
    dropped: Plan


@dataclass(frozen=True, slots=True)
class Steps:
    """Plans joined strictly left to right: ``operators[i]`` stands before ``items[i + 1]``.

    Thousands of them make no deep tree, so no query can exhaust a stack.
    """

    items: tuple[Plan, ...]
    operators: tuple[str, ...]

    def runs(self) -> Iterator[tuple[str, tuple[Plan, ...]]]:
        """Yield neighbouring items of one operator together; the first item stands alone."""
        yield "OR", self.items[:1]
        start = 1
        for index in range(1, len(self.items)):
            operator = self.operators[index - 1]
            if index + 1 == len(self.items) or self.operators[index] != operator:
                yield operator, self.items[start : index + 1]
                start = index + 1


Plan = Words | Tokens | Period | Pmids | Given | Everything | All | Any | But | Steps
EVERYTHING = Everything()
NOTHING = Any(())


def any_of(plans: Iterable[Plan]) -> Plan:
    """Join plans by OR; one alone stays as it is, the same twice is once."""
    items: dict[Plan, None] = {}
    for plan in plans:
        if isinstance(plan, Any):
            items.update(dict.fromkeys(plan.items))
        else:
            items[plan] = None
    if len(items) == 1:
        return next(iter(items))
    return Any(tuple(items))


def all_of(plans: Iterable[Plan]) -> Plan:
    """Join plans by AND; one alone stays as it is, none is every record."""
    items: dict[Plan, None] = {}
    for plan in plans:
        if isinstance(plan, All):
            items.update(dict.fromkeys(plan.items))
        else:
            items[plan] = None
    if not items:
        return EVERYTHING
    if len(items) == 1:
        return next(iter(items))
    return All(tuple(items))
