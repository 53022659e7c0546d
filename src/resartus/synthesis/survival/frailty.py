"""Shared frailty: studies differ in their baseline risk by a random factor."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln

from resartus.domain.checks import require_level, require_one_of
from resartus.domain.estimate import Estimate
from resartus.errors import DataError, NotConverged
from resartus.synthesis.survival.cox import maximise
from resartus.synthesis.survival.design import design
from resartus.synthesis.survival.follow_up import BoolArray, FloatArray, IntArray, checked_follow_up
from resartus.synthesis.survival.partial_likelihood import evaluate
from resartus.synthesis.survival.risk_sets import RiskSets, codes, risk_sets
from resartus.synthesis.survival.wald import wald_estimate

__all__ = ["FRAILTIES", "FrailtyModel", "fit_frailty_cox"]

FRAILTIES = ("gamma", "lognormal", "gaussian")
_NEAR_ZERO = 1e-4
_LARGEST = 20.0
# From these sizes on, coxme and frailty() treat the frailties as uncorrelated given the data.
_COXME_GROUPS, _COXME_SHARE = 50, 0.02
_FRAILTY_GROUPS = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class FrailtyModel:
    """A fitted shared-frailty model.

    ``variance`` is that of the frailty (gamma, mean 1) or of its logarithm
    (lognormal, gaussian); ``frailties`` each group's estimated factor on the hazard.
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    distribution: str
    variance: float
    frailties: Mapping[Hashable, float]
    log_likelihood: float
    log_likelihood_without: float
    level: float
    n_patients: int
    n_events: int
    diagnostics: tuple[str, ...]
    inputs: tuple[str, ...] = field(default=())

    @property
    def std_errors(self) -> FloatArray:
        """Standard errors of the coefficients at the fitted variance, shape (p,)."""
        root: FloatArray = np.sqrt(np.diag(self.covariance))
        return root

    def log_hazard_ratio(self, name: str) -> Estimate:
        """Return one coefficient, within a group, with its Wald interval.

        Raises
        ------
        DataError
            If there is no such covariate.
        """
        require_one_of(name, self.names, field="covariate", where="a frailty model")
        i = self.names.index(name)
        found = wald_estimate(
            float(self.coefficients[i]),
            float(self.std_errors[i]),
            scale="log hazard ratio",
            method=f"Cox with {self.distribution} shared frailty, Efron ties",
            level=self.level,
            interval="Wald, frailty variance held",
        )
        return replace(
            found,
            n_studies=len(self.frailties),
            n_patients=self.n_patients,
            n_events=self.n_events,
            diagnostics=self.diagnostics,
            inputs=self.inputs,
        )

    def hazard_ratio(self, name: str) -> Estimate:
        """Return one hazard ratio within a group, with its interval."""
        return self.log_hazard_ratio(name).transformed(math.exp, scale="hazard ratio")


