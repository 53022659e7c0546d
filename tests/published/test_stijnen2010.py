"""Stijnen T, Hamza TH, Ozdemir P. Random effects meta-analysis of event outcome in the framework
of the generalized linear mixed model. Stat Med 2010;29:3046-3067. Catheter infections."""

import math

import pytest
from tests.published.metadat import columns, printed, rows

from resartus.synthesis.meta.effects.single_arm import rates
from resartus.synthesis.meta.logistic_normal import fit_logistic_normal
from resartus.synthesis.meta.pooling import pool
from resartus.synthesis.meta.proportions import pool_proportions


@pytest.mark.parametrize(
    ("arm", "logit", "std_error", "tau2", "risk", "low", "high"),
    [
        ("2", -3.50, 0.26, 0.81, 0.029, 0.018, 0.048),
        ("1", -4.81, 0.36, 0.83, 0.008, 0.004, 0.016),
    ],
)
def test_binomial_normal_risks_are_table_2(arm, logit, std_error, tau2, risk, low, high) -> None:  # type: ignore[no-untyped-def]
    # Page 3050, Table II, binomial-normal; many arms have no event.
    x, n = columns(rows("nielweise2007"), "ci" if arm == "2" else "ai", f"n{arm}i")
    fit = fit_logistic_normal(x, n, n_points=7)
    numbers = (printed(fit.mu, 2), printed(fit.std_error, 2), printed(fit.tau2, 2))
    assert numbers == (logit, std_error, tau2)
    e = pool_proportions(x, n, method="glmm", n_points=7, test="z")
    assert e.interval is not None
    ends = (printed(e.value, 3), printed(e.interval.low, 3), printed(e.interval.high, 3))
    assert ends == (risk, low, high)


@pytest.mark.parametrize(
    ("arm", "mean", "std_error", "tau2", "rate", "low"),
    [("2", 1.468, 0.243, 0.370, 4.34, 2.70), ("1", 0.981, 0.326, 0.639, 2.67, 1.41)],
)
def test_normal_rates_are_table_7(arm, mean, std_error, tau2, rate, low) -> None:  # type: ignore[no-untyped-def]
    # Page 3054, Table VII, normal-normal; per 1000 catheter days.
    x, t = columns(rows("nielweise2008"), f"x{arm}i", f"t{arm}i")
    found = rates("IRLN", x, [days / 1000 for days in t])
    e = pool(*found.known()[1:], test="z")
    assert e.value is not None
    assert e.interval is not None
    assert e.heterogeneity is not None
    assert (printed(e.value, 3), printed(e.std_error, 3)) == (mean, std_error)
    assert printed(e.heterogeneity.tau2, 3) == tau2
    assert (printed(math.exp(e.value), 2), printed(math.exp(e.interval.low or 0), 2)) == (rate, low)
