import math

import numpy as np
import pytest
from scipy.integrate import quad
from tests.synthesis.oracles import oracle

from resartus.errors import DataError
from resartus.synthesis.survival.cox import fit_cox
from resartus.synthesis.survival.fixed_time import PublishedSurvival
from resartus.synthesis.survival.medians import PublishedMedian
from resartus.synthesis.survival.mixed import fit_mixed_survival, marginal_log_likelihood
from resartus.synthesis.survival.mixed_evidence import PatientRows, PublishedFigure, mixture


def rows_of(n_studies: int, *, tau: float, seed: int, effect: float = 0.0) -> list[PatientRows]:
    """Return Weibull patients (shape 1.2) of studies whose log hazard differs by ``tau``."""
    rng = np.random.default_rng(seed)
    parts = []
    for i in range(n_studies):
        level = -4.0 + tau * rng.normal()
        for group in (0, 1) if effect else (0,):
            n = int(rng.integers(2, 14))
            died = (rng.exponential(size=n) / math.exp(level + effect * group)) ** (1 / 1.2)
            ends = rng.uniform(5, 80, size=n)
            parts.append(
                PatientRows(
                    study_id=f"s{i}",
                    times=tuple(np.minimum(died, ends).tolist()),
                    is_event=tuple((died <= ends).tolist()),
                    origin="reported" if i % 2 else "reconstructed",
                    covariates={"group": group},
                )
            )
    return parts


FIGURES = [
    PublishedFigure(
        study_id="p1",
        n_patients=40,
        median=PublishedMedian(study_id="p1", median=30, low=20, high=42),
    ),
    PublishedFigure(study_id="p2", n_patients=25, median=PublishedMedian(study_id="p2", median=18)),
    PublishedFigure(
        study_id="p3",
        n_patients=31,
        time=36,
        survival=PublishedSurvival(study_id="p3", survival=0.55, at_risk=12),
    ),
]


def test_one_study_of_patients_gives_rs_weibull_model() -> None:
    # survreg(Surv(time, status) ~ 1, lung, dist = "weibull"), survival 3.5-3:
    # intercept 6.034903910226, log scale -0.275235057446, log likelihood -1153.85118809,
    # median on the log scale 5.7565763436 (se 0.0620366419).
    data = oracle("km_lung").data
    model = fit_mixed_survival(
        [
            PatientRows(
                study_id="lung",
                times=tuple(data["time"]),
                is_event=tuple(bool(s) for s in data["status"]),
            )
        ],
        unit="days",
    )
    scale = math.exp(-0.275235057446)
    assert model.log_likelihood == pytest.approx(-1153.85118809, abs=1e-6)
    assert model.shape == pytest.approx(1 / scale, rel=1e-6)
    assert model.parameters[0] == pytest.approx(-6.034903910226 / scale, rel=1e-6)
    median = model.median()
    assert median.value == pytest.approx(math.exp(5.7565763436), rel=1e-6)
    assert median.interval is not None
    assert median.interval.low == pytest.approx(
        math.exp(5.7565763436 - 1.959963985 * 0.0620366419), rel=1e-5
    )
    assert median.prediction is None
    assert model.largest_departure is not None
    assert model.largest_departure < 0.05


def test_the_random_effect_is_integrated_out_exactly() -> None:
    data = mixture(rows_of(5, tau=0.5, seed=5), FIGURES)
    mu, log_shape, tau = -4.0, 0.1, 0.6
    shape, log_t, f = math.exp(log_shape), np.log(data.times), data.figures

    def density(study: int, b: float) -> float:
        eta, mine = mu + b, data.study == study
        log_h = shape * log_t[mine] + eta
        total = (data.is_event[mine] * (log_shape + log_h - log_t[mine])).sum()
        total -= np.exp(log_h).sum()
        for j in np.flatnonzero(f.study == study):
            if f.variance[j] > 0:
                mean, at, variance = shape * f.log_time[j] + eta, f.y[j], f.variance[j]
            else:
                # A median: normal on the scale of its logarithm.
                mean, at = (math.log(math.log(2)) - eta) / shape, f.log_time[j]
                variance = f.time_variance[j] or 1 / (f.n[j] * shape**2 * math.log(2) ** 2)
            total -= 0.5 * (at - mean) ** 2 / variance + 0.5 * math.log(2 * math.pi * variance)
        normal = math.exp(-0.5 * (b / tau) ** 2) / (tau * math.sqrt(2 * math.pi))
        return math.exp(total) * normal

    direct = sum(
        math.log(quad(lambda b, s=s: density(s, b), -4, 4, epsabs=0, epsrel=1e-10, limit=200)[0])
        for s in range(len(data.studies))
    )
    found = marginal_log_likelihood(data, np.asarray([mu, log_shape, math.log(tau)]))
    assert found == pytest.approx(direct, abs=1e-6)


