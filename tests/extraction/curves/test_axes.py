"""Pixels become coordinates, also on a scan that was turned."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.errors import DataError
from resartus.extraction.curves.axes import Axes, Reference


def upright() -> Axes:
    return Axes(
        x_first=Reference(pixel=(50, 400), value=0),
        x_second=Reference(pixel=(650, 400), value=60),
        y_first=Reference(pixel=(50, 400), value=0),
        y_second=Reference(pixel=(50, 100), value=100),
    )


def test_ticks_read_as_their_own_values() -> None:
    assert upright().coordinates((650, 400)) == pytest.approx((60, 0))
    assert upright().coordinates((350, 250)) == pytest.approx((30, 50))


@given(st.floats(-0.3, 0.3), st.floats(0, 60), st.floats(0, 1))
def test_a_turned_scan_reads_the_same(angle: float, time: float, survival: float) -> None:
    def turned(x: float, y: float) -> tuple[float, float]:
        c, s = math.cos(angle), math.sin(angle)
        return (c * x - s * y, s * x + c * y)

    axes = Axes(
        x_first=Reference(pixel=turned(80, 420), value=0),
        x_second=Reference(pixel=turned(680, 420), value=60),
        y_first=Reference(pixel=turned(50, 400), value=0),
        y_second=Reference(pixel=turned(50, 100), value=1),
    )
    here = axes.coordinates(turned(80 + 10 * time, 400 - 300 * survival))
    assert here == pytest.approx((time, survival), abs=1e-9)


@pytest.mark.parametrize(("x_second", "words"), [((50, 400), "far apart"), ((50, 100), "same way")])
def test_axes_that_set_nothing_are_refused(x_second: tuple[float, float], words: str) -> None:
    with pytest.raises(DataError, match=words):
        Axes(
            x_first=Reference(pixel=(50, 400), value=0),
            x_second=Reference(pixel=x_second, value=60),
            y_first=Reference(pixel=(50, 400), value=0),
            y_second=Reference(pixel=(50, 100), value=100),
        )
