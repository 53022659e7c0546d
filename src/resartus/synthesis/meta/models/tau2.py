"""Estimators of the between-study variance tau2, and its Q-profile interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from resartus.domain.checks import require_one_of
from resartus.domain.estimate import Interval
from resartus.errors import NotConverged
from resartus.synthesis.distributions import chi2_quantile
from resartus.synthesis.meta.counts import FloatArray
from resartus.synthesis.meta.models.weighted import WeightedFit, fit_weighted

__all__ = ["TAU2_ESTIMATORS", "Tau2", "estimate_tau2", "log_likelihood", "q_profile"]

TAU2_ESTIMATORS = ("REML", "ML", "DL", "PM", "EB", "HE", "HS", "SJ")
"""Restricted and plain maximum likelihood, DerSimonian-Laird, Paule-Mandel, empirical Bayes,
Hedges, Hunter-Schmidt, Sidik-Jonkman."""

_MOST_STEPS = 2000
_PRECISION = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class Tau2:
    """tau2, truncated at 0, with its asymptotic standard error."""

    value: float
    std_error: float
    n_iterations: int
    estimator: str
    diagnostics: tuple[str, ...] = ()


def log_likelihood(fit: WeightedFit, x: FloatArray, *, restricted: bool) -> float:
    """Return the (restricted) log-likelihood of a fit with weights 1 / (v + tau2)."""
    k, p = x.shape
    value = float(np.sum(np.log(fit.weights))) / 2 - fit.q / 2
    if not restricted:
        return float(value - k * math.log(2 * math.pi) / 2)
    _, log_det_xx = np.linalg.slogdet(x.T @ x)
    _, log_det_covariance = np.linalg.slogdet(fit.covariance)
    return float(
        value - (k - p) * math.log(2 * math.pi) / 2 + log_det_xx / 2 + log_det_covariance / 2
    )


def _hedges(y: FloatArray, v: FloatArray, x: FloatArray) -> tuple[float, float]:
    """Return Hedges' moment estimate and its standard error; unweighted."""
    k, p = x.shape
    plain = fit_weighted(y, x, np.ones(k))
    trace_pv = float(np.dot(v, 1 - plain.leverage))
    tau2 = (plain.q - trace_pv) / (k - p)
    inside = max(tau2, 0.0)
    spread = plain.trace_product(v, v)
    variance = (2 * spread + 4 * inside * trace_pv + 2 * inside**2 * (k - p)) / (k - p) ** 2
    return tau2, math.sqrt(max(variance, 0.0))


def _moment(y: FloatArray, v: FloatArray, x: FloatArray, kind: str) -> tuple[float, float]:
    """Return DerSimonian-Laird's or Hunter-Schmidt's estimate: inverse-variance weights."""
    k, p = x.shape
    fit = fit_weighted(y, x, 1 / v)
    trace, squares = fit.trace_p, fit.trace_product(fit.weights, fit.weights)
    if kind == "DL":
        tau2, divisor = (fit.q - (k - p)) / trace, trace
    else:
        divisor = float(np.sum(fit.weights))
        tau2 = (fit.q - k) / divisor
    inside = max(tau2, 0.0)
    variance = 2 * (k - p) + 4 * inside * trace + 2 * inside**2 * squares
    return tau2, math.sqrt(variance) / divisor


def _sidik_jonkman(y: FloatArray, v: FloatArray, x: FloatArray) -> tuple[float, float]:
    """Return Sidik and Jonkman's estimate, started at the variance of the effects."""
    k, p = x.shape
    start = float(np.var(y))
    if start == 0:
        return 0.0, 0.0
    fit = fit_weighted(y, x, 1 / (v + start))
    tau2 = start * fit.q / (k - p)
    scaled = fit.weights * v
    variance = (
        2 * fit.trace_product(scaled, scaled)
        + 4 * tau2 * fit.trace_product(scaled, fit.weights)
        + 2 * tau2**2 * fit.trace_product(fit.weights, fit.weights)
    )
    return tau2, start / (k - p) * math.sqrt(max(variance, 0.0))


