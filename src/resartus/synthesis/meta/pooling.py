"""Pooling of effects with known variances, by the rules for few studies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from resartus.domain.checks import require_level, require_one_of
from resartus.domain.estimate import Estimate, Heterogeneity, Interval
from resartus.errors import EstimationError
from resartus.synthesis.distributions import normal_quantile, normal_two_sided
from resartus.synthesis.meta.defaults import (
    FEW_FOR_POOLING,
    heterogeneity_prior_scale,
    rules_for,
)
from resartus.synthesis.meta.models.bayes import pool_bayesian
from resartus.synthesis.meta.models.mixed_effects import (
    MixedEffectsFit,
    fit_mixed_effects,
    interval_of,
)
from resartus.synthesis.meta.models.prediction import predict_next
from resartus.synthesis.meta.models.weighted import checked_effects

__all__ = ["MODELS", "NaturalScale", "estimate_of", "pool", "study_weights"]

MODELS = ("auto", "random", "common")
"""What ``pool`` can do: follow the rules for few studies, or one model in any case."""


def study_weights(fit: MixedEffectsFit) -> tuple[float, ...]:
    """Return each study's share of the pooled effect; they sum to 1."""
    return tuple(float(w) for w in fit.weights)


def _heterogeneity(fit: MixedEffectsFit, level: float) -> Heterogeneity:
    """Return Q, tau2 and I2 with Q-profile intervals; tau2 only where the model has one."""
    df = fit.k - fit.p
    if df < 1:
        return Heterogeneity(degrees_of_freedom=0)
    if fit.tau2 is None:
        return Heterogeneity(
            q=fit.q, degrees_of_freedom=df, p_value=fit.q_p_value, i2=fit.i2, h2=fit.h2
        )
    tau2 = fit.tau2_interval(level=level)
    assert tau2.low is not None
    assert tau2.high is not None
    return Heterogeneity(
        q=fit.q,
        degrees_of_freedom=df,
        p_value=fit.q_p_value,
        tau2=fit.tau2.value,
        tau2_interval=tau2,
        i2=fit.i2,
        i2_interval=Interval(
            low=fit.i2_of(tau2.low), high=fit.i2_of(tau2.high), level=level, method="Q-profile"
        ),
        h2=fit.h2,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NaturalScale:
    """How numbers in words are brought to the scale people read: its name and the function."""

    name: str
    back: Callable[[float], float]

    def interval(self, low: float | None, high: float | None) -> str:
        """Return ``"0.2 to 0.9 (risk ratio)"``."""
        ends = " to ".join("…" if end is None else f"{self.back(end):.4g}" for end in (low, high))
        return f"{ends} ({self.name})"


def _as_is(scale: str) -> NaturalScale:
    return NaturalScale(name=scale, back=float)


def _doubts(fit: MixedEffectsFit, level: float, shown: NaturalScale) -> list[str]:
    """Return what a reader must know of a random-effects fit."""
    if fit.tau2 is None:
        if fit.k > 1 and fit.q_p_value < 0.1:
            return [
                "The studies differ by more than chance "
                f"(Q {fit.q:.2f}, p {fit.q_p_value:.2g}); a common effect is doubtful."
            ]
        return []
    doubts = list(fit.tau2.diagnostics)
    if fit.tau2.value == 0:
        doubts.append(
            "The between-study variance was estimated at 0, which few studies cannot tell from "
            "a moderate one."
        )
    elif rules_for(fit.k).flags_prediction:
        doubts.append(f"With {fit.k} studies the between-study variance is hardly known.")
    if fit.test in ("HK", "HK-guarded") and fit.hartung_knapp_factor < 1:
        half = (
            fit.quantile(level)
            * (float(fit.model_covariance[0, 0]) * fit.hartung_knapp_factor) ** 0.5
        )
        value = float(fit.coefficients[0])
        bounds = shown.interval(value - half, value + half)
        if fit.test == "HK":
            doubts.append(
                "The studies agree better than chance would have it, so that Hartung-Knapp's "
                "interval is narrower than the model's own; use the guarded one."
            )
        else:
            doubts.append(
                f"Plain Hartung-Knapp would give {bounds}, narrower than the model's own "
                "interval; it was not allowed to."
            )
    return doubts


def estimate_of(
    fit: MixedEffectsFit,
    *,
    prediction: str = "HTS",
    level: float = 0.95,
    scale: str = "effect",
    natural: NaturalScale | None = None,
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Return a fit without moderators as an ``Estimate``."""
    value, std_error = float(fit.coefficients[0]), float(fit.std_errors[0])
    doubts = _doubts(fit, level, natural or _as_is(scale))
    predicted = predict_next(fit, kind=prediction, level=level)
    if predicted is None and prediction == "HTS" and fit.tau2 is not None:
        doubts.append("A t(k-2) prediction interval does not exist for two studies.")
    elif predicted is not None and rules_for(fit.k).flags_prediction:
        doubts.append(f"A prediction interval from {fit.k} studies is a guess.")
    if fit.tau2 is None:
        name = "common effect, inverse variance"
    else:
        name = f"random effects, {fit.tau2.estimator}"
    return Estimate(
        value=value,
        scale=scale,
        method=name,
        interval=interval_of(fit, level=level),
        prediction=predicted,
        std_error=std_error,
        statistic=value / std_error,
        p_value=fit.p_value(value / std_error),
        heterogeneity=_heterogeneity(fit, level),
        n_studies=fit.k,
        diagnostics=tuple(doubts),
        inputs=inputs,
    )


def _single(value: float, variance: float, *, level: float, scale: str) -> Estimate:
    """Return the one study there is, with its own interval."""
    std_error = variance**0.5
    half = normal_quantile(0.5 + level / 2) * std_error
    return Estimate(
        value=value,
        scale=scale,
        method="one study",
        std_error=std_error,
        statistic=value / std_error,
        p_value=normal_two_sided(value / std_error),
        interval=Interval(low=value - half, high=value + half, level=level, method="Wald, normal"),
        n_studies=1,
        diagnostics=("There is one study; nothing was pooled.",),
    )


def _shown(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    level: float,
    scale: str,
    shown: NaturalScale,
) -> Estimate:
    """Return two studies side by side, and no pooled number."""
    parts = []
    for i, (effect, variance) in enumerate(zip(effects, variances, strict=True), start=1):
        own = _single(effect, variance, level=level, scale=scale).interval
        assert own is not None
        ends = shown.interval(own.low, own.high).removesuffix(f" ({shown.name})")
        parts.append(f"study {i} {shown.back(effect):.4g} ({ends})")
    return Estimate(
        value=None,
        scale=scale,
        method="not pooled",
        n_studies=len(effects),
        diagnostics=(
            f"{len(effects)} studies are shown, not pooled ({shown.name}): {'; '.join(parts)}.",
        ),
    )


def _bayesian_beside(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    level: float,
    scale: str,
    shown: NaturalScale,
    prior_scale: float | None,
) -> tuple[str, ...]:
    """Return the Bayesian answer as a sentence, where a prior for tau is known."""
    tau_scale = heterogeneity_prior_scale(scale) if prior_scale is None else prior_scale
    if tau_scale is None:
        return ()
    other = pool_bayesian(effects, variances, prior_scale=tau_scale, level=level, scale=scale)
    assert other.value is not None
    assert other.interval is not None
    return (
        f"The Bayesian model with a half-normal({tau_scale:g}) prior on tau gives "
        f"{shown.back(other.value):.4g}, "
        f"{shown.interval(other.interval.low, other.interval.high)}.",
    )


def pool(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    model: str = "auto",
    estimator: str = "REML",
    test: str = "HK-guarded",
    prediction: str = "HTS",
    level: float = 0.95,
    scale: str = "effect",
    minimum_studies: int = FEW_FOR_POOLING,
    prior_scale: float | None = None,
    n_patients: int | None = None,
    n_events: int | None = None,
    natural: NaturalScale | None = None,
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Pool the effects of k studies, or say why they should not be pooled.

    With ``model="auto"`` the rules of ``defaults.rules_for`` hold: one study
    gives its own interval, two are shown and not pooled, three or four get
    the guarded Hartung-Knapp interval with the Bayesian answer beside it.

    Parameters
    ----------
    effects : sequence of float, length k >= 1
        One effect per study on an additive scale, such as the log risk
        ratio. Not the risk ratio itself.
    variances : sequence of float, length k
        Sampling variances (squared standard errors) on the same scale.
    model : str
        ``"auto"`` (random effects by the rules for few studies), ``"random"``
        or ``"common"`` whatever the number of studies.
    estimator : str
        Of tau2: REML, ML, DL, PM, EB, HE, HS or SJ.
    test : str
        ``"HK-guarded"`` (Hartung-Knapp, never narrower than the model),
        ``"HK"``, ``"t"`` or ``"z"``; the common-effect model uses the normal
        unless ``"t"`` or ``"HK"`` is asked for.
    prediction : str
        ``"HTS"``, ``"metafor"``, ``"Nagashima"`` or ``"none"``.
    level : float
        Confidence level, between 0 and 1.
    scale : str
        Name of the scale, for example ``"log risk ratio"``; it travels with
        the result.
    minimum_studies : int
        Below this, ``model="auto"`` shows and does not pool.
    prior_scale : float, optional
        Half-normal scale of tau for the Bayesian answer; 0.5 on log scales.
    n_patients, n_events : int, optional
        Over all studies, to travel with the result.
    natural : NaturalScale, optional
        For the numbers in ``diagnostics`` alone: the scale people read.
    inputs : tuple of str
        Ids of the cells the effects came from.

    Returns
    -------
    Estimate
        On ``scale``; its ``value`` is ``None`` where nothing was pooled, and
        ``diagnostics`` then shows the studies.

    Raises
    ------
    DataError
        If lengths differ, a number is missing, a variance is not above 0, or
        an option is unknown.

    References
    ----------
    .. [1] Viechtbauer W. Conducting meta-analyses in R with the metafor
       package. J Stat Softw 2010;36(3):1-48.
    .. [2] Rover C, Knapp G, Friede T. Hartung-Knapp-Sidik-Jonkman approach and
       its modification for random-effects meta-analysis with few studies.
       BMC Med Res Methodol 2015;15:99.

    Examples
    --------
    >>> pooled = pool([-0.9, -0.1, -0.4, -0.6, -0.2], [0.04, 0.09, 0.05, 0.06, 0.1])
    >>> round(pooled.value, 3), pooled.interval.method
    (-0.49, 'Hartung-Knapp, t(k-p), never narrower than the model')
    """
    require_level(level, where="the pooling")
    require_one_of(model, MODELS, field="model", where="the pooling")
    y, v = checked_effects(effects, variances)
    ys, vs = [float(a) for a in y], [float(a) for a in v]
    k = len(ys)
    shown = natural or _as_is(scale)
    if k == 1:
        pooled = _single(ys[0], vs[0], level=level, scale=scale)
    elif model == "auto" and k < minimum_studies:
        pooled = _shown(ys, vs, level=level, scale=scale, shown=shown)
    else:
        is_common = model == "common"
        fit = fit_mixed_effects(
            ys,
            vs,
            model="common" if is_common else "random",
            estimator=estimator,
            test="z" if is_common and test == "HK-guarded" else test,
        )
        try:
            pooled = estimate_of(
                fit, prediction=prediction, level=level, scale=scale, natural=natural
            )
        except EstimationError as error:
            pooled = estimate_of(fit, prediction="none", level=level, scale=scale, natural=natural)
            pooled = replace(
                pooled, diagnostics=(*pooled.diagnostics, f"No prediction: {error.message}.")
            )
    if model == "auto" and rules_for(k).with_bayesian:
        beside = _bayesian_beside(
            ys, vs, level=level, scale=scale, shown=shown, prior_scale=prior_scale
        )
        pooled = replace(pooled, diagnostics=pooled.diagnostics + beside)
    return replace(
        pooled, n_studies=k, n_patients=n_patients, n_events=n_events, inputs=tuple(inputs)
    )
