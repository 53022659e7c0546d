"""The forest plot: studies with exact intervals, weights, pooled diamond, prediction interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError
from resartus.reporting.figures.canvas import (
    ACCENT,
    INK,
    QUIET,
    RULE,
    Drawing,
    draw,
    text_width_cm,
    wrap_cm,
)
from resartus.reporting.figures.kept import drawn_once
from resartus.reporting.numbers import decimal_text, p_text

__all__ = ["ForestRow", "ForestSummary", "forest", "heterogeneity_text"]

_ROW = 0.56
_SIZE = 7.6
_NOTE = 7.2
_NOTE_LINE = 0.42
_MOST_LABELLED = 60
SCALES = ("percent", "ratio", "difference", "months")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One study: its estimate, the counts to print (``"0/52"``) and its weight as a fraction.

    ``n`` is the number of patients, where it does not stand in ``counts``.
    """

    label: str
    estimate: Estimate
    counts: str | None = None
    n: int | None = None
    weight: float | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        if self.weight is not None and not 0 <= self.weight <= 1:
            raise DataError(f"weight {self.weight!r} of {self.label!r} is not in 0..1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestSummary:
    """A pooled estimate, of one group or of all; its ``prediction`` is drawn if there is one."""

    label: str
    estimate: Estimate
    counts: str | None = None
    n: int | None = None
    group: str | None = None


@dataclass(slots=True)
class _Line:
    """One line of the plot, from top to bottom."""

    kind: str
    label: str
    estimate: Estimate | None = None
    counts: str | None = None
    n: int | None = None
    weight: float | None = None


def heterogeneity_text(estimate: Estimate) -> str | None:
    """Return ``"Heterogeneity: tau2 0.31, I2 92%, Q 152.2 (12 df, p < 0.001)"`` in its symbols."""
    h = estimate.heterogeneity
    if h is None or not h.degrees_of_freedom:
        return None
    parts = []
    if h.tau2 is not None:
        parts.append(f"τ² {h.tau2:.3g}")
    if h.i2 is not None:
        parts.append(f"I² {100 * h.i2:.0f}%")
    if h.q is not None and h.p_value is not None:
        parts.append(f"Q {h.q:.1f} ({h.degrees_of_freedom} df, {p_text(h.p_value)})")
    return f"Heterogeneity: {', '.join(parts)}" if parts else None


def _lines(rows: Sequence[ForestRow], summaries: Sequence[ForestSummary]) -> list[_Line]:
    """Order rows by group, each group under its heading and above its own summary."""
    groups: dict[str | None, list[ForestRow]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    by_group = {summary.group: summary for summary in summaries if summary.group is not None}
    unknown = set(by_group) - set(groups)
    if unknown:
        raise DataError(f"summary of group {sorted(unknown)[0]!r} has no row of that group")
    lines: list[_Line] = []
    for group, members in groups.items():
        if group is not None:
            lines.append(_Line(kind="heading", label=group))
        for row in members:
            lines.append(
                _Line(
                    kind="study",
                    label=row.label,
                    estimate=row.estimate,
                    counts=row.counts,
                    n=row.n,
                    weight=row.weight,
                )
            )
        if group in by_group:
            lines += _summary_lines(by_group[group])
        if group is not None and by_group:
            lines.append(_Line(kind="space", label=""))
    for summary in summaries:
        if summary.group is None:
            lines += _summary_lines(summary)
    return lines


def _summary_lines(summary: ForestSummary) -> list[_Line]:
    lines = [
        _Line(
            kind="summary",
            label=summary.label,
            estimate=summary.estimate,
            counts=summary.counts,
            n=summary.n,
        )
    ]
    if summary.estimate.prediction is not None:
        level = decimal_text(100 * summary.estimate.prediction.level, digits=0)
        lines.append(
            _Line(
                kind="prediction", label=f"{level}% prediction interval", estimate=summary.estimate
            )
        )
    return lines


def _text(value: float | None, scale: str) -> str:
    if value is None:
        return "…"
    if scale == "percent":
        percent = 100 * value
        return f"{percent:.0f}" if percent in (0, 100) else decimal_text(percent, digits=1)
    if scale == "ratio" and (value < 0.005 or value >= 100):
        return "<0.01" if value < 0.005 else decimal_text(value, digits=0)
    return decimal_text(value, digits=1 if scale == "months" else 2)


def _interval_words(estimate: Estimate, interval: Interval | None, scale: str) -> str:
    bounds = (
        "" if interval is None else f"{_text(interval.low, scale)} to {_text(interval.high, scale)}"
    )
    if estimate.value is None:
        return "not estimable"
    return f"{_text(estimate.value, scale)} ({bounds})" if bounds else _text(estimate.value, scale)


def _bounds(line: _Line) -> list[float]:
    """Return the point and interval ends of one line, those that exist."""
    if line.estimate is None:
        return []
    interval = line.estimate.prediction if line.kind == "prediction" else line.estimate.interval
    ends = [line.estimate.value]
    if interval is not None:
        ends += [interval.low, interval.high]
    return [end for end in ends if end is not None]


def _limits(lines: Sequence[_Line], scale: str) -> tuple[float, float]:
    """Return axis limits that show every point and, on a ratio scale, most intervals."""
    values = [bound for line in lines for bound in _bounds(line)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if scale == "percent":
        return 0.0, min(1.0, max(0.1, math.ceil(high * 10 - 1e-9) / 10))
    if scale == "ratio":
        logs = [abs(math.log(value)) for value in values if value > 0]
        reach = min(max([*logs, math.log(2)]), math.log(50)) * 1.08
        return math.exp(-reach), math.exp(reach)
    if scale == "difference":
        low, high = min(low, 0.0), max(high, 0.0)
    margin = 0.06 * (high - low or 1.0)
    return (0.0 if scale == "months" else low - margin), high + margin


def _bar(
    axes: Any, y: float, interval: Interval, *, limits: tuple[float, float], style: dict[str, Any]
) -> None:
    """Draw an interval; an end beyond the axis, or an open one, becomes an arrow."""
    low = limits[0] if interval.low is None else interval.low
    high = limits[1] if interval.high is None else interval.high
    inner_low, inner_high = max(low, limits[0]), min(high, limits[1])
    axes.plot([inner_low, inner_high], [y, y], **style)
    # A little inside the frame, so that the arrow's point is not cut.
    if low < limits[0] or interval.low is None:
        axes.plot(limits[0], y, marker="<", color=style["color"], markersize=4, clip_on=False)
    if high > limits[1] or interval.high is None:
        axes.plot(limits[1], y, marker=">", color=style["color"], markersize=4, clip_on=False)


def _draw_line(axes: Any, line: _Line, y: float, *, limits: tuple[float, float]) -> None:
    from matplotlib.patches import Polygon

    estimate = line.estimate
    if estimate is None:
        return
    if line.kind == "prediction" and estimate.prediction is not None:
        style = {"color": ACCENT, "lw": 2.2, "solid_capstyle": "butt", "dashes": (2.2, 1.0)}
        _bar(axes, y, estimate.prediction, limits=limits, style=style)
        return
    if estimate.value is None:
        return
    inside = limits[0] <= estimate.value <= limits[1]
    if line.kind == "summary" and estimate.interval is not None:
        low = limits[0] if estimate.interval.low is None else max(estimate.interval.low, limits[0])
        high = (
            limits[1] if estimate.interval.high is None else min(estimate.interval.high, limits[1])
        )
        corners = [(low, y), (estimate.value, y + 0.26), (high, y), (estimate.value, y - 0.26)]
        axes.add_patch(
            Polygon(corners, closed=True, facecolor=ACCENT, edgecolor=ACCENT, lw=0.8, clip_on=False)
        )
        return
    if estimate.interval is not None:
        _bar(axes, y, estimate.interval, limits=limits, style={"color": INK, "lw": 1.0})
    if inside:
        area = 26.0 if line.weight is None else 10 + 90 * line.weight
        axes.scatter([estimate.value], [y], s=area, marker="s", color=INK, zorder=3, clip_on=False)


def _weight(line: _Line) -> str:
    """Return how heavy a line's words are drawn."""
    return "bold" if line.kind in ("heading", "summary") else "normal"


def _columns(lines: Sequence[_Line], *, scale: str, label_title: str) -> dict[str, Any]:
    """Return the words of the text columns and their widths in centimetres."""
    levels = [ln.estimate.interval.level for ln in lines if ln.estimate and ln.estimate.interval]
    level = decimal_text(100 * levels[0], digits=1).removesuffix(".0") if levels else "95"
    name = {"percent": "%", "ratio": "Ratio", "months": "Months"}.get(scale, "Estimate")
    interval_title = f"{name} ({level}% CI)"
    words = []
    for line in lines:
        estimate = line.estimate
        if estimate is None:
            words.append("")
        elif line.kind == "prediction" and estimate.prediction is not None:
            bounds = estimate.prediction
            words.append(f"({_text(bounds.low, scale)} to {_text(bounds.high, scale)})")
        else:
            words.append(_interval_words(estimate, estimate.interval, scale))
    weights = ["" if ln.weight is None else f"{100 * ln.weight:.1f}%" for ln in lines]
    counts = [line.counts or "" for line in lines]
    sizes = ["" if ln.n is None else f"{ln.n:,}" for ln in lines]

    def width(texts: Sequence[str], title: str) -> float:
        drawn = [(title, "bold"), *((t, _weight(ln)) for ln, t in zip(lines, texts, strict=True))]
        return max(text_width_cm(text, size=_SIZE, weight=weight) for text, weight in drawn)

    labels = [line.label for line in lines]
    return {
        "label": (labels, label_title, min(6.2, width(labels, label_title))),
        "counts": (counts, "n/N", width(counts, "n/N") if any(counts) else 0.0),
        "n": (sizes, "n", width(sizes, "n") if any(sizes) else 0.0),
        "interval": (words, interval_title, width(words, interval_title)),
        "weight": (weights, "Weight", width(weights, "Weight") if any(weights) else 0.0),
    }


def _short(text: str, *, width: float, weight: str) -> str:
    """Return the text, cut at a word with an ellipsis if it is wider than its column."""
    lines = wrap_cm(text, width=width, size=_SIZE, weight=weight)
    return lines[0] if len(lines) == 1 else f"{lines[0]} …"


def _write_columns(page: Any, columns: dict[str, Any], lines: Sequence[_Line], layout: Any) -> None:
    y_of, top, left_of = layout
    for name, (texts, title, width) in columns.items():
        if not width:
            continue
        x = left_of[name]
        is_right = name in ("counts", "n", "weight")
        anchor = {"ha": "right" if is_right else "left", "va": "center_baseline"}
        place = x + width if is_right else x
        page.text(place, top - _ROW / 2, title, fontsize=_SIZE, fontweight="bold", **anchor)
        for position, (line, text) in enumerate(zip(lines, texts, strict=True)):
            weight = _weight(line)
            shown = _short(text, width=width + 0.02, weight=weight) if name == "label" else text
            colour = QUIET if line.kind == "prediction" else INK
            page.text(
                place,
                y_of(position),
                shown,
                fontsize=_SIZE,
                fontweight=weight,
                color=colour,
                **anchor,
            )


def _style_axis(axes: Any, *, scale: str, limits: tuple[float, float], x_label: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, NullLocator

    if scale == "ratio":
        axes.set_xscale("log")
        wide = limits[1] / limits[0] > 200
        marks = (0.02, 0.1, 0.5, 1, 2, 10, 50) if wide else (0.1, 0.2, 0.5, 1, 2, 5, 10)
        ticks = [mark for mark in marks if limits[0] <= mark <= limits[1]]
        axes.set_xticks(ticks)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
        if scale == "percent":
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}"))
    axes.set_xlim(*limits)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(x_label)


def _alt(rows: Sequence[ForestRow], summaries: Sequence[ForestSummary], scale: str) -> str:
    unit = "%" if scale == "percent" else ""
    parts = [f"Forest plot of {len(rows)} studies."]
    for summary in summaries:
        words = _interval_words(summary.estimate, summary.estimate.interval, scale)
        parts.append(f"{summary.label}: {words}{unit}.")
    if not summaries:
        parts.append("No pooled estimate.")
    return " ".join(parts)


def _heading_order(lines: Sequence[_Line]) -> tuple[Callable[[int], float], float]:
    height = _ROW * (len(lines) + 1)
    return (lambda position: height - _ROW * (position + 1.5)), height


@drawn_once
def forest(
    rows: Sequence[ForestRow],
    *,
    x_label: str,
    scale: str = "percent",
    summaries: Sequence[ForestSummary] = (),
    label_title: str = "Study",
    reference: float | None = None,
    notes: Sequence[str] = (),
) -> Drawing:
    """Draw a forest plot.

    Parameters
    ----------
    rows : sequence of ForestRow, length 1 or more
        In the order to draw. Above 60 rows the labels would not be legible:
        the studies are then drawn as thin lines sorted by estimate, and the
        table beside the figure has to name them.
    x_label : str
        What the axis shows, with its direction for a ratio.
    scale : str
        ``percent`` (values are proportions in 0..1), ``ratio`` (log axis),
        ``difference`` or ``months``.
    summaries : sequence of ForestSummary
        Pooled estimates, per group or for all.
    reference : float, optional
        Where to draw the line of no effect; 1 for a ratio and 0 for a
        difference unless given.
    notes : sequence of str
        Lines under the axis, such as ``heterogeneity_text`` and the test
        between subgroups.

    Raises
    ------
    DataError
        If there is no row, or ``scale`` is unknown.
    """
    if not rows:
        raise DataError("a forest plot of no studies; leave the figure out")
    if scale not in SCALES:
        raise DataError(f"scale {scale!r} is not one of: {', '.join(SCALES)}")
    if len(rows) > _MOST_LABELLED:
        from resartus.reporting.figures.caterpillar import caterpillar

        return caterpillar(rows, summaries=summaries, x_label=x_label, scale=scale)
    lines = _lines(rows, summaries)
    limits = _limits(lines, scale)
    columns = _columns(lines, scale=scale, label_title=label_title)
    y_of, table_height = _heading_order(lines)
    foot = [line for note in notes for line in wrap_cm(note, width=13.0, size=_NOTE)]
    gap, plot_width, axis_height = 0.45, 5.6, 1.25 + _NOTE_LINE * len(foot)
    left_of, x = {}, 0.1
    for name in ("label", "counts", "n"):
        left_of[name] = x
        x += columns[name][2] + (gap if columns[name][2] else 0)
    plot_left = x
    x += plot_width + gap
    for name in ("interval", "weight"):
        left_of[name] = x
        x += columns[name][2] + (gap if columns[name][2] else 0)
    height = table_height + axis_height + 0.1
    with draw(width_cm=x - gap + 0.15, height_cm=height) as canvas:
        page = canvas.page()
        layout = (lambda position: y_of(position) + axis_height, height - 0.1, left_of)
        _write_columns(page, columns, lines, layout)
        for position, note in enumerate(foot):
            y = _NOTE_LINE * (len(foot) - position - 0.5) + 0.1
            page.text(0.1, y, note, fontsize=_NOTE, color=QUIET, va="center_baseline")
        page.plot([0.1, canvas.width_cm - 0.1], [height - 0.1 - _ROW] * 2, color=QUIET, lw=0.7)
        axes = canvas.plot(
            left=plot_left, bottom=axis_height, width=plot_width, height=table_height - _ROW
        )
        axes.patch.set_alpha(0)
        axes.set_ylim(len(lines) - 0.5, -0.5)
        _style_axis(axes, scale=scale, limits=limits, x_label=x_label)
        line_at = (
            reference if reference is not None else {"ratio": 1.0, "difference": 0.0}.get(scale)
        )
        if line_at is not None:
            axes.axvline(line_at, color=QUIET, lw=0.8, zorder=0)
        for summary in summaries:
            if summary.group is None and summary.estimate.value is not None:
                axes.axvline(summary.estimate.value, color=RULE, lw=0.9, ls=(0, (3, 2)), zorder=0)
        for position, line in enumerate(lines):
            _draw_line(axes, line, position, limits=limits)
        return canvas.finish(alt=_alt(rows, summaries, scale))
