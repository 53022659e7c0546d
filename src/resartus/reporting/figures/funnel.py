"""The funnel plot: effects against their standard errors, with contours of significance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resartus.domain.checks import require_finite
from resartus.errors import DataError
from resartus.reporting.figures.axes import NULLS, shown_value, style_effect_axis
from resartus.reporting.figures.canvas import ACCENT, INK, QUIET, Drawing, draw
from resartus.reporting.figures.kept import drawn_once

__all__ = ["FunnelPoint", "funnel"]

_FEW = 10
# Two-sided normal quantiles of p = 0.10, 0.05 and 0.01; the darker, the less significant.
_CONTOURS = ((1.6449, "#cfd6da", "p > 0.10"), (1.96, "#e1e6e9", "0.05 < p < 0.10"),
             (2.5758, "#f0f3f4", "0.01 < p < 0.05"))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPoint:
    """One study on the pooled scale; ``is_filled`` marks a mirror image of trim and fill."""

    label: str
    effect: float
    std_error: float
    is_filled: bool = False

    def __post_init__(self) -> None:
        require_finite(self.effect, field="effect", where=f"{self.label!r} in the funnel plot")
        if not self.std_error > 0:
            raise DataError(f"std_error {self.std_error!r} of {self.label!r} is not above 0")


def _contours(axes: Any, *, null: float, low: float, high: float, deepest: float) -> None:
    """Shade where a study would not be significant against no effect."""
    axes.set_facecolor("#ffffff")
    for quantile, shade, words in reversed(_CONTOURS):
        axes.fill_betweenx(
            [0, deepest],
            [null, null - quantile * deepest],
            [null, null + quantile * deepest],
            color=shade,
            linewidth=0,
            zorder=0,
            label=words,
        )
        for side in (-1, 1):
            axes.plot(
                [null, null + side * quantile * deepest],
                [0, deepest],
                color=QUIET,
                lw=0.35,
                zorder=1,
            )
    axes.set_xlim(low, high)


@drawn_once
def funnel(
    points: Sequence[FunnelPoint],
    *,
    centre: float,
    x_label: str,
    scale: str = "ratio",
    with_contours: bool = True,
) -> Drawing:
    """Draw a contour-enhanced funnel plot.

    Parameters
    ----------
    points : sequence of FunnelPoint
        Effects on the pooled scale: logarithms for ``scale="ratio"``.
    centre : float
        Pooled effect on the same scale; the dashed lines hold 95 per cent of
        studies around it if nothing but chance varied.
    x_label : str
        What the axis shows, with its direction.
    scale : str
        ``ratio`` or ``difference``.
    with_contours : bool
        Whether to shade where a study is not significant.

    References
    ----------
    .. [1] Peters JL, Sutton AJ, Jones DR, Abrams KR, Rushton L. Contour-enhanced
       meta-analysis funnel plots help distinguish publication bias from other
       causes of asymmetry. J Clin Epidemiol 2008;61:991-996.
    """
    found = [point for point in points if not point.is_filled]
    if not found:
        raise DataError("a funnel plot of no studies; leave the figure out")
    deepest = 1.06 * max(point.std_error for point in points)
    ends = [centre - 1.96 * deepest, centre + 1.96 * deepest, *(p.effect for p in points)]
    if with_contours:
        ends += [NULLS[scale] - 1.96 * deepest, NULLS[scale] + 1.96 * deepest]
    margin = 0.05 * (max(ends) - min(ends))
    low, high = min(ends) - margin, max(ends) + margin
    with draw(width_cm=13.0, height_cm=10.4) as canvas:
        axes = canvas.plot(left=1.7, bottom=2.3, width=10.9, height=7.8)
        if with_contours:
            _contours(axes, null=NULLS[scale], low=low, high=high, deepest=deepest)
        for side in (-1, 1):
            axes.plot([centre, centre + side * 1.96 * deepest], [0, deepest], color=INK, lw=0.8,
                      ls=(0, (4, 2)))  # fmt: skip
        axes.axvline(centre, color=ACCENT, lw=1.2)
        axes.plot([p.effect for p in found], [p.std_error for p in found], linestyle="none",
                  marker="o", markersize=4.2, color=INK, label="study")  # fmt: skip
        filled = [point for point in points if point.is_filled]
        if filled:
            axes.plot([p.effect for p in filled], [p.std_error for p in filled], linestyle="none",
                      marker="o", markersize=4.6, markerfacecolor="#ffffff", markeredgecolor=INK,
                      label="filled in, not found")  # fmt: skip
        style_effect_axis(axes, scale=scale, label=x_label, low=low, high=high)
        axes.set_ylim(deepest, 0)
        axes.set_ylabel("Standard error")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=5, frameon=False,
                    fontsize=6.8, handlelength=1.2, columnspacing=1.0)  # fmt: skip
        words = "White: p < 0.01." if with_contours else ""
        if len(found) < _FEW:
            words = f"Too few studies ({len(found)}) to tell bias from chance. {words}"
        if words:
            canvas.page().text(1.7, 0.25, words,
                               fontsize=7.2, color=QUIET)  # fmt: skip
        return canvas.finish(
            alt=f"Funnel plot of {len(found)} studies around {shown_value(centre, scale):.2f}"
            + (f", with {len(filled)} filled in by symmetry." if filled else ".")
        )
