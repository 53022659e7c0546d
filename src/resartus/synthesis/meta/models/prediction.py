"""Prediction intervals: where the true effect of a next study may lie, each named by its method."""

from __future__ import annotations

import math

from resartus.domain.checks import require_one_of
from resartus.domain.estimate import Interval
from resartus.synthesis.distributions import t_quantile
from resartus.synthesis.meta.models.mixed_effects import MixedEffectsFit
from resartus.synthesis.meta.models.nagashima import nagashima_interval

__all__ = ["PREDICTIONS", "predict_next"]

PREDICTIONS = ("HTS", "metafor", "Nagashima", "none")
"""Higgins-Thompson-Spiegelhalter t(k-2); metafor's default (the test's own quantile);
Nagashima's parametric bootstrap; none."""


def predict_next(
    fit: MixedEffectsFit, *, kind: str = "HTS", level: float = 0.95
) -> Interval | None:
    """Return the prediction interval of an intercept-only random-effects fit.

    Returns
    -------
    Interval or None
        ``None`` for a common-effect fit, for ``kind="none"``, and for
        ``"HTS"`` below three studies, where t(k-2) does not exist.

    Notes
    -----
    HTS: mu -+ t(k-2) sqrt(tau2 + se^2) [1]_, with the standard error of the
    chosen test [2]_. Nagashima: see ``nagashima_interval``.

    References
    ----------
    .. [1] Higgins JPT, Thompson SG, Spiegelhalter DJ. A re-evaluation of
       random-effects meta-analysis. J R Stat Soc A 2009;172:137-159.
    .. [2] Partlett C, Riley RD. Random effects meta-analysis: coverage
       performance of 95% confidence and prediction intervals following REML
       estimation. Stat Med 2017;36:301-317.
    """
    require_one_of(kind, PREDICTIONS, field="prediction", where="the pooling")
    if kind == "none" or fit.tau2 is None:
        return None
    if kind == "Nagashima":
        return nagashima_interval(fit.effects, fit.variances, level=level).prediction
    if kind == "HTS":
        if fit.k < 3:
            return None
        quantile, name = t_quantile(0.5 + level / 2, fit.k - 2), "HTS, t(k-2)"
    else:
        df = fit.degrees_of_freedom
        quantile = fit.quantile(level)
        name = f"metafor default, {'normal' if df is None else 't(k-1)'}"
    half = quantile * math.sqrt(fit.tau2_value + float(fit.covariance[0, 0]))
    value = float(fit.coefficients[0])
    return Interval(low=value - half, high=value + half, level=level, method=name)
