"""From pixels of a figure to its axes: two known points on each axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

from resartus.errors import DataError

__all__ = ["Axes", "Pixel", "Reference"]

Pixel = tuple[float, float]
"""Column and row in the image, rows counted downwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A tick whose value is printed: where it is in the image and what it says."""

    pixel: Pixel
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """The axes of a figure, set by two ticks on each; the scan may be turned or skewed.

    Raises
    ------
    DataError
        If two ticks of an axis coincide, have one value, or the axes are parallel.
    """

    x_first: Reference
    x_second: Reference
    y_first: Reference
    y_second: Reference

    def __post_init__(self) -> None:
        for name, one, other in (
            ("x", self.x_first, self.x_second),
            ("y", self.y_first, self.y_second),
        ):
            if one.value == other.value or math.dist(one.pixel, other.pixel) < 1:
                raise DataError(
                    f"the two points of the {name} axis are {one.value:g} at {one.pixel} and "
                    f"{other.value:g} at {other.pixel}; choose two ticks far apart"
                )
        u, v = self._directions()
        size = math.hypot(*u) * math.hypot(*v)
        if abs(u[0] * v[1] - u[1] * v[0]) < 0.2 * size:
            raise DataError("the two axes run nearly the same way; set the four points again")

    def _directions(self) -> tuple[Pixel, Pixel]:
        (ax, ay), (bx, by) = self.x_first.pixel, self.x_second.pixel
        (cx, cy), (dx, dy) = self.y_first.pixel, self.y_second.pixel
        return (bx - ax, by - ay), (dx - cx, dy - cy)

    def coordinates(self, pixel: Pixel) -> tuple[float, float]:
        """Return the time and the survival, in the units of the axes, at a pixel.

        A pixel is a sum of steps along the two axes (a 2 by 2 linear system),
        so that a figure scanned at an angle reads right.
        """
        u, v = self._directions()
        determinant = u[0] * v[1] - u[1] * v[0]

        def steps(origin: Pixel) -> tuple[float, float]:
            px, py = pixel[0] - origin[0], pixel[1] - origin[1]
            return (
                (px * v[1] - py * v[0]) / determinant,
                (u[0] * py - u[1] * px) / determinant,
            )

        along_x, _ = steps(self.x_first.pixel)
        _, along_y = steps(self.y_first.pixel)
        return (
            self.x_first.value + along_x * (self.x_second.value - self.x_first.value),
            self.y_first.value + along_y * (self.y_second.value - self.y_first.value),
        )
