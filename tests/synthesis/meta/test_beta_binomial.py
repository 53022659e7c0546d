import math

import pytest
from tests.synthesis.oracles import agree, oracle

from resartus.errors import NotConverged
from resartus.synthesis.meta.beta_binomial import fit_beta_binomial


def test_fit_agrees_with_vgam_and_glmmtmb() -> None:
    r = oracle("prop_betabin_pritz")
    fit = fit_beta_binomial(r.data["xi"], r.data["ni"])
    logit = lambda p: math.log(p / (1 - p))  # noqa: E731
    agree(
        {
            "logit_mu": logit(fit.mu),
            "logit_rho": logit(fit.rho),
            "mu": fit.mu,
            "rho": fit.rho,
            "se_logit_mu": fit.expected_std_error_logit_mu,
            "se_logit_rho": fit.expected_std_error_logit_rho,
            "logLik": fit.log_likelihood,
            "glmmTMB_mu": fit.mu,
            "glmmTMB_phi": fit.precision,
            "glmmTMB_logLik": fit.log_likelihood,
            "glmmTMB_se_logit_mu": fit.std_error_logit_mu,
        },
        r.expected,
        r.tolerance,
    )


def test_no_variation_gives_the_plain_binomial() -> None:
    fit = fit_beta_binomial([5, 10, 15], [10, 20, 30])
    assert fit.is_boundary
    assert fit.rho == 0
    assert fit.precision is None
    agree([fit.mu, fit.std_error_logit_mu], [0.5, 1 / math.sqrt(15)], 1e-9)


def test_all_or_nothing_studies_do_not_converge_in_silence() -> None:
    with pytest.raises(NotConverged, match="only events or none"):
        fit_beta_binomial([0, 0, 10, 10], [10, 10, 10, 10])
