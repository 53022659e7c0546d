"""GRADE steps are told in words and never summed silently."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.appraisal.grade import DOWN, LEVELS, STARTS, UP, Grade, Start, Step, reached
from resartus.domain.guidance import Certainty
from resartus.errors import DataError


def step(domain: str, levels: int = 1) -> Step:
    return Step(domain=domain, levels=levels, because="for a reason")


def test_a_rating_is_told_from_start_to_end() -> None:
    grade = Grade(
        outcome="5-year survival",
        start=Start.OBSERVATIONAL,
        certainty=Certainty.VERY_LOW,
        downs=(
            Step(domain="risk of bias", levels=2, because="surgeons chose whom to operate"),
            Step(domain="imprecision", levels=1, because="52 patients"),
        ),
    )
    assert grade.sentences() == (
        "Starts low: observational studies of an effect.",
        "Down two levels for risk of bias: surgeons chose whom to operate.",
        "Down one level for imprecision: 52 patients.",
        "Very low is the lowest level; the further reasons stand all the same.",
        "Certainty: very low.",
    )


def test_a_level_that_the_steps_do_not_give_needs_a_reason() -> None:
    with pytest.raises(DataError, match="lead 'x' to low, not to moderate"):
        Grade(outcome="x", start=Start.CASES, certainty=Certainty.MODERATE)
    told = Grade(
        outcome="x",
        start=Start.CASES,
        certainty=Certainty.MODERATE,
        apart_because="two of the reasons overlap",
    ).sentences()
    assert "Judged apart from the steps: two of the reasons overlap." in told


def test_rating_up_beside_a_reason_down_needs_a_word() -> None:
    with pytest.raises(DataError, match="rated up although it is also rated down"):
        Grade(
            outcome="x",
            start=Start.OBSERVATIONAL,
            certainty=Certainty.LOW,
            downs=(step("imprecision"),),
            ups=(step("large effect"),),
        )


@pytest.mark.parametrize(
    ("downs", "words"),
    [((step("bad luck"),), "is no reason"), ((step("imprecision"), step("imprecision")), "twice")],
)
def test_reasons_are_grade_s_and_stand_once(downs: tuple[Step, ...], words: str) -> None:
    with pytest.raises(DataError, match=words):
        Grade(outcome="x", start=Start.CASES, certainty=Certainty.VERY_LOW, downs=downs)


@pytest.mark.parametrize("levels", [0, 3])
def test_a_step_is_one_or_two_levels_and_has_a_reason(levels: int) -> None:
    with pytest.raises(DataError, match="not 1 or 2"):
        step("imprecision", levels)
    with pytest.raises(DataError, match="because"):
        Step(domain="imprecision", levels=1, because=" ")


steps = st.lists(st.integers(1, 2), max_size=5)


@given(st.sampled_from(list(Start)), steps, st.lists(st.integers(1, 2), max_size=3))
def test_more_reasons_down_never_raise_the_certainty(
    start: Start, down: list[int], up: list[int]
) -> None:
    downs = tuple(step(d, n) for d, n in zip(DOWN, down, strict=False))
    ups = tuple(step(d, n) for d, n in zip(UP, up, strict=False))
    assert reached(start, (), ()) is STARTS[start]
    assert LEVELS.index(reached(start, downs, ups)) <= LEVELS.index(reached(start, (), ups))
