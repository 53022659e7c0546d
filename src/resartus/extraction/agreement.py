"""Two people's entries compared cell by cell, and how well they agree, field by field."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from resartus.domain.extracted import Cell, Extracted

__all__ = [
    "Agreement",
    "CellComparison",
    "FieldAgreement",
    "Match",
    "compare_entries",
    "field_agreement",
    "is_same_entry",
    "shown",
]

_FEWEST_FOR_KAPPA = 5
_MOST_CATEGORIES = 12


class Match(StrEnum):
    """How two entries of one cell stand to each other."""

    AGREE = "agree"
    DIFFER = "differ"
    ONLY_FIRST = "only the first entered"
    ONLY_SECOND = "only the second entered"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellComparison:
    """One cell in two people's eyes; ``is_anchor_apart`` when they read it in different places."""

    cell_id: str
    field: str
    match: Match
    first: Extracted | None
    second: Extracted | None
    is_anchor_apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAgreement:
    """Agreement on one field over all studies and patients that both entered.

    ``share`` is agreeing cells among ``n``, 0 to 1. ``kappa`` (Cohen) is given
    for fields with few distinct answers, from five cells on, and ``None``
    where chance alone would agree always. ``largest_difference`` is for numbers.
    """

    field: str
    n: int
    n_agree: int
    share: float
    kappa: float | None
    largest_difference: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """All cells of two people, and the agreement by field."""

    first: str
    second: str
    cells: tuple[CellComparison, ...]
    fields: tuple[FieldAgreement, ...]

    @property
    def n_both(self) -> int:
        """Cells that both entered."""
        return sum(c.match in (Match.AGREE, Match.DIFFER) for c in self.cells)

    @property
    def n_differ(self) -> int:
        """Cells on which they differ."""
        return sum(c.match is Match.DIFFER for c in self.cells)


def shown(extracted: Extracted) -> str:
    """Return the value as text, or the kind of nothing."""
    return extracted.reported.value if extracted.value is None else str(extracted.value)


def _plain(extracted: Extracted) -> object:
    value = extracted.value
    if value is None:
        return extracted.reported
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return round(float(value), 9)
    return " ".join(value.split()).casefold()


def is_same_entry(one: Extracted, other: Extracted) -> bool:
    """Whether two entries say the same; the anchor may differ, white space and case do not count.

    "Not reported" and "unclear" are different answers, as are both and 0.
    """
    # Most entries are the same to the letter, and there are tens of thousands.
    is_alike = type(one.value) is type(other.value) and one.value == other.value
    return (is_alike and one.value is not None) or _plain(one) == _plain(other)


def _anchors_apart(one: Extracted, other: Extracted) -> bool:
    a, b = one.anchor, other.anchor
    if a is None or b is None:
        return a is not b
    return (a.record_id, a.place) != (b.record_id, b.place)


def _kappa(pairs: Sequence[tuple[Extracted, Extracted]]) -> float | None:
    """Return Cohen's kappa, or ``None`` where it is not defined or says nothing."""
    n = len(pairs)
    if n < _FEWEST_FOR_KAPPA:
        return None
    categories, counted = set[object](), Counter[tuple[object, object]]()
    for one, other in pairs:
        answers = _plain(one), _plain(other)
        counted[answers] += 1
        categories.update(answers)
        if len(categories) > _MOST_CATEGORIES:
            return None
    first, second = Counter[object](), Counter[object]()
    for (a, b), count in counted.items():
        first[a] += count
        second[b] += count
    observed = sum(count for (a, b), count in counted.items() if a == b) / n
    expected = sum(first[c] * second[c] for c in categories) / n**2
    return None if expected >= 1 else (observed - expected) / (1 - expected)


def field_agreement(comparisons: Iterable[CellComparison]) -> tuple[FieldAgreement, ...]:
    """Return agreement by field, the worst first; cells that one person left out do not count.

    A field of a repeating group counts as one field: ``survival[R0].n`` and
    ``survival[R1].n`` are both ``survival[].n``.
    """
    by_field: dict[str, list[tuple[Extracted, Extracted]]] = defaultdict(list)
    agreeing = Counter[str]()
    for cell in comparisons:
        if cell.first is not None and cell.second is not None:
            group, mark, rest = cell.field.partition("[")
            name = f"{group}[]{rest.partition(']')[2]}" if mark else cell.field
            by_field[name].append((cell.first, cell.second))
            agreeing[name] += cell.match is Match.AGREE
    found = []
    for name, pairs in by_field.items():
        n_agree = agreeing[name]
        gaps = [
            abs(float(a.value) - float(b.value))
            for a, b in pairs
            if isinstance(a.value, int | float) and isinstance(b.value, int | float)
        ]
        found.append(
            FieldAgreement(
                field=name,
                n=len(pairs),
                n_agree=n_agree,
                share=n_agree / len(pairs),
                kappa=_kappa(pairs),
                largest_difference=max(gaps) if gaps else None,
            )
        )
    return tuple(sorted(found, key=lambda f: (f.share, f.field)))


def compare_entries(
    entries: Mapping[str, Mapping[str, Cell]], *, first: str, second: str
) -> Agreement:
    """Compare two people's entries cell by cell.

    Parameters
    ----------
    entries : mapping
        By cell id, then by person.
    first, second : str
        The two people.
    """
    cells = []
    for cell_id, by_person in entries.items():
        one, other = by_person.get(first), by_person.get(second)
        known = one or other
        if known is None:
            continue
        if one is None or other is None:
            match = Match.ONLY_SECOND if one is None else Match.ONLY_FIRST
            apart = False
        else:
            same = is_same_entry(one.extracted, other.extracted)
            match = Match.AGREE if same else Match.DIFFER
            apart = _anchors_apart(one.extracted, other.extracted)
        cells.append(
            CellComparison(
                cell_id=cell_id,
                field=known.field,
                match=match,
                first=one.extracted if one else None,
                second=other.extracted if other else None,
                is_anchor_apart=apart,
            )
        )
    return Agreement(first=first, second=second, cells=tuple(cells), fields=field_agreement(cells))
