"""What each study does: leaving one out, and adding one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resartus.domain.estimate import Estimate
from resartus.errors import DataError
from resartus.synthesis.meta.models.weighted import checked_effects
from resartus.synthesis.meta.pooling import pool

__all__ = ["cumulate", "leave_one_out"]


def leave_one_out(
    effects: Sequence[float], variances: Sequence[float], **options: Any
) -> tuple[Estimate, ...]:
    """Pool k times, each time without one study, in the order given.

    ``options`` are those of ``pool``; ``model`` is ``"random"`` unless it is
    given, because the question is what changes, not whether to pool.

    Raises
    ------
    DataError
        Below three studies, where a single one would be left.
    """
    checked_effects(effects, variances)
    k = len(effects)
    if k < 3:
        raise DataError(f"{k} studies cannot lose one and still be pooled; show them")
    options.setdefault("model", "random")
    return tuple(
        pool(
            [e for j, e in enumerate(effects) if j != i],
            [v for j, v in enumerate(variances) if j != i],
            **options,
        )
        for i in range(k)
    )


def cumulate(
    effects: Sequence[float],
    variances: Sequence[float],
    *,
    order: Sequence[float] | None = None,
    **options: Any,
) -> tuple[tuple[int, ...], tuple[Estimate, ...]]:
    """Pool the first study, the first two, and so on.

    Parameters
    ----------
    order : sequence of float, length k, optional
        Such as the years; studies of one year keep the order given.
    **options
        Those of ``pool``; ``model`` is ``"random"`` unless it is given.

    Returns
    -------
    tuple of int, tuple of Estimate
        Positions in the order they were added, and the pooled effect after
        each; the first is the first study by itself.

    References
    ----------
    .. [1] Lau J et al. Cumulative meta-analysis of therapeutic trials for
       myocardial infarction. N Engl J Med 1992;327:248-254.
    """
    checked_effects(effects, variances)
    k = len(effects)
    if order is not None and len(order) != k:
        raise DataError(f"{len(order)} places in the order for {k} studies; give one each")
    if order is not None and any(place is None for place in order):
        raise DataError("a study has no place in the order; give its year or leave it out")
    positions = sorted(range(k), key=lambda i: i if order is None else (order[i], i))
    options.setdefault("model", "random")
    return tuple(positions), tuple(
        pool([effects[i] for i in positions[:n]], [variances[i] for i in positions[:n]], **options)
        for n in range(1, k + 1)
    )
