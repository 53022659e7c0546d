from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.survival.competing_risks import cumulative_incidence, gray_test
from resartus.synthesis.survival.kaplan_meier import kaplan_meier


def test_incidence_variance_and_grays_test_agree_with_cmprsk() -> None:
    r = oracle("cif_competing_mgus2")
    time, kind, sex = r.data["time"], r.data["ev"], r.data["sex"]
    for place, name in enumerate(r.expected["curves"]):
        group, cause = name.split()
        rows = [i for i, s in enumerate(sex) if s == group]
        curve = cumulative_incidence(
            [time[i] for i in rows], [kind[i] for i in rows], cause=int(cause)
        )
        at = [curve.at(t) for t in (24, 60, 120)]
        agree([x.value for x in at], r.expected["est"][place], r.tolerance)
        agree([(x.std_error or 0) ** 2 for x in at], r.expected["var"][place], r.tolerance)
    tests = [gray_test(time, kind, sex, cause=cause) for cause in (1, 2)]
    agree([t.statistic for t in tests], r.expected["gray_stat"], r.tolerance)
    agree([t.p_value for t in tests], r.expected["gray_p"], r.tolerance)


rows = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 2)), min_size=3, max_size=40)


@given(rows)
def test_the_causes_and_survival_add_up_to_one(patients: list[tuple[int, int]]) -> None:
    kinds = [k for _, k in patients]
    assume({1, 2} <= set(kinds))
    times = [t for t, _ in patients]
    end = max(times)
    alive = kaplan_meier(times, [k > 0 for k in kinds]).survival_at(end).value
    parts = [cumulative_incidence(times, kinds, cause=c).at(end).value for c in (1, 2)]
    assert sum(p or 0 for p in parts) + (alive or 0) == pytest.approx(1)


@given(rows)
def test_with_one_cause_it_is_one_minus_kaplan_meier(patients: list[tuple[int, int]]) -> None:
    kinds = [min(k, 1) for _, k in patients]
    assume(any(kinds))
    times = [t for t, _ in patients]
    curve = cumulative_incidence(times, kinds)
    survival = kaplan_meier(times, [bool(k) for k in kinds])
    for t in times:
        low = survival.survival_at(t)
        assert curve.at(t).value == pytest.approx(1 - (low.value or 0), abs=1e-12)
        interval = curve.at(t).interval
        if interval is not None and interval.low is not None and interval.high is not None:
            assert 0 <= interval.low <= (curve.at(t).value or 0) <= interval.high <= 1


def test_beyond_the_follow_up_nothing_is_said() -> None:
    late = cumulative_incidence([5, 9, 12], [1, 2, 0]).at(60)
    assert late.value is None
    assert "longest follow-up is 12" in late.diagnostics[0]


@pytest.mark.parametrize(
    ("kinds", "cause", "said"),
    [
        ([0, 2], 1, "cause 1 was seen in no patient"),
        ([1, -1], 1, "cause -1 is not"),
        ([1, 1.5], 1, "is not a whole number"),
        ([1], 1, "2 times but 1 events"),
    ],
)
def test_impossible_input_is_named(kinds: list[Any], cause: int, said: str) -> None:
    with pytest.raises(DataError, match=said):
        cumulative_incidence([1, 2], kinds, cause=cause)


def test_one_group_is_refused() -> None:
    with pytest.raises(DataError, match="group 'a'"):
        gray_test([1, 2], [1, 2], ["a", "a"])
