"""Cox's proportional hazards model: ties, strata, clusters, tests and concordance."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from resartus.domain.checks import require_level, require_one_of
from resartus.domain.estimate import Estimate
from resartus.errors import DataError
from resartus.synthesis.distributions import chi2_tail
from resartus.synthesis.survival.concordance import concordance
from resartus.synthesis.survival.design import Design, design
from resartus.synthesis.survival.exact_ties import evaluate_exact
from resartus.synthesis.survival.follow_up import BoolArray, FloatArray, IntArray, checked_follow_up
from resartus.synthesis.survival.partial_likelihood import evaluate, score_residuals
from resartus.synthesis.survival.proportionality import ProportionalityTest, proportionality_tests
from resartus.synthesis.survival.risk_sets import RiskSets, codes, risk_sets
from resartus.synthesis.survival.wald import wald_estimate

__all__ = ["TIES", "ChiSquaredTest", "CoxModel", "fit_cox"]

TIES = ("efron", "breslow", "exact")
_MAX_ITERATIONS = 60
_EVENTS_PER_COVARIATE = 10
_FAR = 8.0
"""A log hazard ratio per standard deviation beyond this is a likelihood without a maximum."""

Likelihood = Callable[[FloatArray], tuple[float, FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquaredTest:
    """A test statistic referred to a chi-squared distribution."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


