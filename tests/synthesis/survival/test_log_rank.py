import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.survival.log_rank import log_rank


def test_two_groups_weights_and_strata_agree_with_survdiff() -> None:
    r = oracle("logrank_lung_sex")
    time, status = r.data["time"], r.data["status"]
    sex = [str(s) for s in r.data["sex"]]
    plain = log_rank(time, status, sex)
    agree(plain.statistic, r.expected["chisq"], r.tolerance)
    agree(plain.observed, r.expected["obs"], r.tolerance)
    agree(plain.expected, r.expected["exp"], r.tolerance)
    agree(plain.p_value, r.expected["p"], r.tolerance)
    agree(log_rank(time, status, sex, rho=1).statistic, r.expected["rho1_chisq"], r.tolerance)
    stratified = log_rank(time, status, sex, strata=r.data["ph.ecog"])
    agree(stratified.statistic, r.expected["strat_chisq"], r.tolerance)
    assert stratified.method == "log-rank, stratified"


def test_four_groups_agree_with_survdiff() -> None:
    r = oracle("logrank_veteran_4grp")
    test = log_rank(r.data["time"], r.data["status"], r.data["celltype"])
    assert list(test.groups) == r.expected["groups"]
    assert test.degrees_of_freedom == r.expected["df"]
    agree(test.statistic, r.expected["chisq"], r.tolerance)
    agree(test.expected, r.expected["exp"], r.tolerance)
    agree(test.p_value, r.expected["p"], r.tolerance)


rows = st.lists(
    st.tuples(st.integers(1, 15), st.booleans(), st.sampled_from("abc")), min_size=4, max_size=40
)


@given(rows)
def test_expected_events_add_up_to_those_observed(patients: list[tuple[int, bool, str]]) -> None:
    assume(len({g for *_, g in patients}) > 1)
    assume(any(e for _, e, _ in patients))
    test = log_rank(*zip(*patients, strict=True))  # type: ignore[arg-type]
    assert sum(test.expected) == pytest.approx(sum(test.observed))
    assert test.statistic >= -1e-9
    assert 0 <= test.p_value <= 1


@given(rows)
def test_twice_the_same_patients_do_not_differ(patients: list[tuple[int, bool, str]]) -> None:
    assume(any(e for _, e, _ in patients))
    times = [t for t, *_ in patients] * 2
    events = [e for _, e, _ in patients] * 2
    test = log_rank(times, events, ["a"] * len(patients) + ["b"] * len(patients))
    assert test.statistic == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("events", "groups", "rho", "said"),
    [
        ([1, 1], ["a", "a"], 0, "in group 'a'"),
        ([0, 0], ["a", "b"], 0, "nothing to compare"),
        ([1, 1], ["a"], 0, "1 groups were given for 2"),
        ([1, 1], ["a", "b"], -1, "rho -1 is below 0"),
    ],
)
def test_impossible_input_is_named(
    events: list[int], groups: list[str], rho: float, said: str
) -> None:
    with pytest.raises(DataError, match=said):
        log_rank([1, 2], events, groups, rho=rho)
