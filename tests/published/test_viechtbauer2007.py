"""Viechtbauer W. Confidence intervals for the amount of heterogeneity in meta-analysis. Stat Med
2007;26:37-52. Diuretics in pregnancy, Table II on page 44."""

import pytest
from tests.published.metadat import columns, printed, rows

from resartus.synthesis.meta.effects.two_arms import compare_counts
from resartus.synthesis.meta.models.mixed_effects import fit_mixed_effects


@pytest.mark.parametrize(
    ("estimator", "tau2"), [("DL", 0.23), ("ML", 0.24), ("REML", 0.30), ("SJ", 0.46)]
)
def test_tau2_and_its_intervals_are_table_2(estimator: str, tau2: float) -> None:
    a, n1, c, n2 = columns(rows("collins1985b"), "pre.xti", "pre.nti", "pre.xci", "pre.nci")
    found = compare_counts("OR", a, n1, c, n2)
    fit = fit_mixed_effects(*found.known()[1:], estimator=estimator, test="z")
    assert printed(fit.tau2_value, 2) == tau2
    profile = fit.tau2_interval()
    assert (printed(profile.low, 2), printed(profile.high, 2)) == (0.07, 2.20)
    wald = {"ML": (-0.10, 0.58), "REML": (-0.13, 0.73)}
    if estimator in wald:
        assert fit.tau2 is not None
        half = 1.96 * fit.tau2.std_error
        ends = (printed(fit.tau2_value - half, 2), printed(fit.tau2_value + half, 2))
        assert ends == wald[estimator]
