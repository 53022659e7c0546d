import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.survival.cox import TIES, fit_cox

FULL = {
    "cox_lung_efron": ("efron", ("age", "sex", "ph.ecog"), None),
    "cox_lung_breslow": ("breslow", ("age", "sex", "ph.ecog"), None),
    "cox_stratified_lung": ("efron", ("age", "sex"), "inst"),
}


@pytest.mark.parametrize("name", FULL)
def test_the_whole_summary_agrees_with_coxph(name: str) -> None:
    r = oracle(name)
    ties, names, strata = FULL[name]
    model = fit_cox(
        r.data["time"],
        r.data["status"],
        {k: r.data[k] for k in names},
        ties=ties,
        strata=r.data[strata] if strata else None,
    )
    logs = [model.log_hazard_ratio(k) for k in names]
    ratios = [model.hazard_ratio(k) for k in names]
    e, tolerance = r.expected, r.tolerance
    agree([x.value for x in logs], e["coef"], tolerance)
    agree([x.std_error for x in logs], e["se"], tolerance)
    agree([x.statistic for x in logs], e["z"], tolerance)
    agree([x.p_value for x in logs], e["p"], tolerance)
    agree([x.value for x in ratios], e["hr"], tolerance)
    agree([x.interval.low for x in ratios if x.interval], e["hr_lb"], tolerance)
    agree([x.interval.high for x in ratios if x.interval], e["hr_ub"], tolerance)
    agree([model.log_likelihood_null, model.log_likelihood], e["loglik"], tolerance)
    agree(model.score_test.statistic, e["score"], tolerance)
    agree(model.likelihood_ratio_test.statistic, e["lr"], tolerance)
    # R's summary rounds Wald's statistic to two decimals.
    assert round(model.wald_test.statistic, 2) == e["wald"]
    agree(model.concordance, e["concordance"], tolerance)
    if "zph" in e:
        agree([test.statistic for test in model.proportionality()], e["zph"], tolerance)


def test_the_robust_variance_agrees_with_coxph() -> None:
    r = oracle("cox_cluster_lung")
    model = fit_cox(
        r.data["time"],
        r.data["status"],
        {k: r.data[k] for k in ("age", "sex")},
        clusters=r.data["inst"],
    )
    agree(model.coefficients.tolist(), r.expected["coef"], r.tolerance)
    agree(model.std_errors.tolist(), r.expected["robust_se"], r.tolerance)
    naive = np.sqrt(np.diag(model.naive_covariance)).tolist()
    agree(naive, r.expected["naive_se"], r.tolerance)
    assert "18 clusters" in model.diagnostics[0]


@pytest.mark.parametrize("ties", TIES)
def test_heavy_ties_agree_with_coxph(ties: str) -> None:
    r = oracle("cox_ovarian_exact_ties")
    covariates = {k: r.data[k] for k in ("age", "rx")}
    model = fit_cox(r.data["time"], r.data["status"], covariates, ties=ties)
    e = r.expected[ties]
    agree(model.coefficients.tolist(), e["coef"], r.tolerance)
    agree(model.std_errors.tolist(), e["se"], r.tolerance)
    agree([model.log_likelihood_null, model.log_likelihood], e["loglik"], r.tolerance)


patients = st.lists(
    st.tuples(st.integers(1, 12), st.booleans(), st.integers(-3, 3), st.integers(0, 1)),
    min_size=8,
    max_size=30,
)


def fitted(rows: list[tuple[int, bool, int, int]], **options: Any) -> Any:
    assume(sum(e for _, e, _, _ in rows) >= 3)
    assume(len({x for _, _, x, _ in rows}) > 2)
    model = fit_cox(
        [t for t, *_ in rows], [e for _, e, *_ in rows], {"x": [r[2] for r in rows]}, **options
    )
    assume(abs(float(model.coefficients[0])) < 3)
    return model


@given(patients)
def test_order_of_patients_scale_and_shift_change_nothing(
    rows: list[tuple[int, bool, int, int]],
) -> None:
    model = fitted(rows)
    again = fitted(rows[::-1])
    assert again.coefficients[0] == pytest.approx(model.coefficients[0], abs=1e-7)
    moved = fit_cox(
        [t for t, *_ in rows], [e for _, e, *_ in rows], {"x": [10 * r[2] + 7 for r in rows]}
    )
    assert 10 * moved.coefficients[0] == pytest.approx(model.coefficients[0], abs=1e-7)


