"""Selection factors by direction: which studies point which way, contradictions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from resartus.domain.guidance import Direction
from resartus.errors import DataError
from resartus.reporting.figures.canvas import (
    BAND,
    INK,
    QUIET,
    RULE,
    Drawing,
    draw,
    text_width_cm,
    wrap_cm,
)
from resartus.reporting.figures.kept import drawn_once

__all__ = ["FactorMark", "effect_direction"]

_SIZE = 7.3
_LINE = 0.42
_COLUMNS = (
    (Direction.BETTER, "^", "Survival longer"),
    (Direction.NO_DIFFERENCE, "s", "No difference shown"),
    (Direction.WORSE, "v", "Survival shorter"),
    (Direction.UNCLEAR, "o", "Direction not reported"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorMark:
    """One study's finding on one factor, as a mark.

    ``is_significant`` is our own test of p below 0.05; ``None`` when no p
    value was printed. ``is_direct`` is false for mixed or other primaries.
    """

    factor: str
    study: str
    direction: Direction
    n: int | None = None
    is_significant: bool | None = None
    is_direct: bool = True


def _label(mark: FactorMark) -> str:
    text = mark.study
    if mark.n is not None:
        text += f" ({mark.n})"
    return text if mark.is_direct else f"{text} †"


def _face(mark: FactorMark) -> str:
    return INK if mark.is_significant else "#ffffff"


def _draw_mark(page: Any, mark: FactorMark, symbol: str, x: float, y: float) -> None:
    edge = QUIET if mark.is_significant is None else INK
    page.plot(
        x,
        y,
        marker=symbol,
        markersize=5.0,
        markerfacecolor=_face(mark),
        markeredgecolor=edge,
        markeredgewidth=1.0,
    )
    page.text(x + 0.22, y, _label(mark), fontsize=_SIZE, va="center_baseline")


def _legend(page: Any, marks: Sequence[FactorMark], *, y: float) -> None:
    entries = [
        ("filled: p < 0.05 as printed", INK, INK),
        ("open: p of 0.05 or more", "#ffffff", INK),
        ("open, pale edge: no p printed", "#ffffff", QUIET),
    ]
    x = 0.25
    for words, face, edge in entries:
        page.plot(x, y, marker="^", markersize=5, markerfacecolor=face, markeredgecolor=edge)
        page.text(x + 0.22, y, words, fontsize=7, va="center_baseline", color=QUIET)
        x += 0.7 + text_width_cm(words, size=7)
    words = "number of patients in brackets"
    if any(not mark.is_direct for mark in marks):
        words += "; † indirect: other or mixed primaries"
    page.text(0.15, y - 0.42, words, fontsize=7, va="center_baseline", color=QUIET)


@drawn_once
def effect_direction(
    marks: Sequence[FactorMark],
    *,
    factors: Sequence[str] = (),
    row_title: str = "Factor",
    headings: Mapping[Direction, str] = MappingProxyType({}),
) -> Drawing:
    """Draw one row per factor or outcome with its studies under the direction they point in.

    Parameters
    ----------
    marks : sequence of FactorMark, length 1 or more
        Findings; within a cell the largest study stands first.
    factors : sequence of str
        Order of the rows; a factor listed here without marks is drawn as
        ``no study found``. Others follow in order of appearance.
    row_title : str
        What the rows are: ``"Factor"``, ``"Outcome"``.
    headings : mapping of Direction to str
        Other words for the columns than those of survival.

    References
    ----------
    .. [1] Boon MH, Thomson H. The effect direction plot revisited. Res Synth
       Methods 2021;12:29-33.
    """
    if not marks:
        raise DataError("no finding on any factor; leave the figure out")
    names = list(dict.fromkeys((*factors, *(mark.factor for mark in marks))))
    columns = [
        (direction, symbol, headings.get(direction, words))
        for direction, symbol, words in _COLUMNS
        if any(mark.direction is direction for mark in marks)
    ]
    widths = []
    for direction, _, heading in columns:
        texts = [_label(mark) for mark in marks if mark.direction is direction]
        widest = max(text_width_cm(text, size=_SIZE) for text in texts)
        widths.append(max(widest + 0.75, text_width_cm(heading, size=_SIZE, weight="bold") + 0.75))
    widest = max(text_width_cm(name, size=_SIZE, weight="bold") for name in (*names, row_title))
    name_width = min(4.4, widest)
    rows = []
    for name in names:
        cells = [
            sorted(
                (m for m in marks if m.factor == name and m.direction is column[0]),
                key=lambda m: (-(m.n or 0), m.study),
            )
            for column in columns
        ]
        title = wrap_cm(name, width=name_width + 0.02, size=_SIZE, weight="bold")
        rows.append((title, cells, max(len(title), *(len(cell) for cell in cells))))
    height = 0.75 + sum(0.3 + _LINE * row[2] for row in rows) + 1.15
    width = 0.1 + name_width + 0.35 + sum(widths) + 0.1
    with draw(width_cm=width, height_cm=height) as canvas:
        page = canvas.page()
        lefts = [0.1 + name_width + 0.35 + sum(widths[:k]) for k in range(len(columns))]
        _headings(page, columns, lefts, height, row_title)
        y = height - 0.75
        for number, (title, cells, count) in enumerate(rows):
            row_height = 0.3 + _LINE * count
            if number % 2:
                page.axhspan(y - row_height, y, color=BAND, lw=0, zorder=0)
            for position, line in enumerate(title):
                middle = y - 0.15 - _LINE * (position + 0.5)
                page.text(
                    0.1, middle, line, fontsize=_SIZE, fontweight="bold", va="center_baseline"
                )
            if not any(cells):
                middle = y - 0.15 - _LINE / 2
                page.text(
                    lefts[0],
                    middle,
                    "no study found",
                    fontsize=_SIZE,
                    color=QUIET,
                    style="italic",
                    va="center_baseline",
                )
            for left, cell, column in zip(lefts, cells, columns, strict=True):
                for position, mark in enumerate(cell):
                    middle = y - 0.15 - _LINE * (position + 0.5)
                    _draw_mark(page, mark, column[1], left + 0.12, middle)
            page.plot([0.1, width - 0.1], [y, y], color=QUIET if not number else RULE, lw=0.7)
            y -= row_height
        page.plot([0.1, width - 0.1], [y, y], color=QUIET, lw=0.7)
        _legend(page, marks, y=0.72)
        return canvas.finish(alt=_alt(names, marks))


def _headings(
    page: Any, columns: Any, lefts: Sequence[float], height: float, row_title: str
) -> None:
    style = {"fontsize": _SIZE, "fontweight": "bold", "va": "center_baseline"}
    page.text(0.1, height - 0.4, row_title, **style)
    for left, (_, symbol, title) in zip(lefts, columns, strict=True):
        page.plot(left + 0.12, height - 0.4, marker=symbol, markersize=5, color=QUIET)
        page.text(left + 0.34, height - 0.4, title, **style)


def _alt(names: Sequence[str], marks: Sequence[FactorMark]) -> str:
    parts = []
    for name in names:
        found = [f"{mark.study} {mark.direction.value}" for mark in marks if mark.factor == name]
        parts.append(f"{name}: {', '.join(found) or 'no study found'}")
    return "Direction of each study by factor. " + "; ".join(parts) + "."
