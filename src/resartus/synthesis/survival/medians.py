"""Median survival pooled over studies, with how little a median says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from resartus.domain.checks import require_level
from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError
from resartus.synthesis.distributions import normal_quantile
from resartus.synthesis.meta.pooling import pool

__all__ = ["PublishedMedian", "median_of_medians", "pool_medians"]

_WEAKNESS = (
    "A pooled median averages medians, not patients: it says nothing of the curve's shape, and "
    "studies whose median was not reached cannot enter."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedMedian:
    """A study's median survival with its interval (at ``level``) and number of patients."""

    study_id: str
    median: float
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    n: int | None = None

    def __post_init__(self) -> None:
        where = f"the median of study {self.study_id!r}"
        if not (math.isfinite(self.median) and self.median > 0):
            raise DataError(f"{where} is {self.median!r}; give a number above 0")
        if self.low is None or self.high is None:
            return
        if not 0 < self.low <= self.median <= self.high or self.low == self.high:
            raise DataError(
                f"{where}, {self.median!r}, is not between its limits {self.low!r} and "
                f"{self.high!r}; check the three figures"
            )


def pool_medians(
    studies: Sequence[PublishedMedian],
    *,
    scale: str = "log",
    unit: str = "months",
    model: str = "auto",
    test: str = "HK-guarded",
    level: float = 0.95,
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Pool medians that come with intervals, on the log scale (default) or as they are.

    Parameters
    ----------
    studies : sequence of PublishedMedian
        From one time zero. Those without both limits are left out and named.
    scale : str
        ``"log"`` keeps the result above 0; ``"raw"`` is McGrath's Wald method.
    model, test, level
        As for ``meta.pooling.pool``.

    Returns
    -------
    Estimate
        In ``unit``.

    Raises
    ------
    DataError
        If no study has both limits.

    References
    ----------
    McGrath S, et al. Meta-analysis of the difference of medians. Biom J
    2020;62:69-98; standard errors from intervals as in R's metamedian.
    """
    require_level(level, where="the pooled median")
    if scale not in ("log", "raw"):
        raise DataError(f"scale {scale!r} is not one of: log, raw")
    effects, variances, left = [], [], []
    for study in studies:
        if study.low is None or study.high is None:
            left.append(study.study_id)
            continue
        z = normal_quantile(0.5 + study.level / 2)
        change = math.log if scale == "log" else float
        effects.append(change(study.median))
        variances.append(((change(study.high) - change(study.low)) / (2 * z)) ** 2)
    if not effects:
        raise DataError(
            f"none of {len(studies)} medians has an interval; list them, or use median_of_medians"
        )
    name = "log median survival" if scale == "log" else unit
    pooled = pool(
        effects, variances, model=model, test=test, level=level, scale=name, inputs=inputs
    )
    if scale == "log":
        pooled = pooled.transformed(math.exp, scale=unit)
    doubts = [_WEAKNESS]
    if left:
        doubts.append(f"Without an interval, not pooled: {', '.join(left)}.")
    return replace(pooled, diagnostics=(*doubts, *pooled.diagnostics))


def _weighted_quantile(
    values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], probability: float
) -> float:
    """Return the smallest value whose share of the weight reaches ``probability``.

    The middle between two values where the share is met exactly.
    """
    order = np.argsort(values)
    v, share = values[order], np.cumsum(weights[order]) / weights.sum()
    i = int(np.argmax(share >= probability - 1e-12))
    if abs(share[i] - probability) < 1e-12 and i + 1 < len(v):
        return float(v[i] + v[i + 1]) / 2
    return float(v[i])


def median_of_medians(
    studies: Sequence[PublishedMedian], *, unit: str = "months", level: float = 0.95
) -> Estimate:
    """Return the median of the medians, weighted by patients where all give their number.

    For studies that print no interval. The interval is that of a sign test
    on the studies' medians: it needs six studies for 95 per cent.

    Returns
    -------
    Estimate
        In ``unit``, without a standard error: there is none to be had.

    Raises
    ------
    DataError
        If no study is given.
    """
    require_level(level, where="the median of medians")
    if not studies:
        raise DataError("no median was given; give at least one")
    values = np.sort([study.median for study in studies])
    k = len(values)
    is_weighted = all(study.n for study in studies)
    medians = np.asarray([study.median for study in studies])
    weights = np.asarray([float(study.n or 1) if is_weighted else 1.0 for study in studies])
    # The widest pair of order statistics (j, k + 1 - j) that still covers the level.
    j = 0
    while j < k // 2 and 2 * _binomial_below(j, k) <= 1 - level:
        j += 1
    interval = None
    doubts = [_WEAKNESS]
    if j == 0:
        doubts.append(f"No interval: {k} medians are too few for a level of {level:g}.")
    else:
        interval = Interval(
            low=float(values[j - 1]), high=float(values[k - j]), level=level, method="sign test"
        )
    return Estimate(
        value=_weighted_quantile(medians, weights, 0.5),
        scale=unit,
        method=f"{'weighted ' if is_weighted else ''}median of medians",
        interval=interval,
        n_studies=k,
        n_patients=int(weights.sum()) if is_weighted else None,
        diagnostics=tuple(doubts),
    )


def _binomial_below(j: int, k: int) -> float:
    """Return P(B <= j) of a fair binomial of k trials."""
    return float(betainc(k - j, j + 1, 0.5))
