"""Pooling of proportions, with the rules that keep few studies from looking like many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy import special

from resartus.domain.checks import require_level, require_one_of
from resartus.domain.estimate import Estimate, Heterogeneity, Interval
from resartus.errors import EstimationError
from resartus.synthesis.distributions import normal_quantile, t_quantile
from resartus.synthesis.meta.beta_binomial import BetaBinomialFit, fit_beta_binomial
from resartus.synthesis.meta.binomial import (
    clopper_pearson,
    jeffreys,
    single_proportion,
    wilson,
)
from resartus.synthesis.meta.counts import checked_counts
from resartus.synthesis.meta.logistic_normal import LogisticNormalFit, fit_logistic_normal

__all__ = [
    "PROPORTION_METHODS",
    "clopper_pearson",
    "jeffreys",
    "pool_proportions",
    "pooled_logit",
    "single_proportion",
    "study_proportions",
    "wilson",
]

PROPORTION_METHODS = ("auto", "glmm", "beta-binomial", "sum")
"""What ``pool_proportions`` can do."""

_FEW = 5


def study_proportions(
    events: Sequence[float], totals: Sequence[float], *, level: float = 0.95
) -> tuple[Estimate, ...]:
    """Return each study's own proportion with its exact interval, in the order given."""
    x, n = checked_counts(events, totals)
    return tuple(single_proportion(int(a), int(b), level=level) for a, b in zip(x, n, strict=True))


def _listed(events: Sequence[float], totals: Sequence[float], level: float) -> str:
    """Return the studies as one clause, each with its exact interval."""
    parts = []
    for i, own in enumerate(study_proportions(events, totals, level=level), start=1):
        assert own.value is not None
        assert own.interval is not None
        parts.append(
            f"study {i} {own.n_events} of {own.n_patients} ({own.value:.2f}, "
            f"{own.interval.low:.2f} to {own.interval.high:.2f})"
        )
    return "; ".join(parts)


def _wald(
    logit: float, std_error: float, *, level: float, degrees_of_freedom: int | None, name: str
) -> Interval:
    """Return a symmetric interval on the logit scale, brought back to proportions."""
    probability = 0.5 + level / 2
    if degrees_of_freedom is None:
        quantile = normal_quantile(probability)
    else:
        quantile = t_quantile(probability, degrees_of_freedom)
    low, high = special.expit([logit - quantile * std_error, logit + quantile * std_error])
    return Interval(low=float(low), high=float(high), level=level, method=name)


def _prediction(fit: LogisticNormalFit, *, kind: str, level: float) -> Interval | None:
    """Return the interval for the true proportion of a next study."""
    spread = math.sqrt(fit.std_error**2 + fit.tau2)
    if kind == "metafor":
        return _wald(
            fit.mu,
            spread,
            level=level,
            degrees_of_freedom=None,
            name="metafor default, normal on the logit",
        )
    if fit.n_studies < 3:
        return None
    return _wald(
        fit.mu,
        spread,
        level=level,
        degrees_of_freedom=fit.n_studies - 2,
        name="HTS, t(k-2) on the logit",
    )


@lru_cache(maxsize=256)
def _fitted(
    events: tuple[float, ...], totals: tuple[float, ...], n_points: int
) -> LogisticNormalFit:
    # A page of results, a report and an update pool the same counts many times over.
    return fit_logistic_normal(events, totals, n_points=n_points)


def _rule(fit: LogisticNormalFit, n_points: int) -> str:
    is_adaptive = fit.n_points == n_points
    return f"{fit.n_points}-point {'adaptive Gauss-Hermite' if is_adaptive else 'even grid'}"


def _by_glmm(
    events: Sequence[float],
    totals: Sequence[float],
    *,
    level: float,
    n_points: int,
    test: str,
    prediction: str,
) -> Estimate:
    """Return the mean-logit proportion of the logistic-normal model."""
    fit = _fitted(tuple(events), tuple(totals), n_points)
    k = fit.n_studies
    diagnostics = []
    if fit.is_boundary:
        diagnostics.append(
            "The between-study variance was estimated at 0, so the interval treats all patients "
            "as one sample."
        )
    elif k < _FEW:
        diagnostics.append(f"With {k} studies the between-study variance is hardly known.")
    is_t = test == "t" or (test == "auto" and k < _FEW)
    return Estimate(
        value=float(special.expit(fit.mu)),
        scale="proportion",
        method=f"logistic GLMM, random intercept, ML, {_rule(fit, n_points)}",
        interval=_wald(
            fit.mu,
            fit.std_error,
            level=level,
            degrees_of_freedom=k - 1 if is_t else None,
            name="Wald on the logit, t(k-1)" if is_t else "Wald on the logit",
        ),
        prediction=_prediction(fit, kind=prediction, level=level),
        heterogeneity=Heterogeneity(
            q=fit.q_likelihood_ratio,
            degrees_of_freedom=k - 1,
            p_value=fit.q_likelihood_ratio_p,
            tau2=fit.tau2,
            i2=fit.i2,
        ),
        diagnostics=tuple(diagnostics),
    )


