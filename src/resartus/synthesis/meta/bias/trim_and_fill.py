"""Trim and fill: how many studies a symmetric funnel would need, and the effect with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from resartus.domain.checks import require_one_of
from resartus.domain.estimate import Estimate
from resartus.errors import DataError, NotConverged
from resartus.synthesis.meta.bias.asymmetry import too_few
from resartus.synthesis.meta.models.mixed_effects import fit_mixed_effects
from resartus.synthesis.meta.models.weighted import checked_effects
from resartus.synthesis.meta.pooling import pool

__all__ = ["TrimAndFill", "trim_and_fill"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimAndFill:
    """How many studies were filled in on which side, what they are, and the effect with them.

    ``filled_effects`` and ``filled_variances`` are invented by symmetry, not
    found; they may be drawn as open circles and never counted as studies.
    """

    n_filled: int
    side: str
    estimator: str
    estimate: Estimate
    filled_effects: tuple[float, ...]
    filled_variances: tuple[float, ...]
    diagnostics: tuple[str, ...] = ()


def _missing(ranks: np.ndarray, k: int, kind: str) -> int:
    """Return the estimated number of missing studies from signed ranks."""
    positive = float(np.sum(ranks[ranks > 0]))
    if kind == "R0":
        negative = -ranks[ranks < 0]
        found = k - (float(negative.max()) if len(negative) else 0.0) - 1
    elif kind == "L0":
        found = (4 * positive - k * (k + 1)) / (2 * k - 1)
    else:
        found = k - 0.5 - np.sqrt(2 * k**2 - 4 * positive + 0.25)
    return max(0, int(np.rint(found)))


def trim_and_fill(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    kind: str = "L0",
    side: str | None = None,
    model: str = "random",
    estimator: str = "REML",
    test: str = "z",
    **options: Any,
) -> TrimAndFill:
    """Estimate missing studies and pool again with their mirror images.

    A sensitivity analysis: asymmetry has other causes than studies that were
    not published, and heterogeneity alone can produce it.

    Parameters
    ----------
    kind : str
        ``"L0"``, ``"R0"`` or ``"Q0"``.
    side : str, optional
        Where studies are missing, ``"left"`` or ``"right"``; by default
        where Egger's slope says.
    model, estimator, test, **options
        As in ``pool``.

    References
    ----------
    .. [1] Duval S, Tweedie R. Trim and fill: a simple funnel-plot-based method
       of testing and adjusting for publication bias in meta-analysis.
       Biometrics 2000;56:455-463.
    """
    require_one_of(kind, ("L0", "R0", "Q0"), field="kind", where="trim and fill")
    y, v = checked_effects(effects, variances)
    k = len(y)
    if k < 3:
        raise DataError(f"{k} studies have no asymmetry; trim and fill needs at least 3")
    if side is None:
        if np.ptp(v) < 1e-12 * v.max():
            raise DataError("all studies have the same variance; say on which side any are missing")
        slope = fit_mixed_effects(
            effects,
            variances,
            design=np.column_stack([np.ones(k), np.sqrt(v)]),
            model=model,
            estimator=estimator,
            test="z",
        ).coefficients[1]
        side = "right" if slope < 0 else "left"
    require_one_of(side, ("left", "right"), field="side", where="trim and fill")
    # Studies are cut where there seem to be too many: opposite the missing side.
    flip = -1.0 if side == "right" else 1.0
    order = np.argsort(flip * y, kind="stable")
    z, u = flip * y[order], v[order]
    filled, centre, seen = 0, 0.0, set[int]()
    while True:
        kept = k - filled
        if kept < 1:
            raise NotConverged("trim and fill would cut every study; its answer is unusable")
        # One study left is its own centre.
        centre = float(z[0])
        if kept > 1:
            fit = fit_mixed_effects(
                list(z[:kept]), list(u[:kept]), model=model, estimator=estimator, test="z"
            )
            centre = float(fit.coefficients[0])
        deviation = z - centre
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(deviation), kind="stable")] = np.arange(1, k + 1)
        new = _missing(np.sign(deviation) * ranks, k, kind)
        if new == filled:
            break
        if new in seen:
            raise NotConverged("trim and fill goes round in circles on these studies; leave it out")
        seen.add(new)
        filled = new
    mirrored = tuple(float(flip * (2 * centre - z[i])) for i in range(k - filled, k))
    copies = tuple(float(u[i]) for i in range(k - filled, k))
    estimate = pool(
        [*(float(a) for a in y), *mirrored],
        [*(float(b) for b in v), *copies],
        model=model,
        estimator=estimator,
        test=test,
        **options,
    )
    return TrimAndFill(
        n_filled=filled,
        side=side,
        estimator=kind,
        estimate=estimate,
        filled_effects=mirrored,
        filled_variances=copies,
        diagnostics=too_few(k),
    )
