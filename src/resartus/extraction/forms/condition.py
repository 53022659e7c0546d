"""When a field is asked: "treatment = resection and n_lesions > 1"."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from resartus.domain.extracted import CellValue
from resartus.errors import DataError

__all__ = ["Condition", "parse_condition"]

_CLAUSE = re.compile(r"\s*(\w+)\s*(>=|<=|!=|=|>|<|\bin\b|\bis\b)\s*(.+?)\s*")
# An "and" within an answer ("resection and ablation") begins no clause.
_AND = re.compile(r"\band\b(?=\s+\w+\s*(?:[<>!=]|\bin\b|\bis\b))")
_NUMERIC: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class _Clause:
    field: str
    mark: str
    wanted: tuple[str, ...]

    def holds(self, value: CellValue | None) -> bool:
        if self.mark == "is":
            return (value is not None) == (self.wanted[0] == "reported")
        if value is None:
            return False
        if self.mark in _NUMERIC:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            return _NUMERIC[self.mark](float(value), float(self.wanted[0]))
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value).casefold()
        is_there = text in self.wanted
        return not is_there if self.mark == "!=" else is_there


@dataclass(frozen=True, slots=True)
class Condition:
    """Clauses that must all hold; one on a value that is not there does not hold."""

    clauses: tuple[_Clause, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it looks at."""
        return tuple(clause.field for clause in self.clauses)

    def holds(self, values: Mapping[str, CellValue | None]) -> bool:
        """Whether every clause holds for the values beside the field."""
        return all(clause.holds(values.get(clause.field)) for clause in self.clauses)


def parse_condition(text: str) -> Condition:
    """Return a condition: ``field = a``, ``!=``, ``in a, b``, ``>``, ``is reported``, with ``and``.

    Raises
    ------
    DataError
        If a part of it is none of these.
    """
    clauses = []
    for part in _AND.split(text):
        match = _CLAUSE.fullmatch(part)
        if match is None:
            raise DataError(
                f"condition {part.strip()!r} is not of the form: field = value, field in a, b, "
                "field > 1, field is reported"
            )
        name, mark, wanted = match.groups()
        values = tuple(
            v.strip().strip("'\"").casefold()
            for v in (wanted.split(",") if mark == "in" else [wanted])
        )
        if mark in _NUMERIC and not re.fullmatch(r"-?\d+(?:\.\d+)?", values[0]):
            raise DataError(
                f"condition {part.strip()!r} compares with {wanted!r}, which is no number"
            )
        if mark == "is" and values[0] not in ("reported", "not reported"):
            raise DataError(f"condition {part.strip()!r} must say 'reported' or 'not reported'")
        clauses.append(_Clause(name, mark, values))
    return Condition(tuple(clauses))