@lru_cache(maxsize=256)
def _fitted_beta(events: tuple[float, ...], totals: tuple[float, ...]) -> BetaBinomialFit:
    return fit_beta_binomial(events, totals)


def _by_beta_binomial(
    events: Sequence[float], totals: Sequence[float], *, level: float
) -> Estimate:
    """Return the mean proportion of the beta-binomial model."""
    fit = _fitted_beta(tuple(events), tuple(totals))
    k = fit.n_studies
    doubt = (
        "The correlation within studies was estimated at 0, so the interval treats all patients "
        "as one sample."
    )
    return Estimate(
        value=fit.mu,
        scale="proportion",
        method="beta-binomial model, ML",
        interval=_wald(
            float(special.logit(fit.mu)),
            fit.std_error_logit_mu,
            level=level,
            degrees_of_freedom=k - 1 if k < _FEW else None,
            name="Wald on the logit, t(k-1)" if k < _FEW else "Wald on the logit",
        ),
        heterogeneity=Heterogeneity(degrees_of_freedom=k - 1),
        diagnostics=(doubt,) if fit.is_boundary else (),
    )


def _by_sum(n_events: int, n_patients: int, *, level: float) -> Estimate:
    """Return the proportion of all patients as if they came from one study."""
    return Estimate(
        value=n_events / n_patients,
        scale="proportion",
        method="sum over studies",
        interval=clopper_pearson(n_events, n_patients, level=level),
        diagnostics=("The studies were added up as if they were one.",),
    )


def _all_alike(n_events: int, n_patients: int, k: int, *, level: float) -> Estimate:
    """Return what none or all of the patients having the event allows: one exact limit."""
    exact = clopper_pearson(n_events, n_patients, level=level)
    side = "upper" if n_events == 0 else "lower"
    limit = exact.high if n_events == 0 else exact.low
    who = "None" if n_events == 0 else "All"
    return Estimate(
        value=n_events / n_patients,
        scale="proportion",
        method=f"exact {side} limit of the summed patients",
        interval=exact,
        diagnostics=(
            f"{who} of the {n_patients} patients in {k} studies had the event: only the exact "
            f"{side} limit {limit:.3f} carries information, and no model of the differences "
            "between studies can be fitted.",
        ),
    )


def _sensitivity(events: Sequence[float], totals: Sequence[float], level: float) -> str:
    """Return the beta-binomial answer as a sentence beside the main model's."""
    try:
        other = _by_beta_binomial(events, totals, level=level)
    except EstimationError as error:
        return f"Sensitivity: the beta-binomial model gives no number ({error.message})."
    assert other.interval is not None
    return (
        f"Sensitivity: the beta-binomial model gives {other.value:.3f} "
        f"({other.interval.low:.3f} to {other.interval.high:.3f})."
    )


def _automatic(
    events: Sequence[float],
    totals: Sequence[float],
    *,
    level: float,
    n_points: int,
    test: str,
    prediction: str,
) -> Estimate:
    """Return what the rules for few studies and rare events allow."""
    k, n_events, n_patients = len(events), int(sum(events)), int(sum(totals))
    if k == 1:
        return single_proportion(n_events, n_patients, level=level)
    if k == 2:
        return Estimate(
            value=None,
            scale="proportion",
            method="not pooled",
            diagnostics=(f"Two studies are shown, not pooled: {_listed(events, totals, level)}.",),
        )
    if n_events in (0, n_patients):
        return _all_alike(n_events, n_patients, k, level=level)
    try:
        pooled = _by_glmm(
            events, totals, level=level, n_points=n_points, test=test, prediction=prediction
        )
        extra = (_sensitivity(events, totals, level),)
    except EstimationError as failed:
        try:
            pooled = _by_beta_binomial(events, totals, level=level)
            extra = (f"The logistic GLMM gave no number ({failed.message}).",)
        except EstimationError as error:
            return Estimate(
                value=None,
                scale="proportion",
                method="not pooled",
                diagnostics=(
                    f"No model fits ({error.message}): {_listed(events, totals, level)}.",
                ),
            )
    return replace(pooled, diagnostics=pooled.diagnostics + extra)


