"""One survival curve over several published ones, without a distribution (Combescure 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resartus.domain.checks import require_level
from resartus.domain.estimate import Estimate, Heterogeneity, Interval
from resartus.errors import DataError
from resartus.synthesis.distributions import chi2_tail, normal_quantile
from resartus.synthesis.survival.follow_up import FloatArray

__all__ = ["CurvePoint", "StudyCurve", "SummaryCurve", "summary_curve"]

_ABSENT = 1e12
"""Variance of a time a study does not reach: it weighs nothing there."""
_DRAWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Survival of one study at one time, with the number at risk there."""

    time: float
    survival: float
    at_risk: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyCurve:
    """One study's published curve, read at the common times up to its own end."""

    study_id: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryCurve:
    """The summary curve: one value per common time, with pointwise limits."""

    model: str
    times: tuple[float, ...]
    survival: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n_studies: tuple[int, ...]
    at_risk: tuple[float, ...]
    median: Estimate
    restricted_mean: Estimate
    heterogeneity: Heterogeneity
    level: float
    unit: str
    diagnostics: tuple[str, ...]


def _checked(curves: Sequence[StudyCurve]) -> list[float]:
    """Return the common times, or say which study misses one."""
    if not curves:
        raise DataError("no study curve was given; give at least two")
    times = sorted({point.time for curve in curves for point in curve.points})
    if len(times) < 2:
        raise DataError("the study curves share fewer than two times; read them at more times")
    for curve in curves:
        where = f"the curve of {curve.study_id!r}"
        own = [point.time for point in curve.points]
        needed = [time for time in times if own and time <= own[-1]]
        if own != needed:
            gap = sorted(set(needed).symmetric_difference(own)) or own
            raise DataError(
                f"{where} is not read at time {gap[0] if gap else None!r}; read every curve, in "
                "order, at all common times up to its end"
            )
        before = 1.0
        for point in curve.points:
            if point.time <= 0 or point.at_risk <= 0:
                raise DataError(
                    f"{where} has time {point.time!r} with {point.at_risk!r} at risk; "
                    "both must be above 0"
                )
            if not 0 <= point.survival <= before or before == 0:
                raise DataError(
                    f"{where} has survival {point.survival!r} at {point.time!r} after {before!r}; "
                    "it may not rise, and ends once it is at 0"
                )
            before = point.survival
    return times


def _arcsine(curves: Sequence[StudyCurve], times: list[float]) -> tuple[FloatArray, FloatArray]:
    """Return conditional survivals on the arcsine scale and their variances, shape (k, m).

    asin(sqrt((n p + 1/4) / (n + 1/2))) with variance 1 / (4 n + 2); NaN where a study has ended.
    """
    y = np.full((len(curves), len(times)), np.nan)
    v = np.full_like(y, _ABSENT)
    for i, curve in enumerate(curves):
        before = 1.0
        for j, point in enumerate(curve.points):
            n, p = point.at_risk, point.survival / before
            y[i, j] = np.arcsin(np.sqrt((n * p + 0.25) / (n + 0.5)))
            v[i, j] = 0.25 / (n + 0.5)
            before = point.survival
    return y, v


def _between_studies(y: FloatArray, v: FloatArray, present: npt.NDArray[np.bool_]) -> FloatArray:
    """Return the between-study covariance by moments, made non-negative (Jackson 2010)."""
    m = y.shape[1]
    root = np.sqrt(v)
    tau = np.empty((m, m))
    for i in range(m):
        w = 1 / (root[:, i][:, None] * root)
        total = w.sum(axis=0)
        mean_i = (w * y[:, i][:, None]).sum(axis=0) / total
        mean_j = (w * y).sum(axis=0) / total
        q = (w * (y[:, i][:, None] - mean_i) * (y - mean_j)).sum(axis=0)
        tau[i] = q / (total - (w**2).sum(axis=0) / total)
        own = w[:, i]
        expected = present[:, i].sum() - (own * present[:, i]).sum() / own.sum()
        tau[i, i] = (q[i] - expected) / (own.sum() - (own**2).sum() / own.sum())
    values, vectors = np.linalg.eigh((tau + tau.T) / 2)
    kept: FloatArray = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return kept


def _pool(
    y: FloatArray, v: FloatArray, present: npt.NDArray[np.bool_], *, is_common: bool
) -> tuple[FloatArray, FloatArray, Heterogeneity]:
    """Return the pooled arcsine survivals (m,), their covariance, and how far studies differ."""
    k, m = y.shape
    y = np.where(present, y, np.nanmean(y, axis=0))
    precision = (1 / v).sum(axis=0)
    common = (y / v).sum(axis=0) / precision
    q = float((np.where(present, (y - common) ** 2 / v, 0.0)).sum())
    df = int(present.sum()) - k
    h2 = q / df if df > 0 else None
    heterogeneity = Heterogeneity(
        q=q,
        degrees_of_freedom=df,
        p_value=chi2_tail(q, df) if df > 0 else None,
        h2=h2,
        i2=max(0.0, (h2 - 1) / h2) if h2 else None,
    )
    if is_common:
        return common, np.diag(1 / precision), heterogeneity
    between = _between_studies(y, v, present)
    weights = np.linalg.inv(between[None] + np.eye(m)[None] * v[:, None, :])
    covariance = np.linalg.inv(weights.sum(axis=0))
    return covariance @ np.einsum("kij,kj->i", weights, y), covariance, heterogeneity


