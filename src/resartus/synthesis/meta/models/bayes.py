"""The Bayesian normal-normal model with a half-normal prior on tau, by numerical integration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special
from scipy.integrate import cumulative_simpson

from resartus.domain.checks import require_level
from resartus.domain.estimate import Estimate, Heterogeneity, Interval
from resartus.errors import DataError
from resartus.synthesis.meta.counts import FloatArray
from resartus.synthesis.meta.models.weighted import checked_effects

__all__ = ["BayesianFit", "fit_bayesian", "pool_bayesian"]

_POINTS = 4001
_REACH = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BayesianFit:
    """Posterior of mu and tau.

    ``mass`` (m,) is the posterior weight of each tau of the grid; given tau,
    mu is normal with ``mu_given_tau`` and ``std_given_tau``. With a flat
    prior on mu the posterior is proper from one study on.
    """

    tau: FloatArray
    mass: FloatArray
    mu_given_tau: FloatArray
    std_given_tau: FloatArray
    tau_distribution: FloatArray
    prior_scale: float
    n_studies: int

    @property
    def mu_mean(self) -> float:
        """Return the posterior mean of mu."""
        return float(np.dot(self.mass, self.mu_given_tau))

    @property
    def mu_std(self) -> float:
        """Return the posterior standard deviation of mu."""
        second = float(np.dot(self.mass, self.std_given_tau**2 + self.mu_given_tau**2))
        return math.sqrt(max(second - self.mu_mean**2, 0.0))

    @property
    def tau_mean(self) -> float:
        """Return the posterior mean of tau."""
        return float(np.dot(self.mass, self.tau))

    def mu_below(self, value: float, *, next_study: bool = False) -> float:
        """Return P(mu <= value), or that of a next study's true effect."""
        spread = self.std_given_tau
        if next_study:
            spread = np.sqrt(spread**2 + self.tau**2)
        return float(np.dot(self.mass, special.ndtr((value - self.mu_given_tau) / spread)))

    def mu_quantile(self, probability: float, *, next_study: bool = False) -> float:
        """Return a quantile of mu, or of a next study's true effect."""
        reach = 12 * math.sqrt(self.mu_std**2 + float(np.dot(self.mass, self.tau**2)))
        low, high = self.mu_mean - reach, self.mu_mean + reach
        while self.mu_below(low, next_study=next_study) > probability:
            low -= reach
        while self.mu_below(high, next_study=next_study) < probability:
            high += reach
        return float(
            optimize.brentq(
                lambda x: self.mu_below(x, next_study=next_study) - probability,
                low,
                high,
                xtol=1e-12 * reach,
            )
        )

    def tau_quantile(self, probability: float) -> float:
        """Return a quantile of tau."""
        return float(np.interp(probability, self.tau_distribution, self.tau))


def fit_bayesian(
    effects: Sequence[float], variances: Sequence[float], *, prior_scale: float
) -> BayesianFit:
    """Fit the normal-normal model, mu flat and tau half-normal, without simulation.

    Parameters
    ----------
    effects, variances : sequence of float, length k >= 1
        On an additive scale.
    prior_scale : float
        Of the half-normal prior of tau, on the effects' scale; above 0.

    References
    ----------
    .. [1] Rover C. Bayesian random-effects meta-analysis using the bayesmeta R
       package. J Stat Softw 2020;93(6):1-51.
    """
    y, v = checked_effects(effects, variances)
    if not (math.isfinite(prior_scale) and prior_scale > 0):
        raise DataError(f"prior_scale {prior_scale!r} of tau is not above 0; 0.5 is usual for logs")
    # tau = reach * s^2 puts points where little heterogeneity hides.
    s = np.linspace(0.0, 1.0, _POINTS)
    tau = _REACH * prior_scale * s**2
    total, weighted, log_likelihood = np.zeros((3, _POINTS))
    for effect, variance in zip(y, v, strict=True):
        w = 1 / (variance + tau**2)
        total += w
        weighted += w * effect
        log_likelihood += 0.5 * np.log(w)
    mu = weighted / total
    for effect, variance in zip(y, v, strict=True):
        log_likelihood -= 0.5 * (effect - mu) ** 2 / (variance + tau**2)
    log_posterior = log_likelihood - 0.5 * np.log(total) - 0.5 * (tau / prior_scale) ** 2
    density = np.exp(log_posterior - log_posterior.max()) * s
    simpson = np.ones(_POINTS)
    simpson[1:-1:2], simpson[2:-1:2] = 4.0, 2.0
    mass = density * simpson
    mass /= mass.sum()
    distribution = cumulative_simpson(density, dx=s[1], initial=0.0)
    return BayesianFit(
        tau=tau,
        mass=mass,
        mu_given_tau=mu,
        std_given_tau=1 / np.sqrt(total),
        tau_distribution=np.maximum.accumulate(distribution / distribution[-1]),
        prior_scale=prior_scale,
        n_studies=len(y),
    )


def pool_bayesian(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    prior_scale: float,
    level: float = 0.95,
    scale: str = "effect",
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Pool by the Bayesian normal-normal model; the main alternative for 2 to 4 studies.

    Returns
    -------
    Estimate
        Posterior median with equal-tailed credible and prediction intervals;
        ``std_error`` is the posterior standard deviation, ``tau2`` the square
        of tau's posterior median.

    Examples
    --------
    >>> pooled = pool_bayesian([0.9, 2.1], [0.1, 0.2], prior_scale=1.0)
    >>> round(pooled.value, 2), round(pooled.interval.low, 2), round(pooled.interval.high, 2)
    (1.42, -0.09, 3.05)
    """
    require_level(level, where="the Bayesian pooling")
    fit = fit_bayesian(effects, variances, prior_scale=prior_scale)
    tails = (0.5 - level / 2, 0.5 + level / 2)
    prior = f"half-normal({prior_scale:g}) prior on tau"
    return Estimate(
        value=fit.mu_quantile(0.5),
        scale=scale,
        method=f"Bayesian normal-normal model, flat mu, {prior}, numerical integration",
        std_error=fit.mu_std,
        interval=Interval(
            low=fit.mu_quantile(tails[0]),
            high=fit.mu_quantile(tails[1]),
            level=level,
            method="credible, equal tails",
        ),
        prediction=Interval(
            low=fit.mu_quantile(tails[0], next_study=True),
            high=fit.mu_quantile(tails[1], next_study=True),
            level=level,
            method="posterior predictive, equal tails",
        ),
        heterogeneity=Heterogeneity(
            tau2=fit.tau_quantile(0.5) ** 2,
            tau2_interval=Interval(
                low=fit.tau_quantile(tails[0]) ** 2,
                high=fit.tau_quantile(tails[1]) ** 2,
                level=level,
                method="credible, equal tails",
            ),
        ),
        n_studies=fit.n_studies,
        diagnostics=(f"With few studies the {prior} decides much of the width.",)
        if fit.n_studies < 5
        else (),
        inputs=inputs,
    )
