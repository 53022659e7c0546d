"""Viechtbauer W. Bias and efficiency of meta-analytic variance estimators in the random-effects
model. J Educ Behav Stat 2005;30:261-293."""

import pytest
from tests.published.metadat import printed

from resartus.synthesis.meta.pooling import pool

METHODS = ("HS", "HE", "DL", "ML", "REML", "EB", "SJ")
FIRST = (
    [-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232],
    [0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040],
)
SECOND = (
    [0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134, 0.019, 0.175, 0.056,
     0.045, 0.103, 0.121, -0.482, 0.290, 0.342],
    [0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034, 0.033, 0.031, 0.034, 0.039,
     0.167, 0.134, 0.096, 0.016, 0.035],
)  # fmt: skip


@pytest.mark.parametrize(
    ("data", "tau2", "i2", "h2"),
    [
        (
            FIRST,  # page 271
            [0.228, 0.148, 0.277, 0.197, 0.223, 0.192, 0.199],
            [77.23, 68.80, 80.44, 74.51, 76.84, 74.05, 74.75],
            [4.39, 3.21, 5.11, 3.92, 4.32, 3.85, 3.96],
        ),
        (
            SECOND,  # page 272
            [0.010, 0.000, 0.013, 0.013, 0.016, 0.010, 0.025],
            [22.93, 0.00, 27.53, 28.45, 32.02, 23.72, 42.67],
            [1.30, 1.00, 1.38, 1.40, 1.47, 1.31, 1.74],
        ),
    ],
)
def test_seven_estimators_give_the_printed_tau2_i2_and_h2(data, tau2, i2, h2) -> None:  # type: ignore[no-untyped-def]
    found = [pool(*data, estimator=method).heterogeneity for method in METHODS]
    assert [printed(h.tau2, 3) for h in found if h] == tau2
    assert [printed(100 * (h.i2 or 0), 2) for h in found if h] == i2
    assert [printed(h.h2, 2) for h in found if h] == h2
