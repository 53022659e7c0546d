"""Cox's partial likelihood with Efron's or Breslow's ties: value, score and information."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resartus.synthesis.survival.follow_up import FloatArray
from resartus.synthesis.survival.risk_sets import RiskSets

__all__ = ["Evaluation", "evaluate", "score_residuals"]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The partial likelihood at one coefficient vector.

    ``means`` has shape (n_events, p): the weighted covariate mean of the risk
    set each event is compared with; ``inverse`` (n_events,) one over its
    weighted size; ``fraction`` (n_events,) Efron's share of the tied events
    already taken out.
    """

    log_likelihood: float
    score: FloatArray
    information: FloatArray
    means: FloatArray
    inverse: FloatArray
    fraction: FloatArray
    weights: FloatArray


def evaluate(
    x: FloatArray, sets: RiskSets, beta: FloatArray, *, is_efron: bool, offset: FloatArray
) -> Evaluation:
    """Evaluate at ``beta``; ``x`` (n, p) and ``offset`` (n,) are in the order of ``sets``.

    Notes
    -----
    Efron 1977, equation for tied deaths: the l-th of d tied events is compared
    with S0 - (l / d) D0, where S0 sums exp(x beta) over the risk set and D0
    over the tied events. The sum of second moments is taken the other way
    round, one weight per patient, so that it is a single matrix product.
    """
    eta = x @ beta + offset
    # A constant factor cancels; this one keeps exp() in range.
    shift = float(eta.max())
    w = np.exp(eta - shift)
    wx = w[:, None] * x
    group = sets.death_group
    s0, s1 = sets.over_risk_set(w), sets.over_risk_set(wx)
    starts = np.concatenate(([0], np.cumsum(sets.n_deaths)[:-1]))
    if is_efron:
        fraction = (np.arange(len(group)) - starts[group]) / sets.n_deaths[group]
        phi0 = s0[group] - fraction * sets.over_deaths(w)[group]
        phi1 = s1[group] - fraction[:, None] * sets.over_deaths(wx)[group]
    else:
        fraction = np.zeros(len(group))
        phi0, phi1 = s0[group], s1[group]
    inverse = 1.0 / phi0
    means = phi1 * inverse[:, None]
    events = sets.is_event
    log_likelihood = float((eta[events] - shift).sum() - np.log(phi0).sum())
    score = x[events].sum(axis=0) - means.sum(axis=0)
    per_group = np.add.reduceat(inverse, starts) if len(starts) else np.zeros(0)
    share = sets.over_groups_at_risk(per_group)
    if is_efron:
        share[events] -= np.add.reduceat(fraction * inverse, starts)[group]
    information = (wx * share[:, None]).T @ x - means.T @ means
    return Evaluation(log_likelihood, score, information, means, inverse, fraction, w)


def score_residuals(x: FloatArray, sets: RiskSets, at: Evaluation) -> FloatArray:
    """Return each sorted patient's contribution to the score, shape (n, p); they sum to it.

    Notes
    -----
    Therneau TM, Grambsch PM. Modeling survival data. New York: Springer, 2000,
    section 4.6 and, for Efron's ties, section 3.3.
    """
    starts = np.concatenate(([0], np.cumsum(sets.n_deaths)[:-1]))
    group = sets.death_group

    def per_group(rows: FloatArray) -> FloatArray:
        total: FloatArray = np.add.reduceat(rows, starts, axis=0)
        return total

    size = sets.over_groups_at_risk(per_group(at.inverse))
    mean = sets.over_groups_at_risk(per_group(at.means * at.inverse[:, None]))
    residuals = at.weights[:, None] * (mean - x * size[:, None])
    events = sets.is_event
    x_e, w_e = x[events], at.weights[events]
    own = per_group(at.means)[group] / sets.n_deaths[group][:, None]
    taken = per_group(at.fraction * at.inverse)[group]
    taken_mean = per_group((at.fraction * at.inverse)[:, None] * at.means)[group]
    residuals[events] += x_e - own + w_e[:, None] * (x_e * taken[:, None] - taken_mean)
    return residuals
