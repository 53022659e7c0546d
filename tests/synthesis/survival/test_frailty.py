import pytest
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.survival.frailty import fit_frailty_cox

KEYS = {
    "gamma": ("gamma_coef", "gamma_se", "gamma_theta"),
    "gaussian": ("gauss_coef", "gauss_se", "gauss_theta"),
    "lognormal": ("coxme_coef", "coxme_se", "coxme_var"),
}


@pytest.mark.parametrize("distribution", KEYS)
def test_litters_of_rats_agree_with_r(distribution: str) -> None:
    r = oracle("cox_frailty_rats")
    model = fit_frailty_cox(
        r.data["time"],
        r.data["status"],
        {"rx": r.data["rx"]},
        groups=r.data["litter"],
        distribution=distribution,
    )
    x = model.log_hazard_ratio("rx")
    agree(
        [x.value, x.std_error, model.variance],
        [r.expected[k] for k in KEYS[distribution]],
        r.tolerance,
    )
    if distribution == "gamma":
        agree(model.log_likelihood, r.expected["gamma_Iloglik"], r.tolerance)
    if distribution == "lognormal":
        without, integrated, _ = r.expected["coxme_loglik"]
        agree(model.log_likelihood, integrated, r.tolerance)
        assert model.log_likelihood_without > without
    assert model.log_likelihood > model.log_likelihood_without


def test_groups_alike_give_a_variance_at_zero_and_say_so() -> None:
    times = [float(t) for t in range(1, 41)]
    model = fit_frailty_cox(
        times,
        [True] * 40,
        {"x": [(7 * t) % 5 for t in range(40)]},
        groups=[t % 4 for t in range(40)],
    )
    assert model.variance < 1e-3
    assert "no more than by chance" in model.diagnostics[-1]


def test_single_patients_are_said_to_identify_little() -> None:
    model = fit_frailty_cox(
        [3, 5, 8, 4, 9, 12, 2],
        [1, 1, 1, 0, 1, 0, 1],
        {"x": [0, 1, 0, 1, 1, 0, 0]},
        groups=["a", "a", "b", "c", "d", "e", "f"],
    )
    assert "5 of 6 groups are single patients" in model.diagnostics[0]


def test_one_group_is_refused() -> None:
    with pytest.raises(DataError, match="one group"):
        fit_frailty_cox([1, 2, 3], [1, 1, 0], {"x": [0, 1, 2]}, groups=["a", "a", "a"])
