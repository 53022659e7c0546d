"""The harvest plot: bars for studies, by outcome and direction, tall where they can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resartus.domain.checks import require_one_of
from resartus.domain.guidance import Direction
from resartus.errors import DataError
from resartus.reporting.figures.canvas import (
    INK,
    QUIET,
    RULE,
    Drawing,
    draw,
    text_width_cm,
    wrap_cm,
)
from resartus.reporting.figures.kept import drawn_once

__all__ = ["HarvestBar", "harvest"]

_COLUMNS = (Direction.WORSE, Direction.NO_DIFFERENCE, Direction.BETTER)
_NAME_SIZE = 6.4
_NAME_CM = 3.2
"""A longer name of a study is cut short, so that its row stays on the page."""
_ABOVE = 1.65
_FILLS = ((INK, None), ("#9aa5ad", None), ("#ffffff", "////"), ("#ffffff", None))


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestBar:
    """One study's direction on one outcome.

    Parameters
    ----------
    outcome, study : str
        Row, and the name under the bar.
    direction : Direction
        Better, worse or no difference; a study of unclear direction is left out.
    height : int
        1 to 3: how far it can be trusted, or how large it is; the caption must say which.
    kind : str
        Its design, told by the filling.
    """

    outcome: str
    study: str
    direction: Direction
    height: int
    kind: str

    def __post_init__(self) -> None:
        require_one_of(self.height, (1, 2, 3), field="height", where=f"bar of {self.study!r}")


def _short(name: str) -> str:
    """Return a study's name no longer than its place under the bar."""
    if text_width_cm(name, size=_NAME_SIZE) <= _NAME_CM:
        return name
    while text_width_cm(name + "…", size=_NAME_SIZE) > _NAME_CM:
        name = name[:-1]
    return name.rstrip() + "…"


def _legend(kinds: Sequence[str], *, width: float) -> list[list[tuple[float, str]]]:
    """Return each line of the legend: where a kind of study stands, and its name."""
    lines: list[list[tuple[float, str]]] = [[]]
    x = 0.15
    for kind in kinds:
        own = 0.7 + text_width_cm(kind, size=7)
        if lines[-1] and x + own > width:
            lines.append([])
            x = 0.15
        lines[-1].append((x, kind))
        x += own
    return lines


def _footing(left_out: int, height_means: str, *, width: float) -> list[str]:
    """Return what stands under the plot, line by line."""
    words = f"Taller bar: {height_means}."
    if left_out:
        studies = "study" if left_out == 1 else "studies"
        words += f" Not drawn: {left_out} {studies} without a direction."
    return wrap_cm(words, width=width - 0.3, size=7)


def _bars(page: Any, bars: Sequence[HarvestBar], kinds: Sequence[str], left: float, base: float,
          step: float) -> None:  # fmt: skip
    for position, bar in enumerate(sorted(bars, key=lambda b: (-b.height, b.study))):
        face, hatch = _FILLS[kinds.index(bar.kind) % len(_FILLS)]
        x = left + step * position
        page.bar(x + step / 2, 0.42 * bar.height, width=0.62 * step, bottom=base, facecolor=face,
                 edgecolor=INK, hatch=hatch, lw=0.8)  # fmt: skip
        page.text(x + step / 2, base - 0.08, _short(bar.study), fontsize=_NAME_SIZE, rotation=45,
                  ha="right", va="top", rotation_mode="anchor")  # fmt: skip


@drawn_once
def harvest(
    bars: Sequence[HarvestBar],
    *,
    height_means: str,
    headings: Sequence[str] = ("Harm", "No difference shown", "Benefit"),
) -> Drawing:
    """Draw one row per outcome, one bar per study, under the direction it points in.

    Parameters
    ----------
    bars : sequence of HarvestBar
        Up to four kinds of design.
    height_means : str
        What a taller bar stands for, written under the plot.
    headings : sequence of three str
        For worse, no difference and better.

    References
    ----------
    .. [1] Ogilvie D, Fayter D, Petticrew M, et al. The harvest plot: a method
       for synthesising evidence about the differential effects of
       interventions. BMC Med Res Methodol 2008;8:8.
    """
    shown = [bar for bar in bars if bar.direction is not Direction.UNCLEAR]
    if not shown:
        raise DataError("no study shows a direction; leave the figure out")
    kinds = list(dict.fromkeys(bar.kind for bar in shown))
    if len(kinds) > len(_FILLS):
        raise DataError(f"{len(kinds)} kinds of study; the figure tells {len(_FILLS)} apart")
    outcomes = list(dict.fromkeys(bar.outcome for bar in shown))
    step, name_width = 0.62, 3.0
    names = {o: wrap_cm(o, width=name_width - 0.3, size=7.6, weight="bold") for o in outcomes}
    longest = max(text_width_cm(_short(bar.study), size=_NAME_SIZE) for bar in shown)
    # Names slant down by 45 degrees.
    below = max(0.71 * longest + 0.4, 0.38 * max(map(len, names.values())) - 0.6)
    row = _ABOVE + below
    widths = [
        max(
            3.2,
            step * max(sum(b.outcome == o and b.direction is d for b in shown) for o in outcomes)
            + 0.9,
        )
        for d in _COLUMNS
    ]
    width = name_width + sum(widths) + 0.3
    legend = _legend(kinds, width=width)
    said = _footing(len(bars) - len(shown), height_means, width=width)
    foot = 0.4 + 0.35 * len(said)
    height = 0.8 + row * len(outcomes) + foot + 0.4 * len(legend)
    with draw(width_cm=width, height_cm=height) as canvas:
        page = canvas.page()
        lefts = [name_width + sum(widths[:i]) for i in range(3)]
        for left, own, words in zip(lefts, widths, headings, strict=True):
            page.text(left + own / 2, height - 0.4, words, fontsize=7.6, fontweight="bold",
                      ha="center", va="center_baseline")  # fmt: skip
        for position, outcome in enumerate(outcomes):
            base = height - 0.8 - row * (position + 1) + below
            for k, line in enumerate(names[outcome]):
                page.text(0.15, base + 0.9 - 0.38 * k, line, fontsize=7.6, fontweight="bold",
                          va="center_baseline")  # fmt: skip
            for direction, left, own in zip(_COLUMNS, lefts, widths, strict=True):
                page.plot([left + 0.2, left + own - 0.2], [base, base], color=QUIET, lw=0.8)
                members = [b for b in shown if b.outcome == outcome and b.direction is direction]
                _bars(page, members, kinds, left + 0.45, base, step)
            if position:
                y = height - 0.8 - row * position + 0.12
                page.plot([0.1, width - 0.1], [y, y], color=RULE, lw=0.7)
        for line_number, placed in enumerate(reversed(legend)):
            y = foot + 0.4 * line_number
            for x, kind in placed:
                face, hatch = _FILLS[kinds.index(kind)]
                page.bar(x + 0.13, 0.26, width=0.26, bottom=y - 0.13, facecolor=face,
                         edgecolor=INK, hatch=hatch, lw=0.8)  # fmt: skip
                page.text(x + 0.36, y, kind, fontsize=7, va="center_baseline")
        for k, line in enumerate(reversed(said)):
            page.text(0.15, 0.28 + 0.35 * k, line, fontsize=7, color=QUIET, va="center_baseline")
        parts = [
            f"{o}: "
            + ", ".join(
                f"{sum(b.outcome == o and b.direction is d for b in shown)} {words.lower()}"
                for d, words in zip(_COLUMNS, headings, strict=True)
            )
            for o in outcomes
        ]
        return canvas.finish(alt="Harvest plot. " + "; ".join(parts) + ".")
