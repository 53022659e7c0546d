"""Meta-regression: effects on moderators, with the between-study variance that is left."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from resartus.domain.checks import require_level
from resartus.domain.estimate import Estimate, Heterogeneity, Interval
from resartus.errors import DataError
from resartus.synthesis.meta.counts import FloatArray
from resartus.synthesis.meta.defaults import FEW_FOR_ASYMMETRY
from resartus.synthesis.meta.models.mixed_effects import (
    MixedEffectsFit,
    OmnibusTest,
    fit_mixed_effects,
    interval_of,
)
from resartus.synthesis.meta.models.tau2 import estimate_tau2
from resartus.synthesis.meta.models.weighted import checked_effects

__all__ = ["MetaRegression", "design_of", "regress"]

Moderator = Sequence[float | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaRegression:
    """Coefficients by name, the joint test of all moderators, and what they explain.

    ``r2`` is the share of tau2 that the moderators take away, 0 to 1;
    ``None`` where there was none to take away.
    """

    names: tuple[str, ...]
    coefficients: tuple[Estimate, ...]
    omnibus: OmnibusTest
    heterogeneity: Heterogeneity
    r2: float | None
    fit: MixedEffectsFit
    diagnostics: tuple[str, ...] = ()

    def predict(self, row: Sequence[float], *, level: float = 0.95) -> Estimate:
        """Return the mean effect at a row of the design (1 first), with both intervals."""
        x = np.asarray(row, dtype=float)
        if x.shape != (self.fit.p,):
            raise DataError(f"the row has {x.size} numbers; give {self.fit.p}, the constant first")
        value = float(x @ self.fit.coefficients)
        variance = float(x @ self.fit.covariance @ x)
        quantile = self.fit.quantile(level)
        half = quantile * math.sqrt(variance)
        spread = quantile * math.sqrt(variance + self.fit.tau2_value)
        first = self.coefficients[0]
        assert first.interval is not None
        return Estimate(
            value=value,
            scale=first.scale,
            method=first.method,
            std_error=math.sqrt(variance),
            interval=Interval(
                low=value - half, high=value + half, level=level, method=first.interval.method
            ),
            prediction=Interval(
                low=value - spread, high=value + spread, level=level, method="metafor default"
            ),
            n_studies=self.fit.k,
        )


def design_of(
    moderators: Mapping[str, Moderator], k: int
) -> tuple[tuple[str, ...], FloatArray, tuple[tuple[int, ...], ...]]:
    """Return column names, the design (k, p) and each moderator's columns.

    Numbers enter as they are. Texts become one column per level but the
    first in alphabetical order, as R's ``factor`` does.
    """
    names, columns = ["constant"], [np.ones(k)]
    groups = []
    for name, values in moderators.items():
        if len(values) != k:
            raise DataError(f"moderator {name!r} has {len(values)} values for {k} studies")
        own = []
        if any(isinstance(value, str) for value in values):
            levels = sorted({str(value) for value in values})
            if len(levels) < 2:
                raise DataError(f"moderator {name!r} is {levels[0]!r} in every study; leave it out")
            for level in levels[1:]:
                own.append(len(columns))
                names.append(f"{name}: {level}")
                columns.append(np.array([float(str(value) == level) for value in values]))
        else:
            for i, value in enumerate(values, start=1):
                if value is None or not math.isfinite(float(value)):
                    raise DataError(
                        f"moderator {name!r} of study {i} is {value!r}; leave the study out"
                    )
            own.append(len(columns))
            names.append(name)
            columns.append(np.array([float(value) for value in values]))
        groups.append(tuple(own))
    return tuple(names), np.column_stack(columns), tuple(groups)


def regress(
    effects: Sequence[float],
    variances: Sequence[float],
    moderators: Mapping[str, Moderator],
    *,
    model: str = "random",
    estimator: str = "REML",
    test: str = "HK",
    level: float = 0.95,
    scale: str = "effect",
    inputs: tuple[str, ...] = (),
) -> MetaRegression:
    """Regress effects on one or more moderators.

    Use it from about ten studies per moderator. An association between
    studies' averages need not hold within them.

    Parameters
    ----------
    effects, variances : sequence of float, length k
        On an additive scale.
    moderators : mapping of str to sequence, each of length k
        Numbers, or texts for groups.
    model, estimator, test : str
        As in ``pool``; Hartung-Knapp by default.

    Raises
    ------
    DataError
        If a moderator is missing somewhere, constant, or one too many.

    Notes
    -----
    R2 = max(0, (tau2_0 - tau2) / tau2_0), tau2_0 without moderators. With a t
    test the omnibus statistic is F on m and k - p degrees of freedom.

    References
    ----------
    .. [1] Thompson SG, Higgins JPT. How should meta-regression analyses be
       undertaken and interpreted? Stat Med 2002;21:1559-1573.
    .. [2] Knapp G, Hartung J. Improved tests for a random effects
       meta-regression with a single covariate. Stat Med 2003;22:2693-2710.
    """
    require_level(level, where="the meta-regression")
    if not moderators:
        raise DataError("no moderator was given; pool the studies instead")
    y, v = checked_effects(effects, variances)
    k = len(y)
    names, x, groups = design_of(moderators, k)
    fit = fit_mixed_effects(
        effects, variances, design=x, model=model, estimator=estimator, test=test
    )
    residual = fit.tau2.estimator if fit.tau2 is not None else "none"
    coefficients = []
    for column in range(len(names)):
        value, std_error = float(fit.coefficients[column]), float(fit.std_errors[column])
        coefficients.append(
            Estimate(
                value=value,
                scale=scale if column == 0 else f"{scale} per unit of {names[column]}",
                method=f"meta-regression, tau2 by {residual}",
                std_error=std_error,
                statistic=value / std_error,
                p_value=fit.p_value(value / std_error),
                interval=interval_of(fit, column=column, level=level),
                n_studies=k,
                inputs=inputs,
            )
        )
    r2 = None
    if fit.tau2 is not None:
        alone = estimate_tau2(y, v, np.ones((k, 1)), estimator=estimator).value
        r2 = max(0.0, (alone - fit.tau2.value) / alone) if alone > 0 else None
    doubts = list(fit.tau2.diagnostics) if fit.tau2 is not None else []
    if k < FEW_FOR_ASYMMETRY * len(groups):
        doubts.append(
            f"{k} studies for {len(groups)} moderator{'s' if len(groups) > 1 else ''} are too few: "
            f"about {FEW_FOR_ASYMMETRY} per moderator are needed."
        )
    return MetaRegression(
        names=names,
        coefficients=tuple(coefficients),
        omnibus=fit.omnibus(range(1, len(names))),
        heterogeneity=Heterogeneity(
            q=fit.q,
            degrees_of_freedom=fit.k - fit.p,
            p_value=fit.q_p_value,
            tau2=None if fit.tau2 is None else fit.tau2.value,
            tau2_interval=None if fit.tau2 is None else fit.tau2_interval(level=level),
            i2=fit.i2,
            h2=fit.h2,
        ),
        r2=r2,
        fit=fit,
        diagnostics=tuple(doubts),
    )