@given(patients)
def test_without_ties_all_three_likelihoods_are_one(
    rows: list[tuple[int, bool, int, int]],
) -> None:
    apart = [(100 * i + t, e, x, s) for i, (t, e, x, s) in enumerate(rows)]
    values = [float(fitted(apart, ties=ties).coefficients[0]) for ties in TIES]
    assert values == pytest.approx([values[0]] * 3, abs=1e-7)


@given(patients)
def test_concordance_is_the_share_of_pairs_ranked_rightly(
    rows: list[tuple[int, bool, int, int]],
) -> None:
    model = fitted(rows, strata=[s for *_, s in rows])
    sign = math.copysign(1, float(model.coefficients[0]))
    right = pairs = 0.0
    for t1, e1, x1, s1 in rows:
        for t2, e2, x2, s2 in rows:
            if e1 and s1 == s2 and (t2 > t1 or (t2 == t1 and not e2)):
                pairs += 1
                right += 0.5 if x1 == x2 else float(sign * x1 > sign * x2)
    assert (model.concordance is None) == (pairs == 0)
    if pairs and abs(float(model.coefficients[0])) > 1e-9:
        assert model.concordance == pytest.approx(right / pairs)


def test_large_data_give_the_concordance_of_the_direct_count() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=900).round(1)
    t = rng.exponential(np.exp(-x)).round(2) + 0.01
    e = rng.random(900) < 0.6
    model = fit_cox(t, e, {"x": x})
    longer = (t[None, :] > t[:, None]) | ((t[None, :] == t[:, None]) & ~e[None, :])
    pairs = longer & e[:, None]
    right = ((x[:, None] > x[None, :]) & pairs).sum() + (
        (x[:, None] == x[None, :]) & pairs
    ).sum() / 2
    assert model.concordance == pytest.approx(right / pairs.sum(), abs=1e-12)


def test_a_group_without_events_is_told_to_use_firth() -> None:
    model = fit_cox([3, 5, 8, 4, 9, 12], [1, 1, 1, 0, 0, 0], {"g": [0, 0, 0, 1, 1, 1]})
    assert "Use Firth's penalised model" in model.diagnostics[0]


def test_few_events_are_said() -> None:
    model = fit_cox([3, 5, 8, 4, 9, 12], [1, 1, 0, 1, 0, 1], {"x": [1, 0, 0, 1, 0, 1]})
    assert "Only 4 events for 1 covariate" in model.diagnostics[0]


@pytest.mark.parametrize(
    ("events", "covariates", "options", "said"),
    [
        ([0, 0, 0], {"x": [1, 2, 3]}, {}, "no patient had the event"),
        ([1, 1, 0], {"x": [1, 1, 1]}, {}, "'x' is 1.0 for everybody"),
        ([1, 1, 0], {"x": [1, 2]}, {}, "'x' has 2 values for 3"),
        ([1, 1, 0], {"x": [1, None, 3]}, {}, "'x' of patient 2 is missing"),
        ([1, 1, 0], {"x": [1, "a", 3]}, {}, "'x' has a value that is not a number"),
        ([1, 1, 0], {"x": [1, 2, 4], "y": [2, 4, 8]}, {}, "'y' follows from"),
        ([1, 1, 0], {}, {}, "no covariate"),
        ([1, 1, 0], {"x": [1, 2, 4]}, {"ties": "midway"}, "'midway'"),
        ([1, 1, 0], {"x": [1, 2, 4]}, {"strata": ["a", None, "b"]}, "patient 2 has no strata"),
        ([1, 1, 0], {"x": [1, 2, 4]}, {"strata": ["a"]}, "1 strata were given for 3"),
        ([1, 1, 0], {"x": [1, 2, 4]}, {"ties": "exact", "clusters": [1, 2, 3]}, "no robust"),
    ],
)
def test_impossible_input_is_named(
    events: list[int], covariates: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        fit_cox([1, 2, 3], events, covariates, **options)


def test_an_unknown_covariate_is_met_with_those_there_are() -> None:
    model = fit_cox([3, 5, 8, 4], [1, 1, 0, 1], {"x": [1, 0, 0, 1]})
    with pytest.raises(DataError, match=r"'z'.*x"):
        model.hazard_ratio("z")
