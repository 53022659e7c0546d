"""Median survival of each series side by side, kept apart by what it is counted from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resartus.domain.time_zero import UNKNOWN_ZERO, TimeZero
from resartus.errors import DataError
from resartus.reporting.figures.canvas import (
    BAND,
    INK,
    QUIET,
    Drawing,
    draw,
    text_width_cm,
    wrap_cm,
)
from resartus.reporting.figures.kept import drawn_once

__all__ = ["SurvivalRange", "survival_ranges"]

_ROW = 0.58
_SIZE = 7.6


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalRange:
    """One series' median survival in months, with an interval or a range if it was given.

    ``span_kind`` says which: ``"95% CI"`` is drawn solid, ``"range"`` dashed.
    ``is_comparator`` marks patients without the treatment (open symbol).
    """

    label: str
    time_zero: TimeZero
    median_months: float
    n: int | None = None
    low: float | None = None
    high: float | None = None
    span_kind: str | None = None
    is_comparator: bool = False

    def __post_init__(self) -> None:
        where = f"survival of {self.label!r}"
        if self.median_months < 0:
            raise DataError(f"median_months {self.median_months!r} of {where} is below 0")
        if (self.low is not None or self.high is not None) and self.span_kind is None:
            raise DataError(f"{where} has bounds of no kind; say 95% CI or range in span_kind")
        if self.low is not None and self.low > self.median_months:
            raise DataError(f"low {self.low!r} of {where} is above its median {self.median_months}")
        if self.high is not None and self.high < self.median_months:
            raise DataError(f"high {self.high!r} of {where} is below its median")


def _words(row: SurvivalRange) -> str:
    text = f"{row.median_months:g}"
    if row.low is not None and row.high is not None:
        text += f" ({row.low:g} to {row.high:g}{'; range' if row.span_kind == 'range' else ''})"
    elif row.high is not None:
        text += f" (up to {row.high:g})"
    elif row.low is not None:
        text += f" (from {row.low:g})"
    return text


def _draw_row(axes: Any, row: SurvivalRange, y: float) -> None:
    low = row.median_months if row.low is None else row.low
    high = row.median_months if row.high is None else row.high
    if high > low:
        is_range = row.span_kind == "range"
        dashes: Any = (0, (2, 1.5)) if is_range else "-"
        axes.plot([low, high], [y, y], color=QUIET if is_range else INK, lw=1.1, ls=dashes)
        if not is_range:
            axes.plot([low, high], [y, y], ls="none", marker="|", color=INK, markersize=5)
    face = "#ffffff" if row.is_comparator else INK
    marker = "o" if row.is_comparator else "s"
    axes.plot(
        row.median_months,
        y,
        marker=marker,
        markersize=5.2,
        markerfacecolor=face,
        markeredgecolor=INK,
        markeredgewidth=1.0,
        zorder=3,
        clip_on=False,
    )


def _ordered(rows: Sequence[SurvivalRange]) -> list[SurvivalRange | TimeZero]:
    """Return headings and rows from top to bottom; within a time zero the longest first.

    Times zero stand as they come, the unknown one last.
    """
    lines: list[SurvivalRange | TimeZero] = []
    zeros = dict.fromkeys(row.time_zero for row in rows)
    for zero in sorted(zeros, key=lambda zero: zero == UNKNOWN_ZERO):
        members = [row for row in rows if row.time_zero == zero]
        members.sort(key=lambda row: (-row.median_months, row.label))
        lines += [zero, *members]
    return lines


def _legend(page: Any, rows: Sequence[SurvivalRange], *, left: float, y: float) -> None:
    x = left
    entries = [("s", INK, "treated")]
    if any(row.is_comparator for row in rows):
        entries.append(("o", "#ffffff", "comparator, not treated"))
    for marker, face, words in entries:
        page.plot(x, y, marker=marker, markersize=5, markerfacecolor=face, markeredgecolor=INK)
        page.text(x + 0.2, y, words, fontsize=7, va="center_baseline", color=QUIET)
        x += 0.65 + text_width_cm(words, size=7)
    kinds = (("95% CI", "-", INK), ("range", (0, (2, 1.5)), QUIET))
    for words, dashes, colour in kinds:
        if any(row.span_kind == words for row in rows):
            page.plot([x - 0.05, x + 0.5], [y, y], color=colour, ls=dashes, lw=1.1)
            page.text(x + 0.65, y, words, fontsize=7, va="center_baseline", color=QUIET)
            x += 1.1 + text_width_cm(words, size=7)


@drawn_once
def survival_ranges(rows: Sequence[SurvivalRange], *, x_label: str = "Months") -> Drawing:
    """Draw medians in groups by time zero; figures of different groups may not be compared.

    Raises
    ------
    DataError
        If there is nothing to draw.
    """
    if not rows:
        raise DataError("no series with a median survival; leave the figure out")
    lines = _ordered(rows)
    labels = [line.label for line in lines if isinstance(line, SurvivalRange)]
    label_width = min(6.4, max(text_width_cm(label, size=_SIZE) for label in labels))
    words = [_words(row) for row in rows]
    words_width = max(
        *(text_width_cm(text, size=_SIZE) for text in words),
        text_width_cm("Median (interval)", size=_SIZE, weight="bold"),
    )
    n_left = 0.1 + label_width + 0.9
    plot_left = n_left + 0.4
    plot_width = 7.0
    foot = 1.75
    height = _ROW * (len(lines) + 1) + foot + 0.1
    width = plot_left + plot_width + 0.4 + words_width + 0.15
    top = height - 0.1
    largest = max(max(row.median_months, row.high or 0.0) for row in rows)
    with draw(width_cm=width, height_cm=height) as canvas:
        page = canvas.page()
        bold = {"fontsize": _SIZE, "fontweight": "bold", "va": "center_baseline"}
        page.text(0.1, top - _ROW / 2, "Series", **bold)
        page.text(n_left, top - _ROW / 2, "n", ha="right", **bold)
        page.text(plot_left + plot_width + 0.4, top - _ROW / 2, "Median (interval)", **bold)
        for position, line in enumerate(lines, start=1):
            y = top - _ROW * (position + 0.5)
            if isinstance(line, str):
                page.axhspan(y - _ROW / 2, y + _ROW / 2, color=BAND, lw=0, zorder=0)
                page.text(
                    0.1,
                    y,
                    f"From {line}" if line != UNKNOWN_ZERO else "Time zero not reported",
                    **bold,
                )
                continue
            shown = wrap_cm(line.label, width=label_width + 0.02, size=_SIZE)
            text = shown[0] if len(shown) == 1 else f"{shown[0]} …"
            plain = {"fontsize": _SIZE, "va": "center_baseline"}
            page.text(0.1, y, text, **plain)
            page.text(n_left, y, "–" if line.n is None else str(line.n), ha="right", **plain)
            page.text(plot_left + plot_width + 0.4, y, _words(line), **plain)
        page.plot([0.1, width - 0.1], [top - _ROW] * 2, color=QUIET, lw=0.7)
        axes = canvas.plot(left=plot_left, bottom=foot, width=plot_width, height=_ROW * len(lines))
        axes.patch.set_alpha(0)
        axes.set_ylim(len(lines) - 0.5, -0.5)
        axes.set_xlim(0, largest * 1.04)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(x_label)
        for position, line in enumerate(lines):
            if isinstance(line, SurvivalRange):
                _draw_row(axes, line, position)
        _legend(page, rows, left=0.2, y=0.35)
        zeros = sum(isinstance(line, str) for line in lines)
        alt = f"Median survival of {len(rows)} series in {zeros} groups by time zero: " + "; ".join(
            f"{row.label} {_words(row)} months" for row in rows
        )
        return canvas.finish(alt=f"{alt}.")