def _median(times: FloatArray, curve: FloatArray) -> float | None:
    """Return where the curve crosses one half, on a straight line between times."""
    t, s = np.concatenate(([0.0], times)), np.concatenate(([1.0], curve))
    if s[-1] > 0.5:
        return None
    after = int(np.argmax(s <= 0.5))
    if s[after] == 0.5:
        return float(t[after])
    share = (s[after] - 0.5) / (s[after] - s[after - 1])
    return float(t[after] - (t[after] - t[after - 1]) * share)


def _area(times: FloatArray, curves: FloatArray) -> FloatArray:
    """Return the area under curves (…, m) from 0 to the last time, by trapezoids."""
    t = np.concatenate(([0.0], times))
    s = np.concatenate([np.ones((*curves.shape[:-1], 1)), curves], axis=-1)
    area: FloatArray = (np.diff(t) * (s[..., 1:] + s[..., :-1]) / 2).sum(axis=-1)
    return area


def summary_curve(
    curves: Sequence[StudyCurve],
    *,
    model: str = "random",
    unit: str = "months",
    level: float = 0.95,
    seed: int = 2014,
    inputs: tuple[str, ...] = (),
) -> SummaryCurve:
    """Pool published survival curves read at common times.

    Use it when series print curves with numbers at risk and the patients
    themselves are not published. All curves must share one time zero.

    Parameters
    ----------
    curves : sequence of StudyCurve
        Each read at all common times up to its own end.
    model : str
        ``"random"`` (between-study covariance by moments) or ``"common"``.
    seed : int
        For the draws behind the intervals of median and mean; the same seed
        gives the same limits.

    Returns
    -------
    SummaryCurve

    Raises
    ------
    DataError
        If a curve rises, misses a common time, or has nobody at risk.

    Notes
    -----
    The conditional survival between common times is pooled on the arcsine
    scale over studies, and multiplied up. The interval is Greenwood's on the
    log scale; those of median and mean are quantiles of 10,000 draws.

    References
    ----------
    .. [1] Combescure C, Foucher Y, Jackson D. Meta-analysis of single-arm
       survival studies. Stat Med 2014;33:2521-2537.
    .. [2] Jackson D, White IR, Thompson SG. Extending DerSimonian and Laird's
       methodology to perform multivariate random effects meta-analyses. Stat
       Med 2010;29:1282-1297.
    """
    require_level(level, where="a summary curve")
    if model not in ("random", "common"):
        raise DataError(f"model {model!r} is not one of: random, common")
    grid = _checked(curves)
    t = np.asarray(grid)
    k, m = len(curves), len(grid)
    y, v = _arcsine(curves, grid)
    present = ~np.isnan(y)
    beta, covariance, heterogeneity = _pool(y, v, present, is_common=model == "common" or k == 1)
    survival = np.cumprod(np.sin(beta) ** 2)
    slope = 2 / np.tan(beta)
    lower = np.tril(np.ones((m, m)))
    log_variance = np.diag(lower @ (np.outer(slope, slope) * covariance) @ lower.T)
    z = normal_quantile(0.5 + level / 2)
    half = z * np.sqrt(log_variance)
    rng = np.random.default_rng(seed)
    draws = np.cumprod(
        np.sin(rng.multivariate_normal(beta, covariance, size=_DRAWS, method="eigh")) ** 2, axis=1
    )
    medians = [_median(t, draw) for draw in draws]
    means = _area(t, draws)
    tail = [(1 - level) / 2, (1 + level) / 2]
    settled = [value for value in medians if value is not None]
    low, high = np.quantile(settled, tail).tolist() if len(settled) == _DRAWS else (None, None)
    doubts = []
    ended = [curve.study_id for curve in curves if len(curve.points) < m]
    if ended:
        doubts.append(
            f"{len(ended)} of {k} studies end before {grid[-1]:g} {unit}; "
            f"the tail rests on {int(present[:, -1].sum())}."
        )
    if k < 5 and model == "random":
        doubts.append(f"Between-study spread from {k} studies is poorly known.")
    median = _median(t, survival)
    return SummaryCurve(
        model=model,
        times=tuple(grid),
        survival=tuple(survival.tolist()),
        low=tuple((survival * np.exp(-half)).tolist()),
        high=tuple(np.minimum(survival * np.exp(half), 1.0).tolist()),
        n_studies=tuple(int(c) for c in present.sum(axis=0)),
        at_risk=tuple(
            float(sum(c.points[j].at_risk for c in curves if j < len(c.points))) for j in range(m)
        ),
        median=Estimate(
            value=median,
            scale=unit,
            method=f"median of the summary curve, {model} effects",
            interval=Interval(low=low, high=high, level=level, method="quantiles of draws"),
            n_studies=k,
            diagnostics=()
            if median is not None
            else (f"The median was not reached by {grid[-1]:g} {unit}.",),
            inputs=tuple(inputs),
        ),
        restricted_mean=Estimate(
            value=float(_area(t, survival)),
            scale=f"mean {unit} lived of the first {grid[-1]:g}",
            method=f"area under the summary curve, {model} effects",
            interval=Interval(
                low=float(np.quantile(means, tail[0])),
                high=float(np.quantile(means, tail[1])),
                level=level,
                method="quantiles of draws",
            ),
            n_studies=k,
            inputs=tuple(inputs),
        ),
        heterogeneity=heterogeneity,
        level=level,
        unit=unit,
        diagnostics=tuple(doubts),
    )
