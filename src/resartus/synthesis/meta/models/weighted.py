"""Weighted least squares over studies, and the traces that tau2's estimators need, in O(k p^2).

With weights ``w`` and design ``X``, ``U`` is the orthonormal basis of
``sqrt(w) X``. Then P = W - W X (X'WX)^-1 X'W equals sqrt(W) (I - UU') sqrt(W),
and no k by k matrix is ever formed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resartus.errors import DataError
from resartus.synthesis.meta.counts import FloatArray

__all__ = ["WeightedFit", "checked_design", "checked_effects", "fit_weighted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedFit:
    """One weighted fit: ``coefficients`` (p,), ``covariance`` (p, p), ``residuals`` (k,)."""

    coefficients: FloatArray
    covariance: FloatArray
    residuals: FloatArray
    weights: FloatArray
    basis: FloatArray
    leverage: FloatArray

    @property
    def q(self) -> float:
        """Return y'Py, the weighted residual sum of squares."""
        return float(np.dot(self.weights, self.residuals**2))

    @property
    def q_slope(self) -> float:
        """Return y'PPy, by how fast ``q`` falls as every variance grows."""
        return float(np.dot(self.weights**2, self.residuals**2))

    @property
    def trace_p(self) -> float:
        """Return tr(P)."""
        return float(np.dot(self.weights, 1 - self.leverage))

    def trace_product(self, a: FloatArray, b: FloatArray) -> float:
        """Return sum_ij a_i b_j (I - UU')_ij^2; a = b = w gives tr(PP)."""
        inner_a = self.basis.T @ (a[:, None] * self.basis)
        inner_b = inner_a if b is a else self.basis.T @ (b[:, None] * self.basis)
        return float(np.dot(a * b, 1 - 2 * self.leverage) + np.sum(inner_a * inner_b))


def checked_effects(
    effects: Sequence[float], variances: Sequence[float]
) -> tuple[FloatArray, FloatArray]:
    """Return effects and variances as arrays of shape (k,), k >= 1.

    Raises
    ------
    DataError
        If lengths differ, there is no study, or a number is missing, not
        finite, or a variance not above 0.
    """
    if len(effects) != len(variances):
        raise DataError(
            f"{len(effects)} effects but {len(variances)} variances were given; "
            "give one each per study"
        )
    if len(effects) == 0:
        raise DataError("no study was given; give at least one")
    try:
        y = np.array(effects, dtype=np.float64)
        v = np.array(variances, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError("effects and variances must be numbers; see each study's entry") from None
    for name, numbers, given in (("effect", y, effects), ("variance", v, variances)):
        if not np.all(np.isfinite(numbers)):
            i = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise DataError(
                f"{name} {given[i]!r} of study {i + 1} is not a finite number; "
                "drop the study or give its figure",
                field=name,
            )
    if np.any(v <= 0):
        i = int(np.flatnonzero(v <= 0)[0])
        raise DataError(
            f"variance {variances[i]!r} of study {i + 1} is not above 0; "
            "drop the study or give its standard error squared",
            field="variance",
        )
    return y, v


def checked_design(design: FloatArray | None, k: int) -> FloatArray:
    """Return the design matrix (k, p) of full column rank; a column of ones by default."""
    if design is None:
        return np.ones((k, 1))
    x = np.asarray(design, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] != k or not np.all(np.isfinite(x)):
        raise DataError(f"the design has shape {x.shape}; give {k} rows of finite numbers")
    if x.shape[1] >= k:
        raise DataError(
            f"{x.shape[1]} coefficients cannot be estimated from {k} studies; use fewer moderators"
        )
    scaled = x / np.maximum(np.abs(x).max(axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled) < x.shape[1]:
        raise DataError(
            "a moderator is constant or follows from the others over these studies; leave it out"
        )
    return x


def fit_weighted(y: FloatArray, x: FloatArray, weights: FloatArray) -> WeightedFit:
    """Return the weighted least-squares fit of ``y`` on ``x``."""
    root = np.sqrt(weights)
    if x.shape[1] == 1:
        column = root * x[:, 0]
        length = np.sqrt(np.dot(column, column))
        basis = (column / length)[:, None]
        r_inverse = np.array([[1 / length]])
    else:
        basis, r = np.linalg.qr(root[:, None] * x)
        r_inverse = np.linalg.inv(r)
    coefficients = r_inverse @ (basis.T @ (root * y))
    return WeightedFit(
        coefficients=coefficients,
        covariance=r_inverse @ r_inverse.T,
        residuals=y - x @ coefficients,
        weights=weights,
        basis=basis,
        leverage=np.sum(basis**2, axis=1),
    )
