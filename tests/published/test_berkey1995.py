"""Berkey CS, Hoaglin DC, Mosteller F, Colditz GA. A random-effects regression model for meta-
analysis. Stat Med 1995;14:395-411. Page 408: empirical Bayes, smoothed variances."""

import math

from tests.published.metadat import columns, printed, rows

from resartus.synthesis.meta.effects.two_arms import compare_counts
from resartus.synthesis.meta.exploring.regression import regress
from resartus.synthesis.meta.pooling import pool


def trials() -> tuple[list[float], list[float], list[float]]:
    a, b, c, d, latitude = columns(rows("bcg"), "tpos", "tneg", "cpos", "cneg", "ablat")
    n1 = [x + y for x, y in zip(a, b, strict=True)]
    n2 = [x + y for x, y in zip(c, d, strict=True)]
    found = compare_counts("RR", a, n1, c, n2)
    odds_1 = sum(y / x for x, y in zip(a, b, strict=True)) / 13
    odds_2 = sum(y / x for x, y in zip(c, d, strict=True)) / 13
    smoothed = [odds_1 / x + odds_2 / y for x, y in zip(n1, n2, strict=True)]
    return found.known()[1], smoothed, latitude


def test_the_mean_without_covariates_is_on_page_408() -> None:
    y, v, _ = trials()
    e = pool(y, v, estimator="EB", test="z")
    assert e.heterogeneity is not None
    assert printed(e.value, 4) == -0.5429
    assert printed(e.std_error, 4) == 0.1842
    assert printed(e.heterogeneity.tau2, 3) == 0.268


def test_the_regression_on_latitude_is_on_page_408() -> None:
    y, v, latitude = trials()
    found = regress(y, v, {"latitude": [x - 33.46 for x in latitude]}, estimator="EB", test="z")
    constant, slope = found.coefficients
    # The constant is printed -0.6304 and computes to -0.63034.
    assert printed(constant.value, 3) == -0.630
    assert printed(slope.value, 4) == -0.0268
    assert (printed(constant.std_error, 4), printed(slope.std_error, 4)) == (0.1591, 0.0110)
    assert printed(found.heterogeneity.tau2, 3) == 0.157
    assert found.r2 is not None
    assert printed(100 * found.r2, 0) == 41
    risks = [math.exp(found.predict([1, x - 33.46]).value or 0) for x in (33.46, 42)]
    assert [printed(risk, 2) for risk in risks] == [0.53, 0.42]
