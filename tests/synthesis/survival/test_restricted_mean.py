import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.synthesis.oracles import agree, oracle

from resartus.domain.estimate import Estimate
from resartus.errors import DataError
from resartus.synthesis.survival.restricted_mean import compare_restricted_means, restricted_mean


def limits(estimate: Estimate | None) -> list[float | None]:
    assert estimate is not None
    assert estimate.interval is not None
    return [estimate.value, estimate.interval.low, estimate.interval.high]


def test_two_arms_agree_with_survrm2() -> None:
    r = oracle("rmst_pbc_10y")
    arms = [
        tuple(
            [v for v, a in zip(r.data[key], r.data["arm"], strict=True) if a == arm]
            for key in ("time", "status")
        )
        for arm in (1, 0)
    ]
    compared = compare_restricted_means(arms[0], arms[1], horizon=r.expected["tau"])
    for mine, theirs in ((compared.first, "rmst1"), (compared.second, "rmst0")):
        value, low, high = limits(mine)
        agree([value, mine.std_error, low, high], r.expected[theirs], r.tolerance)
    for own, theirs in (
        (compared.difference, "diff"),
        (compared.ratio, "ratio"),
        (compared.time_lost_ratio, "rmtl_ratio"),
    ):
        assert own is not None
        agree([*limits(own), own.p_value], r.expected[theirs], r.tolerance)


@given(st.lists(st.integers(1, 40), min_size=2, max_size=30), st.integers(1, 40))
def test_without_censoring_it_is_the_mean_of_the_times_cut_at_the_horizon(
    times: list[int], horizon: int
) -> None:
    found = restricted_mean(times, [True] * len(times), horizon=horizon)
    assert found.value == pytest.approx(sum(min(t, horizon) for t in times) / len(times))


def test_a_horizon_beyond_the_follow_up_is_refused() -> None:
    with pytest.raises(DataError, match=r"horizon 50 .* longest follow-up of the patients, 9.0"):
        restricted_mean([5, 9], [True, False], horizon=50)


def test_without_a_horizon_the_shorter_follow_up_is_taken() -> None:
    compared = compare_restricted_means(([5, 9], [1, 0]), ([4, 20], [1, 0]))
    assert compared.first.scale == "mean months lived of the first 9"


def test_nobody_dead_gives_no_width_and_no_ratio_of_time_lost() -> None:
    compared = compare_restricted_means(([9, 9], [0, 0]), ([4, 20], [1, 0]), horizon=9)
    assert "no width" in compared.first.diagnostics[0]
    assert compared.time_lost_ratio is None
