import math

import pytest
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.survival.fixed_time import (
    PublishedSurvival,
    cloglog,
    cloglog_variance,
    pool_survival_at,
)


def test_survival_at_one_year_by_centre_agrees_with_metafor() -> None:
    r = oracle("survival_fixed_time_pool_inst")
    studies = [
        PublishedSurvival(study_id=name, survival=s, std_error=se)
        for name, s, se in zip(*(r.data[k] for k in ("inst", "surv", "se")), strict=True)
        if 0 < s < 1
    ]
    e = r.expected
    agree([cloglog(s.survival) for s in studies], e["yi"], r.tolerance)
    agree([cloglog_variance(s)[0] for s in studies], e["vi"], r.tolerance)
    pooled = pool_survival_at(studies, time=12, test="HK", prediction="metafor")
    assert pooled.n_studies == e["k"]
    assert pooled.interval is not None
    assert pooled.prediction is not None
    agree(
        [pooled.value, pooled.interval.low, pooled.interval.high],
        [e["surv"], e["surv_lb"], e["surv_ub"]],
        r.tolerance,
    )
    # tau2 is 5e-13 in R and 0 here, so the prediction agrees to that.
    agree([pooled.prediction.low, pooled.prediction.high], [e["pi_lb"], e["pi_ub"]], 1e-4)


def test_the_error_comes_from_the_best_there_is_and_says_so() -> None:
    s = 0.5
    interval = PublishedSurvival(study_id="a", survival=s, low=0.4, high=0.6, at_risk=3, n=90)
    from_interval, said = cloglog_variance(interval)
    width = cloglog(0.4) - cloglog(0.6)
    assert from_interval == pytest.approx((width / (2 * 1.959964)) ** 2, rel=1e-6)
    assert said is None
    from_risk, said = cloglog_variance(
        PublishedSurvival(study_id="a", survival=s, at_risk=20, n=90)
    )
    peto = s * math.sqrt((1 - s) / 20)
    assert from_risk == pytest.approx((peto / (s * math.log(s))) ** 2)
    assert said is not None
    assert "number at risk" in said
    from_n, said = cloglog_variance(PublishedSurvival(study_id="a", survival=s, n=90))
    assert from_n == pytest.approx(s * (1 - s) / 90 / (s * math.log(s)) ** 2)
    assert said is not None
    assert "too small" in said


def test_everybody_alive_is_named_and_not_pooled() -> None:
    studies = [
        PublishedSurvival(study_id=name, survival=s, n=20)
        for name, s in (("a", 0.5), ("b", 0.6), ("c", 0.55), ("all", 1.0))
    ]
    pooled = pool_survival_at(studies, time=60)
    assert pooled.n_studies == 3
    assert "Study 'all' reports 1 and is not pooled." in pooled.diagnostics
    assert pooled.value is not None
    assert 0.5 < pooled.value < 0.6


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"survival": 1.4}, "is 1.4; give a fraction"),
        ({"survival": 0.5, "low": 0.6, "high": 0.7}, "not between its limits 0.6 and 0.7"),
        ({"survival": 0.5, "n": 0}, "n 0 of survival"),
    ],
)
def test_impossible_figures_are_named(figures: dict[str, float], said: str) -> None:
    with pytest.raises(DataError, match=said):
        PublishedSurvival(study_id="a", **figures)  # type: ignore[arg-type]


def test_a_survival_without_any_error_is_refused() -> None:
    with pytest.raises(DataError, match=r"nothing is known of the error of survival 0\.5"):
        pool_survival_at([PublishedSurvival(study_id="a", survival=0.5)], time=12)
