"""Baujat's plot: which studies make the heterogeneity, and which move the result."""

from __future__ import annotations

from collections.abc import Sequence

from resartus.errors import DataError
from resartus.reporting.figures.canvas import INK, Drawing, draw
from resartus.reporting.figures.kept import drawn_once
from resartus.reporting.figures.numbered import key_width_cm, write_key, write_numbers

__all__ = ["baujat_plot"]


@drawn_once
def baujat_plot(
    labels: Sequence[str], heterogeneity: Sequence[float], influence: Sequence[float]
) -> Drawing:
    """Draw each study by its share in Q (across) and its influence on the mean (up).

    Studies are numbered in the order given, with a key beside the plot; the
    third of them farthest from the origin is bold.

    References
    ----------
    .. [1] Baujat B, Mahe C, Pignon J-P, Hill C. A graphical method for
       exploring heterogeneity in meta-analyses. Stat Med 2002;21:2641-2652.
    """
    if not len(labels) == len(heterogeneity) == len(influence) or not labels:
        raise DataError("Baujat's plot needs a label, a share and an influence for each study")
    right, top = max(heterogeneity) or 1.0, max(influence) or 1.0
    far = sorted(
        range(len(labels)),
        key=lambda i: -((heterogeneity[i] / right) ** 2 + (influence[i] / top) ** 2),
    )
    named = far[: max(2, len(labels) // 3)]
    key = key_width_cm(labels)
    with draw(width_cm=13.0 + key, height_cm=9.4) as canvas:
        axes = canvas.plot(left=1.9, bottom=1.5, width=10.6, height=7.5)
        axes.plot(heterogeneity, influence, linestyle="none", marker="o", markersize=3.6, color=INK)
        write_numbers(axes, heterogeneity, influence, named)
        axes.set_xlim(-0.03 * right, 1.1 * right)
        axes.set_ylim(-0.03 * top, 1.12 * top)
        axes.set_xlabel("Contribution to heterogeneity (squared Pearson residual)")
        axes.set_ylabel("Influence on the pooled effect")
        write_key(canvas.page(), labels, left=12.7, top=9.0, height=8.6, bold=named)
        first = labels[far[0]]
        return canvas.finish(alt=f"Baujat plot of {len(labels)} studies; farthest out is {first}.")
