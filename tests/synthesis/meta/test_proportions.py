import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.meta.proportions import pool_proportions, study_proportions


@pytest.mark.parametrize("name", ["prop_glmm_debruin", "prop_glmm_pritz", "prop_glmm_zero_events"])
def test_pooled_proportion_and_prediction_agree_with_rma_glmm(name: str) -> None:
    r = oracle(name)
    pooled = pool_proportions(r.data["xi"], r.data["ni"], n_points=7, prediction="metafor")
    assert pooled.interval is not None
    assert pooled.prediction is not None
    agree(
        [
            pooled.value,
            pooled.interval.low,
            pooled.interval.high,
            pooled.prediction.low,
            pooled.prediction.high,
        ],
        [r.expected[key] for key in ("prop", "prop_lb", "prop_ub", "pi_lb", "pi_ub")],
        r.tolerance,
    )


def test_no_event_in_any_study_gives_only_the_exact_upper_limit() -> None:
    r = oracle("prop_all_zero")
    pooled = pool_proportions(r.data["xi"], r.data["ni"])
    assert pooled.interval is not None
    agree(
        [pooled.interval.low, pooled.interval.high],
        [r.expected["cp_lb"], r.expected["cp_ub"]],
        r.tolerance,
    )
    assert pooled.value == 0
    assert pooled.heterogeneity is None
    assert pooled.prediction is None
    assert "only the exact upper limit 0.142" in pooled.diagnostics[0]


def test_events_in_every_patient_give_only_the_exact_lower_limit() -> None:
    pooled = pool_proportions([4, 6, 3, 11], [4, 6, 3, 11])
    assert pooled.interval is not None
    assert pooled.interval.high == 1
    assert round(pooled.interval.low or 0, 4) == 0.8575


def test_one_study_gives_its_exact_interval() -> None:
    pooled = pool_proportions([2], [5], inputs=("a", "b"))
    assert pooled.value == 0.4
    assert pooled.interval is not None
    assert pooled.interval.method == "Clopper-Pearson"
    assert pooled.inputs == ("a", "b")


def test_two_studies_are_shown_and_not_pooled() -> None:
    pooled = pool_proportions([1, 3], [4, 9])
    assert pooled.value is None
    assert pooled.interval is None
    assert pooled.n_patients == 13
    assert "study 1 1 of 4 (0.25, 0.01 to 0.81)" in pooled.diagnostics[0]


def test_three_studies_get_the_wide_interval_and_say_so() -> None:
    few = pool_proportions([1, 8, 3], [10, 12, 20])
    asked = pool_proportions([1, 8, 3], [10, 12, 20], test="z")
    assert few.interval is not None
    assert asked.interval is not None
    assert few.interval.method == "Wald on the logit, t(k-1)"
    assert (few.interval.low or 0) < (asked.interval.low or 0)
    assert any("hardly known" in doubt for doubt in few.diagnostics)
    assert any("beta-binomial" in doubt for doubt in few.diagnostics)


def test_studies_no_model_fits_are_shown() -> None:
    pooled = pool_proportions([0, 0, 10, 10], [10, 10, 10, 10])
    assert pooled.value is None
    assert "No model fits" in pooled.diagnostics[0]
    assert "study 4 10 of 10" in pooled.diagnostics[0]


@given(
    st.lists(
        st.integers(1, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=7,
    )
)
@settings(max_examples=30, deadline=None)
def test_every_possible_count_gets_an_answer(studies: list[tuple[int, int]]) -> None:
    x, n = [a for a, _ in studies], [b for _, b in studies]
    pooled = pool_proportions(x, n)
    assert pooled.n_events == sum(x)
    if pooled.value is None:
        assert pooled.diagnostics
    else:
        assert pooled.interval is not None
        assert pooled.interval.low is not None
        assert pooled.interval.high is not None
        assert 0 <= pooled.interval.low <= pooled.value <= pooled.interval.high <= 1


def test_studies_keep_their_order_and_counts() -> None:
    own = study_proportions([0, 2], [3, 8])
    assert [(e.n_events, e.n_patients) for e in own] == [(0, 3), (2, 8)]


def test_an_unknown_method_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match="auto, glmm, beta-binomial, sum"):
        pool_proportions([1, 2, 3], [4, 5, 6], method="magic")
