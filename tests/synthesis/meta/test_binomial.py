import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.meta.binomial import clopper_pearson, jeffreys, single_proportion, wilson


def test_exact_wilson_and_jeffreys_limits_agree_with_r() -> None:
    r = oracle("binom_ci_set")
    pairs = list(zip(r.data["x"], r.data["n"], strict=True))
    for short, method in (("cp", clopper_pearson), ("wilson", wilson), ("jeffreys", jeffreys)):
        limits = [method(x, n) for x, n in pairs]
        agree([i.low for i in limits], r.expected[f"{short}_lb"], r.tolerance, near_zero=1e-6)
        agree([i.high for i in limits], r.expected[f"{short}_ub"], r.tolerance, near_zero=1e-6)


@given(n=st.integers(1, 400), data=st.data(), level=st.sampled_from([0.8, 0.95, 0.99]))
def test_clopper_pearson_inverts_the_binomial_test(
    n: int, data: st.DataObject, level: float
) -> None:
    x = data.draw(st.integers(0, n))
    interval = clopper_pearson(x, n, level=level)
    tail = (1 - level) / 2
    if x > 0:
        assert math.isclose(stats.binom.sf(x - 1, n, interval.low), tail, rel_tol=1e-8)
    if x < n:
        assert math.isclose(stats.binom.cdf(x, n, interval.high), tail, rel_tol=1e-8)
    mirrored = clopper_pearson(n - x, n, level=level)
    assert math.isclose(mirrored.low, 1 - interval.high, abs_tol=1e-12)


def test_a_count_above_its_total_is_named() -> None:
    with pytest.raises(DataError, match=r"events 5 of a proportion .* its total 4"):
        clopper_pearson(5, 4)


def test_half_a_patient_is_refused() -> None:
    with pytest.raises(DataError, match="not a whole number"):
        wilson(0.5, 4)  # type: ignore[arg-type]


def test_a_study_without_patients_is_refused() -> None:
    with pytest.raises(DataError, match="below 1"):
        single_proportion(0, 0)
