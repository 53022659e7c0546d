"""Risk of bias as traffic lights and as a summary, told by sign and shape as well as by colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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

__all__ = ["LEVEL_SIGNS", "BiasRow", "bias_summary", "traffic_lights"]


@dataclass(frozen=True, slots=True)
class _Sign:
    word: str
    sign: str
    marker: str
    face: str
    ink: str
    hatch: str


# A dark sheet swaps the house's own colours; these stay, since sign and face belong together.
_DARK, _LIGHT = "#1b242d", "#fefefe"
# Shape, sign and colour each tell the level alone; the colours are told apart by people who see
# red and green alike, and their greys are in order.
LEVEL_SIGNS: Mapping[str, _Sign] = {
    "low": _Sign("Low risk", "+", "o", "#cfe8ec", _DARK, ""),
    "some": _Sign("Some concern", "–", "s", "#f3d9a4", _DARK, "//"),
    "unclear": _Sign("Unclear, no information", "?", "o", "#fdfdfd", _DARK, ".."),
    "high": _Sign("High risk", "×", "D", "#a54f1c", _LIGHT, "xx"),
    "critical": _Sign("Critical", "!", "D", "#3a1506", _LIGHT, "OO"),
    "none": _Sign("Not applicable", "", "_", "#e3e7ea", _DARK, "--"),
}
_MISSING = "not judged"
_SIZE = 7.5
_CELL = 0.72


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasRow:
    """One study: its level per item, ``None`` where nobody judged yet, and for the whole."""

    study: str
    levels: tuple[str | None, ...]
    overall: str | None = None


def _check(rows: Sequence[BiasRow], items: Sequence[str]) -> None:
    if not rows or not items:
        raise DataError("risk of bias cannot be drawn without studies and items")
    for row in rows:
        if len(row.levels) != len(items):
            raise DataError(f"{row.study!r} has {len(row.levels)} levels for {len(items)} items")
        for level in (*row.levels, row.overall):
            if level is not None and level not in LEVEL_SIGNS:
                raise DataError(
                    f"level {level!r} of {row.study!r} is not one of: {', '.join(LEVEL_SIGNS)}"
                )


def _mark(axes: Any, x: float, y: float, level: str | None) -> None:
    if level is None:
        axes.text(x, y, "·", ha="center", va="center", color=QUIET)
        return
    sign = LEVEL_SIGNS[level]
    size = 10 if sign.marker == "D" else 12.5
    axes.plot(
        [x], [y], sign.marker, markersize=size, markerfacecolor=sign.face, markeredgecolor=INK,
        markeredgewidth=0.7, linestyle="none",
    )  # fmt: skip
    if sign.sign:
        axes.text(
            x, y, sign.sign, ha="center", va="center_baseline", color=sign.ink, fontsize=8.5,
            fontweight="bold",
        )  # fmt: skip


def _used(rows: Sequence[BiasRow]) -> list[str]:
    levels = {level for row in rows for level in (*row.levels, row.overall)}
    return [name for name in LEVEL_SIGNS if name in levels]


def _legend(axes: Any, names: Sequence[str], *, left: float, y: float, width: float) -> None:
    x = left
    for name in names:
        word = LEVEL_SIGNS[name].word
        step = 0.75 + text_width_cm(word, size=_SIZE)
        if x + step > left + width and x > left:
            x, y = left, y - 0.55
        _mark(axes, x + 0.2, y, name)
        axes.text(x + 0.5, y, word, va="center", fontsize=_SIZE, color=INK)
        x += step


@drawn_once
def traffic_lights(
    rows: Sequence[BiasRow], items: Sequence[str], *, title: str, width_cm: float = 16.5
) -> Drawing:
    """Draw studies by items, one sign each, with the whole in a column of its own.

    Parameters
    ----------
    rows : sequence of BiasRow
        In the order to show.
    items : sequence of str
        The items' short names, one per level of a row.
    title : str
        The tool's name.
    """
    _check(rows, items)
    label_width = min(5.0, max(text_width_cm(r.study, size=_SIZE) for r in rows) + 0.4)
    columns = [*items, "Overall"]
    cell = min(1.6, (width_cm - label_width - 0.9) / len(columns))
    # A gap sets the whole apart from the items it is judged by.
    places = [label_width + cell * (j + 0.5) + (0.5 if j == len(items) else 0.0)
              for j in range(len(columns))]  # fmt: skip
    key = [f"{i}  {item}" for i, item in enumerate(items, 1)]
    lines = [line for text in key for line in wrap_cm(text, width=width_cm - 0.6, size=_SIZE)]
    head, foot = 1.5, 0.6 + 0.38 * len(lines) + 1.2
    height = head + _CELL * len(rows) + foot
    with draw(width_cm=width_cm, height_cm=height) as canvas:
        page = canvas.page()
        page.text(0.2, height - 0.4, title, fontsize=9, fontweight="bold", va="center")
        top = height - head
        for j, name in enumerate(columns):
            x = places[j]
            label = name if name == "Overall" else str(j + 1)
            page.text(x, top + 0.25, label, ha="center", va="center", fontsize=_SIZE)
        for i, row in enumerate(rows):
            y = top - _CELL * (i + 0.5)
            if i % 2 == 0:
                page.axhspan(
                    y - _CELL / 2, y + _CELL / 2, xmin=0, xmax=1, facecolor=BAND, linewidth=0
                )
            name = row.study
            while text_width_cm(name, size=_SIZE) > label_width - 0.3 and len(name) > 4:
                name = name[:-2].rstrip("…") + "…"
            page.text(0.2, y, name, va="center", fontsize=_SIZE)
            for j, level in enumerate((*row.levels, row.overall)):
                _mark(page, places[j], y, level)
        line_x = label_width + cell * len(items) + 0.1
        page.plot([line_x, line_x], [top - _CELL * len(rows), top + 0.5], color=RULE, linewidth=0.8)
        y = top - _CELL * len(rows) - 0.45
        for text in lines:
            page.text(0.2, y, text, va="center", fontsize=_SIZE, color=INK)
            y -= 0.38
        _legend(page, _used(rows), left=0.2, y=y - 0.15, width=width_cm - 0.4)
        return canvas.finish(alt=_told(rows, items, title))


def _told(rows: Sequence[BiasRow], items: Sequence[str], title: str) -> str:
    counts = []
    for j, item in enumerate(items):
        levels = [row.levels[j] for row in rows]
        said = ", ".join(
            f"{levels.count(name)} {LEVEL_SIGNS[name].word.lower()}"
            for name in LEVEL_SIGNS
            if name in levels
        )
        counts.append(f"{item}: {said or _MISSING}")
    return f"{title}, {len(rows)} studies. " + "; ".join(counts) + "."


@drawn_once
def bias_summary(
    rows: Sequence[BiasRow], items: Sequence[str], *, title: str, width_cm: float = 16.5
) -> Drawing:
    """Draw, for each item and the whole, how many studies stand at which level.

    Bars count studies; every part carries its number, and each level its own
    pattern.
    """
    _check(rows, items)
    columns = [*items, "Overall"]
    wrapped = [wrap_cm(name, width=6.2, size=_SIZE) for name in columns]
    heights = [max(0.7, 0.38 * len(lines) + 0.3) for lines in wrapped]
    height = 1.1 + sum(heights) + 1.3
    with draw(width_cm=width_cm, height_cm=height) as canvas:
        page = canvas.page()
        page.text(0.2, height - 0.4, title, fontsize=9, fontweight="bold", va="center")
        left, width = 6.8, width_cm - 7.2
        y = height - 1.0
        for j, lines in enumerate(wrapped):
            middle = y - heights[j] / 2
            page.text(0.2, middle, "\n".join(lines), va="center", fontsize=_SIZE)
            levels = [row.overall if j == len(items) else row.levels[j] for row in rows]
            x = left
            for name, sign in LEVEL_SIGNS.items():
                n = levels.count(name)
                part = width * n / len(rows)
                if n:
                    page.barh(
                        middle, part, left=x, height=0.5, color=sign.face, edgecolor=INK,
                        linewidth=0.6, hatch=sign.hatch if name != "high" else "",
                    )  # fmt: skip
                    page.text(
                        x + part / 2, middle, f"{sign.sign or 'n/a'} {n}", ha="center",
                        va="center_baseline", fontsize=_SIZE, color=sign.ink, fontweight="bold",
                        bbox={"facecolor": sign.face, "edgecolor": "none", "pad": 1.0},
                    )  # fmt: skip
                x += part
            missing = levels.count(None)
            if missing:
                page.text(x + 0.1, middle, f"{missing} {_MISSING}", va="center", fontsize=_SIZE)
            y -= heights[j]
        _legend(page, _used(rows), left=0.2, y=y - 0.4, width=width_cm - 0.4)
        return canvas.finish(alt=_told(rows, items, f"{title}, summary"))
