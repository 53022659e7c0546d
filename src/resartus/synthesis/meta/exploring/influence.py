"""Which studies carry the result: deletion diagnostics and Baujat's plot, as metafor has them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resartus.errors import DataError
from resartus.synthesis.distributions import chi2_quantile
from resartus.synthesis.meta.counts import FloatArray
from resartus.synthesis.meta.models.mixed_effects import MixedEffectsFit, fit_mixed_effects
from resartus.synthesis.meta.models.weighted import checked_design, checked_effects, fit_weighted

__all__ = ["BaujatPoint", "Influence", "baujat", "influence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """One study's influence.

    ``rstudent``, ``dffits``, ``cook_distance``, ``covariance_ratio``,
    ``hat``, ``weight`` (0 to 1), ``tau2_without`` and ``q_without`` are
    those of Viechtbauer and Cheung 2010; ``dfbetas`` has one per coefficient.
    """

    rstudent: float
    dffits: float
    cook_distance: float
    covariance_ratio: float
    tau2_without: float
    q_without: float
    hat: float
    weight: float
    dfbetas: tuple[float, ...]
    is_influential: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BaujatPoint:
    """One study: its share in heterogeneity, and how far the result moves without it."""

    heterogeneity: float
    influence: float


def _without(
    i: int, effects: Sequence[float], variances: Sequence[float], x: FloatArray, **options: str
) -> MixedEffectsFit:
    keep = [j for j in range(len(effects)) if j != i]
    return fit_mixed_effects(
        [effects[j] for j in keep], [variances[j] for j in keep], design=x[keep], **options
    )


def influence(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    design: FloatArray | None = None,
    model: str = "random",
    estimator: str = "REML",
    test: str = "z",
) -> tuple[Influence, ...]:
    """Return each study's deletion diagnostics, in the order given.

    A study is called influential where |dffits| > 3 sqrt(p / (k - p)), Cook's
    distance is above the median of chi-squared(p), the hat value above 3p/k,
    or any |dfbetas| above 1.

    Raises
    ------
    DataError
        Where leaving one study out leaves too few to fit.

    References
    ----------
    .. [1] Viechtbauer W, Cheung MW-L. Outlier and influence diagnostics for
       meta-analysis. Res Synth Methods 2010;1:112-125.
    """
    y, v = checked_effects(effects, variances)
    k = len(y)
    x = checked_design(design, k)
    p = x.shape[1]
    if k < p + 2:
        raise DataError(f"{k} studies cannot lose one and still be fitted; show them")
    options = {"model": model, "estimator": estimator, "test": test}
    full = fit_mixed_effects(effects, variances, design=x, **options)
    inverse = np.linalg.inv(full.covariance)
    determinant = float(np.linalg.det(full.covariance))
    found = []
    for i in range(k):
        rest = _without(i, effects, variances, x, **options)
        own = x[i]
        moved = full.coefficients - rest.coefficients
        deviation = float(y[i] - own @ rest.coefficients)
        spread = rest.tau2_value + float(v[i])
        # The whole set's fit with the variance estimated without the study.
        again = fit_weighted(y, x, 1 / (v + rest.tau2_value))
        scale = {"HK": rest.hartung_knapp_factor, "HK-guarded": max(1, rest.hartung_knapp_factor)}
        s2 = scale.get(test, 1.0)
        hat = float(full.leverage[i])
        dffits = float(own @ moved) / math.sqrt(s2 * hat * spread)
        dfbetas = moved / np.sqrt(s2 * np.diag(again.covariance))
        cook = float(moved @ inverse @ moved)
        found.append(
            Influence(
                rstudent=deviation / math.sqrt(s2 * spread + float(own @ rest.covariance @ own)),
                dffits=dffits,
                cook_distance=cook,
                covariance_ratio=float(np.linalg.det(rest.covariance)) / determinant,
                tau2_without=rest.tau2_value,
                q_without=rest.q,
                hat=hat,
                weight=float(full.weights[i]),
                dfbetas=tuple(float(b) for b in dfbetas),
                is_influential=bool(
                    abs(dffits) > 3 * math.sqrt(p / (k - p))
                    or cook > chi2_quantile(0.5, p)
                    or hat > 3 * p / k
                    or np.any(np.abs(dfbetas) > 1)
                ),
            )
        )
    return tuple(found)


def baujat(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    model: str = "random",
    estimator: str = "REML",
) -> tuple[BaujatPoint, ...]:
    """Return each study's place in Baujat's plot.

    Notes
    -----
    Across: (y - mu)^2 / (v + tau2), its part of Q. Up: (mu - mu without)^2
    over the variance of the mean without it.

    References
    ----------
    .. [1] Baujat B, Mahe C, Pignon J-P, Hill C. A graphical method for
       exploring heterogeneity in meta-analyses. Stat Med 2002;21:2641-2652.
    """
    y, v = checked_effects(effects, variances)
    k = len(y)
    if k < 3:
        raise DataError(f"{k} studies cannot lose one and still be pooled; show them")
    x = np.ones((k, 1))
    options = {"model": model, "estimator": estimator, "test": "z"}
    full = fit_mixed_effects(effects, variances, model=model, estimator=estimator, test="z")
    points = []
    for i in range(k):
        rest = _without(i, effects, variances, x, **options)
        moved = float(full.coefficients[0] - rest.coefficients[0])
        points.append(
            BaujatPoint(
                heterogeneity=float(full.residuals[i]) ** 2 / (float(v[i]) + full.tau2_value),
                influence=moved**2 / float(rest.covariance[0, 0]),
            )
        )
    return tuple(points)
