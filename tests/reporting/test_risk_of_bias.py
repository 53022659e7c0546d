"""Risk of bias can be read without colour and without seeing."""

import pytest

from resartus.errors import DataError
from resartus.reporting.figures.risk_of_bias import (
    LEVEL_SIGNS,
    BiasRow,
    bias_summary,
    traffic_lights,
)

ROWS = [
    BiasRow(study="Kamel 2011", levels=("low", "high", None), overall="some"),
    BiasRow(study="Roh 2011", levels=("unclear", "critical", "none"), overall="high"),
]
ITEMS = ["Confounding", "Missing data", "Reporting"]


def test_each_level_has_a_sign_of_its_own_beside_its_colour() -> None:
    told = {(sign.sign, sign.marker) for sign in LEVEL_SIGNS.values()}
    assert len(told) == len(LEVEL_SIGNS)
    assert len({sign.hatch for sign in LEVEL_SIGNS.values()}) == len(LEVEL_SIGNS)


def test_the_figures_say_in_words_what_they_show_and_are_the_same_each_time() -> None:
    lights = traffic_lights(ROWS, ITEMS, title="ROBINS-I")
    assert lights == traffic_lights(ROWS, ITEMS, title="ROBINS-I")
    assert lights.alt == (
        "ROBINS-I, 2 studies. Confounding: 1 low risk, 1 unclear, no information; "
        "Missing data: 1 high risk, 1 critical; Reporting: 1 not applicable."
    )
    summary = bias_summary(ROWS, ITEMS, title="ROBINS-I")
    assert summary.svg.lstrip().startswith("<?xml")
    assert summary.png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "without studies"),
        ([BiasRow(study="a", levels=("low",))], "1 levels for 3 items"),
        ([BiasRow(study="a", levels=("low", "bad", "low"))], "'bad' of 'a'"),
    ],
)
def test_rows_that_cannot_be_drawn_are_refused(rows: list[BiasRow], words: str) -> None:
    with pytest.raises(DataError, match=words):
        traffic_lights(rows, ITEMS, title="x")
