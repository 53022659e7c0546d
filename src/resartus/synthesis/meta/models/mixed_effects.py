"""The (mixed-effects) model of effects with known sampling variances."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resartus.domain.checks import require_level, require_one_of
from resartus.domain.estimate import Interval
from resartus.errors import DataError
from resartus.synthesis.distributions import (
    chi2_tail,
    f_tail,
    normal_quantile,
    normal_two_sided,
    t_quantile,
    t_two_sided,
)
from resartus.synthesis.meta.counts import FloatArray
from resartus.synthesis.meta.models.tau2 import Tau2, estimate_tau2, log_likelihood, q_profile
from resartus.synthesis.meta.models.weighted import checked_design, checked_effects, fit_weighted

__all__ = ["TESTS", "MixedEffectsFit", "OmnibusTest", "fit_mixed_effects", "interval_of"]

TESTS = ("z", "t", "HK", "HK-guarded")
"""Normal; t(k-p) with the model's standard error; Hartung-Knapp; the same, never below the model's
(metafor: z, t, knha, adhoc)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OmnibusTest:
    """Test that all moderators' coefficients are 0: chi-squared, or F where a t test is used."""

    statistic: float
    degrees_of_freedom: int
    denominator: int | None
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedEffectsFit:
    """Everything one fit gives.

    ``coefficients`` (p,) and ``covariance`` (p, p) include the factor of the
    chosen test; ``model_covariance`` does not. ``weights`` (k,) sum to 1.
    """

    effects: FloatArray
    variances: FloatArray
    design: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    model_covariance: FloatArray
    weights: FloatArray
    leverage: FloatArray
    residuals: FloatArray
    test: str
    hartung_knapp_factor: float
    tau2: Tau2 | None
    q: float
    log_likelihood: float
    typical_variance: float

    @property
    def k(self) -> int:
        """Return the number of studies."""
        return len(self.effects)

    @property
    def p(self) -> int:
        """Return the number of coefficients."""
        return int(self.design.shape[1])

    @property
    def tau2_value(self) -> float:
        """Return tau2, 0 in a common-effect model."""
        return 0.0 if self.tau2 is None else self.tau2.value

    @property
    def degrees_of_freedom(self) -> int | None:
        """Return k - p where the test is by t, else ``None``."""
        return None if self.test == "z" else self.k - self.p

    @property
    def std_errors(self) -> FloatArray:
        """Return the coefficients' standard errors (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def q_p_value(self) -> float:
        """Return the p value of Q, the test of (residual) heterogeneity."""
        return chi2_tail(self.q, self.k - self.p) if self.k > self.p else 1.0

    @property
    def i2(self) -> float:
        """Return I2 as a fraction: of tau2, or of Q in a common-effect model."""
        if self.tau2 is None:
            return max(0.0, 1 - (self.k - self.p) / self.q) if self.q > 0 else 0.0
        return self.i2_of(self.tau2.value)

    @property
    def h2(self) -> float:
        """Return H2."""
        if self.tau2 is None:
            return self.q / (self.k - self.p) if self.k > self.p else 1.0
        return 1 + self.tau2.value / self.typical_variance

    def i2_of(self, tau2: float) -> float:
        """Return the I2 that belongs to a tau2 (Higgins and Thompson 2002)."""
        return tau2 / (tau2 + self.typical_variance)

    def quantile(self, level: float) -> float:
        """Return the quantile of the test for a two-sided interval."""
        probability = 0.5 + level / 2
        if self.degrees_of_freedom is None:
            return normal_quantile(probability)
        return t_quantile(probability, self.degrees_of_freedom)

    def p_value(self, statistic: float) -> float:
        """Return the two-sided p value of a coefficient's statistic."""
        if self.degrees_of_freedom is None:
            return normal_two_sided(statistic)
        return t_two_sided(statistic, self.degrees_of_freedom)

    def tau2_interval(self, *, level: float = 0.95) -> Interval:
        """Return the Q-profile interval of tau2."""
        return q_profile(self.effects, self.variances, self.design, level=level)

    def omnibus(self, columns: Sequence[int]) -> OmnibusTest:
        """Return the joint test of some coefficients."""
        chosen = list(columns)
        b = self.coefficients[chosen]
        m = len(chosen)
        statistic = float(b @ np.linalg.solve(self.covariance[np.ix_(chosen, chosen)], b))
        if self.degrees_of_freedom is None:
            return OmnibusTest(
                statistic=statistic,
                degrees_of_freedom=m,
                denominator=None,
                p_value=chi2_tail(statistic, m),
            )
        return OmnibusTest(
            statistic=statistic / m,
            degrees_of_freedom=m,
            denominator=self.degrees_of_freedom,
            p_value=f_tail(statistic / m, m, self.degrees_of_freedom),
        )


