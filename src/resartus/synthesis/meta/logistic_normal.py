"""The logistic-normal model of proportions: binomial counts with a normal random intercept."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from resartus.errors import DataError, EstimationError, NotConverged
from resartus.synthesis.distributions import chi2_tail
from resartus.synthesis.meta.counts import FloatArray, checked_counts

__all__ = ["LogisticNormalFit", "fit_logistic_normal"]

_TAU_TOO_WIDE = 10.0
_TAU_WIDE = 3.0
_LEAST_SHARE = 0.3
_EVEN_POINTS = 2001

_Likelihood = Callable[[float, float], tuple[float, NDArray[np.float64]]]
"""The log-likelihood without binomial coefficients and its gradient, of mu and tau."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticNormalFit:
    """What the model says, on the logit scale.

    ``std_error`` is of ``mu`` and comes from the joint information of mu and
    tau. ``q_wald`` and ``q_likelihood_ratio`` test equal proportions with
    ``n_studies - 1`` degrees of freedom; ``i2`` is a fraction. ``is_boundary``
    says that tau2 was estimated at 0.
    """

    mu: float
    std_error: float
    tau2: float
    log_likelihood: float
    q_wald: float
    q_wald_p: float
    q_likelihood_ratio: float
    q_likelihood_ratio_p: float
    i2: float
    n_studies: int
    n_points: int
    n_iterations: int
    is_boundary: bool


@cache
def _nodes(n_points: int) -> tuple[FloatArray, FloatArray]:
    """Return Gauss-Hermite nodes t and log(w) + t^2, as the adaptive rule needs them."""
    t, w = special.roots_hermite(n_points)
    return np.asarray(t), np.asarray(np.log(w) + t**2)


