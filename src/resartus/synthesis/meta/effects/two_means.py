"""Two arms compared by their means."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy import special

from resartus.domain.checks import require_one_of
from resartus.errors import DataError
from resartus.synthesis.meta.effects.effect import MEASURES, EffectSizes, same_length

__all__ = ["compare_means", "hedges_correction"]


def hedges_correction(degrees_of_freedom: float) -> float:
    """Return J, which makes the standardised difference unbiased (Hedges 1981, exact form)."""
    m = degrees_of_freedom
    return math.exp(
        float(special.gammaln(m / 2)) - 0.5 * math.log(m / 2) - float(special.gammaln((m - 1) / 2))
    )


def compare_means(
    measure: str,
    mean_1: Sequence[float],
    sd_1: Sequence[float],
    n_1: Sequence[float],
    mean_2: Sequence[float],
    sd_2: Sequence[float],
    n_2: Sequence[float],
) -> EffectSizes:
    """Return each study's difference of means.

    Parameters
    ----------
    measure : str
        ``MD``, ``SMD`` (Hedges' g with the exact correction) or ``ROM`` (log
        ratio of means).

    Notes
    -----
    MD's variance lets the arms' SDs differ; SMD's is 1/n1 + 1/n2 +
    g^2 / (2 (n1 + n2)); both as metafor's ``escalc``.

    References
    ----------
    .. [1] Hedges LV. Distribution theory for Glass's estimator of effect size
       and related estimators. J Educ Stat 1981;6:107-128.
    .. [2] Hedges LV, Gurevitch J, Curtis PS. The meta-analysis of response
       ratios in experimental ecology. Ecology 1999;80:1150-1156.
    """
    require_one_of(measure, ("MD", "SMD", "ROM"), field="measure", where="two means")
    same_length(mean_1=mean_1, sd_1=sd_1, n_1=n_1, mean_2=mean_2, sd_2=sd_2, n_2=n_2)
    values, variances = [], []
    rows = zip(mean_1, sd_1, n_1, mean_2, sd_2, n_2, strict=True)
    for i, (m1, s1, n1, m2, s2, n2) in enumerate(rows, start=1):
        if not (s1 > 0 and s2 > 0 and n1 >= 2 and n2 >= 2):
            raise DataError(
                f"study {i} has sd {s1!r} and {s2!r}, n {n1!r} and {n2!r}; "
                "SDs must be above 0 and arms hold 2 patients"
            )
        if measure == "MD":
            values.append(m1 - m2)
            variances.append(s1**2 / n1 + s2**2 / n2)
        elif measure == "SMD":
            df = n1 + n2 - 2
            pooled = math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df)
            g = hedges_correction(df) * (m1 - m2) / pooled
            values.append(g)
            variances.append(1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2)))
        else:
            if not m1 * m2 > 0:
                raise DataError(
                    f"means {m1!r} and {m2!r} of study {i} have no ratio; pool the difference (MD)"
                )
            values.append(math.log(m1 / m2))
            variances.append(s1**2 / (n1 * m1**2) + s2**2 / (n2 * m2**2))
    return EffectSizes(
        measure=measure,
        scale=MEASURES[measure].scale,
        values=tuple(values),
        variances=tuple(variances),
    )