def pooled_logit(
    events: Sequence[float], totals: Sequence[float], *, method: str = "glmm", n_points: int = 31
) -> tuple[float, float] | None:
    """Return the logit that ``pool_proportions`` gives as a proportion, and its standard error.

    One study gives its own logit. ``None`` where no logit exists: no patient
    or every patient had the event, or the model has no maximum.
    """
    require_one_of(method, ("glmm", "beta-binomial"), field="method", where="pooled_logit")
    x, n = checked_counts(events, totals)
    n_events, n_patients = float(np.sum(x)), float(np.sum(n))
    if n_events in (0, n_patients):
        return None
    if len(x) == 1:
        return float(special.logit(n_events / n_patients)), math.sqrt(
            1 / n_events + 1 / (n_patients - n_events)
        )
    counts = tuple(int(a) for a in x), tuple(int(b) for b in n)
    try:
        if method == "beta-binomial":
            mean = fit_beta_binomial(*counts)
            return float(special.logit(mean.mu)), mean.std_error_logit_mu
        fit = _fitted(*counts, n_points)
    except EstimationError:
        return None
    return fit.mu, fit.std_error


def pool_proportions(
    events: Sequence[float],
    totals: Sequence[float],
    *,
    level: float = 0.95,
    method: str = "auto",
    n_points: int = 31,
    test: str = "auto",
    prediction: str = "HTS",
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Pool the proportions of k studies, or say why they should not be pooled.

    With ``method="auto"`` one study gives its exact interval; two are shown
    and not pooled; no event at all gives the exact upper limit alone (and
    all events the lower); otherwise a logistic GLMM is fitted by maximum
    likelihood, with the beta-binomial model as sensitivity analysis in
    ``diagnostics``. Below five studies the interval uses t(k-1).

    Parameters
    ----------
    events, totals : sequence of int, length k >= 1
        Patients with the event, and all patients, per study.
    level : float
        Confidence level, between 0 and 1.
    method : str
        ``"auto"``, ``"glmm"``, ``"beta-binomial"`` or ``"sum"`` (as if all
        patients came from one study).
    n_points : int
        Points of the GLMM's adaptive Gauss-Hermite rule; R uses 7.
    test : str
        ``"auto"``, ``"z"`` (R's default) or ``"t"`` with k - 1 degrees of freedom.
    prediction : str
        ``"HTS"`` for t(k-2), refused below three studies, or ``"metafor"``
        for the normal one that ``predict(rma.glmm())`` gives.
    inputs : tuple of str
        Ids of the cells the counts came from.

    Returns
    -------
    Estimate
        On scale ``"proportion"``, a fraction. ``value`` is ``None`` where
        nothing may be pooled; ``diagnostics`` then shows the studies.

    Raises
    ------
    DataError
        If the counts do not fit each other or an option is unknown.
    EstimationError
        If a model was asked for by name and cannot be fitted.

    Notes
    -----
    The GLMM's value is the proportion of the median study, expit(mu); the
    beta-binomial's is the mean over studies. They differ when studies differ.

    References
    ----------
    .. [1] Stijnen T, Hamza TH, Ozdemir P. Random effects meta-analysis of
       event outcome in the framework of the generalized linear mixed model.
       Stat Med 2010;29:3046-3067.
    .. [2] Lin L, Chu H. Meta-analysis of proportions using generalized linear
       mixed models. Epidemiology 2020;31:713-717.

    Examples
    --------
    >>> pooled = pool_proportions([0, 0, 0], [4, 9, 11])
    >>> pooled.value, round(pooled.interval.high, 4)
    (0.0, 0.1425)
    """
    require_level(level, where="pooled proportions")
    require_one_of(method, PROPORTION_METHODS, field="method", where="pool_proportions")
    require_one_of(test, ("auto", "z", "t"), field="test", where="pool_proportions")
    require_one_of(prediction, ("HTS", "metafor"), field="prediction", where="pool_proportions")
    x, n = checked_counts(events, totals)
    counts = [int(a) for a in x], [int(b) for b in n]
    n_events, n_patients = int(np.sum(x)), int(np.sum(n))
    if method == "beta-binomial":
        pooled = _by_beta_binomial(*counts, level=level)
    elif method == "sum":
        pooled = _by_sum(n_events, n_patients, level=level)
    else:
        fit = _by_glmm if method == "glmm" else _automatic
        pooled = fit(*counts, level=level, n_points=n_points, test=test, prediction=prediction)
    return replace(
        pooled, n_studies=len(x), n_patients=n_patients, n_events=n_events, inputs=tuple(inputs)
    )
