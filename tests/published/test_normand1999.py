"""Normand SL. Meta-analysis: formulating, evaluating, combining, and reporting. Stat Med
1999;18:321-359."""

import math

import pytest
from tests.published.metadat import columns, printed, rows

from resartus.synthesis.meta.effects.two_arms import compare_counts
from resartus.synthesis.meta.effects.two_means import compare_means
from resartus.synthesis.meta.pooling import pool


def lidocaine() -> tuple[list[float], list[float]]:
    n1, n2, a, c = columns(rows("hine1989"), "n1i", "n2i", "ai", "ci")
    found = compare_counts("RD", a, n1, c, n2)
    # In percentage points, as the paper prints.
    return [100 * y for y in found.known()[1]], [1e4 * v for v in found.known()[2]]


def test_lidocaine_risk_differences_are_table_3() -> None:
    # Page 330, Table III: differences and 95 % limits.
    y, v = lidocaine()
    assert [printed(a, 1) for a in y] == [2.8, 0.0, 2.0, 1.8, 3.5, 4.4]
    limits = [
        (printed(a - 1.959964 * math.sqrt(b), 1), printed(a + 1.959964 * math.sqrt(b), 1))
        for a, b in zip(y, v, strict=True)
    ]
    assert [low for low, _ in limits] == [-5.5, -12.0, -3.6, -4.7, -2.0, -0.5]
    assert [high for _, high in limits] == [11.1, 12.0, 7.6, 8.3, 9.1, 9.3]


@pytest.mark.parametrize("how", ["common", "DL", "REML"])
def test_lidocaine_pooled_difference_is_table_7(how: str) -> None:
    # Page 349, Table VII: 2.94 (0.4 to 5.5) by every method, tau2 0.
    y, v = lidocaine()
    options = {"model": "common"} if how == "common" else {"model": "random", "estimator": how}
    e = pool(y, v, test="z", **options)
    assert e.interval is not None
    assert printed(e.value, 2) == 2.94
    assert (printed(e.interval.low, 1), printed(e.interval.high, 1)) == (0.4, 5.5)
    if how != "common":
        assert e.heterogeneity is not None
        assert e.heterogeneity.tau2 == 0


def stroke_units() -> tuple[list[float], list[float]]:
    n1, m1, s1, n2, m2, s2 = columns(
        rows("normand1999"), "n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i"
    )
    # The paper uses one pooled SD for both arms.
    sd = [
        math.sqrt(((a - 1) * s**2 + (b - 1) * t**2) / (a + b - 2))
        for a, s, b, t in zip(n1, s1, n2, s2, strict=True)
    ]
    found = compare_means("MD", m1, sd, n1, m2, sd, n2)
    return found.known()[1], found.known()[2]


def test_length_of_stay_differences_are_table_8() -> None:
    # Page 351, Table VIII.
    y, v = stroke_units()
    assert y == [-20, -2, -55, -71, -4, 1, 11, -10, 7]
    assert [printed(a, 2) for a in v] == [
        40.59, 2.05, 15.28, 150.22, 20.19, 1.22, 95.38, 8.03, 20.69,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "value", "low", "high", "tau2"),
    [
        ({"model": "common"}, -3.49, -5.03, -1.96, None),
        ({"model": "random", "estimator": "DL"}, -14.10, -24.45, -3.75, 218.72),
        ({"model": "random", "estimator": "REML"}, -15.12, -32.67, 2.43, 685.20),
    ],
)
def test_length_of_stay_pooled_is_table_9(options, value, low, high, tau2) -> None:  # type: ignore[no-untyped-def]
    # Page 352, Table IX.
    y, v = stroke_units()
    e = pool(y, v, test="z", **options)
    assert e.interval is not None
    assert printed(e.value, 2) == value
    assert (printed(e.interval.low, 2), printed(e.interval.high, 2)) == (low, high)
    if tau2 is not None:
        assert e.heterogeneity is not None
        assert printed(e.heterogeneity.tau2, 2) == tau2
