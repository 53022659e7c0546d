"""Subgroups: each pooled by itself, and a test of whether they differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from resartus.domain.checks import require_one_of
from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError
from resartus.synthesis.distributions import chi2_tail
from resartus.synthesis.meta.exploring.regression import regress
from resartus.synthesis.meta.models.mixed_effects import fit_mixed_effects
from resartus.synthesis.meta.models.weighted import checked_effects, fit_weighted
from resartus.synthesis.meta.pooling import pool

__all__ = ["SubgroupAnalysis", "compare_groups", "pool_subgroups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupAnalysis:
    """Groups in alphabetical order, their pooled effects, and the test between them.

    ``statistic`` is chi-squared with ``degrees_of_freedom``, or F when
    ``denominator`` is given. All three are ``None`` where a group holds too
    little to be compared; ``diagnostics`` then says so.
    """

    names: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    statistic: float | None
    degrees_of_freedom: int | None
    denominator: int | None
    p_value: float | None
    tau2: str
    common_tau2: float | None = None
    diagnostics: tuple[str, ...] = ()


def pool_subgroups(
    effects: Sequence[float],
    variances: Sequence[float],
    groups: Sequence[str],
    *,
    tau2: str = "separate",
    model: str = "auto",
    estimator: str = "REML",
    test: str = "HK-guarded",
    between_test: str = "z",
    prediction: str = "HTS",
    level: float = 0.95,
    scale: str = "effect",
) -> SubgroupAnalysis:
    """Pool each group and test the differences between groups.

    Parameters
    ----------
    effects, variances, groups : sequence, length k
        The group of each study by name.
    tau2 : str
        ``"separate"`` gives each group its own between-study variance and
        compares the pooled effects by Q between; ``"common"`` estimates one,
        which is steadier when groups are small, and tests the group as a
        moderator.
    model, estimator, test, prediction : str
        As in ``pool``, for each group.
    between_test : str
        For ``"common"``: ``"z"`` (chi-squared) or ``"HK"`` (F).

    Notes
    -----
    Q between = sum of (mu_g - mu)^2 / se_g^2 with the model's own standard
    errors, on groups - 1 degrees of freedom [1]_.

    References
    ----------
    .. [1] Borenstein M, Hedges LV, Higgins JPT, Rothstein HR. Introduction to
       Meta-Analysis. Wiley 2009, chapter 19.
    """
    require_one_of(tau2, ("separate", "common"), field="tau2", where="the subgroups")
    y, _ = checked_effects(effects, variances)
    if len(groups) != len(y):
        raise DataError(f"{len(groups)} groups for {len(y)} studies; give one each")
    names = tuple(sorted({str(group) for group in groups}))
    if len(names) < 2:
        raise DataError(f"all studies are in group {names[0]!r}; there is nothing to compare")
    members = {name: [i for i, group in enumerate(groups) if str(group) == name] for name in names}
    options = {"estimator": estimator, "test": test, "level": level, "scale": scale}
    if tau2 == "common":
        return _with_common_tau2(
            effects, variances, groups, names, options=options, between_test=between_test
        )
    estimates: list[Estimate] = []
    centres: list[tuple[float, float] | None] = []
    for name in names:
        ys, vs = [effects[i] for i in members[name]], [variances[i] for i in members[name]]
        estimates.append(pool(ys, vs, model=model, prediction=prediction, **options))  # type: ignore[arg-type]
        is_common = model == "common" or len(ys) == 1
        fit = fit_mixed_effects(
            ys,
            vs,
            model="common" if is_common else "random",
            estimator=estimator,
            test="z",
        )
        centres.append((float(fit.coefficients[0]), float(fit.std_errors[0])))
    sizes = [len(members[name]) for name in names]
    return compare_groups(names, estimates, centres, sizes=sizes)


def compare_groups(
    names: Sequence[str],
    estimates: Sequence[Estimate],
    centres: Sequence[tuple[float, float] | None],
    *,
    sizes: Sequence[int],
) -> SubgroupAnalysis:
    """Test the differences between groups that were pooled each by itself, by whatever model.

    Parameters
    ----------
    names, estimates : sequence, one a group
        As shown.
    centres : sequence of (float, float) or None
        Each group's pooled effect and its standard error on an additive
        scale, such as the logit; ``None`` where the group's model gives none.
    sizes : sequence of int
        Studies in each group.

    Notes
    -----
    Q between, as in ``pool_subgroups``: what metafor gives for independent
    meta-analyses with ``rma(yi, sei, mods = ~ group, method = "FE")``. Where
    one group has no such number there is no test, and ``diagnostics`` says so.
    """
    silent = [name for name, centre in zip(names, centres, strict=True) if centre is None]
    if silent:
        return SubgroupAnalysis(
            names=tuple(names),
            estimates=tuple(estimates),
            statistic=None,
            degrees_of_freedom=None,
            denominator=None,
            p_value=None,
            tau2="separate",
            diagnostics=(
                f"{', '.join(silent)}: no pooled number with a standard error, so that the groups "
                "are shown and not tested against each other.",
            ),
        )
    known = [centre for centre in centres if centre is not None]
    weights = [1 / error**2 for _, error in known]
    centre = sum(w * m for w, (m, _) in zip(weights, known, strict=True)) / sum(weights)
    q = sum(w * (m - centre) ** 2 for w, (m, _) in zip(weights, known, strict=True))
    small = [name for name, size in zip(names, sizes, strict=True) if size < 3]
    doubts: tuple[str, ...] = ()
    if small:
        doubts = (
            f"{', '.join(small)}: fewer than three studies; the comparison between groups leans "
            "on a between-study variance that is hardly known.",
        )
    return SubgroupAnalysis(
        names=tuple(names),
        estimates=tuple(estimates),
        statistic=q,
        degrees_of_freedom=len(names) - 1,
        denominator=None,
        p_value=chi2_tail(q, len(names) - 1),
        tau2="separate",
        diagnostics=doubts,
    )


def _with_common_tau2(
    effects: Sequence[float],
    variances: Sequence[float],
    groups: Sequence[str],
    names: tuple[str, ...],
    *,
    options: dict[str, object],
    between_test: str,
) -> SubgroupAnalysis:
    """Return groups that share one between-study variance, tested as a moderator."""
    fit = regress(
        effects,
        variances,
        {"group": [str(group) for group in groups]},
        estimator=str(options["estimator"]),
        test=between_test,
    )
    shared = fit.fit.tau2_value
    level = options["level"]
    assert isinstance(level, float)
    y, v = checked_effects(effects, variances)
    estimates = []
    for name in names:
        kept = [i for i, group in enumerate(groups) if str(group) == name]
        own = fit_weighted(y[kept], fit.fit.design[kept][:, :1], 1 / (v[kept] + shared))
        value, std_error = float(own.coefficients[0]), math.sqrt(float(own.covariance[0, 0]))
        # The groups share tau2, so each borrows the residual degrees of freedom of all.
        quantile = fit.fit.quantile(level)
        if between_test == "HK":
            std_error *= math.sqrt(fit.fit.hartung_knapp_factor)
        half = quantile * std_error
        estimates.append(
            Estimate(
                value=value,
                scale=str(options["scale"]),
                method=f"random effects, {options['estimator']}, tau2 common to the groups",
                std_error=std_error,
                statistic=value / std_error,
                p_value=fit.fit.p_value(value / std_error),
                interval=Interval(
                    low=value - half, high=value + half, level=level, method="Wald, common tau2"
                ),
                n_studies=len(kept),
            )
        )
    return SubgroupAnalysis(
        names=names,
        estimates=tuple(estimates),
        statistic=fit.omnibus.statistic,
        degrees_of_freedom=fit.omnibus.degrees_of_freedom,
        denominator=fit.omnibus.denominator,
        p_value=fit.omnibus.p_value,
        tau2="common",
        common_tau2=shared,
    )