def test_what_was_put_in_comes_out() -> None:
    model = fit_mixed_survival(rows_of(60, tau=0.5, seed=11, effect=0.7), covariates=("group",))
    effect = model.log_hazard_ratio("group")
    assert effect.interval is not None
    assert effect.interval.low is not None
    assert effect.interval.high is not None
    assert effect.interval.low < 0.7 < effect.interval.high
    assert model.shape == pytest.approx(1.2, abs=0.12)
    assert model.tau == pytest.approx(0.5, abs=0.25)
    treated, other = model.median(at={"group": 1}), model.median()
    assert (treated.value or 0) < (other.value or 0)


def test_a_study_as_stratum_is_coxs_model_and_agrees_with_the_random_effect() -> None:
    parts = rows_of(40, tau=0.4, seed=2, effect=0.7)
    flat = [(t, e, p) for p in parts for t, e in zip(p.times, p.is_event, strict=True)]
    stratified = fit_cox(
        [t for t, *_ in flat],
        [e for _, e, _ in flat],
        {"group": [p.covariates["group"] for *_, p in flat]},
        strata=[p.study_id for *_, p in flat],
    ).log_hazard_ratio("group")
    mixed = fit_mixed_survival(parts, covariates=("group",)).log_hazard_ratio("group")
    assert stratified.std_error is not None
    assert abs((mixed.value or 0) - (stratified.value or 0)) < stratified.std_error


def test_figures_move_the_answer_and_their_weakness_is_said() -> None:
    rows = rows_of(6, tau=0.3, seed=3)
    alone = fit_mixed_survival(rows).median()
    late = PublishedFigure(
        study_id="late",
        n_patients=200,
        median=PublishedMedian(study_id="late", median=90, low=80, high=101),
    )
    together = fit_mixed_survival(rows, [late, FIGURES[1]])
    assert (together.median().value or 0) > (alone.value or 0)
    assert any("'p2''s median is too small" in d for d in together.diagnostics)
    assert any("known by a published figure alone" in d for d in together.diagnostics)
    assert together.n_figures_only == 225


def test_figures_alone_are_enough() -> None:
    model = fit_mixed_survival([], FIGURES)
    assert model.n_events == 0
    value = model.median().value
    assert value is not None
    assert 15 < value < 60


def test_patients_who_died_on_the_day_are_kept() -> None:
    part = PatientRows(
        study_id="a", times=(0, 6, 12, 24, 30, 40), is_event=(True, True, True, False, True, True)
    )
    model = fit_mixed_survival([part])
    assert any("1 follow-ups of 0 months were set to 3" in d for d in model.diagnostics)


def test_the_same_patients_twice_are_refused() -> None:
    rows = [PatientRows(study_id="p1", times=(5, 9), is_event=(True, False))]
    with pytest.raises(DataError, match="patients of 'p1' come twice"):
        fit_mixed_survival(rows, [FIGURES[0]])


def test_impossible_input_is_named() -> None:
    with pytest.raises(DataError, match="no patient and no figure"):
        fit_mixed_survival([])
    with pytest.raises(DataError, match="no patient died"):
        fit_mixed_survival([PatientRows(study_id="a", times=(5,), is_event=(False,))])
    with pytest.raises(DataError, match="'a' has no 'x'"):
        fit_mixed_survival(
            [PatientRows(study_id="a", times=(5,), is_event=(True,))], covariates=("x",)
        )
    with pytest.raises(DataError, match="origin 'guessed'"):
        PatientRows(study_id="a", times=(5,), is_event=(True,), origin="guessed")
    with pytest.raises(DataError, match="a median or a survival"):
        PublishedFigure(study_id="a", n_patients=3)
