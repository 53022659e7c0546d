"""Cox's discrete ("exact") likelihood: each tied set against all it could have been."""

from __future__ import annotations

import numpy as np

from resartus.synthesis.survival.follow_up import FloatArray
from resartus.synthesis.survival.risk_sets import RiskSets

__all__ = ["evaluate_exact"]


def _subsets(w: FloatArray, x: FloatArray, d: int) -> tuple[float, FloatArray, FloatArray]:
    """Return the sum over all subsets of size d of the product of ``w``, with two derivatives.

    The recursion of Gail, Lubin and Rubinstein (Biometrika 1981;68:703-707):
    B(j, i) = B(j, i - 1) + w_i B(j - 1, i - 1), differentiated term by term.
    """
    p = x.shape[1]
    value = np.zeros(d + 1)
    value[0] = 1.0
    first = np.zeros((d + 1, p))
    second = np.zeros((d + 1, p, p))
    for wi, xi in zip(w, x, strict=True):
        below, below1, below2 = value[:-1].copy(), first[:-1].copy(), second[:-1].copy()
        value[1:] += wi * below
        first[1:] += wi * (below1 + below[:, None] * xi)
        cross = below1[:, :, None] * xi[None, None, :]
        second[1:] += wi * (
            below2
            + cross
            + cross.transpose(0, 2, 1)
            + below[:, None, None] * np.outer(xi, xi)[None]
        )
    return float(value[d]), first[d], second[d]


def evaluate_exact(
    x: FloatArray, sets: RiskSets, beta: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Return log likelihood, score (p,) and information (p, p); ``x`` in the order of ``sets``.

    Grows with n times the tied events of each time: for small data with heavy ties.
    """
    eta = x @ beta
    p = x.shape[1]
    log_likelihood, score, information = 0.0, np.zeros(p), np.zeros((p, p))
    for first, last, tied, d in zip(
        sets.first, sets.last, sets.tied_from, sets.n_deaths, strict=True
    ):
        rows = slice(int(first), int(last) + 1)
        dead = np.arange(tied, last + 1)[sets.is_event[tied : last + 1]]
        # Scaled to a mean of 1: the product over d members cancels d times the shift.
        shift = float(np.log(np.exp(eta[rows] - eta[rows].max()).mean()) + eta[rows].max())
        value, d1, d2 = _subsets(np.exp(eta[rows] - shift), x[rows], int(d))
        log_likelihood += float((eta[dead] - shift).sum()) - float(np.log(value))
        mean = d1 / value
        score += x[dead].sum(axis=0) - mean
        information += d2 / value - np.outer(mean, mean)
    return log_likelihood, score, information
