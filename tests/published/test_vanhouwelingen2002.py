"""van Houwelingen HC, Arends LR, Stijnen T. Advanced methods in meta-analysis: multivariate
approach and meta-regression. Stat Med 2002;21:589-624. Log odds ratios of 13 BCG trials, by
ML."""

import math

from tests.published.metadat import columns, printed, rows

from resartus.synthesis.meta.effects.two_arms import compare_counts
from resartus.synthesis.meta.exploring.regression import regress
from resartus.synthesis.meta.pooling import pool


def trials() -> tuple[list[float], list[float], list[float]]:
    a, b, c, d, latitude = columns(rows("colditz1994"), "tpos", "tneg", "cpos", "cneg", "ablat")
    n1 = [x + y for x, y in zip(a, b, strict=True)]
    n2 = [x + y for x, y in zip(c, d, strict=True)]
    found = compare_counts("OR", a, n1, c, n2)
    return found.known()[1], found.known()[2], latitude


def test_the_common_odds_ratio_is_on_page_596() -> None:
    y, v, _ = trials()
    e = pool(y, v, model="common")
    assert e.value is not None
    assert e.interval is not None
    assert printed(math.exp(e.value), 3) == 0.647
    # The upper limit is printed .703 and computes to .7024.
    assert printed(math.exp(e.interval.low or 0), 3) == 0.595


def test_the_random_effects_odds_ratio_and_tau2_are_on_page_597() -> None:
    y, v, _ = trials()
    e = pool(y, v, estimator="ML", test="z")
    assert e.value is not None
    assert e.interval is not None
    assert e.heterogeneity is not None
    assert printed(math.exp(e.value), 3) == 0.476
    assert printed(math.exp(e.interval.low or 0), 3) == 0.336
    assert printed(math.exp(e.interval.high or 0), 3) == 0.675
    assert printed(e.heterogeneity.tau2, 3) == 0.302


def test_the_regression_on_latitude_is_on_pages_608_to_609() -> None:
    y, v, latitude = trials()
    found = regress(y, v, {"latitude": latitude}, estimator="ML", test="z")
    assert [printed(c.value, 3) for c in found.coefficients] == [0.371, -0.033]
    assert [printed(c.std_error, 3) for c in found.coefficients] == [0.106, 0.003]
    assert printed(found.heterogeneity.tau2, 3) == 0.004
