"""One way to open and save a drawing: same input, same bytes; matplotlib only when drawing."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

__all__ = [
    "ACCENT",
    "BAND",
    "INK",
    "PAPER",
    "QUIET",
    "RULE",
    "SECOND",
    "Canvas",
    "Drawing",
    "draw",
    "text_width_cm",
    "wrap_cm",
]

INK = "#1d2731"
QUIET = "#56636f"
RULE = "#c4ccd2"
BAND = "#f0f3f4"
ACCENT = "#0b5c6b"
SECOND = "#a8501b"
PAPER = "#ffffff"

_CM_PER_INCH = 2.54
_POINTS_PER_CM = 72 / _CM_PER_INCH
_PNG_DPI = 200
# Letters and lines are settings of the process: two threads would draw with each other's.
_ONE_AT_A_TIME = threading.RLock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A finished drawing: SVG text, PNG at 200 dpi, its width on paper and words for it."""

    svg: str
    png: bytes
    width_cm: float
    height_cm: float
    alt: str


@dataclass(slots=True)
class Canvas:
    """A drawing being made; ``drawing`` is there after the ``with`` block."""

    figure: MatplotlibFigure
    width_cm: float
    height_cm: float

    def page(self) -> Any:
        """Return axes that cover the drawing, in centimetres from the lower left, without frame."""
        axes = self.figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, self.width_cm)
        axes.set_ylim(0, self.height_cm)
        axes.axis("off")
        return axes

    def plot(self, *, left: float, bottom: float, width: float, height: float) -> Any:
        """Return plot axes placed in centimetres."""
        axes = self.figure.add_axes(
            (
                left / self.width_cm,
                bottom / self.height_cm,
                width / self.width_cm,
                height / self.height_cm,
            )
        )
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        return axes

    def finish(self, *, alt: str) -> Drawing:
        """Return the drawing as SVG and PNG."""
        svg, png = io.StringIO(), io.BytesIO()
        self.figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        self.figure.savefig(png, format="png", dpi=_PNG_DPI, metadata={"Software": None})
        return Drawing(
            svg=svg.getvalue(),
            png=png.getvalue(),
            width_cm=self.width_cm,
            height_cm=self.height_cm,
            alt=alt,
        )


@contextmanager
def draw(*, width_cm: float, height_cm: float) -> Iterator[Canvas]:
    """Open a canvas of this size on paper, with the house's letters and lines.

    Letters are drawn as outlines of DejaVu Sans, which matplotlib brings
    along: a figure looks the same on a machine without that font.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure as MatplotlibFigure

    settings: Any = {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 8.0,
        "text.color": INK,
        "axes.edgecolor": QUIET,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.7,
        "axes.labelsize": 8.0,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.labelsize": 7.5,
        "ytick.labelsize": 7.5,
        "lines.linewidth": 1.2,
        "figure.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "svg.fonttype": "path",
        "svg.hashsalt": "resartus",
    }
    with _ONE_AT_A_TIME, mpl.rc_context(settings):
        figure = MatplotlibFigure(figsize=(width_cm / _CM_PER_INCH, height_cm / _CM_PER_INCH))
        yield Canvas(figure=figure, width_cm=width_cm, height_cm=height_cm)


def text_width_cm(text: str, *, size: float = 8.0, weight: str = "normal") -> float:
    """Return how wide ``text`` is when drawn, in centimetres; ``size`` in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / _POINTS_PER_CM


def wrap_cm(text: str, *, width: float, size: float = 8.0, weight: str = "normal") -> list[str]:
    """Break ``text`` into lines no wider than ``width`` centimetres; a long word stands alone."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        words: Sequence[str] = paragraph.split(" ")
        line = words[0]
        for word in words[1:]:
            longer = f"{line} {word}"
            if text_width_cm(longer, size=size, weight=weight) <= width:
                line = longer
            else:
                lines.append(line)
                line = word
        lines.append(line)
    return lines