@dataclass(frozen=True, slots=True, eq=False)
class _Penalised:
    """The partial likelihood of coefficients and log frailties, less a penalty on the latter."""

    x: FloatArray
    sets: RiskSets
    n_fixed: int
    deaths: FloatArray
    sizes: FloatArray

    def fit(self, theta: float, *, is_gamma: bool, start: FloatArray) -> _Fit:
        """Climb at one frailty variance ``theta`` above 0."""
        q = self.n_fixed
        nu = 1.0 / theta

        def likelihood(beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
            at = evaluate(self.x, self.sets, beta, is_efron=True, offset=np.zeros(len(self.x)))
            omega = beta[q:]
            value, score = at.log_likelihood, at.score.copy()
            information = at.information.copy()
            own = np.arange(q, len(beta))
            if is_gamma:
                grown = np.exp(np.minimum(omega, 50.0))
                value += nu * float((omega - grown).sum())
                score[q:] += nu * (1 - grown)
                information[own, own] += nu * grown
            else:
                value -= nu / 2 * float(omega @ omega)
                score[q:] -= nu * omega
                information[own, own] += nu
            return value, score, information

        beta, (value, _, information), _, is_converged = maximise(likelihood, start)
        if not is_converged:
            raise NotConverged(
                f"the frailty model did not settle at variance {theta:.4g}; "
                "fit the groups as strata instead"
            )
        return _Fit(beta, value, information)

    def integrated(self, theta: float, fit: _Fit, *, is_gamma: bool) -> float:
        """Return the log likelihood with the frailties integrated out.

        Gamma: exact, up to the events' count, from the partial likelihood at
        the fixpoint (Therneau and Grambsch 2000, equation 9.11). Lognormal:
        Laplace's approximation (Ripatti and Palmgren 2000).
        """
        q, nu = self.n_fixed, 1.0 / theta
        omega = fit.beta[q:]
        if is_gamma:
            d = self.deaths
            constant = gammaln(nu + d) - gammaln(nu) + nu * math.log(nu)
            constant -= (nu + d) * np.log(nu + d) - d
            # At the fixpoint the frailties average 1, so the penalty is nu (omega - 1).
            return fit.value + float((constant + nu).sum())
        inner = fit.information[q:, q:]
        is_sparse = len(omega) >= _COXME_GROUPS and (
            self.sizes.max() <= _COXME_SHARE * self.sizes.sum()
        )
        log_det = np.log(np.diag(inner)).sum() if is_sparse else np.linalg.slogdet(inner)[1]
        return fit.value - 0.5 * float(log_det) - 0.5 * len(omega) * math.log(theta)

    def expected_square(self, fit: _Fit) -> float:
        """Return the mean over groups of omega^2 and its variance: the next REML estimate."""
        q = self.n_fixed
        omega, h = fit.beta[q:], fit.information.copy()
        if len(omega) >= _FRAILTY_GROUPS:
            h[q:, q:] = np.diag(np.diag(h[q:, q:]))
        trace = float(np.trace(np.linalg.inv(h)[q:, q:]))
        return (float(omega @ omega) + trace) / len(omega)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    beta: FloatArray
    value: float
    information: FloatArray


def _best_variance(
    surface: _Penalised, distribution: str, fit_at: Callable[[float], _Fit]
) -> float:
    """Return the frailty variance: of the highest integrated likelihood, or REML's fixpoint."""
    low, high = math.log(_NEAR_ZERO), math.log(_LARGEST)
    if distribution == "gaussian":

        def excess(log_theta: float) -> float:
            theta = math.exp(log_theta)
            return surface.expected_square(fit_at(theta)) - theta

        if excess(low) <= 0:
            return _NEAR_ZERO
        return math.exp(brentq(excess, low, high, xtol=1e-9)) if excess(high) < 0 else _LARGEST

    def depth(log_theta: float) -> float:
        theta = math.exp(log_theta)
        return -surface.integrated(theta, fit_at(theta), is_gamma=distribution == "gamma")

    found = minimize_scalar(depth, bounds=(low, high), method="bounded", options={"xatol": 1e-7})
    return math.exp(float(found.x))


def _indicators(group: IntArray) -> FloatArray:
    one_hot = np.zeros((len(group), int(group.max()) + 1))
    one_hot[np.arange(len(group)), group] = 1.0
    return one_hot


def fit_frailty_cox(
    times: Sequence[float] | FloatArray,
    is_event: Sequence[bool] | BoolArray,
    covariates: Mapping[str, Sequence[float] | FloatArray],
    *,
    groups: Sequence[Hashable],
    distribution: str = "gamma",
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
) -> FrailtyModel:
    """Fit Cox's model with a random factor shared by the patients of a group (study).

    Use it as a sensitivity analysis beside stratification. Where most groups
    are single patients, the frailty cannot be told from the baseline.

    Parameters
    ----------
    times, is_event, covariates, level, inputs
        As for ``fit_cox``.
    groups : sequence, length n
        Whose patients share a frailty; at least two.
    distribution : str
        ``"gamma"`` (maximum of the exact integrated likelihood, as R's
        ``frailty()``), ``"lognormal"`` (Laplace, as R's ``coxme``) or
        ``"gaussian"`` (lognormal by REML, as R's ``frailty.gaussian``).

    Returns
    -------
    FrailtyModel

    Raises
    ------
    DataError
        If input is impossible or there is one group.
    NotConverged
        If the penalised likelihood does not settle.

    References
    ----------
    .. [1] Therneau TM, Grambsch PM, Pankratz VS. Penalized survival models and
       frailty. J Comput Graph Stat 2003;12:156-175.
    .. [2] Ripatti S, Palmgren J. Estimation of multivariate frailty models
       using penalized partial likelihood. Biometrics 2000;56:1016-1022.
    """
    require_level(level, where="a frailty model")
    require_one_of(distribution, FRAILTIES, field="distribution", where="fit_frailty_cox")
    t, e = checked_follow_up(times, is_event)
    n = len(t)
    d = design(covariates, n)
    if not e.any():
        raise DataError("no patient had the event; a hazard ratio needs at least one")
    group = codes(groups, n, what="groups")
    n_groups = int(group.max()) + 1
    if n_groups < 2:
        raise DataError("all patients are in one group; a shared frailty needs two or more")
    q = len(d.names)
    sets = risk_sets(t, e, np.zeros(n, dtype=np.int64))
    x = np.column_stack([d.values, _indicators(group)])[sets.order]
    sizes = np.bincount(group).astype(np.float64)
    deaths = np.bincount(group, weights=e, minlength=n_groups).astype(np.float64)
    surface = _Penalised(x, sets, q, deaths, sizes)
    is_gamma = distribution == "gamma"
    start = np.zeros(q + n_groups)

    def fit_at(theta: float) -> _Fit:
        return surface.fit(theta, is_gamma=is_gamma, start=start)

    theta = _best_variance(surface, distribution, fit_at)
    fit = fit_at(theta)
    without = maximise(lambda beta: _plain(x[:, :q], sets, beta), np.zeros(q))[1][0]
    best = surface.integrated(theta, fit, is_gamma=is_gamma)
    labels = list(dict.fromkeys(groups))
    doubts = []
    if (sizes == 1).mean() > 0.5:
        doubts.append(
            f"{int((sizes == 1).sum())} of {n_groups} groups are single patients; "
            "the frailty is hardly identified."
        )
    if theta < 2 * _NEAR_ZERO:
        doubts.append("The frailty variance is at 0: the groups differ no more than by chance.")
    return FrailtyModel(
        names=d.names,
        coefficients=d.coefficients(fit.beta[:q]),
        covariance=d.covariance(np.linalg.inv(fit.information)[:q, :q]),
        distribution=distribution,
        variance=theta,
        frailties={
            label: float(math.exp(value)) for label, value in zip(labels, fit.beta[q:], strict=True)
        },
        log_likelihood=best,
        log_likelihood_without=without,
        level=level,
        n_patients=n,
        n_events=int(e.sum()),
        diagnostics=tuple(doubts),
        inputs=tuple(inputs),
    )


def _plain(x: FloatArray, sets: RiskSets, beta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    at = evaluate(x, sets, beta, is_efron=True, offset=np.zeros(len(x)))
    return at.log_likelihood, at.score, at.information
