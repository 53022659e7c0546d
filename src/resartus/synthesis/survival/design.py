"""Covariates of a regression on patients, checked once and put on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from resartus.errors import DataError
from resartus.synthesis.survival.follow_up import FloatArray

__all__ = ["Design", "design"]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Covariates centred and scaled; ``values`` has shape (n, p)."""

    names: tuple[str, ...]
    values: FloatArray
    scales: FloatArray

    def coefficients(self, scaled: FloatArray) -> FloatArray:
        """Return coefficients per unit of each covariate as given."""
        return scaled / self.scales

    def covariance(self, scaled: npt.NDArray[np.floating[Any]]) -> FloatArray:
        """Return the covariance of those coefficients."""
        unscaled: FloatArray = scaled / np.outer(self.scales, self.scales)
        return unscaled


def design(covariates: Mapping[str, Sequence[float] | FloatArray], n: int) -> Design:
    """Check covariates of ``n`` patients.

    Raises
    ------
    DataError
        If none is given, one has another length, a value is missing or not
        finite, one is the same for everybody, or one follows from the others.
    """
    if not covariates:
        raise DataError("no covariate was given; give at least one, or use kaplan_meier")
    columns = []
    for name, values in covariates.items():
        if len(values) != n:
            raise DataError(
                f"covariate {name!r} has {len(values)} values for {n} patients; give one each"
            )
        try:
            column = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"covariate {name!r} has a value that is not a number; code groups as 0 and 1"
            ) from error
        bad = ~np.isfinite(column)
        if bad.any():
            row = int(np.argmax(bad))
            raise DataError(
                f"covariate {name!r} of patient {row + 1} is missing or not finite; "
                "leave the patient out of this analysis"
            )
        if column.min() == column.max():
            raise DataError(
                f"covariate {name!r} is {float(column[0])!r} for everybody; leave it out"
            )
        columns.append(column)
    x = np.column_stack(columns)
    scales = x.std(axis=0)
    scaled = (x - x.mean(axis=0)) / scales
    names = tuple(covariates)
    for p in range(2, len(names) + 1):
        if np.linalg.matrix_rank(scaled[:, :p], tol=1e-9 * np.sqrt(n)) < p:
            raise DataError(
                f"covariate {names[p - 1]!r} follows from those before it; leave one of them out"
            )
    return Design(names, scaled, scales)