def _chi2(statistic: float, df: int) -> ChiSquaredTest:
    return ChiSquaredTest(
        statistic=statistic, degrees_of_freedom=df, p_value=chi2_tail(statistic, df)
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class CoxModel:
    """A fitted Cox model. Coefficients are log hazard ratios per unit of each covariate.

    Parameters
    ----------
    names : tuple of str
        Covariates, in the order given.
    coefficients : array, shape (p,)
    covariance, naive_covariance : array, shape (p, p)
        The first is robust where clusters were given, else the same as the second.
    log_likelihood_null, log_likelihood : float
        At 0 and at the maximum.
    score_test, likelihood_ratio_test, wald_test : ChiSquaredTest
        Of all coefficients together being 0.
    diagnostics : tuple of str
        Doubts, each a sentence.
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    naive_covariance: FloatArray
    log_likelihood_null: float
    log_likelihood: float
    score_test: ChiSquaredTest
    likelihood_ratio_test: ChiSquaredTest
    wald_test: ChiSquaredTest
    ties: str
    level: float
    n_patients: int
    n_events: int
    n_strata: int
    n_clusters: int | None
    iterations: int
    is_converged: bool
    diagnostics: tuple[str, ...]
    inputs: tuple[str, ...]
    _design: Design = field(repr=False)
    _sets: RiskSets = field(repr=False)
    _data: tuple[FloatArray, BoolArray, IntArray] = field(repr=False)

    @property
    def method(self) -> str:
        """``"Cox, Efron ties, stratified"``."""
        parts = ["Cox", f"{self.ties.capitalize()} ties"]
        if self.n_strata > 1:
            parts.append(f"{self.n_strata} strata")
        if self.n_clusters is not None:
            parts.append("robust variance by cluster")
        return ", ".join(parts)

    @property
    def std_errors(self) -> FloatArray:
        """Standard errors of the coefficients, shape (p,)."""
        root: FloatArray = np.sqrt(np.diag(self.covariance))
        return root

    def log_hazard_ratio(self, name: str) -> Estimate:
        """Return one coefficient with its Wald interval.

        Raises
        ------
        DataError
            If there is no such covariate.
        """
        require_one_of(name, self.names, field="covariate", where="a Cox model")
        i = self.names.index(name)
        found = wald_estimate(
            float(self.coefficients[i]),
            float(self.std_errors[i]),
            scale="log hazard ratio",
            method=self.method,
            level=self.level,
        )
        return replace(
            found,
            n_patients=self.n_patients,
            n_events=self.n_events,
            diagnostics=self.diagnostics,
            inputs=self.inputs,
        )

    def hazard_ratio(self, name: str) -> Estimate:
        """Return one hazard ratio per unit of the covariate, with its interval."""
        return self.log_hazard_ratio(name).transformed(math.exp, scale="hazard ratio")

    @cached_property
    def concordance(self) -> float | None:
        """Harrell's concordance of the fitted risk, within strata."""
        times, events, strata = self._data
        scaled = self.coefficients * self._design.scales
        return concordance(times, events, self._design.values @ scaled, strata)

    def proportionality(self) -> tuple[ProportionalityTest, ...]:
        """Test whether each hazard ratio is constant over time, and all together (last)."""
        if self.ties == "exact":
            raise DataError("ties 'exact' has no test of proportional hazards; fit with 'efron'")
        times, events, _ = self._data
        return proportionality_tests(
            self._design.values[self._sets.order],
            self._sets,
            self.coefficients * self._design.scales,
            names=self.names,
            is_efron=self.ties == "efron",
            times=times,
            is_event=events,
        )


def maximise(
    likelihood: Likelihood, start: FloatArray
) -> tuple[FloatArray, tuple[float, FloatArray, FloatArray], int, bool]:
    """Climb by Newton's method with step halving; return place, evaluation, steps, success."""
    beta, at = start, likelihood(start)
    for iteration in range(1, _MAX_ITERATIONS + 1):
        step = np.linalg.lstsq(at[2], at[1], rcond=None)[0]
        for _ in range(40):
            ahead = likelihood(beta + step)
            if np.isfinite(ahead[0]) and ahead[0] >= at[0] - 1e-12 * abs(at[0]):
                break
            step = step / 2
        gain = float(step @ at[1])
        beta, at = beta + step, ahead
        # The gain still to be had is half of score' information^-1 score.
        if gain < 1e-14 * max(1.0, abs(at[0])) or np.abs(step).max() < 1e-12:
            return beta, at, iteration, True
        if np.abs(beta).max() > 2 * _FAR and gain < 1e-6:
            return beta, at, iteration, False
    return beta, at, _MAX_ITERATIONS, False


def fit_cox(
    times: Sequence[float] | FloatArray,
    is_event: Sequence[bool] | BoolArray,
    covariates: Mapping[str, Sequence[float] | FloatArray],
    *,
    ties: str = "efron",
    strata: Sequence[Hashable] | None = None,
    clusters: Sequence[Hashable] | None = None,
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
) -> CoxModel:
    """Fit Cox's model to patients with censored follow-up.

    Use it for a factor seen in patients of several studies, with the study as
    stratum (its own baseline) or as cluster. With few events, or a group
    without any, use ``fit_firth_cox``.

    Parameters
    ----------
    times : sequence of float, length n
        Follow-up, at least 0, from one time zero.
    is_event : sequence of bool, length n
    covariates : mapping of name to sequence of float, length n
        Groups are coded 0 and 1.
    ties : str
        ``"efron"`` (default), ``"breslow"`` or ``"exact"`` (Cox's discrete
        likelihood, for small data with heavy ties).
    strata : sequence, length n, optional
        Patients are compared within their stratum alone.
    clusters : sequence, length n, optional
        Patients who resemble each other; gives the robust (sandwich) variance.
    level : float
        Confidence level.
    inputs : tuple of str
        Ids of the patients.

    Returns
    -------
    CoxModel

    Raises
    ------
    DataError
        If input is impossible, nobody has the event, or a covariate is
        constant or follows from others.

    References
    ----------
    .. [1] Cox DR. Regression models and life-tables. J R Stat Soc B 1972;34:187-220.
    .. [2] Efron B. The efficiency of Cox's likelihood function for censored
       data. J Am Stat Assoc 1977;72:557-565.
    .. [3] Lin DY, Wei LJ. The robust inference for the Cox proportional
       hazards model. J Am Stat Assoc 1989;84:1074-1078.

    Examples
    --------
    >>> model = fit_cox([4, 3, 1, 1, 2, 2, 3], [1, 1, 1, 0, 1, 1, 0],
    ...                 {"x": [0, 2, 1, 1, 1, 0, 0]})
    >>> round(float(model.coefficients[0]), 4)
    0.4608
    """
    require_level(level, where="a Cox model")
    require_one_of(ties, TIES, field="ties", where="fit_cox")
    t, e = checked_follow_up(times, is_event)
    n = len(t)
    d = design(covariates, n)
    stratum = codes(strata, n, what="strata")
    if not e.any():
        raise DataError("no patient had the event; a hazard ratio needs at least one")
    if ties == "exact" and clusters is not None:
        raise DataError("ties 'exact' has no robust variance; use 'efron' with clusters")
    sets = risk_sets(t, e, stratum)
    x = d.values[sets.order]
    zero = np.zeros(x.shape[1])
    offset = np.zeros(n)

    def likelihood(beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        if ties == "exact":
            return evaluate_exact(x, sets, beta)
        at = evaluate(x, sets, beta, is_efron=ties == "efron", offset=offset)
        return at.log_likelihood, at.score, at.information

    null = likelihood(zero)
    beta, (best, _, information), iterations, is_converged = maximise(likelihood, zero)
    naive = np.linalg.pinv(information, hermitian=True)
    covariance, n_clusters = naive, None
    if clusters is not None:
        cluster = codes(clusters, n, what="clusters")
        n_clusters = int(cluster.max()) + 1
        at = evaluate(x, sets, beta, is_efron=ties == "efron", offset=offset)
        influence = score_residuals(x, sets, at) @ naive
        summed = np.zeros((n_clusters, x.shape[1]))
        np.add.at(summed, cluster[sets.order], influence)
        covariance = summed.T @ summed
    p = x.shape[1]
    return CoxModel(
        names=d.names,
        coefficients=d.coefficients(beta),
        covariance=d.covariance(covariance),
        naive_covariance=d.covariance(naive),
        log_likelihood_null=null[0],
        log_likelihood=best,
        score_test=_chi2(float(null[1] @ np.linalg.lstsq(null[2], null[1], rcond=None)[0]), p),
        likelihood_ratio_test=_chi2(2 * (best - null[0]), p),
        wald_test=_chi2(float(beta @ np.linalg.lstsq(covariance, beta, rcond=None)[0]), p),
        ties=ties,
        level=level,
        n_patients=n,
        n_events=int(e.sum()),
        n_strata=int(stratum.max()) + 1,
        n_clusters=n_clusters,
        iterations=iterations,
        is_converged=is_converged,
        diagnostics=_doubts(d, beta, int(e.sum()), is_converged, n_clusters),
        inputs=tuple(inputs),
        _design=d,
        _sets=sets,
        _data=(t, e, stratum),
    )


def _doubts(
    d: Design, beta: FloatArray, n_events: int, is_converged: bool, n_clusters: int | None
) -> tuple[str, ...]:
    doubts = []
    far = [name for name, b in zip(d.names, beta, strict=True) if abs(b) > _FAR]
    if far or not is_converged:
        named = ", ".join(repr(name) for name in far or d.names)
        doubts.append(
            f"The likelihood has no maximum for {named}: one side of it has no event. "
            "Use Firth's penalised model."
        )
    elif n_events < _EVENTS_PER_COVARIATE * len(d.names):
        doubts.append(
            f"Only {n_events} events for {len(d.names)} "
            f"{'covariate' if len(d.names) == 1 else 'covariates'}; intervals by normal "
            "approximation are too narrow. Compare Firth's penalised model."
        )
    if n_clusters is not None and n_clusters < 20:
        doubts.append(f"Only {n_clusters} clusters; the robust variance is then too small.")
    return tuple(doubts)
