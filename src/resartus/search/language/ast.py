"""The tree of a query: terms, ranges, references to lines, and chains of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from resartus.search.language.fields import Field

__all__ = ["EVERYTHING", "Chain", "LineRef", "Node", "Operator", "Range", "Span", "Tag", "Term"]

Span = tuple[int, int]


class Operator(StrEnum):
    """PubMed's three operators; NOT is binary."""

    AND = "AND"
    OR = "OR"
    NOT = "NOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A field tag with what may follow its colon.

    ``distance`` is the N of ``[tiab:~N]``, words between neighbours;
    ``journal_id`` the NLM id of ``[Journal:__jid7505876]``.
    """

    field: Field
    noexp: bool = False
    distance: int | None = None
    journal_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words to look for, as typed but with single spaces; ``tag`` is ``None`` when untagged."""

    text: str
    quoted: bool = False
    tag: Tag | None = None
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """From ``low`` to ``high``, both included, of dates or PMIDs."""

    low: str
    high: str
    tag: Tag
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRef:
    """``#3``: the result of an earlier line of the strategy."""

    number: int
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Units joined left to right without precedence, as PubMed joins them.

    ``operators[i]`` stands between ``items[i]`` and ``items[i + 1]``.
    """

    items: tuple[Node, ...]
    operators: tuple[Operator, ...]
    span: Span = field(default=(0, 0), compare=False)


Node = Term | Range | LineRef | Chain

EVERYTHING = Term(text="all", tag=Tag(field=Field.FILTER))
"""``all[sb]``: every record."""
