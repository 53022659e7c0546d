"""Combining p values: is there an effect in at least one study?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from resartus.domain.checks import require_one_of
from resartus.domain.estimate import Estimate
from resartus.errors import DataError
from resartus.synthesis.distributions import chi2_tail, normal_quantile, normal_two_sided

__all__ = ["combine_p_values", "one_sided"]


def one_sided(p_value: float, *, is_benefit: bool) -> float:
    """Return the one-sided p value for benefit of a two-sided one and its direction."""
    return p_value / 2 if is_benefit else 1 - p_value / 2


def combine_p_values(
    p_values: Sequence[float],
    *,
    method: str = "Fisher",
    weights: Sequence[float] | None = None,
    inputs: tuple[str, ...] = (),
) -> Estimate:
    """Combine one-sided p values of k studies.

    Parameters
    ----------
    p_values : sequence of float, length k
        One-sided, all for the same direction; above 0 and up to 1.
    method : str
        ``"Fisher"`` (-2 sum log p, chi-squared 2k) or ``"Stouffer"`` (the
        weighted sum of normal quantiles).
    weights : sequence of float, optional
        For Stouffer, such as the square roots of the sample sizes.

    Returns
    -------
    Estimate
        No ``value``: the method gives no effect. ``statistic`` and the
        one-sided ``p_value`` against no effect in any study.

    References
    ----------
    .. [1] McKenzie JE, Brennan SE. Cochrane Handbook, chapter 12.2.1.2.

    Examples
    --------
    >>> round(combine_p_values([0.1, 0.04, 0.3]).p_value, 4)
    0.0364
    """
    require_one_of(method, ("Fisher", "Stouffer"), field="method", where="combined p values")
    if not p_values:
        raise DataError("no p value was given; give at least one")
    for i, p in enumerate(p_values, start=1):
        if not 0 < p <= 1:
            raise DataError(f"p value {p!r} of study {i} is not above 0 and up to 1")
    k = len(p_values)
    note = "The test says whether any study has an effect, not how large it is nor in how many."
    if method == "Fisher":
        statistic = -2 * sum(math.log(p) for p in p_values)
        combined = chi2_tail(statistic, 2 * k)
    else:
        w = [1.0] * k if weights is None else [float(a) for a in weights]
        if len(w) != k or any(not a > 0 for a in w):
            raise DataError(f"{len(w)} weights for {k} p values; give one above 0 each")
        z = [-normal_quantile(max(min(p, 1 - 1e-16), 1e-300)) for p in p_values]
        statistic = sum(a * b for a, b in zip(w, z, strict=True)) / math.sqrt(sum(a * a for a in w))
        upper = normal_two_sided(statistic) / 2
        combined = upper if statistic > 0 else 1 - upper
    return Estimate(
        value=None,
        scale="combined p value",
        method=f"{method}'s combination of one-sided p values",
        statistic=statistic,
        p_value=combined,
        n_studies=k,
        diagnostics=(note,),
        inputs=inputs,
    )
