"""Points of any digitiser are read, and clicks become a curve that falls."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.errors import DataError
from resartus.extraction.curves.points import (
    CurvePoint,
    clean_curve,
    read_points,
    read_risk_table,
)


@pytest.mark.parametrize(
    "text",
    [
        "time,survival\n0,1\n12,0.5\n",
        "T,S\n0.00E+00,1.00E+00\n1.2E+01,5.0E-01\n",
        "\ufeffx; y\n0; 100\n12; 50\n",
        "0,0; 1,0\n12,0; 0,5\n",
        "\tTime\tSurvival\n1\t0\t1\n2\t12\t0.5\n",
        "Months (from surgery)\tOS\n0\t100 %\n12\t50 %\n",
        "0 1\n12 0.5\n",
    ],
)
def test_the_exports_of_other_digitisers_are_read(text: str) -> None:
    assert [(p.time, p.survival) for p in read_points(text)] == [(0, 1), (12, 0.5)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("time,survival\n0,1\n5,abc\n", "line 3"),
        ("a,b,c,d\n1,2,3,4\n", "no columns for time"),
    ],
)
def test_a_file_that_gives_no_points_says_where(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_points(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,at_risk\n0,10\n6,7.5\n", "not whole"),
        ("time,at_risk\n0,10\n6,12\n", "numbers at risk fall"),
    ],
)
def test_a_risk_table_that_cannot_be_is_refused(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_risk_table(text)


def test_a_stray_click_is_dropped_and_counted() -> None:
    clicks = [(0, 1), (3, 0.9), (4, 0.2), (5, 0.85), (8, 0.6)]
    clean = clean_curve([CurvePoint(time=t, survival=s) for t, s in clicks])
    assert clean.n_dropped == 1
    assert 0.2 not in [p.survival for p in clean.points]


def test_a_steep_fall_is_no_stray() -> None:
    clicks = [(0, 1), (3, 0.9), (4, 0.2), (5, 0.2), (8, 0.1)]
    clean = clean_curve([CurvePoint(time=t, survival=s) for t, s in clicks])
    assert clean.n_dropped == 0
    assert clean.largest_move == 0


@given(
    st.lists(
        st.tuples(st.floats(0.1, 100), st.floats(0, 1)),
        min_size=2,
        max_size=60,
    )
)
def test_a_cleaned_curve_starts_at_one_never_rises_and_stays_within_zero_and_one(
    pairs: list[tuple[float, float]],
) -> None:
    curve = clean_curve([CurvePoint(time=t, survival=s) for t, s in pairs]).points
    assert (curve[0].time, curve[0].survival) == (0, 1)
    assert all(a.time <= b.time for a, b in itertools.pairwise(curve))
    assert all(a.survival >= b.survival - 1e-12 for a, b in itertools.pairwise(curve))
    assert all(0 <= p.survival <= 1 for p in curve)


def test_cleaning_a_falling_curve_changes_nothing() -> None:
    clicks = [CurvePoint(time=float(t), survival=1 - t / 20) for t in range(1, 15)]
    assert clean_curve(clicks).points[1:] == tuple(clicks)


def test_points_outside_the_figure_are_refused() -> None:
    with pytest.raises(DataError, match="outside the figure"):
        clean_curve([CurvePoint(time=0, survival=1), CurvePoint(time=4, survival=-0.4)])
