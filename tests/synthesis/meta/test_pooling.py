import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.synthesis.oracles import agree

from resartus.errors import DataError
from resartus.synthesis.meta.models.mixed_effects import fit_mixed_effects
from resartus.synthesis.meta.models.tau2 import TAU2_ESTIMATORS
from resartus.synthesis.meta.pooling import NaturalScale, pool

STUDIES = st.lists(
    st.tuples(
        st.floats(-5, 5, allow_nan=False).map(lambda y: round(y, 3)),
        st.floats(0.01, 4).map(lambda v: round(v, 3)),
    ),
    min_size=3,
    max_size=12,
)
ESTIMATORS = st.sampled_from(TAU2_ESTIMATORS)


def both(studies: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [y for y, _ in studies], [v for _, v in studies]


def core(studies: list[tuple[float, float]], estimator: str) -> list[float]:
    e = pool(*both(studies), estimator=estimator)
    assert e.value is not None
    assert e.std_error is not None
    assert e.heterogeneity is not None
    assert e.heterogeneity.tau2 is not None
    return [e.value, e.std_error, e.heterogeneity.tau2]


@given(STUDIES, ESTIMATORS, st.randoms())
@settings(max_examples=40, deadline=None)
def test_pooling_ignores_study_order(studies, estimator, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(studies)
    random.shuffle(shuffled)
    agree(core(shuffled, estimator), core(studies, estimator), 1e-6)


@given(STUDIES, ESTIMATORS)
@settings(max_examples=40, deadline=None)
def test_adding_a_constant_shifts_the_effect_alone(
    studies: list[tuple[float, float]], estimator: str
) -> None:
    value, std_error, tau2 = core(studies, estimator)
    moved = core([(y + 3.0, v) for y, v in studies], estimator)
    agree(moved, [value + 3.0, std_error, tau2], 1e-5, near_zero=1e-6)


@given(STUDIES, ESTIMATORS)
@settings(max_examples=40, deadline=None)
def test_another_unit_changes_nothing_but_the_unit(
    studies: list[tuple[float, float]], estimator: str
) -> None:
    value, std_error, tau2 = core(studies, estimator)
    scaled = core([(10 * y, 100 * v) for y, v in studies], estimator)
    agree(scaled, [10 * value, 10 * std_error, 100 * tau2], 1e-5, near_zero=1e-6)


@given(st.floats(-3, 3), st.lists(st.floats(0.01, 2), min_size=3, max_size=8), ESTIMATORS)
@settings(max_examples=30, deadline=None)
def test_equal_effects_have_no_heterogeneity_and_give_the_common_effect(
    effect: float, variances: list[float], estimator: str
) -> None:
    e = pool([effect] * len(variances), variances, estimator=estimator, test="z")
    common = pool([effect] * len(variances), variances, model="common")
    assert e.heterogeneity is not None
    assert e.heterogeneity.tau2 == pytest.approx(0, abs=1e-12)
    agree([e.value, e.std_error], [common.value, common.std_error], 1e-6, near_zero=1e-6)


@given(STUDIES, st.sampled_from(["z", "t", "HK-guarded"]), st.sampled_from(["HTS", "metafor"]))
@settings(max_examples=40, deadline=None)
def test_no_number_is_ever_nan_and_the_value_lies_in_its_interval(
    studies: list[tuple[float, float]], test: str, prediction: str
) -> None:
    e = pool(*both(studies), test=test, prediction=prediction)
    assert e.value is not None
    assert e.interval is not None
    assert e.prediction is not None
    ends = (e.prediction.low, e.interval.low, e.value, e.interval.high, e.prediction.high)
    assert all(end is not None and math.isfinite(end) for end in ends)
    assert e.interval.low <= e.value <= e.interval.high  # type: ignore[operator]
    h = e.heterogeneity
    assert h is not None
    assert h.i2 is not None
    assert 0 <= h.i2 < 1


def test_restricted_likelihood_is_highest_at_reml() -> None:
    y, v = [0.1, 0.9, -0.4, 1.2, 0.3], [0.02, 0.3, 0.05, 0.1, 0.2]
    fit = fit_mixed_effects(y, v, test="z")
    from resartus.synthesis.meta.models.tau2 import log_likelihood
    from resartus.synthesis.meta.models.weighted import fit_weighted

    def height(tau2: float) -> float:
        weights = 1 / (fit.variances + tau2)
        return log_likelihood(
            fit_weighted(fit.effects, fit.design, weights), fit.design, restricted=True
        )

    best = height(fit.tau2_value)
    assert best >= height(fit.tau2_value * 1.01)
    assert best >= height(fit.tau2_value * 0.99)


def test_one_study_gives_its_own_interval() -> None:
    e = pool([0.5], [0.04], inputs=("a/ratio",))
    assert e.method == "one study"
    assert e.value == 0.5
    assert e.interval is not None
    agree(e.interval.high, 0.5 + 1.959963984540054 * 0.2, 1e-12)
    assert e.inputs == ("a/ratio",)


def test_two_studies_are_shown_with_the_bayesian_answer_and_not_pooled() -> None:
    e = pool([0.9, 2.1], [0.1, 0.2], scale="log risk ratio")
    assert e.value is None
    assert e.interval is None
    assert "study 2 2.1 (1.223 to 2.977)" in e.diagnostics[0]
    assert "half-normal(0.5)" in e.diagnostics[1]


def test_numbers_in_words_can_be_on_the_scale_people_read() -> None:
    shown = NaturalScale(name="risk ratio", back=math.exp)
    e = pool([0.0, 0.1], [0.1, 0.2], scale="log risk ratio", natural=shown)
    assert "(risk ratio): study 1 1 (0.5381 to 1.859)" in e.diagnostics[0]
    assert e.diagnostics[1].endswith("(risk ratio).")


def test_two_studies_on_a_scale_without_a_usual_prior_are_shown_alone() -> None:
    assert len(pool([9.0, 21.0], [4.0, 5.0], scale="months").diagnostics) == 1


def test_two_studies_pooled_on_demand_get_no_t0_prediction() -> None:
    e = pool([0.9, 2.1], [0.1, 0.2], model="random")
    assert e.value is not None
    assert e.prediction is None
    assert any("does not exist" in doubt for doubt in e.diagnostics)


def test_three_alike_studies_are_not_given_hartung_knapps_too_narrow_interval() -> None:
    e = pool([-0.1, -0.12, -0.11], [0.04, 0.05, 0.03], scale="log odds ratio")
    assert e.interval is not None
    assert (e.interval.high or 0) - (e.interval.low or 0) > 0.9
    assert any("Plain Hartung-Knapp" in doubt for doubt in e.diagnostics)
    assert any("Bayesian" in doubt for doubt in e.diagnostics)
    assert any("guess" in doubt for doubt in e.diagnostics)


def test_five_studies_get_the_usual_output() -> None:
    e = pool([-0.9, -0.1, -0.4, -0.6, -0.2], [0.04, 0.09, 0.05, 0.06, 0.1])
    assert not any("Bayesian" in doubt or "guess" in doubt for doubt in e.diagnostics)


def test_a_common_effect_over_differing_studies_is_doubted() -> None:
    e = pool([0.0, 2.0, -2.0], [0.01, 0.01, 0.01], model="common")
    assert e.heterogeneity is not None
    assert e.heterogeneity.tau2 is None
    assert "common effect is doubtful" in e.diagnostics[0]


def test_plain_hartung_knapp_on_equal_effects_has_no_width_and_says_so() -> None:
    with pytest.raises(DataError, match="HK-guarded"):
        pool([1.0, 1.0, 1.0], [0.1, 0.2, 0.3], test="HK")


def test_nagashimas_interval_can_be_asked_for_and_fails_in_words() -> None:
    y, v = [-0.9, -0.1, -0.4, -0.6, 0.2], [0.04, 0.09, 0.05, 0.06, 0.1]
    asked = pool(y, v, prediction="Nagashima")
    assert asked.prediction is not None
    assert asked.prediction.method.startswith("Nagashima")
    equal = pool([1.0] * 3, [0.1, 0.2, 0.3], prediction="Nagashima")
    assert equal.prediction is None
    assert any("No prediction" in doubt for doubt in equal.diagnostics)


@pytest.mark.parametrize(
    ("effects", "variances", "complaint"),
    [
        ([0.1, 0.2], [0.1], "2 effects but 1 variances"),
        ([], [], "no study"),
        ([0.1, 0.2, 0.3], [0.1, 0.0, 0.1], r"variance 0.0 of study 2 is not above 0"),
        ([0.1, 0.2, 0.3], [0.1, -2.0, 0.1], r"variance -2.0 of study 2 is not above 0"),
        ([0.1, math.nan, 0.3], [0.1, 0.2, 0.1], "effect nan of study 2 is not a finite number"),
        ([0.1, None, 0.3], [0.1, 0.2, 0.1], "effect None of study 2"),
    ],
)
def test_impossible_studies_are_named(
    effects: list[float], variances: list[float], complaint: str
) -> None:
    with pytest.raises(DataError, match=complaint):
        pool(effects, variances)


def test_an_unknown_estimator_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match="REML, ML, DL, PM, EB, HE, HS, SJ"):
        pool([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], estimator="MP")


def test_tiny_and_huge_scales_are_pooled_alike() -> None:
    y, v = [0.1, 0.9, -0.4, 1.2, 0.3], [0.02, 0.3, 0.05, 0.1, 0.2]
    for estimator in TAU2_ESTIMATORS:
        base = pool(y, v, estimator=estimator)
        for factor in (1e-6, 1e6):
            e = pool([a * factor for a in y], [b * factor**2 for b in v], estimator=estimator)
            assert base.value is not None
            assert e.heterogeneity is not None
            assert base.heterogeneity is not None
            assert base.heterogeneity.tau2 is not None
            assert e.heterogeneity.tau2_interval is not None
            assert base.heterogeneity.tau2_interval is not None
            agree(
                [e.value, e.heterogeneity.tau2, e.heterogeneity.tau2_interval.high],
                [
                    base.value * factor,
                    base.heterogeneity.tau2 * factor**2,
                    (base.heterogeneity.tau2_interval.high or 0) * factor**2,
                ],
                1e-7,
                near_zero=0,
            )
