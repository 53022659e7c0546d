"""Vote counting by direction of effect, with the exact sign test."""

from __future__ import annotations

import math
from collections.abc import Sequence

from resartus.domain.estimate import Estimate
from resartus.errors import DataError
from resartus.synthesis.meta.binomial import clopper_pearson

__all__ = ["count_directions"]


def count_directions(
    directions: Sequence[int], *, level: float = 0.95, inputs: tuple[str, ...] = ()
) -> Estimate:
    """Return the share of studies that point to benefit, with the exact test against one half.

    Use it when effects cannot be pooled but their direction is known. It
    says whether there is an effect in some direction, never how large.

    Parameters
    ----------
    directions : sequence of int
        1 for benefit, -1 for harm, 0 where a study shows neither, which is
        left out and counted in ``diagnostics``. Never by significance.

    Returns
    -------
    Estimate
        Share as a fraction with its Clopper-Pearson interval and the
        two-sided p value of the sign test.

    References
    ----------
    .. [1] McKenzie JE, Brennan SE. Synthesizing and presenting findings using
       other methods. Cochrane Handbook, chapter 12.4.2.3.
    .. [2] Campbell M et al. Synthesis without meta-analysis (SWiM) in
       systematic reviews: reporting guideline. BMJ 2020;368:l6890.

    Examples
    --------
    >>> found = count_directions([1, 1, 1, 1, 1, -1, 1, 0])
    >>> round(found.value, 3), found.n_studies, round(found.p_value, 3)
    (0.857, 7, 0.125)
    """
    for i, sign in enumerate(directions, start=1):
        if sign not in (-1, 0, 1):
            raise DataError(f"direction {sign!r} of study {i} is not 1, 0 or -1")
    n = sum(1 for sign in directions if sign)
    benefit = sum(1 for sign in directions if sign > 0)
    doubts = []
    unclear = len(directions) - n
    if unclear:
        doubts.append(f"{unclear} of {len(directions)} studies show no direction and do not count.")
    if n == 0:
        return Estimate(
            value=None,
            scale="proportion of studies that point to benefit",
            method="vote counting by direction",
            n_studies=0,
            diagnostics=(*doubts, "No study shows a direction."),
            inputs=inputs,
        )
    if n < 6:
        doubts.append(f"With {n} studies the sign test cannot reach 0.05, whatever they show.")
    extreme = min(benefit, n - benefit)
    tail = sum(math.comb(n, j) for j in range(extreme + 1)) / 2**n
    return Estimate(
        value=benefit / n,
        scale="proportion of studies that point to benefit",
        method="vote counting by direction, exact sign test",
        interval=clopper_pearson(benefit, n, level=level),
        p_value=min(1.0, 2 * tail),
        n_studies=n,
        diagnostics=tuple(doubts),
        inputs=inputs,
    )
