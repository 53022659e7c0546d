"""R's figures: metafor 3.8-1, rma(yi, vi, mods = ~ ablat + year, method = ...) on dat.bcg."""

import pytest
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.meta.exploring.regression import regress
from resartus.synthesis.meta.exploring.subgroups import pool_subgroups

R = {
    "EB": [
        0.171637115725,
        0.117639938382,
        79.917251531,
        4.97939812161,
        46.0376800859,
        8.48153451687,
    ],
    "PM": [
        0.171637115725,
        0.117639938382,
        79.917251531,
        4.97939812161,
        46.0376800859,
        8.48153451687,
    ],
    "SJ": [
        0.253226123182,
        0.133261729345,
        85.446152411,
        6.87103526344,
        26.7106756624,
        6.04581358824,
    ],
    "HS": [
        0.025135517359,
        0.013079310940,
        36.819456257,
        1.58276573888,
        88.9931677356,
        35.3781279621,
    ],
    "HE": [
        0.235610760817,
        0.192028695739,
        84.526408966,
        6.46262394976,
        28.2907248978,
        6.44364353267,
    ],
    "DL": [
        0.079038957809,
        0.073935239146,
        64.695677729,
        2.83251436563,
        74.4011884572,
        15.9314382703,
    ],
}


@pytest.mark.parametrize("estimator", R)
def test_two_moderators_agree_with_metafor_by_every_estimator(estimator: str) -> None:
    d = oracle("metareg_bcg_ablat_hk").data
    found = regress(
        d["yi"],
        d["vi"],
        {"latitude": d["ablat"], "year": d["year"]},
        estimator=estimator,
        test="z",
    )
    h = found.heterogeneity
    assert h.i2 is not None
    assert found.r2 is not None
    assert found.fit.tau2 is not None
    assert h.tau2_interval is not None
    agree(
        [
            h.tau2,
            found.fit.tau2.std_error,
            100 * h.i2,
            h.h2,
            100 * found.r2,
            found.omnibus.statistic,
        ],
        R[estimator],
        1e-8,
    )
    agree([h.tau2_interval.low, h.tau2_interval.high], [0.021786728003, 0.954869618042], 1e-8)
    assert any("too few" in doubt for doubt in found.diagnostics)


def test_groups_and_numbers_together_agree_with_metafor_ml() -> None:
    d = oracle("metareg_bcg_ablat_hk").data
    alloc = oracle("subgroup_bcg_alloc").data["alloc"]
    found = regress(
        d["yi"], d["vi"], {"allocation": alloc, "year": d["year"]}, estimator="ML", test="z"
    )
    assert found.names == ("constant", "allocation: random", "allocation: systematic", "year")
    agree(
        [c.value for c in found.coefficients],
        [-60.03277348583, -0.58645553375, -0.18832556250, 0.03032761982],
        1e-8,
    )
    assert found.r2 is not None
    agree(
        [found.omnibus.statistic, found.omnibus.p_value, found.heterogeneity.tau2, 100 * found.r2],
        [6.7179621556942, 0.0814517819368, 0.1643148021430, 41.3220386545099],
        1e-8,
    )
    agree(found.fit.log_likelihood, -9.8529032568969, 1e-9)


def test_a_prediction_at_a_latitude_agrees_with_metafor() -> None:
    d = oracle("metareg_bcg_ablat_hk").data
    e = regress(d["yi"], d["vi"], {"latitude": d["ablat"]}).predict([1, 33.5])
    assert e.interval is not None
    assert e.prediction is not None
    agree(
        [
            e.value,
            e.std_error,
            e.interval.low,
            e.interval.high,
            e.prediction.low,
            e.prediction.high,
        ],
        [
            -0.72343957788,
            0.12275202558,
            -0.99361496456,
            -0.45326419120,
            -1.38890926545,
            -0.05796989032,
        ],
        1e-8,
    )


@pytest.mark.parametrize(
    ("moderators", "complaint"),
    [
        ({}, "no moderator"),
        ({"x": [1.0, 1.0, 1.0, 1.0]}, "constant or follows from the others"),
        ({"x": ["a", "a", "a", "a"]}, "is 'a' in every study"),
        ({"x": [1.0, 2.0]}, "2 values for 4 studies"),
        ({"x": [1.0, None, 2.0, 3.0]}, "moderator 'x' of study 2 is None"),
        ({"x": [1.0, 2.0, 3.0, 5.0], "y": [2.0, 4.0, 6.0, 10.0]}, "follows from the others"),
    ],
)
def test_moderators_that_cannot_be_used_are_named(moderators, complaint) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError, match=complaint):
        regress([0.1, 0.2, 0.5, 0.3], [0.1, 0.1, 0.2, 0.1], moderators)


def test_a_subgroup_of_two_is_shown_and_its_comparison_doubted() -> None:
    found = pool_subgroups(
        [0.1, 0.3, 0.2, 0.9, 1.1], [0.1, 0.1, 0.1, 0.1, 0.2], ["a", "a", "a", "b", "b"]
    )
    assert found.names == ("a", "b")
    assert found.estimates[1].value is None
    assert found.p_value is not None
    assert "b: fewer than three studies" in found.diagnostics[0]


def test_one_group_is_nothing_to_compare() -> None:
    with pytest.raises(DataError, match="nothing to compare"):
        pool_subgroups([0.1, 0.2], [0.1, 0.1], ["a", "a"])
