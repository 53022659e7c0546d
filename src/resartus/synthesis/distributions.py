"""Quantiles and tail probabilities that intervals and tests need, from SciPy's special functions.

``scipy.special`` and not ``scipy.stats``, which takes half a second to import.
"""

from __future__ import annotations

from scipy import special

__all__ = [
    "beta_quantile",
    "chi2_quantile",
    "chi2_tail",
    "f_tail",
    "normal_lower",
    "normal_quantile",
    "normal_two_sided",
    "t_quantile",
    "t_two_sided",
]


def normal_quantile(probability: float) -> float:
    """Return z with P(Z <= z) = ``probability``."""
    return float(special.ndtri(probability))


def normal_lower(z: float) -> float:
    """Return P(Z <= z)."""
    return float(special.ndtr(z))


def normal_two_sided(z: float) -> float:
    """Return P(abs(Z) >= abs(z))."""
    return float(2.0 * special.ndtr(-abs(z)))


def t_quantile(probability: float, degrees_of_freedom: float) -> float:
    """Return the quantile of Student's t."""
    return float(special.stdtrit(degrees_of_freedom, probability))


def t_two_sided(t: float, degrees_of_freedom: float) -> float:
    """Return P(abs(T) >= abs(t))."""
    return float(2.0 * special.stdtr(degrees_of_freedom, -abs(t)))


def chi2_tail(x: float, degrees_of_freedom: float) -> float:
    """Return P(X >= x) of a chi-squared variable."""
    return float(special.chdtrc(degrees_of_freedom, max(x, 0.0)))


def chi2_quantile(probability: float, degrees_of_freedom: float) -> float:
    """Return x with P(X <= x) = ``probability`` of a chi-squared variable."""
    return float(special.chdtri(degrees_of_freedom, 1.0 - probability))


def f_tail(x: float, numerator: float, denominator: float) -> float:
    """Return P(X >= x) of Fisher's F."""
    return float(special.fdtrc(numerator, denominator, max(x, 0.0)))


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return x with P(X <= x) = ``probability`` of a beta variable."""
    return float(special.betaincinv(a, b, probability))
