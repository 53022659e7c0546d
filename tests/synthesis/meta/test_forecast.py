import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resartus.errors import DataError
from resartus.synthesis.meta.forecast import forecast_proportion

studies = st.lists(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=8,
)


@given(studies, st.integers(0, 60), st.integers(0, 300))
@settings(max_examples=8, deadline=None)
def test_a_forecast_is_within_what_is_possible(
    rows: list[tuple[int, int]], n_pending: int, more_judged: int
) -> None:
    found = forecast_proportion(
        [e for e, _ in rows],
        [n for _, n in rows],
        n_pending=n_pending,
        n_judged=len(rows) + more_judged,
    )
    assert 0 <= found.chance_of_signal <= 1
    assert 0 <= found.expected_studies <= n_pending
    if n_pending == 0:
        assert found.chance_of_signal == 0
        assert found.expected_patients == 0


def test_few_hits_move_a_large_body_less_than_a_small_one() -> None:
    small = forecast_proportion([1, 0, 1], [12, 9, 15], n_pending=10, n_judged=20)
    large = forecast_proportion([5] * 12, [100] * 12, n_pending=10, n_judged=200)
    assert large.chance_of_signal < small.chance_of_signal


def test_the_same_seed_gives_the_same_forecast() -> None:
    once, again = (
        forecast_proportion([1, 0, 2], [12, 9, 15], n_pending=10, n_judged=20) for _ in range(2)
    )
    assert once == again


def test_fewer_judged_than_gave_studies_is_refused() -> None:
    with pytest.raises(DataError, match="2 judged and 10 pending"):
        forecast_proportion([1, 0, 2], [12, 9, 15], n_pending=10, n_judged=2)
