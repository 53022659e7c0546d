"""Funnel plot asymmetry: Egger's regression in both forms, and Begg's rank correlation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resartus.domain.checks import require_one_of
from resartus.errors import DataError
from resartus.synthesis.distributions import normal_two_sided, t_two_sided
from resartus.synthesis.meta.defaults import FEW_FOR_ASYMMETRY
from resartus.synthesis.meta.models.mixed_effects import fit_mixed_effects
from resartus.synthesis.meta.models.weighted import checked_effects, fit_weighted

__all__ = ["AsymmetryTest", "begg", "egger", "too_few"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsymmetryTest:
    """A test of asymmetry.

    ``statistic`` is t (``degrees_of_freedom`` given), z, or Kendall's tau;
    ``bias`` the regression's slope on the standard error, which is also the
    classical Egger intercept; ``limit`` the effect at a standard error of 0.
    """

    method: str
    statistic: float
    p_value: float
    degrees_of_freedom: int | None = None
    bias: float | None = None
    limit: float | None = None
    diagnostics: tuple[str, ...] = ()


def too_few(k: int) -> tuple[str, ...]:
    """Return the sentence that belongs to an asymmetry test of few studies, or nothing."""
    if k >= FEW_FOR_ASYMMETRY:
        return ()
    return (
        f"Too few studies: {k} of the {FEW_FOR_ASYMMETRY} below which a test of asymmetry cannot "
        "tell bias from chance.",
    )


def egger(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    form: str = "classical",
    estimator: str = "REML",
    test: str = "z",
) -> AsymmetryTest:
    """Regress the effects on their standard errors.

    Parameters
    ----------
    form : str
        ``"classical"``: weighted regression with a multiplicative dispersion
        (Egger 1997), t on k - 2; ``"mixed"``: meta-regression with additive
        tau2 (Sterne and Egger 2005).
    estimator, test : str
        For ``"mixed"``: of tau2, and ``"z"`` or ``"HK"``.

    References
    ----------
    .. [1] Egger M, Davey Smith G, Schneider M, Minder C. Bias in meta-analysis
       detected by a simple, graphical test. BMJ 1997;315:629-634.
    .. [2] Sterne JAC, Egger M. Regression methods to detect publication and
       other bias in meta-analysis. In: Publication bias in meta-analysis.
       Wiley 2005:99-110.
    """
    require_one_of(form, ("classical", "mixed"), field="form", where="Egger's test")
    y, v = checked_effects(effects, variances)
    k = len(y)
    if k < 3:
        raise DataError(f"{k} studies have no asymmetry; Egger's test needs at least 3")
    errors = np.sqrt(v)
    if np.ptp(errors) < 1e-12 * errors.max():
        raise DataError("all studies have the same standard error; no asymmetry can be seen")
    x = np.column_stack([np.ones(k), errors])
    if form == "mixed":
        fit = fit_mixed_effects(effects, variances, design=x, estimator=estimator, test=test)
        statistic = float(fit.coefficients[1] / fit.std_errors[1])
        return AsymmetryTest(
            method=f"Egger, mixed effects, tau2 by {estimator}",
            statistic=statistic,
            p_value=fit.p_value(statistic),
            degrees_of_freedom=fit.degrees_of_freedom,
            bias=float(fit.coefficients[1]),
            limit=float(fit.coefficients[0]),
            diagnostics=too_few(k),
        )
    plain = fit_weighted(y, x, 1 / v)
    dispersion = plain.q / (k - 2)
    if not dispersion > 0:
        raise DataError("the effects lie on a line; no asymmetry can be tested")
    statistic = float(plain.coefficients[1]) / math.sqrt(dispersion * plain.covariance[1, 1])
    return AsymmetryTest(
        method="Egger, classical",
        statistic=statistic,
        p_value=t_two_sided(statistic, k - 2),
        degrees_of_freedom=k - 2,
        bias=float(plain.coefficients[1]),
        limit=float(plain.coefficients[0]),
        diagnostics=too_few(k),
    )


def begg(effects: Sequence[float], variances: Sequence[float]) -> AsymmetryTest:
    """Correlate standardised effects with their variances by ranks (Kendall's tau-b).

    Exact without ties, else by the normal approximation with ties, as
    metafor's ``ranktest``.

    References
    ----------
    .. [1] Begg CB, Mazumdar M. Operating characteristics of a rank correlation
       test for publication bias. Biometrics 1994;50:1088-1101.
    """
    y, v = checked_effects(effects, variances)
    k = len(y)
    if k < 3:
        raise DataError(f"{k} studies have no asymmetry; Begg's test needs at least 3")
    w = 1 / v
    centre = float(np.dot(w, y) / np.sum(w))
    standardised = (y - centre) / np.sqrt(v - 1 / np.sum(w))
    concordance, p_value = _kendall(standardised, v)
    return AsymmetryTest(
        method="Begg, rank correlation",
        statistic=concordance,
        p_value=p_value,
        diagnostics=too_few(k),
    )


def _kendall(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Return Kendall's tau-b and its two-sided p value."""
    n = len(a)
    s = 0
    for i in range(1, n):
        s += int(np.sum(np.sign(a[i] - a[:i]) * np.sign(b[i] - b[:i])))
    ties = [np.unique(x, return_counts=True)[1].astype(float) for x in (a, b)]
    pairs = n * (n - 1) / 2
    tied = [float(np.sum(t * (t - 1))) / 2 for t in ties]
    if pairs in (tied[0], tied[1]):
        raise DataError("all studies have the same variance; no rank correlation can be seen")
    tau = s / math.sqrt((pairs - tied[0]) * (pairs - tied[1]))
    if not any(tied):
        return tau, _exact_kendall(n, s)
    v0 = n * (n - 1) * (2 * n + 5)
    v1, v2 = (float(np.sum(t * (t - 1) * (2 * t + 5))) for t in ties)
    v3, v4 = (float(np.sum(t * (t - 1))) for t in ties)
    v5, v6 = (float(np.sum(t * (t - 1) * (t - 2))) for t in ties)
    variance = (v0 - v1 - v2) / 18 + v3 * v4 / (2 * n * (n - 1))
    if n > 2:
        variance += v5 * v6 / (9 * n * (n - 1) * (n - 2))
    return tau, normal_two_sided(s / math.sqrt(variance))


def _exact_kendall(n: int, s: int) -> float:
    """Return the two-sided p value by counting permutations with each number of inversions.

    Kendall MG. A new measure of rank correlation. Biometrika 1938;30:81-93.
    """
    counts = np.ones(1)
    for m in range(2, n + 1):
        # Shares, not counts, so that a large n does not overflow.
        counts = np.convolve(counts, np.full(m, 1 / m))
    most = len(counts) - 1
    concordant = (s + most) // 2
    upper = float(np.sum(counts[concordant:]))
    lower = float(np.sum(counts[: concordant + 1]))
    return min(1.0, 2 * min(upper, lower))
