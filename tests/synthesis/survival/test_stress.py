import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from resartus.errors import DataError
from resartus.synthesis.survival.kaplan_meier import kaplan_meier
from resartus.synthesis.survival.stress import stress_test

TIMES = [12, 20, 24, 36, 40, 48, 60, 72, 80, 96]
EVENTS = [True, True, False, True, True, True, False, True, True, False]


def test_the_number_found_is_the_smallest_that_overturns_the_median() -> None:
    found = stress_test(TIMES, EVENTS, threshold=24, death_time=3)
    assert found.published == 48
    k = found.to_lose_estimate
    assert k is not None
    for extra, holds in ((k - 1, True), (k, False)):
        median = kaplan_meier([*TIMES, *[3] * extra], [*EVENTS, *[True] * extra]).median.value
        assert median is not None
        assert (median > 24) is holds
    assert found.per_published == k / 10


def test_a_result_that_does_not_hold_has_nothing_to_overturn() -> None:
    found = stress_test(TIMES, EVENTS, threshold=60, death_time=3)
    assert found.to_lose_estimate is None
    assert found.sentence() == (
        "The 10 published patients do not show a median survival above 60 months."
    )


def test_survival_at_a_time_can_be_held_against_a_fraction() -> None:
    found = stress_test(TIMES, EVENTS, threshold=0.3, death_time=3, survival_time=36)
    assert found.measure == "survival at 36 months"
    assert found.to_lose_estimate is not None
    assert "would end a survival at 36 months above 0.3" in found.sentence()


@given(
    st.lists(st.tuples(st.integers(2, 90), st.booleans()), min_size=3, max_size=25),
    st.integers(2, 40),
)
def test_more_deaths_never_bring_a_lost_result_back(
    patients: list[tuple[int, bool]], threshold: int
) -> None:
    assume(any(e for _, e in patients))
    times, events = [t for t, _ in patients], [e for _, e in patients]
    found = stress_test(times, events, threshold=threshold, death_time=1)
    k = found.to_lose_estimate
    assume(k is not None)
    assert k is not None
    for extra in (k, k + 1, 3 * k):
        median = kaplan_meier([*times, *[1] * extra], [*events, *[True] * extra]).median.value
        assert median is not None
        assert median <= threshold
    if found.to_lose_interval is not None:
        assert found.to_lose_interval <= k


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"threshold": 0, "death_time": 3}, "threshold 0"),
        ({"threshold": 24, "death_time": -1}, "death_time -1"),
        ({"threshold": 24, "death_time": 3, "survival_time": 12}, "not a fraction"),
    ],
)
def test_impossible_questions_are_named(options: dict[str, float], said: str) -> None:
    with pytest.raises(DataError, match=said):
        stress_test(TIMES, EVENTS, **options)  # type: ignore[arg-type]
