import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.synthesis.oracles import agree

from resartus.errors import DataError
from resartus.synthesis.meta.swim.direction import count_directions
from resartus.synthesis.meta.swim.p_values import combine_p_values, one_sided


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=40))
def test_the_sign_test_is_the_exact_binomial_test(directions: list[int]) -> None:
    found = count_directions(directions)
    n, benefit = sum(d != 0 for d in directions), sum(d > 0 for d in directions)
    if n == 0:
        assert found.value is None
        return
    agree(found.p_value, stats.binomtest(benefit, n).pvalue, 1e-9)
    assert found.interval is not None
    assert found.value == benefit / n


def test_few_studies_cannot_reach_significance_and_the_answer_says_so() -> None:
    assert "cannot reach 0.05" in count_directions([1] * 5).diagnostics[0]
    assert not count_directions([1] * 6).diagnostics


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=20))
def test_combined_p_values_are_scipys(p_values: list[float]) -> None:
    fisher = combine_p_values(p_values)
    theirs = stats.combine_pvalues(p_values, method="fisher")
    agree([fisher.statistic, fisher.p_value], [theirs.statistic, theirs.pvalue], 1e-8)
    if max(p_values) < 1:
        weights = [float(i + 1) for i in range(len(p_values))]
        own = combine_p_values(p_values, method="Stouffer", weights=weights)
        theirs = stats.combine_pvalues(p_values, method="stouffer", weights=weights)
        agree([own.statistic, own.p_value], [theirs.statistic, theirs.pvalue], 1e-7)


def test_a_harmful_result_becomes_a_large_one_sided_p() -> None:
    assert math.isclose(one_sided(0.02, is_benefit=False), 0.99)
    assert math.isclose(one_sided(0.02, is_benefit=True), 0.01)


@pytest.mark.parametrize("p", [0.0, 1.2, -0.1])
def test_impossible_p_values_are_named(p: float) -> None:
    with pytest.raises(DataError, match=r"p value .* of study 2"):
        combine_p_values([0.5, p])


def test_a_direction_is_one_zero_or_minus_one() -> None:
    with pytest.raises(DataError, match="direction 2 of study 1"):
        count_directions([2])
