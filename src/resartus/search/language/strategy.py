"""Numbered strategies: a text becomes one query or lines that refer to each other."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from resartus.search.language.ast import Node
from resartus.search.language.diagnostics import Diagnostic

__all__ = ["Line", "ParsedQuery", "RawLine", "begins_like_a_line", "split_lines"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a strategy; ``node`` is ``None`` when nothing in it can be searched."""

    number: int
    node: Node | None
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedQuery:
    """A query as read: always there, with diagnostics for what was not understood.

    The result is that of the last line. A query that is not a list has one
    line with number 1.
    """

    text: str
    lines: tuple[Line, ...]
    is_list: bool
    diagnostics: tuple[Diagnostic, ...]

    @property
    def tree(self) -> Node | None:
        """The last line's tree."""
        return self.lines[-1].node if self.lines else None


@dataclass(frozen=True, slots=True)
class RawLine:
    """The text of a line, where it begins, and its number if the text is a list."""

    number: int
    text: str
    start: int


_LABEL = re.compile(r"\s*(#?)(\d{1,3})([.):]?)(?:\s+|$)")
_SINGLE = re.compile(r"\s*(?:#1[.):]?|1[.)])\s+(?=\S)")
_REFERENCE = re.compile(r"(?<![\w#])#(\d{1,3})\b")


def split_lines(text: str) -> tuple[tuple[RawLine, ...], bool]:
    """Cut a text into the lines of a numbered strategy, or leave it one query.

    A list is: at least two lines that begin with rising (or all falling)
    numbers, or plain lines of which some refer to earlier ones by ``#n``.
    Lines without a number continue the one before.
    """
    raw = [(found.group(), found.start()) for found in re.finditer(r"[^\r\n]+", text)]
    raw = [(line, start) for line, start in raw if line.strip()]
    labelled = _labelled(raw)
    if labelled is not None:
        return labelled, True
    if len(raw) > 1 and _refers_back([line for line, _ in raw]):
        numbered = (RawLine(i, line, start) for i, (line, start) in enumerate(raw, start=1))
        return tuple(numbered), True
    single = _SINGLE.match(text)
    if single and len(raw) == 1:
        return (RawLine(1, text[single.end() :], single.end()),), False
    return (RawLine(1, text, 0),), False


def begins_like_a_line(text: str) -> bool:
    """Say whether a query's first word would be taken for the number of its only line."""
    return _SINGLE.match(text) is not None


def _labelled(raw: list[tuple[str, int]]) -> tuple[RawLine, ...] | None:
    labels = [_LABEL.match(line) for line, _ in raw]
    numbers = [int(label[2]) for label in labels if label]
    if len(numbers) < 2 or not labels[0]:
        return None
    rising = all(a < b for a, b in itertools.pairwise(numbers))
    falling = all(a > b for a, b in itertools.pairwise(numbers))
    marked = all(label[1] or label[3] for label in labels if label)
    from_one = numbers[0] == 1 and numbers == list(range(1, len(numbers) + 1))
    # A history pasted newest first has bare numbers; its references tell it from plain text.
    to_one = numbers == list(range(len(numbers), 0, -1)) and any(
        _REFERENCE.search(line) for line, _ in raw
    )
    is_falling_list = to_one or (marked and falling and numbers[-1] == 1)
    if not (from_one or (marked and rising) or is_falling_list):
        return None
    lines: list[RawLine] = []
    for (line, start), label in zip(raw, labels, strict=True):
        if label:
            lines.append(RawLine(int(label[2]), line[label.end() :], start + label.end()))
        else:
            last = lines[-1]
            gap = " " * (start - last.start - len(last.text))
            lines[-1] = RawLine(last.number, last.text + gap + line, last.start)
    return tuple(sorted(lines, key=lambda item: item.number))


def _refers_back(lines: list[str]) -> bool:
    found = False
    for number, line in enumerate(lines, start=1):
        for reference in _REFERENCE.finditer(line):
            if not 1 <= int(reference[1]) < number:
                return False
            found = True
    return found
