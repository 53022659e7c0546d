"""Points that carry numbers, with their names in a key beside the plot: names never collide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resartus.reporting.figures.canvas import INK, QUIET, text_width_cm

__all__ = ["key_width_cm", "write_key", "write_numbers"]

_SIZE = 7.0
_MOST = 40


def key_width_cm(labels: Sequence[str]) -> float:
    """Return how wide the key has to be; 0 for more points than a key can name."""
    if len(labels) > _MOST:
        return 0.0
    return max(text_width_cm(f"00  {label}", size=_SIZE) for label in labels) + 0.3


def write_numbers(
    axes: Any, xs: Sequence[float], ys: Sequence[float], bold: Sequence[int] = ()
) -> None:
    """Write each point's number at its upper right; some of them bold."""
    for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
        axes.annotate(
            str(i + 1),
            (x, y),
            xytext=(4, 3),
            textcoords="offset points",
            fontsize=6.8,
            fontweight="bold" if i in bold else "normal",
            color=INK,
        )


def write_key(page: Any, labels: Sequence[str], *, left: float, top: float, height: float,
              bold: Sequence[int] = ()) -> None:  # fmt: skip
    """Write numbers and names from the top down; nothing for more than forty."""
    if len(labels) > _MOST:
        return
    line = min(0.42, height / len(labels))
    for i, label in enumerate(labels):
        y = top - line * (i + 0.5)
        weight = "bold" if i in bold else "normal"
        size = _SIZE if line > 0.33 else 6.0
        page.text(left + 0.45, y, str(i + 1), fontsize=size, ha="right", va="center_baseline",
                  color=QUIET, fontweight=weight)  # fmt: skip
        page.text(left + 0.62, y, label, fontsize=size, va="center_baseline", fontweight=weight)
