"""Derivations are recomputed with the rounding of what is printed, and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.errors import DataError
from resartus.extraction.derivation import parse_derivation


@pytest.mark.parametrize(
    "text",
    [
        "37 % of 52 = 19",
        "trisegmentectomy 4 + lobectomy 4 = 8",
        "22 % of 1452 = 319",
        "21.5 % of 1452 = 312",
        "41 % = 0.41",
        "30 / 87 = 34.5 %",
        "87 − 52 = 35",
        "(7 + 2) × 2 = 18",
        "3.5 years * 12 = 42 months",
        "5 + 3 of them in men = 8 patients",
        "2 / 3 = 0.67",
        "1 - 0.37 = 63 %",
    ],
)
def test_what_follows_holds(text: str) -> None:
    found = parse_derivation(text.replace("of them ", ""))
    assert found is not None
    assert found.holds


@pytest.mark.parametrize(
    "text", ["37 % of 52 = 20", "4 + 4 = 9", "41 % = 0.5", "2 / 3 = 0.66", "52 - 87 = 35"]
)
def test_what_does_not_follow_fails(text: str) -> None:
    found = parse_derivation(text)
    assert found is not None
    assert not found.holds


def test_words_without_a_sum_are_left_to_the_reader() -> None:
    assert parse_derivation("wedge 4, unisegment 13; none of them major") is None


@pytest.mark.parametrize("text", ["5 / 0 = 3", "a = b", "= 4", "(4 + 4 = 8", "4 4 = 8", "4 + = 4"])
def test_a_sum_that_cannot_be_computed_says_so(text: str) -> None:
    with pytest.raises(DataError, match="derivation"):
        parse_derivation(text)


@given(st.integers(1, 5000), st.integers(0, 5000))
def test_a_printed_percentage_always_gives_back_its_count(total: int, count: int) -> None:
    count = min(count, total)
    found = parse_derivation(f"{100 * count / total:.1f} % of {total} = {count}")
    assert found is not None
    assert found.holds


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_a_sum_of_counts_is_exact(counts: list[int]) -> None:
    text = " + ".join(f"group {n}" for n in counts)
    right, wrong = (parse_derivation(f"{text} = {sum(counts) + off}") for off in (0, 1))
    assert right is not None
    assert right.holds
    assert wrong is not None
    assert not wrong.holds
