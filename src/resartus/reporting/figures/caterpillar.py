"""A forest too tall for a page: many studies as thin lines sorted by estimate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from resartus.reporting.figures.canvas import ACCENT, INK, QUIET, Drawing, draw
from resartus.reporting.figures.kept import drawn_once

if TYPE_CHECKING:
    from resartus.reporting.figures.forest import ForestRow, ForestSummary

__all__ = ["caterpillar"]


@drawn_once
def caterpillar(
    rows: Sequence[ForestRow],
    *,
    summaries: Sequence[ForestSummary],
    x_label: str,
    scale: str,
) -> Drawing:
    """Draw each study as a thin line, sorted by its estimate, and the pooled ones below.

    Studies without an estimate are left out and counted in the description.
    """
    known = [row for row in rows if row.estimate.value is not None]
    known.sort(key=lambda row: (row.estimate.value or 0.0, row.label))
    factor = 100.0 if scale == "percent" else 1.0
    with draw(width_cm=16.0, height_cm=18.0) as canvas:
        axes = canvas.plot(left=1.6, bottom=1.4, width=14.0, height=16.2)
        lows, highs = [], []
        for row in known:
            value, interval = row.estimate.value or 0.0, row.estimate.interval
            low = value if interval is None or interval.low is None else interval.low
            high = value if interval is None or interval.high is None else interval.high
            lows.append(factor * low)
            highs.append(factor * high)
        positions = range(len(known))
        axes.hlines(positions, lows, highs, color=QUIET, lw=0.45)
        values = [factor * (row.estimate.value or 0.0) for row in known]
        axes.plot(values, positions, linestyle="none", marker=".", markersize=2.2, color=INK)
        labels = []
        for below, summary in enumerate(summaries, start=1):
            estimate = summary.estimate
            if estimate.value is None:
                continue
            y = -0.04 * len(known) * below
            axes.plot(factor * estimate.value, y, marker="D", color=ACCENT, markersize=5)
            if estimate.interval is not None:
                low = estimate.value if estimate.interval.low is None else estimate.interval.low
                high = estimate.value if estimate.interval.high is None else estimate.interval.high
                axes.plot([factor * low, factor * high], [y, y], color=ACCENT, lw=1.8)
            axes.annotate(
                summary.label,
                (factor * estimate.value, y),
                xytext=(0, -9),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=7.0,
            )
            labels.append(summary.label)
        if scale == "ratio":
            axes.set_xscale("log")
            axes.axvline(1.0, color=QUIET, lw=0.8)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_ylabel(f"{len(known)} studies, sorted by estimate")
        axes.set_xlabel(x_label)
        missing = len(rows) - len(known)
        alt = f"{len(known)} studies as lines sorted by estimate"
        alt += f", {missing} without an estimate left out" if missing else ""
        return canvas.finish(alt=f"{alt}. Pooled: {', '.join(labels) or 'none'}.")