def _modes(mu: float, tau: float, x: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mode of each study's random effect and the curvature there (both shape (k,))."""
    u = np.zeros_like(x)
    for _ in range(200):
        p = special.expit(mu + tau * u)
        curvature = 1.0 + tau**2 * n * p * (1 - p)
        # The objective is concave; the cap keeps a first step from overshooting.
        step = np.clip((tau * (x - n * p) - u) / curvature, -2.0, 2.0)
        u = u + step
        if np.max(np.abs(step)) < 1e-13 * (1 + np.max(np.abs(u))):
            break
    p = special.expit(mu + tau * u)
    return u, 1.0 + tau**2 * n * p * (1 - p)


def _log_likelihood(
    mu: float, tau: float, x: FloatArray, n: FloatArray, n_points: int
) -> tuple[float, FloatArray]:
    """Return the log-likelihood without binomial coefficients, and its gradient in (mu, tau).

    Adaptive Gauss-Hermite quadrature around each study's mode. The gradient
    is that of the quadrature sum itself, so it is right for few points too.
    """
    t, log_weights = _nodes(n_points)
    u, h = _modes(mu, tau, x, n)
    p = special.expit(mu + tau * u)
    v = n * p * (1 - p)
    # Implicit derivatives of mode u and of curvature h with respect to mu and tau.
    du = np.stack([-tau * v / h, ((x - n * p) - tau * v * u) / h])
    deta = np.stack([1.0 + tau * du[0], u + tau * du[1]])
    dh = tau**2 * v * (1 - 2 * p) * deta
    dh[1] += 2 * tau * v
    s = 1.0 / np.sqrt(h)
    ds = -0.5 * s * dh / h

    z = u[:, None] + math.sqrt(2.0) * s[:, None] * t
    eta = mu + tau * z
    terms = log_weights + x[:, None] * eta - n[:, None] * np.logaddexp(0.0, eta) - z**2 / 2
    per_study = special.logsumexp(terms, axis=1) + np.log(s) - 0.5 * math.log(math.pi)
    share = special.softmax(terms, axis=1)
    residual = x[:, None] - n[:, None] * special.expit(eta)
    slope = tau * residual - z
    gradient = np.empty(2)
    for j, own in enumerate((residual, residual * z)):
        dz = du[j][:, None] + math.sqrt(2.0) * ds[j][:, None] * t
        gradient[j] = np.sum(share * (own + slope * dz)) + np.sum(ds[j] / s)
    return float(np.sum(per_study)), gradient


@cache
def _grid() -> tuple[FloatArray, FloatArray]:
    """Return evenly spaced random effects and the logarithm of their normal weights."""
    u = np.linspace(-10.0, 10.0, _EVEN_POINTS)
    return u, -(u**2) / 2 - 0.5 * math.log(2 * math.pi) + math.log(u[1] - u[0])


def _even_log_likelihood(
    mu: float, tau: float, x: FloatArray, n: FloatArray
) -> tuple[float, FloatArray]:
    """Return the same by the trapezoidal rule: slow, and right for any tau.

    Around the mode of a study with none or all of its patients the integrand has a longer tail
    than the normal curve that the adaptive rule lays there; for a wide tau that rule sees peaks
    that are not there.
    """
    u, log_weights = _grid()
    eta = mu + tau * u
    terms = log_weights + x[:, None] * eta - n[:, None] * np.logaddexp(0.0, eta)
    share = special.softmax(terms, axis=1)
    residual = share * (x[:, None] - n[:, None] * special.expit(eta))
    gradient = np.array([np.sum(residual), np.sum(residual * u)])
    return float(np.sum(special.logsumexp(terms, axis=1))), gradient


def _hessian(theta: FloatArray, likelihood: _Likelihood) -> FloatArray:
    """Return the second derivatives in (mu, tau) by central differences of the gradient."""
    hessian = np.empty((2, 2))
    for j in range(2):
        step = np.zeros(2)
        step[j] = 1e-5 * max(1.0, abs(theta[j]))
        up, down = theta + step, theta - step
        rise = likelihood(up[0], up[1])[1]
        fall = likelihood(down[0], down[1])[1]
        hessian[j] = (rise - fall) / (2 * step[j])
    return (hessian + hessian.T) / 2


def _maximise(start: FloatArray, likelihood: _Likelihood) -> tuple[FloatArray, float, int]:
    """Return (mu, tau), the log-likelihood and the iterations, from one start."""

    def objective(theta: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = likelihood(theta[0], theta[1])
        return -value, -gradient

    rough = optimize.minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=[(-40, 40), (0, 2 * _TAU_TOO_WIDE)]
    )
    theta = np.asarray(rough.x, dtype=np.float64)
    iterations = int(rough.nit)
    # Newton's steps take the answer to the last digits, which L-BFGS-B leaves open.
    for _ in range(20):
        value, gradient = likelihood(theta[0], theta[1])
        hessian = _hessian(theta, likelihood)
        if np.linalg.det(hessian) <= 0 or hessian[0, 0] >= 0:
            break
        step = -np.linalg.solve(hessian, gradient)
        better = theta + step
        if likelihood(better[0], better[1])[0] < value - 1e-9:
            break
        theta = better
        iterations += 1
        if np.max(np.abs(step)) < 1e-11 * (1 + np.max(np.abs(theta))):
            break
    theta[1] = abs(theta[1])
    return theta, likelihood(theta[0], theta[1])[0], iterations


def _equality_tests(x: FloatArray, n: FloatArray) -> tuple[float, float]:
    """Return the Wald and the likelihood-ratio statistic against equal proportions.

    A study at 0 or n has no finite logit; its weight in the Wald statistic
    tends to 0, so it drops out of that one and counts in the other.
    """
    inside = (x > 0) & (x < n)
    logits = np.log(x[inside] / (n - x)[inside])
    w = (x * (n - x) / n)[inside]
    wald = float(np.sum(w * (logits - np.sum(w * logits) / np.sum(w)) ** 2)) if w.size else 0.0
    pooled = np.sum(x) / np.sum(n)
    ratio = 2 * np.sum(
        special.xlogy(x, x / n / pooled) + special.xlogy(n - x, (n - x) / n / (1 - pooled))
    )
    return wald, max(0.0, float(ratio))


def _i2(tau2: float, x: FloatArray, n: FloatArray) -> float:
    """Return I2 with the typical within-study variance of Higgins and Thompson (0.5 where 0)."""
    a, b = x.copy(), n - x
    empty = (a == 0) | (b == 0)
    a[empty] += 0.5
    b[empty] += 0.5
    w = 1 / (1 / a + 1 / b)
    typical = (len(w) - 1) / (np.sum(w) - np.sum(w**2) / np.sum(w))
    return float(tau2 / (tau2 + typical))


def _highest(mu0: float, likelihood: _Likelihood) -> tuple[FloatArray, float, float, int]:
    """Return (mu, tau), the log-likelihood there, the variance of mu and the iterations."""
    best = np.array([mu0, 0.0])
    best_value, iterations = likelihood(mu0, 0.0)[0], 0
    for start in (0.3, 1.5):
        theta, value, used = _maximise(np.array([mu0, start]), likelihood)
        iterations += used
        if value > best_value + 1e-10 and theta[1] ** 2 > 1e-8:
            best, best_value = theta, value
    information = -_hessian(best, likelihood)
    if best[1] == 0.0:
        return best, best_value, float(1 / information[0, 0]), iterations
    if np.linalg.det(information) <= 0:
        return best, best_value, math.nan, iterations
    return best, best_value, float(np.linalg.inv(information)[0, 0]), iterations


def _is_believable(theta: FloatArray, variance: float, k: int) -> bool:
    """Whether the adaptive rule can be trusted at its maximum.

    Not where tau is wide; and k studies tell mu no better than k draws from a normal
    distribution would: its variance is not far below tau^2 / k.
    """
    tau = float(theta[1])
    return tau < _TAU_WIDE and variance > _LEAST_SHARE * tau**2 / k


def fit_logistic_normal(
    events: Sequence[float], totals: Sequence[float], *, n_points: int = 31
) -> LogisticNormalFit:
    """Fit a logistic mixed model with one random intercept per study by maximum likelihood.

    The default for pooling proportions: counts of 0 and n enter as they are,
    without a continuity correction.

    Parameters
    ----------
    events, totals : sequence of int, length k >= 2
        Patients with the event, and all patients, per study.
    n_points : int
        Points of the adaptive Gauss-Hermite rule, 1 (Laplace) or more. R's
        ``rma.glmm`` and ``meta`` use 7; more points are more exact. Where tau is 3 or
        more, evenly spaced points are used instead; ``n_points`` of the fit says so.

    Returns
    -------
    LogisticNormalFit
        On the logit scale.

    Raises
    ------
    DataError
        If the counts do not fit each other, k < 2 or ``n_points`` < 1.
    EstimationError
        If no patient or every patient had the event: no logit exists.
    NotConverged
        If the likelihood has no maximum within reach, as when each study has
        either no events or nothing but events.

    Notes
    -----
    logit(p_i) = mu + tau u_i with u_i ~ N(0, 1); the standard error of mu is
    from the inverse of the joint information of (mu, tau) [1]_ [2]_.

    References
    ----------
    .. [1] Hamza TH, van Houwelingen HC, Stijnen T. The binomial distribution
       of meta-analysis was preferred to model within-study variability.
       J Clin Epidemiol 2008;61:41-51.
    .. [2] Stijnen T, Hamza TH, Ozdemir P. Random effects meta-analysis of
       event outcome in the framework of the generalized linear mixed model.
       Stat Med 2010;29:3046-3067.

    Examples
    --------
    >>> fit = fit_logistic_normal([11, 24, 179, 82], [29, 33, 326, 240])
    >>> round(fit.mu, 3), round(fit.tau2, 3)
    (-0.029, 0.302)
    """
    x, n = checked_counts(events, totals)
    k = len(x)
    if k < 2:
        raise DataError("one study has no between-study variance; give its exact interval instead")
    if n_points < 1:
        raise DataError(f"n_points {n_points!r} is below 1; 1 is Laplace, 31 the default")
    pooled = float(np.sum(x) / np.sum(n))
    if pooled in (0.0, 1.0):
        raise EstimationError(
            f"{'no' if pooled == 0 else 'every'} patient of {k} studies had the event, so the "
            "logit does not exist; give the exact limit instead"
        )
    mu0 = math.log(pooled / (1 - pooled))
    used_points = n_points
    best, best_value, variance, iterations = _highest(
        mu0, lambda mu, tau: _log_likelihood(mu, tau, x, n, n_points)
    )
    if not _is_believable(best, variance, k):
        used_points = _EVEN_POINTS
        best, best_value, variance, iterations = _highest(
            mu0, lambda mu, tau: _even_log_likelihood(mu, tau, x, n)
        )
    if best[1] > _TAU_TOO_WIDE:
        raise NotConverged(
            f"tau runs beyond {_TAU_TOO_WIDE} on the logit scale: the {k} studies have hardly "
            "anything but proportions of 0 and 1; show the studies instead"
        )
    if not variance > 0:
        raise NotConverged(
            f"the likelihood of {k} studies is flat where it is highest; show the studies instead"
        )
    wald, ratio = _equality_tests(x, n)
    coefficients = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
    return LogisticNormalFit(
        mu=float(best[0]),
        std_error=float(math.sqrt(variance)),
        tau2=float(best[1] ** 2),
        log_likelihood=best_value + float(np.sum(coefficients)),
        q_wald=wald,
        q_wald_p=chi2_tail(wald, k - 1),
        q_likelihood_ratio=ratio,
        q_likelihood_ratio_p=chi2_tail(ratio, k - 1),
        i2=_i2(float(best[1] ** 2), x, n),
        n_studies=k,
        n_points=used_points,
        n_iterations=iterations,
        is_boundary=bool(best[1] == 0.0),
    )
