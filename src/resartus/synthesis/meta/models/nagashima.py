"""Nagashima's prediction interval: tau2 drawn from its confidence distribution.

The paper draws at random; here the same distribution is integrated, so that
the answer needs no seed and repeats exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special
from scipy.interpolate import PchipInterpolator

from resartus.domain.estimate import Interval
from resartus.errors import EstimationError
from resartus.synthesis.meta.counts import FloatArray
from resartus.synthesis.meta.models.weighted import fit_weighted

__all__ = ["NagashimaIntervals", "nagashima_interval"]

_MOST_STUDIES = 200
_LEVELS = 600
_NODES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class NagashimaIntervals:
    """The interval of the mean and the prediction interval."""

    confidence: Interval
    prediction: Interval


def _q_distribution(q: float, eigenvalues: FloatArray) -> float:
    """Return P(Q <= q) of a sum of eigenvalues times chi-squared(1), by Imhof's integral.

    Imhof JP. Computing the distribution of quadratic forms in normal
    variables. Biometrika 1961;48:419-426, equation 3.2.
    """
    lam = eigenvalues / eigenvalues.max()
    x = q / eigenvalues.max()
    n = len(lam)
    if n == 1:
        return float(special.chdtr(1, x))
    # Beyond this u the rest of the integral is below 1e-6.
    log_limit = (math.log(1e6 * 2 / (math.pi * n)) - 0.5 * float(np.sum(np.log(lam)))) * 2 / n
    limit = min(math.exp(log_limit), 4e4)
    count = int(min(max(4000, 12 * limit * (x + n) / (4 * math.pi)), 400_000))
    # Denser near 0, where the integrand varies with the largest eigenvalue.
    s = (np.arange(count) + 0.5) / count
    u, du = limit * s**2, 2 * limit * s / count
    theta = -0.5 * x * u
    log_rho = np.zeros(count)
    for value in lam:
        theta += 0.5 * np.arctan(value * u)
        log_rho += 0.25 * np.log1p((value * u) ** 2)
    tail = 0.5 + float(np.sum(np.sin(theta) / u * np.exp(-log_rho) * du)) / math.pi
    return min(max(1 - tail, 0.0), 1.0)


def _tau2_quantiles(y: FloatArray, v: FloatArray, levels: FloatArray) -> FloatArray:
    """Return quantiles of tau2's confidence distribution H(tau2) = P(Q >= q; tau2), cut at 0."""
    w = 1 / v
    fit = fit_weighted(y, np.ones((len(y), 1)), w)
    q = fit.q
    form = np.diag(w) - np.outer(w, w) / np.sum(w)

    def h(tau2: float) -> float:
        root = np.sqrt(v + tau2)
        lam = np.linalg.eigvalsh(root[:, None] * form * root[None, :])
        return 1 - _q_distribution(q, np.maximum(lam[1:], 1e-12 * lam[-1]))

    scale = max(float(np.var(y)), float(np.median(v)))
    high = scale
    while h(high) < 1 - 1e-7 and high < scale * 1e9:
        high *= 4
    grid = np.concatenate([[0.0], np.geomspace(scale * 1e-4, high, 70)])
    heights = np.maximum.accumulate([h(tau2) for tau2 in grid])
    keep = np.concatenate([[True], np.diff(heights) > 1e-9])
    if keep.sum() < 2:
        return np.zeros_like(levels)
    inverse = PchipInterpolator(heights[keep], grid[keep])
    inside = np.clip(levels, heights[keep][0], heights[keep][-1])
    return np.where(levels <= heights[0], 0.0, np.maximum(inverse(inside), 0.0))


def nagashima_interval(
    effects: FloatArray, variances: FloatArray, *, level: float = 0.95
) -> NagashimaIntervals:
    """Return Nagashima's prediction interval and the interval of the mean that goes with it.

    Raises
    ------
    EstimationError
        Below 3 or above 200 studies.

    Notes
    -----
    theta_new = mu(t2) + z sqrt(t2) - t se_H(t2), with t2 from the confidence
    distribution of tau2 by Q's exact distribution, z normal, t with k - 1
    degrees of freedom and se_H Hartung's standard error. tau2 is unweighted
    by DerSimonian-Laird; only its distribution enters.

    References
    ----------
    .. [1] Nagashima K, Noma H, Furukawa TA. Prediction intervals for
       random-effects meta-analysis: a confidence distribution approach.
       Stat Methods Med Res 2019;28:1689-1702.
    """
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    k = len(y)
    if not 3 <= k <= _MOST_STUDIES:
        raise EstimationError(
            f"Nagashima's interval needs 3 to {_MOST_STUDIES} studies and there are {k}; use HTS"
        )
    if np.ptp(y) < 1e-12 * max(1.0, float(np.max(np.abs(y)))):
        raise EstimationError(f"all {k} effects are equal, so that nothing varies; use HTS")
    # Levels of tau2's distribution, dense where tau2 is large, with their shares.
    left = 1 - (np.arange(_LEVELS) + 0.5) / _LEVELS
    level_shares = 3 * left**2 / np.sum(3 * left**2)
    tau2 = _tau2_quantiles(y, v, 1 - left**3)
    w = 1 / (v[None, :] + tau2[:, None])
    total = w.sum(axis=1)
    mu = w @ y / total
    spread = np.sum(w * (y[None, :] - mu[:, None]) ** 2, axis=1)
    std_error = np.sqrt(spread / ((k - 1) * total))
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()

    def quantile(probability: float, *, with_tau: bool) -> float:
        shifts = np.outer(np.sqrt(tau2), nodes) if with_tau else np.zeros((_LEVELS, 1))
        shares = weights if with_tau else np.ones(1)

        def below(x: float) -> float:
            t = (x - mu[:, None] - shifts) / std_error[:, None]
            return float(level_shares @ special.stdtr(k - 1, t) @ shares) - probability

        reach = 20 * float(np.max(np.sqrt(std_error**2 + tau2)))
        centre = float(np.median(mu))
        while below(centre - reach) > 0 or below(centre + reach) < 0:
            reach *= 2
        return float(optimize.brentq(below, centre - reach, centre + reach, xtol=1e-9 * reach))

    tails = ((1 - level) / 2, (1 + level) / 2)
    low, high = (quantile(tail, with_tau=False) for tail in tails)
    new_low, new_high = (quantile(tail, with_tau=True) for tail in tails)
    return NagashimaIntervals(
        confidence=Interval(low=low, high=high, level=level, method="Nagashima, of the mean"),
        prediction=Interval(
            low=new_low,
            high=new_high,
            level=level,
            method="Nagashima, confidence distribution of tau2",
        ),
    )
