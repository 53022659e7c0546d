import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError, EstimationError, NotConverged
from resartus.synthesis.meta.logistic_normal import (
    _even_log_likelihood,
    _log_likelihood,
    fit_logistic_normal,
)


@pytest.mark.parametrize("name", ["prop_glmm_debruin", "prop_glmm_pritz", "prop_glmm_zero_events"])
@pytest.mark.parametrize("n_points", [7, 31])
def test_fit_agrees_with_rma_glmm(name: str, n_points: int) -> None:
    r = oracle(name)
    fit = fit_logistic_normal(r.data["xi"], r.data["ni"], n_points=n_points)
    agree(
        [fit.mu, fit.std_error, fit.tau2, 100 * fit.i2, fit.q_wald, fit.q_likelihood_ratio],
        [r.expected[key] for key in ("estimate_logit", "se", "tau2", "I2", "Q_Wld", "Q_LRT")],
        r.tolerance,
    )


def test_log_likelihood_without_heterogeneity_is_r_s() -> None:
    # Only here: with tau2 above 0 and several points, lme4's logLik leaves out the determinant.
    r = oracle("prop_glmm_zero_events")
    fit = fit_logistic_normal(r.data["xi"], r.data["ni"], n_points=7)
    agree(fit.log_likelihood, r.expected["logLik"], r.tolerance)


def test_twenty_points_agree_with_glmer() -> None:
    r = oracle("prop_glmm_pritz_laplace")
    fit = fit_logistic_normal(r.data["xi"], r.data["ni"], n_points=20)
    agree(
        [fit.mu, fit.std_error, fit.tau2],
        [r.expected[key] for key in ("agq20_beta", "agq20_se", "agq20_tau2")],
        r.tolerance,
    )


def test_more_points_settle() -> None:
    counts = [0, 0, 1, 9, 0, 12, 2], [14, 8, 20, 22, 5, 30, 31]
    many, more = (fit_logistic_normal(*counts, n_points=m) for m in (31, 81))
    agree([many.mu, many.tau2, many.std_error], [more.mu, more.tau2, more.std_error], 1e-6)


def test_no_variation_gives_the_plain_binomial() -> None:
    fit = fit_logistic_normal([5, 10, 15], [10, 20, 30])
    assert fit.is_boundary
    assert fit.tau2 == 0
    agree([fit.mu + 1, fit.std_error], [1.0, 1 / np.sqrt(60 * 0.25)], 1e-9)


@given(
    st.lists(
        st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=3,
        max_size=8,
    )
)
@settings(max_examples=25, deadline=None)
def test_fit_is_symmetric_and_ignores_order_or_says_why_there_is_none(
    studies: list[tuple[int, int]],
) -> None:
    x, n = [a for a, _ in studies], [b for _, b in studies]
    try:
        fit = fit_logistic_normal(x, n)
    except EstimationError:
        return
    assert fit.std_error > 0
    assert fit.tau2 >= 0
    mirrored = fit_logistic_normal([b - a for a, b in studies][::-1], n[::-1])
    agree([mirrored.mu, mirrored.std_error], [-fit.mu, fit.std_error], 1e-3, near_zero=1e-6)


@pytest.mark.parametrize(
    ("x", "n", "tau", "mu"),
    [
        # The profile of the likelihood by brute force: 8,001 even points, bounded search in mu.
        ([33, 33, 0, 12, 0], [39, 33, 13, 30, 39], 6.6, -1.45),
        ([7, 10, 3, 38, 0, 14], [9, 10, 5, 38, 10, 14], 5.7, 3.36),
        ([8, 16, 19, 16, 35, 0, 36], [8, 20, 33, 21, 35, 37, 36], 5.2, 2.67),
    ],
)
def test_studies_that_are_all_or_nothing_see_no_peak_that_is_not_there(
    x: list[int], n: list[int], tau: float, mu: float
) -> None:
    # Adaptive points alone gave standard errors of 0.01 to 0.1 here, and no symmetry.
    fit = fit_logistic_normal(x, n)
    assert fit.mu == pytest.approx(mu, abs=0.1)
    assert fit.tau2**0.5 == pytest.approx(tau, abs=0.2)
    assert fit.std_error > fit.tau2**0.5 / len(x) ** 0.5
    mirrored = fit_logistic_normal([b - a for a, b in zip(x, n, strict=True)], n)
    agree([mirrored.mu, mirrored.std_error], [-fit.mu, fit.std_error], 1e-4)


def test_even_and_adaptive_points_agree_where_tau_is_small() -> None:
    x, n = np.array([0.0, 1, 9, 2]), np.array([14.0, 20, 22, 31])
    adaptive, slope = _log_likelihood(-1.4, 0.9, x, n, 31)
    even, own_slope = _even_log_likelihood(-1.4, 0.9, x, n)
    agree([even, *own_slope], [adaptive, *slope], 1e-7)


def test_no_event_at_all_has_no_logit() -> None:
    with pytest.raises(EstimationError, match="no patient of 3 studies"):
        fit_logistic_normal([0, 0, 0], [4, 5, 6])


def test_all_or_nothing_studies_do_not_converge_in_silence() -> None:
    with pytest.raises(NotConverged):
        fit_logistic_normal([0, 0, 10, 10], [10, 10, 10, 10])


def test_one_study_is_refused() -> None:
    with pytest.raises(DataError, match="exact interval"):
        fit_logistic_normal([1], [4])
