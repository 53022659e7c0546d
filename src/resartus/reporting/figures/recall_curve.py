"""Recall curves: how much of what is relevant has been found after how many records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resartus.errors import DataError
from resartus.reporting.figures.canvas import ACCENT, INK, QUIET, RULE, SECOND, Drawing, draw
from resartus.reporting.figures.kept import drawn_once

__all__ = ["RecallCurve", "recall_curves"]

_STYLES = (
    (ACCENT, "-"),
    (SECOND, (0, (5, 2))),
    (INK, (0, (1, 1.2))),
    (QUIET, (0, (4, 1.5, 1, 1.5))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallCurve:
    """One ranking's runs over the same records.

    ``runs`` holds, for each run, the places from 1 at which the relevant
    records were judged, ascending; ``n_records`` how many there were to judge.
    """

    label: str
    runs: tuple[tuple[int, ...], ...]
    n_records: int


@drawn_once
def recall_curves(curves: Sequence[RecallCurve], *, title: str) -> Drawing:
    """Draw every run as a step, each ranking in its own colour and dashes.

    Raises
    ------
    DataError
        If there is no curve, more than four, or one without a run.
    """
    if not 1 <= len(curves) <= len(_STYLES) or not all(curve.runs for curve in curves):
        raise DataError(f"{len(curves)} curves; a figure holds 1 to {len(_STYLES)}, each with runs")
    from matplotlib.lines import Line2D

    with draw(width_cm=15.0, height_cm=9.6) as canvas:
        axes = canvas.plot(left=1.5, bottom=1.2, width=13.0, height=7.0)
        for curve, (colour, dashes) in zip(curves, _STYLES, strict=False):
            for run in curve.runs:
                total = len(run)
                x = [0.0, *(100 * place / curve.n_records for place in run), 100.0]
                y = [0.0, *(100 * (i + 1) / total for i in range(total)), 100.0]
                axes.step(
                    x, y, where="post", color=colour, ls=dashes, lw=1.3, alpha=0.75, clip_on=False
                )
        axes.plot([0, 100], [0, 100], color=RULE, lw=0.8)
        axes.text(62, 58, "at random", fontsize=7.2, color=QUIET, rotation=28)
        axes.axhline(95, color=RULE, lw=0.8, ls=(0, (2, 2)), zorder=0)
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 101)
        axes.set_xlabel("Records judged (% of all)")
        axes.set_ylabel("Relevant records found (%)")
        axes.set_yticks([0, 25, 50, 75, 95, 100])
        handles = [
            Line2D([], [], color=colour, ls=dashes, lw=1.6, label=curve.label)
            for curve, (colour, dashes) in zip(curves, _STYLES, strict=False)
        ]
        axes.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            borderaxespad=0,
            ncols=2,
            frameon=False,
            fontsize=7.5,
            handlelength=3.2,
            title=title,
            title_fontsize=8.5,
            alignment="left",
        )
        words = "; ".join(
            f"{curve.label}: the last relevant record after "
            f"{100 * max(run[-1] for run in curve.runs) / curve.n_records:.0f} % of the records"
            for curve in curves
        )
        return canvas.finish(alt=f"Recall curves of {title}. {words}.")
