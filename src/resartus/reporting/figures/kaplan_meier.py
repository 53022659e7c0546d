"""The Kaplan-Meier curve: steps, band, censoring marks and numbers at risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from resartus.errors import DataError
from resartus.reporting.figures.canvas import (
    ACCENT,
    INK,
    QUIET,
    RULE,
    SECOND,
    Drawing,
    draw,
    text_width_cm,
)
from resartus.reporting.figures.kept import drawn_once

__all__ = ["Curve", "kaplan_meier"]

_STYLES = (
    (ACCENT, "-"),
    (SECOND, (0, (5, 1.6))),
    (INK, (0, (1.2, 1.2))),
    (QUIET, (0, (6, 1.5, 1.2, 1.5))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One survival curve as plain numbers.

    Parameters
    ----------
    label : str
        Of the group.
    n : int
        Patients at the start.
    times, survival : tuple of float, same length
        Times at which the curve steps, rising, and the height after each step
        (1 at time zero is implied).
    low, high : tuple of float or None
        Pointwise interval after each step, same length as ``times``.
    censored_at : tuple of float
        Times at which somebody left alive.
    at_risk : tuple of int
        Numbers at risk at the figure's ``ticks``.
    """

    label: str
    n: int
    times: tuple[float, ...]
    survival: tuple[float, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    censored_at: tuple[float, ...] = ()
    at_risk: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        where = f"curve {self.label!r}"
        if len(self.times) != len(self.survival):
            raise DataError(f"{where} has {len(self.times)} times, {len(self.survival)} heights")
        if list(self.times) != sorted(self.times) or any(t < 0 for t in self.times):
            raise DataError(f"times of {where} do not rise from 0; sort them")
        heights = (1.0, *self.survival)
        if any(b > a + 1e-12 for a, b in pairwise(heights)) or heights[-1] < 0:
            raise DataError(f"survival of {where} rises or leaves 0..1")
        for name in ("low", "high"):
            bounds = getattr(self, name)
            if bounds and len(bounds) != len(self.times):
                raise DataError(f"{name} of {where} is not as long as its times")

    def height_at(self, time: float) -> float:
        """Return the survival at a time."""
        height = 1.0
        for step, value in zip(self.times, self.survival, strict=True):
            if step > time:
                break
            height = value
        return height

    def median(self) -> float | None:
        """Return the first time at which half or fewer survive, or ``None`` if never reached."""
        for step, value in zip(self.times, self.survival, strict=True):
            if value <= 0.5:
                return step
        return None


def _band(axes: Any, curve: Curve, end: float, colour: Any, hatch: str) -> None:
    if not curve.low or not curve.high:
        return
    points = [
        (time, low, high)
        for time, low, high in zip(curve.times, curve.low, curve.high, strict=True)
        if low is not None and high is not None
    ]
    if not points:
        return
    times = [0.0, *(p[0] for p in points), max(end, points[-1][0])]
    lows = [1.0, *(p[1] for p in points), points[-1][1]]
    highs = [1.0, *(p[2] for p in points), points[-1][2]]
    axes.fill_between(times, lows, highs, step="post", color=colour, alpha=0.13, lw=0)
    for bound in (lows, highs):
        axes.plot(times, bound, drawstyle="steps-post", color=colour, lw=0.5, alpha=0.6)


def _curve(axes: Any, curve: Curve, style: tuple[Any, Any]) -> None:
    colour, dashes = style
    end = max((*curve.times, *curve.censored_at), default=0.0)
    times = [0.0, *curve.times, end]
    heights = [1.0, *curve.survival, curve.survival[-1] if curve.survival else 1.0]
    _band(axes, curve, end, colour, "")
    axes.plot(times, heights, drawstyle="steps-post", color=colour, ls=dashes, lw=1.6)
    if curve.censored_at:
        heights = [curve.height_at(time) for time in curve.censored_at]
        axes.plot(
            curve.censored_at,
            heights,
            linestyle="none",
            marker="|",
            markersize=6,
            markeredgewidth=1.1,
            color=colour,
        )


def _at_risk(canvas: Any, curves: Sequence[Curve], ticks: Sequence[float], frame: Any) -> None:
    """Write the numbers at risk under the axis, each under its time."""
    page = canvas.page()
    left, width, top, last = frame
    page.text(0.15, top, "Number at risk", fontsize=7.5, fontweight="bold", va="center")
    for position, curve in enumerate(curves):
        y = top - 0.42 * (position + 1)
        colour = _STYLES[position % len(_STYLES)][0]
        name = curve.label if len(curves) > 1 else "All"
        page.text(0.15, y, name, fontsize=7.5, va="center", color=colour)
        for time, count in zip(ticks, curve.at_risk, strict=True):
            x = left + width * time / last
            page.text(x, y, str(count), fontsize=7.5, ha="center", va="center")


def _alt(curves: Sequence[Curve], ticks: Sequence[float], time_label: str) -> str:
    parts = []
    for curve in curves:
        median = curve.median()
        words = "median not reached" if median is None else f"median {median:g}"
        late = f"{100 * curve.height_at(ticks[-1]):.0f}% at {ticks[-1]:g}"
        parts.append(f"{curve.label}, {curve.n} patients: {words}, {late}")
    return f"Survival by {time_label.lower()}. " + "; ".join(parts) + "."


@drawn_once
def kaplan_meier(
    curves: Sequence[Curve],
    *,
    ticks: Sequence[float],
    time_label: str,
    survival_label: str = "Survival (%)",
    warning: str | None = None,
) -> Drawing:
    """Draw survival curves with their numbers at risk.

    Parameters
    ----------
    curves : sequence of Curve, 1 to 4
        Told apart by dashes as well as by colour.
    ticks : sequence of float
        Times of the axis, from 0, in the unit of ``time_label``.
    time_label : str
        With unit and time zero: ``"Months from liver resection"``.
    warning : str, optional
        Words written into the figure, so that it is never shown without them.

    Raises
    ------
    DataError
        If there is no curve or more than four, or a curve's numbers at risk
        do not match ``ticks``.
    """
    if not 1 <= len(curves) <= len(_STYLES):
        raise DataError(f"{len(curves)} curves; a figure holds 1 to {len(_STYLES)}")
    for curve in curves:
        if curve.at_risk and len(curve.at_risk) != len(ticks):
            raise DataError(
                f"curve {curve.label!r} has {len(curve.at_risk)} numbers at risk "
                f"for {len(ticks)} ticks"
            )
    has_risk = all(curve.at_risk for curve in curves)
    names = [curve.label if len(curves) > 1 else "All" for curve in curves]
    names_width = max(text_width_cm(name, size=7.5) for name in names)
    left = max(
        1.5, names_width + 0.6, text_width_cm("Number at risk", size=7.5, weight="bold") - 0.4
    )
    width, plot_height, foot = 13.4, 6.6, 1.2
    risk_height = 0.55 + 0.42 * len(curves) if has_risk else 0.0
    legend_height = 0.0 if len(curves) == 1 else 0.15 + 0.45 * ((len(curves) + 1) // 2)
    height = plot_height + foot + risk_height + 0.35 + legend_height
    last = max((ticks[-1], *(max((*c.times, *c.censored_at), default=0.0) for c in curves)))
    with draw(width_cm=left + width + 0.5, height_cm=height) as canvas:
        axes = canvas.plot(left=left, bottom=foot + risk_height, width=width, height=plot_height)
        for position, curve in enumerate(curves):
            _curve(axes, curve, _STYLES[position])
        axes.axhline(0.5, color=RULE, lw=0.8, ls=(0, (2, 2)), zorder=0)
        axes.set_xlim(0, last)
        axes.set_ylim(0, 1.02)
        axes.set_xticks(list(ticks))
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "25", "50", "75", "100"])
        axes.set_xlabel(time_label)
        axes.set_ylabel(survival_label)
        if len(curves) > 1:
            _legend(axes, curves)
        if warning:
            axes.text(0.02, 0.04, warning, transform=axes.transAxes, fontsize=7.2, color=SECOND)
        if has_risk:
            _at_risk(canvas, curves, ticks, (left, width, risk_height - 0.15, last))
        return canvas.finish(alt=_alt(curves, ticks, time_label))


def _legend(axes: Any, curves: Sequence[Curve]) -> None:
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=colour, ls=dashes, lw=1.6, label=f"{curve.label} (n = {curve.n})")
        for curve, (colour, dashes) in zip(curves, _STYLES, strict=False)
    ]
    # Above the plot: inside, a curve or its band could run behind the words.
    axes.legend(
        handles=lines,
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        borderaxespad=0,
        ncols=2,
        frameon=False,
        fontsize=7.5,
        handlelength=3.2,
    )
