"""R's figures: metafor 3.8-1, influence(rma(yi, vi)) and baujat() on dat.bcg, threshold 1e-13."""

import numpy as np
import pytest
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.meta.exploring.influence import baujat, influence

FIELDS = (
    "rstudent",
    "dffits",
    "cook_distance",
    "covariance_ratio",
    "tau2_without",
    "q_without",
    "hat",
)


def test_deletion_diagnostics_agree_with_metafor() -> None:
    r = oracle("leave1out_bcg_reml_hk")
    found = influence(r.data["yi"], r.data["vi"])
    expected = {
        0: [-0.2181425, -0.04070755, 0.0017165413, 1.1164490, 0.3361567, 151.58257, 0.05059483],
        3: [-1.4512007, -0.52005099, 0.2294816391, 0.9651265, 0.2627581, 96.56259, 0.09698747],
        7: [1.4500805, 0.47746001, 0.1991775917, 1.0010701, 0.2731829, 67.98581, 0.10189439],
        11: [1.2898410, 0.25261989, 0.0634334163, 1.0258569, 0.3081622, 150.78683, 0.03821629],
    }
    for i, numbers in expected.items():
        agree([getattr(found[i], name) for name in FIELDS], numbers, 2e-6)
    agree([found[0].dfbetas, found[12].dfbetas], [-0.0402658892, 0.3548158293], 1e-7)
    assert not any(one.is_influential for one in found)
    agree(sum(one.weight for one in found), 1.0, 1e-12)


def test_deletion_diagnostics_of_a_regression_with_hartung_knapp_agree_with_metafor() -> None:
    r = oracle("metareg_bcg_ablat_hk")
    design = np.column_stack([np.ones(13), r.data["ablat"]])
    found = influence(r.data["yi"], r.data["vi"], design=design, test="HK")
    expected = {
        0: [0.1936000, 0.05483222, 0.0036978355, 1.3655574, 0.08588310, 30.72418, 0.04902329],
        6: [-2.6039110, -0.62491060, 0.2803756096, 0.2942306, 0.04047603, 21.74979, 0.06404006],
        12: [1.8282152, 0.37088371, 0.1103423227, 0.5084261, 0.04435648, 25.48228, 0.07781031],
    }
    for i, numbers in expected.items():
        agree([getattr(found[i], name) for name in FIELDS], numbers, 5e-6)
    agree(found[6].dfbetas, [-0.6391512018, 0.4127254589], 1e-7)


def test_baujats_points_agree_with_metafor() -> None:
    r = oracle("leave1out_bcg_reml_hk")
    found = baujat(r.data["yi"], r.data["vi"])
    agree(
        [[p.heterogeneity, p.influence] for p in (found[0], found[3], found[12])],
        [
            0.04781834055,
            0.0015375009185,
            1.58605007346,
            0.2377736417455,
            1.26378817180,
            0.1153128762425,
        ],
        1e-7,
    )


def test_one_far_study_is_called_influential() -> None:
    y, v = [0.1, 0.12, 0.09, 0.11, 3.0], [0.01] * 5
    assert [one.is_influential for one in influence(y, v)] == [False] * 4 + [True]


def test_two_studies_cannot_lose_one() -> None:
    with pytest.raises(DataError, match="cannot lose one"):
        influence([0.1, 0.2], [0.1, 0.1])
    with pytest.raises(DataError, match="cannot lose one"):
        baujat([0.1, 0.2], [0.1, 0.1])
