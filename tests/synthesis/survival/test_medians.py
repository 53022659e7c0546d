import pytest
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.survival.medians import PublishedMedian, median_of_medians, pool_medians


def veteran() -> tuple[list[PublishedMedian], dict[str, float], float]:
    r = oracle("median_survival_pool_veteran")
    keys = ("group", "med.g1", "med.ci.lb.g1", "med.ci.ub.g1", "n")
    studies = [
        PublishedMedian(study_id=name, median=m, low=low, high=high, n=n)
        for name, m, low, high, n in zip(*(r.data[k] for k in keys), strict=True)
    ]
    return studies, r.expected, r.tolerance


def test_raw_and_log_medians_agree_with_metamedian_and_metafor() -> None:
    studies, e, tolerance = veteran()
    for scale, test in (("raw", "z"), ("log", "HK")):
        pooled = pool_medians(studies, scale=scale, test=test, model="random", unit="days")
        assert pooled.interval is not None
        assert pooled.heterogeneity is not None
        import math

        change = math.log if scale == "log" else float
        agree(
            [change(pooled.value or 0), pooled.heterogeneity.tau2],
            [e[f"{scale}_est"], e[f"{scale}_tau2"]],
            tolerance,
        )
        limits = [change(x or 0) for x in (pooled.interval.low, pooled.interval.high)]
        agree(limits, e[f"{scale}_ci"], tolerance)
        assert "averages medians, not patients" in pooled.diagnostics[0]


def test_median_of_medians_with_and_without_weights_agrees() -> None:
    studies, e, tolerance = veteran()
    agree(median_of_medians(studies).value, e["wm"]["pooled.est"], tolerance)  # type: ignore[index]
    plain = [PublishedMedian(study_id=s.study_id, median=s.median) for s in studies]
    agree(median_of_medians(plain).value, e["median_of_medians"], tolerance)


def test_few_medians_get_no_interval_and_six_do() -> None:
    few = [PublishedMedian(study_id=str(i), median=10 + i) for i in range(4)]
    assert median_of_medians(few).interval is None
    # Six values: their range covers the median with 1 - 2 / 2^6 = 96.9 per cent.
    interval = median_of_medians([*few, *few[:2]]).interval
    assert interval is not None
    assert (interval.low, interval.high) == (10, 13)


def test_medians_without_an_interval_are_named() -> None:
    studies = [
        PublishedMedian(study_id="a", median=20, low=12, high=30),
        PublishedMedian(study_id="b", median=25, low=15, high=40),
        PublishedMedian(study_id="c", median=22, low=14, high=35),
        PublishedMedian(study_id="d", median=60),
    ]
    pooled = pool_medians(studies)
    assert pooled.n_studies == 3
    assert "not pooled: d." in pooled.diagnostics[1]


def test_impossible_medians_are_named() -> None:
    with pytest.raises(DataError, match="median of study 'a' is 0"):
        PublishedMedian(study_id="a", median=0)
    with pytest.raises(DataError, match="not between its limits 30 and 40"):
        PublishedMedian(study_id="a", median=20, low=30, high=40)
    with pytest.raises(DataError, match="none of 1 medians has an interval"):
        pool_medians([PublishedMedian(study_id="a", median=20)])