def _where_q_is(
    target: float, y: FloatArray, v: FloatArray, x: FloatArray, *, q_at_zero: float
) -> float | None:
    """Return tau2 with Q(tau2) = target, ``None`` if Q is below it already at 0.

    Q falls steadily in tau2, so that a bracket is found by doubling.
    """
    if q_at_zero < target:
        return None

    def excess(tau2: float) -> float:
        return fit_weighted(y, x, 1 / (v + tau2)).q - target

    high = max(float(np.var(y)), float(np.median(v)), 1e-12)
    for _ in range(1100):
        if excess(high) <= 0:
            break
        high *= 2
    else:
        raise NotConverged("no tau2 brings Q down to its expectation; check the effects' scale")
    # The absolute tolerance has to follow the scale of the effects, or small ones end at 0.
    root, report = optimize.brentq(
        excess, 0.0, high, xtol=1e-15 * high, rtol=8.9e-16, full_output=True, disp=False
    )
    if not report.converged:
        raise NotConverged(f"the search for tau2 did not settle between 0 and {high:g}")
    return float(root)


_Step = Callable[[WeightedFit], float]


def _scoring_step(estimator: str, k: int, p: int) -> _Step:
    """Return the Fisher-scoring step of tau2 at a fit."""

    def reml(fit: WeightedFit) -> float:
        return (fit.q_slope - fit.trace_p) / fit.trace_product(fit.weights, fit.weights)

    def ml(fit: WeightedFit) -> float:
        return (fit.q_slope - float(np.sum(fit.weights))) / float(np.sum(fit.weights**2))

    def eb(fit: WeightedFit) -> float:
        return (fit.q * k / (k - p) - k) / float(np.sum(fit.weights))

    return {"REML": reml, "ML": ml, "EB": eb}[estimator]


def _by_scoring(
    y: FloatArray, v: FloatArray, x: FloatArray, estimator: str
) -> tuple[float, int] | None:
    """Return tau2 and iterations by Fisher scoring from Hedges' value, ``None`` if unsettled."""
    step = _scoring_step(estimator, *x.shape)
    tau2 = max(_hedges(y, v, x)[0], 0.0)
    unit = float(np.median(v))
    for iteration in range(1, _MOST_STEPS + 1):
        change = step(fit_weighted(y, x, 1 / (v + tau2)))
        # Halve until the variance is not negative, as metafor does; at 0 stay there.
        while tau2 + change < 0 and tau2 > _PRECISION * unit:
            change /= 2
        new = max(tau2 + change, 0.0)
        if abs(new - tau2) <= _PRECISION * (unit + tau2):
            return (0.0 if new <= 1e-11 * unit else new), iteration
        tau2 = new
    return None


