"""The beta-binomial model of proportions, which stays stable where the mixed model does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from resartus.errors import DataError, EstimationError, NotConverged
from resartus.synthesis.meta.counts import FloatArray, checked_counts

__all__ = ["BetaBinomialFit", "fit_beta_binomial"]

_RHO_FLOOR = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaBinomialFit:
    """Mean proportion ``mu``, correlation ``rho`` within a study, and standard errors on logits.

    ``std_error_logit_mu`` is from the observed information,
    ``expected_std_error_logit_mu`` from the expected one (what VGAM prints);
    at rho = 0 both are the binomial's and ``std_error_logit_rho`` is ``None``.
    """

    mu: float
    rho: float
    std_error_logit_mu: float
    expected_std_error_logit_mu: float
    std_error_logit_rho: float | None
    expected_std_error_logit_rho: float | None
    log_likelihood: float
    n_studies: int
    is_boundary: bool

    @property
    def precision(self) -> float | None:
        """The sum of the beta's two parameters, (1 - rho) / rho; ``None`` at rho = 0."""
        return (1 - self.rho) / self.rho if self.rho > 0 else None


def _score_terms(theta: FloatArray, x: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log-probabilities without coefficients (k,) and scores (k, 2) in the two logits."""
    mu, rho = special.expit(theta)
    phi = (1 - rho) / rho
    a, b = mu * phi, (1 - mu) * phi
    log_p = special.betaln(x + a, n - x + b) - special.betaln(a, b)
    da = special.digamma(x + a) - special.digamma(a)
    db = special.digamma(n - x + b) - special.digamma(b)
    dphi = special.digamma(phi) - special.digamma(n + phi)
    by_mu = phi * mu * (1 - mu) * (da - db)
    # d phi / d logit(rho) = -phi, because phi = exp(-logit(rho)).
    by_rho = -phi * (mu * da + (1 - mu) * db + dphi)
    return log_p, np.stack([by_mu, by_rho], axis=-1)


def _observed(theta: FloatArray, x: FloatArray, n: FloatArray) -> FloatArray:
    """Return the observed information by central differences of the score."""
    rows = np.empty((2, 2))
    for j in range(2):
        step = np.zeros(2)
        step[j] = 1e-5
        up = _score_terms(theta + step, x, n)[1].sum(axis=0)
        down = _score_terms(theta - step, x, n)[1].sum(axis=0)
        rows[j] = -(up - down) / 2e-5
    return (rows + rows.T) / 2


def _expected(theta: FloatArray, n: FloatArray) -> FloatArray:
    """Return the expected information, summed over every possible count of each study."""
    total = np.zeros((2, 2))
    for size, repeats in zip(*np.unique(n, return_counts=True), strict=True):
        x = np.arange(size + 1)
        sizes = np.full_like(x, size)
        log_p, score = _score_terms(theta, x, sizes)
        coefficient = special.gammaln(size + 1) - special.gammaln(x + 1)
        p = np.exp(log_p + coefficient - special.gammaln(size - x + 1))
        total += repeats * (score * p[:, None]).T @ score
    return total


def _binomial_fit(x: FloatArray, n: FloatArray, coefficients: float) -> BetaBinomialFit:
    """Return the fit on the boundary, rho = 0."""
    mu = float(np.sum(x) / np.sum(n))
    std_error = 1 / math.sqrt(float(np.sum(n)) * mu * (1 - mu))
    return BetaBinomialFit(
        mu=mu,
        rho=0.0,
        std_error_logit_mu=std_error,
        expected_std_error_logit_mu=std_error,
        std_error_logit_rho=None,
        expected_std_error_logit_rho=None,
        log_likelihood=coefficients
        + float(np.sum(special.xlogy(x, mu) + special.xlogy(n - x, 1 - mu))),
        n_studies=len(x),
        is_boundary=True,
    )


def fit_beta_binomial(events: Sequence[float], totals: Sequence[float]) -> BetaBinomialFit:
    """Fit a beta-binomial model to the studies' counts by maximum likelihood.

    Use it as sensitivity analysis beside the logistic-normal model: it models
    the mean proportion itself, and needs no quadrature.

    Parameters
    ----------
    events, totals : sequence of int, length k >= 2
        Patients with the event, and all patients, per study.

    Returns
    -------
    BetaBinomialFit
        ``mu`` is the mean over studies, a fraction.

    Raises
    ------
    DataError
        If the counts do not fit each other or k < 2.
    EstimationError
        If no patient or every patient had the event.
    NotConverged
        If rho runs to 1: every study has only events or none.

    References
    ----------
    .. [1] Kuss O. Statistical methods for meta-analyses including information
       from studies without any events. Stat Med 2015;34:1097-1116.
    """
    x, n = checked_counts(events, totals)
    if len(x) < 2:
        raise DataError("one study has no between-study variance; give its exact interval instead")
    pooled = float(np.sum(x) / np.sum(n))
    if pooled in (0.0, 1.0):
        raise EstimationError(
            f"{'no' if pooled == 0 else 'every'} patient of {len(x)} studies had the event; "
            "give the exact limit instead"
        )
    coefficients = float(
        np.sum(special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1))
    )

    def objective(theta: FloatArray) -> tuple[float, FloatArray]:
        log_p, score = _score_terms(theta, x, n)
        return -float(np.sum(log_p)), -score.sum(axis=0)

    boundary = _binomial_fit(x, n, coefficients)
    floor = float(special.logit(_RHO_FLOOR))
    start = np.array([special.logit(pooled), special.logit(0.1)])
    found = optimize.minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=[(-40, 40), (floor, 12)]
    )
    theta = np.asarray(found.x, dtype=np.float64)
    if theta[1] > 11:
        raise NotConverged(
            f"rho runs to 1: each of the {len(x)} studies has either only events or none; show them"
        )
    if theta[1] <= floor + 1 or coefficients - float(found.fun) <= boundary.log_likelihood:
        return boundary
    for _ in range(20):
        step = np.linalg.solve(_observed(theta, x, n), -objective(theta)[1])
        theta = theta + step
        if np.max(np.abs(step)) < 1e-11:
            break
    observed = np.linalg.inv(_observed(theta, x, n))
    expected = np.linalg.inv(_expected(theta, n))
    if not (observed[0, 0] > 0 and observed[1, 1] > 0):
        raise NotConverged(
            f"the likelihood of {len(x)} studies is flat where it is highest; show the studies"
        )
    mu, rho = special.expit(theta)
    return BetaBinomialFit(
        mu=float(mu),
        rho=float(rho),
        std_error_logit_mu=math.sqrt(observed[0, 0]),
        expected_std_error_logit_mu=math.sqrt(expected[0, 0]),
        std_error_logit_rho=math.sqrt(observed[1, 1]),
        expected_std_error_logit_rho=math.sqrt(expected[1, 1]),
        log_likelihood=coefficients - objective(theta)[0],
        n_studies=len(x),
        is_boundary=False,
    )