def fit_mixed_effects(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    design: FloatArray | None = None,
    model: str = "random",
    estimator: str = "REML",
    test: str = "HK-guarded",
) -> MixedEffectsFit:
    """Fit effects with known variances, with or without moderators.

    Parameters
    ----------
    effects, variances : sequence of float, length k
        One effect per study on an additive scale, and squared standard errors.
    design : array, shape (k, p), optional
        Columns of the regression, the constant included; a constant by default.
    model : str
        ``"random"`` or ``"common"`` (one true effect, inverse-variance weights).
    estimator : str
        Of tau2; see ``TAU2_ESTIMATORS``.
    test : str
        See ``TESTS``.

    Raises
    ------
    DataError
        If the studies do not allow the model, or an option is unknown.

    References
    ----------
    .. [1] Hartung J, Knapp G. A refined method for the meta-analysis of
       controlled clinical trials with binary outcome. Stat Med 2001;20:3875-3889.
    .. [2] Higgins JPT, Thompson SG. Quantifying heterogeneity in a
       meta-analysis. Stat Med 2002;21:1539-1558.
    """
    require_one_of(model, ("random", "common"), field="model", where="the pooling")
    require_one_of(test, TESTS, field="test", where="the pooling")
    y, v = checked_effects(effects, variances)
    k = len(y)
    if k == 1 and (model == "random" or test != "z"):
        raise DataError(
            "one study has no between-study variance; show its own interval "
            "or use the common-effect model with test z"
        )
    x = np.ones((k, 1)) if k == 1 else checked_design(design, k)
    p = x.shape[1]
    plain = fit_weighted(y, x, 1 / v)
    tau2 = estimate_tau2(y, v, x, estimator=estimator) if model == "random" else None
    fit = plain if tau2 is None else fit_weighted(y, x, 1 / (v + tau2.value))
    factor = fit.q / (k - p) if k > p else 1.0
    applied = {"HK": factor, "HK-guarded": max(1.0, factor)}.get(test, 1.0)
    # Rounding leaves a spread of about 1e-31 where there is none.
    if applied * k <= 1e-24 * float(np.dot(fit.weights, y**2)):
        raise DataError(
            f"all {k} effects are equal, so that Hartung-Knapp's interval has no width; "
            "use test 'HK-guarded'"
        )
    trace = plain.trace_p
    return MixedEffectsFit(
        effects=y,
        variances=v,
        design=x,
        coefficients=fit.coefficients,
        covariance=fit.covariance * applied,
        model_covariance=fit.covariance,
        weights=fit.weights / np.sum(fit.weights),
        leverage=fit.leverage,
        residuals=fit.residuals,
        test=test,
        hartung_knapp_factor=factor,
        tau2=tau2,
        q=plain.q,
        log_likelihood=log_likelihood(fit, x, restricted=model == "random" and estimator == "REML"),
        typical_variance=(k - p) / trace if k > p and trace > 0 else math.inf,
    )


def interval_of(fit: MixedEffectsFit, *, column: int = 0, level: float = 0.95) -> Interval:
    """Return the interval of one coefficient by the fit's own test."""
    require_level(level, where="the pooling")
    names = {
        "z": "Wald, normal",
        "t": "Wald, t(k-p)",
        "HK": "Hartung-Knapp, t(k-p)",
        "HK-guarded": "Hartung-Knapp, t(k-p), never narrower than the model",
    }
    half = fit.quantile(level) * float(fit.std_errors[column])
    value = float(fit.coefficients[column])
    return Interval(low=value - half, high=value + half, level=level, method=names[fit.test])