def _by_search(y: FloatArray, v: FloatArray, x: FloatArray, *, restricted: bool) -> float:
    """Return the likelihood's highest point, from a grid; for what scoring cannot settle."""

    def negative(log_tau2: float) -> float:
        weights = 1 / (v + math.exp(log_tau2))
        return -log_likelihood(fit_weighted(y, x, weights), x, restricted=restricted)

    top = math.log(max(float(np.var(y)) * 100, float(np.max(v)) * 100))
    grid = np.linspace(math.log(float(np.min(v))) - 18, top, 240)
    heights = [negative(point) for point in grid]
    best = int(np.argmin(heights))
    at_zero = -log_likelihood(fit_weighted(y, x, 1 / v), x, restricted=restricted)
    if at_zero <= heights[best]:
        return 0.0
    found = optimize.minimize_scalar(
        negative,
        bounds=(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return math.exp(float(found.x))


def _iterated_std_error(fit: WeightedFit, k: int, p: int, estimator: str) -> float:
    """Return the asymptotic standard error from the expected information at the estimate."""
    if estimator == "REML":
        return math.sqrt(2 / fit.trace_product(fit.weights, fit.weights))
    if estimator == "ML":
        return math.sqrt(2 / float(np.sum(fit.weights**2)))
    return math.sqrt(2 * k**2 / (k - p)) / float(np.sum(fit.weights))


def estimate_tau2(y: FloatArray, v: FloatArray, x: FloatArray, *, estimator: str = "REML") -> Tau2:
    """Estimate the between-study variance.

    Parameters
    ----------
    y, v : array, shape (k,)
        Effects and their sampling variances.
    x : array, shape (k, p)
        Design, a column of ones without moderators.
    estimator : str
        One of ``TAU2_ESTIMATORS``.

    Returns
    -------
    Tau2
        Truncated at 0. Where Fisher scoring does not settle, the likelihood
        is searched and ``diagnostics`` says so.

    Notes
    -----
    PM solves Q(tau2) = k - p; EB has the same solution and PM's is used for both.

    References
    ----------
    .. [1] Viechtbauer W. Bias and efficiency of meta-analytic variance
       estimators in the random-effects model. J Educ Behav Stat 2005;30:261-293.
    .. [2] DerSimonian R, Laird N. Meta-analysis in clinical trials.
       Control Clin Trials 1986;7:177-188.
    .. [3] Paule RC, Mandel J. Consensus values and weighting factors.
       J Res Natl Bur Stand 1982;87:377-385.
    .. [4] Sidik K, Jonkman JN. A note on variance estimation in random effects
       meta-regression. J Biopharm Stat 2005;15:823-838.
    """
    require_one_of(estimator, TAU2_ESTIMATORS, field="estimator", where="the pooling")
    k, p = x.shape
    closed = {
        "HE": lambda: _hedges(y, v, x),
        "DL": lambda: _moment(y, v, x, "DL"),
        "HS": lambda: _moment(y, v, x, "HS"),
        "SJ": lambda: _sidik_jonkman(y, v, x),
    }
    if estimator in closed:
        value, std_error = closed[estimator]()
        return Tau2(value=max(value, 0.0), std_error=std_error, n_iterations=0, estimator=estimator)
    diagnostics: tuple[str, ...] = ()
    iterations = 0
    if estimator in ("PM", "EB"):
        found = _where_q_is(k - p, y, v, x, q_at_zero=fit_weighted(y, x, 1 / v).q)
        tau2 = 0.0 if found is None else found
    else:
        settled = _by_scoring(y, v, x, estimator)
        if settled is None:
            tau2, iterations = _by_search(y, v, x, restricted=estimator == "REML"), _MOST_STEPS
            diagnostics = (
                f"Fisher scoring for tau2 did not settle in {_MOST_STEPS} steps; the highest "
                "likelihood was searched for instead.",
            )
        else:
            tau2, iterations = settled
    fit = fit_weighted(y, x, 1 / (v + tau2))
    return Tau2(
        value=tau2,
        std_error=_iterated_std_error(fit, k, p, estimator),
        n_iterations=iterations,
        estimator=estimator,
        diagnostics=diagnostics,
    )


def q_profile(y: FloatArray, v: FloatArray, x: FloatArray, *, level: float = 0.95) -> Interval:
    """Return the Q-profile interval of tau2.

    Notes
    -----
    The limits are the tau2 at which the generalised Q equals the upper and
    lower quantile of chi-squared with k - p degrees of freedom. Where even
    Q(0) is below the lower quantile the interval is empty and given as 0 to 0.

    References
    ----------
    .. [1] Viechtbauer W. Confidence intervals for the amount of heterogeneity
       in meta-analysis. Stat Med 2007;26:37-52.
    """
    k, p = x.shape
    at_zero = fit_weighted(y, x, 1 / v).q
    tail = (1 - level) / 2
    low = _where_q_is(chi2_quantile(1 - tail, k - p), y, v, x, q_at_zero=at_zero)
    high = _where_q_is(chi2_quantile(tail, k - p), y, v, x, q_at_zero=at_zero)
    return Interval(
        low=0.0 if low is None else low,
        high=0.0 if high is None else high,
        level=level,
        method="Q-profile",
    )
