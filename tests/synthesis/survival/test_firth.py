import pytest
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.survival.cox import fit_cox
from resartus.synthesis.survival.firth import fit_firth_cox


def test_monotone_likelihood_agrees_with_coxphf() -> None:
    r = oracle("cox_firth_breast")
    names = ("T", "N", "G", "CD")
    model = fit_firth_cox(r.data["TIME"], r.data["CENS"], {k: r.data[k] for k in names})
    found = [model.log_hazard_ratio(k) for k in names]
    agree([x.value for x in found], r.expected["coef"], r.tolerance)
    agree([x.std_error for x in found], r.expected["se"], r.tolerance)
    agree([x.interval.low for x in found if x.interval], r.expected["pl_lb"], r.tolerance)
    agree([x.interval.high for x in found if x.interval], r.expected["pl_ub"], r.tolerance)
    agree([x.p_value for x in found], r.expected["p_plr"], r.tolerance)
    # coxphf reports its likelihoods for standardised covariates; their difference has no scale.
    before, after = r.expected["loglik"]
    agree(model.log_likelihood - model.log_likelihood_null, after - before, r.tolerance)


def test_a_group_without_events_agrees_with_coxphf() -> None:
    r = oracle("cox_firth_zero_event_arm")
    model = fit_firth_cox(r.data["time"], r.data["status"], {"grp": r.data["grp"]})
    x = model.log_hazard_ratio("grp")
    assert x.interval is not None
    agree(
        [x.value, x.std_error, x.interval.low, x.interval.high, x.p_value],
        [r.expected[k] for k in ("coef", "se", "pl_lb", "pl_ub", "p_plr")],
        r.tolerance,
    )
    ratio = model.hazard_ratio("grp")
    assert ratio.value is not None
    assert 0 < ratio.value < 1


def test_with_many_events_it_comes_near_the_ordinary_model() -> None:
    times = [t + 1 for t in range(120)]
    x = [(7 * t) % 11 for t in range(120)]
    ordinary = fit_cox(times, [True] * 120, {"x": x}, ties="breslow")
    penalised = fit_firth_cox(times, [True] * 120, {"x": x})
    difference = abs(float(ordinary.coefficients[0] - penalised.coefficients[0]))
    assert difference < 0.02 * float(ordinary.std_errors[0]) + 1e-3


def test_strata_that_hold_one_patient_each_are_refused() -> None:
    with pytest.raises(DataError, match="do not differ"):
        fit_firth_cox([1, 2, 3], [1, 1, 1], {"x": [0, 1, 2]}, strata=["a", "b", "c"])


def test_nobody_with_the_event_is_refused() -> None:
    with pytest.raises(DataError, match="no patient had the event"):
        fit_firth_cox([1, 2, 3], [0, 0, 0], {"x": [0, 1, 2]})
