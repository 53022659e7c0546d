"""Derived values recomputed: "37 % of 52 = 19", "trisegmentectomy 4 + lobectomy 4 = 8"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from resartus.errors import DataError

__all__ = ["Derivation", "parse_derivation"]

_NUMBER = re.compile(r"\d+(?:[.,·]\d+)?")
# Words are labels: they are met, so that their hyphens are no minus signs, and left out.
_TOKEN = re.compile(
    r"\b(of)\b|(\d+(?:[.,·]\d+)?)|(%)|([-+−–*×·/÷()])|[^\W\d][\w'/-]*", re.IGNORECASE
)
_KINDS = ("of", "number", "percent", "mark")
_MARKS = {"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/"}


class _Amount(NamedTuple):
    """A value with the range that its printed digits leave open."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """A derivation recomputed.

    ``computed`` is what the left side gives; ``low`` and ``high`` what it may
    be, given that its decimals and percentages were rounded; ``stated`` the
    figure on the right.
    """

    text: str
    computed: float
    low: float
    high: float
    stated: float
    stated_digits: int

    @property
    def holds(self) -> bool:
        """Whether the stated figure follows, up to the rounding of what is printed."""
        half = 0.5 * 10**-self.stated_digits
        slack = 1e-9 * max(1.0, abs(self.computed))
        if abs(self.computed - self.stated) <= half + slack:
            return True
        return self.low - slack <= self.stated <= self.high + slack


def _number(text: str) -> tuple[float, int]:
    plain = text.replace(",", ".").replace("·", ".")
    return float(plain), len(plain.partition(".")[2])


class _Reader:
    """Recursive descent over sums, products and percentages; words are labels and are skipped."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [
            (_KINDS[match.lastindex - 1], _MARKS.get(match.group(), match.group()))
            for match in _TOKEN.finditer(text)
            if match.lastindex
        ]
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def sum(self) -> _Amount:
        left = self.product()
        while self.peek()[1] in ("+", "-"):
            sign = self.take()[1]
            right = self.product()
            if sign == "+":
                left = _Amount(
                    left.value + right.value, left.low + right.low, left.high + right.high
                )
            else:
                left = _Amount(
                    left.value - right.value, left.low - right.high, left.high - right.low
                )
        return left

    def product(self) -> _Amount:
        left = self.factor()
        while (token := self.peek())[1] in ("*", "/") or token[0] == "of":
            mark = self.take()[1]
            right = self.factor()
            if mark == "/":
                if right.low <= 0 <= right.high:
                    raise DataError(f"derivation {self.text!r} divides by 0")
                right = _Amount(1 / right.value, 1 / right.high, 1 / right.low)
            corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
            left = _Amount(left.value * right.value, min(corners), max(corners))
        return left

    def factor(self) -> _Amount:
        kind, text = self.take()
        if (kind, text) == ("mark", "("):
            inner = self.sum()
            if self.take() != ("mark", ")"):
                raise DataError(f"derivation {self.text!r} lacks a closing bracket")
            return inner
        if (kind, text) == ("mark", "-"):
            inner = self.factor()
            return _Amount(-inner.value, -inner.high, -inner.low)
        if kind != "number":
            raise DataError(f"derivation {self.text!r} has no number where one is needed")
        value, digits = _number(text)
        is_percent = self.peek()[0] == "percent"
        # A whole number is a count and exact; decimals and percentages were rounded.
        half = 0.5 * 10**-digits if is_percent or digits else 0.0
        scale = 1.0
        if is_percent:
            self.take()
            scale = 0.01
        return _Amount(value * scale, (value - half) * scale, (value + half) * scale)


def parse_derivation(text: str) -> Derivation | None:
    """Return a derivation recomputed, or ``None`` when it is words and no sum.

    Understood are numbers, percentages, ``of``, ``+ - × /`` and brackets; the
    words between are labels. Percentages and decimals count as rounded: 37 %
    of 52 is 18.98 to 19.5, so 19.

    Raises
    ------
    DataError
        If it has an equals sign but cannot be computed.
    """
    left, mark, right = text.rpartition("=")
    if not mark:
        return None
    found = _NUMBER.search(right)
    if found is None or _NUMBER.search(left) is None:
        raise DataError(f"derivation {text!r} lacks a number on one side of the equals sign")
    reader = _Reader(left)
    amount = reader.sum()
    if reader.peek()[0] != "end":
        raise DataError(f"derivation {text!r} cannot be computed beyond {reader.peek()[1]!r}")
    stated, digits = _number(found.group())
    if re.match(r"\s*%", right[found.end() :]):
        stated, digits = stated / 100, digits + 2
    if re.search(r"[-−–]\s*$", right[: found.start()]):
        stated = -stated
    if not math.isfinite(amount.value):
        raise DataError(f"derivation {text!r} gives no finite number")
    return Derivation(
        text=text,
        computed=amount.value,
        low=amount.low,
        high=amount.high,
        stated=stated,
        stated_digits=digits,
    )
