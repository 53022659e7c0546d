"""Pool one effect by its plan: per study, over all, by subgroup, against moderators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from resartus.app.pooling.table import EffectTable
from resartus.domain.checks import require_one_of
from resartus.domain.estimate import Estimate
from resartus.domain.protocol import PlannedEffect
from resartus.errors import DataError, EstimationError
from resartus.synthesis.meta.binomial import single_proportion
from resartus.synthesis.meta.effects.compute import effect_sizes
from resartus.synthesis.meta.effects.effect import EffectSizes, Measure, measure_named
from resartus.synthesis.meta.exploring.regression import MetaRegression, regress
from resartus.synthesis.meta.exploring.subgroups import (
    SubgroupAnalysis,
    compare_groups,
    pool_subgroups,
)
from resartus.synthesis.meta.models.mixed_effects import fit_mixed_effects
from resartus.synthesis.meta.models.rare import pool_mantel_haenszel, pool_peto
from resartus.synthesis.meta.pooling import MODELS, NaturalScale, pool, study_weights
from resartus.synthesis.meta.proportions import pool_proportions, pooled_logit

__all__ = ["NOT_POOLED", "PooledEffect", "inputs_of", "natural", "pool_again", "pool_effect"]

_RARE = ("MH", "Peto")
_COUNTS = {"GLMM": "glmm", "beta-binomial": "beta-binomial"}
NOT_POOLED = "none"
"""The model of a plan that shows studies side by side and pools none (SWiM)."""
_UNKNOWN = "not reported"
_TABLE = ("events_1", "total_1", "events_2", "total_2")


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledEffect:
    """One effect: the studies that have one, their weights, and the pooled answer.

    ``values`` and ``variances`` are on the measure's pooled scale, as are
    ``pooled`` and ``subgroups``; ``natural`` brings an estimate to the scale
    people read. ``positions`` are the studies' places in ``table``.
    """

    plan: PlannedEffect
    measure: Measure
    table: EffectTable
    positions: tuple[int, ...]
    values: tuple[float, ...]
    variances: tuple[float, ...]
    weights: tuple[float, ...]
    per_study: tuple[Estimate, ...]
    pooled: Estimate
    subgroups: SubgroupAnalysis | None = None
    regression: MetaRegression | None = None
    notes: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the names of the pooled studies."""
        return tuple(self.table.labels[i] for i in self.positions)

    @property
    def years(self) -> tuple[int | None, ...]:
        """Return the years of the pooled studies."""
        return tuple(self.table.years[i] for i in self.positions)

    @property
    def n_patients(self) -> tuple[int | None, ...]:
        """Return each pooled study's patients, where its columns count them."""
        names = [n for n in ("total_1", "total_2", "n_1", "n_2", "total", "n") if n in self._have]
        found: list[int | None] = []
        for i in self.positions:
            numbers = [self.table.columns[name][i] for name in names]
            total = sum(int(number) for number in numbers if number is not None)
            found.append(total if names and None not in numbers else None)
        return tuple(found)

    @property
    def _have(self) -> tuple[str, ...]:
        return tuple(self.table.columns)


def inputs_of(measure: str) -> tuple[str, ...]:
    """Return what each study must give for a measure."""
    return measure_named(measure).inputs


def natural(estimate: Estimate, measure: Measure) -> Estimate:
    """Return an estimate on the scale people read: a ratio, not its logarithm."""
    if estimate.scale == measure.natural:
        return estimate
    return estimate.transformed(measure.back, scale=measure.natural)


def _options(plan: PlannedEffect, *, level: float, minimum_studies: int) -> dict[str, object]:
    """Return the plan's options as ``pool`` takes them."""
    return {
        "model": plan.model if plan.model in MODELS else "common",
        "estimator": plan.estimator,
        "test": plan.test,
        "prediction": plan.prediction,
        "level": level,
        "minimum_studies": minimum_studies,
    }


def _rare(plan: PlannedEffect, table: EffectTable, measure: Measure, level: float) -> Estimate:
    """Return Mantel-Haenszel's or Peto's answer from the counts themselves."""
    if tuple(measure.inputs) != _TABLE or measure.name not in ("RR", "OR", "RD", "PETO"):
        raise DataError(f"model {plan.model!r} pools counts of two arms, not a {measure.title}")
    inputs = table.inputs(range(len(table.labels)))
    counts = [[number or 0.0 for number in table.columns[name]] for name in _TABLE]
    if plan.model == "MH":
        return pool_mantel_haenszel(*counts, measure=measure.name, level=level, inputs=inputs)
    if measure.name not in ("OR", "PETO"):
        raise DataError(f"Peto's method gives an odds ratio, not a {measure.title}; measure OR")
    return pool_peto(*counts, level=level, inputs=inputs)


def _of_counts(plan: PlannedEffect, table: EffectTable, measure: Measure, level: float) -> Estimate:
    """Return a proportion pooled from the counts, which corrects no zero."""
    if measure.inputs != ("events", "total"):
        raise DataError(f"model {plan.model!r} pools one arm's counts, not a {measure.title}")
    counts = _one_arm(table)
    inputs = table.inputs(range(len(table.labels)))
    # No model has an answer where none or all had the event: the exact limit is what is left.
    is_alike = sum(counts[0]) in (0, sum(counts[1]))
    try:
        return pool_proportions(
            *counts,
            level=level,
            method="auto" if is_alike or len(table.labels) == 1 else _COUNTS[plan.model],
            prediction="metafor" if plan.prediction == "metafor" else "HTS",
            inputs=inputs,
        )
    except EstimationError as error:
        reason = f"Not pooled: {error.message}."
        return _not_pooled(measure, reason, inputs=inputs, k=len(table.labels))


def _one_arm(table: EffectTable) -> list[list[float]]:
    return [[number or 0.0 for number in table.columns[name]] for name in ("events", "total")]


def _some(table: EffectTable, rows: Sequence[int]) -> EffectTable:
    """Return some of a table's studies."""
    return EffectTable(
        labels=tuple(table.labels[i] for i in rows),
        years=tuple(table.years[i] for i in rows),
        columns={name: tuple(c[i] for i in rows) for name, c in table.columns.items()},
        cells=tuple(table.cells[i] for i in rows) if table.cells else (),
    )


def _own(
    measure: Measure, table: EffectTable, i: int, value: float, variance: float, *, level: float
) -> Estimate:
    """Return one study's effect with its interval: exact where it is a proportion."""
    if measure.inputs == ("events", "total") and measure.natural == "proportion":
        events, total = (int(table.columns[name][i] or 0) for name in measure.inputs)
        return single_proportion(events, total, level=level, inputs=table.inputs([i]))
    own = pool([value], [variance], level=level, scale=measure.scale, inputs=table.inputs([i]))
    return replace(own, diagnostics=())


def pool_again(result: PooledEffect, places: Sequence[int], *, level: float) -> Estimate:
    """Pool some of the studies by the plan's own model, whatever their number.

    ``places`` count within the pooled studies; one study gives its own interval.
    """
    plan, table = result.plan, result.table
    if len(places) == 1:
        return result.per_study[places[0]]
    if plan.model == NOT_POOLED:
        raise DataError("the plan pools nothing here")
    rows = [result.positions[place] for place in places]
    if plan.model in (*_RARE, *_COUNTS):
        by = _rare if plan.model in _RARE else _of_counts
        return by(plan, _some(table, rows), result.measure, level)
    return pool(
        [result.values[place] for place in places],
        [result.variances[place] for place in places],
        model="common" if plan.model == "common" else "random",
        estimator=plan.estimator,
        test=plan.test,
        prediction=plan.prediction,
        level=level,
        scale=result.measure.scale,
        inputs=table.inputs(rows),
    )


def _not_pooled(measure: Measure, reason: str, *, inputs: tuple[str, ...] = (), k: int = 0) -> (
    Estimate
):  # fmt: skip
    return Estimate(
        value=None,
        scale=measure.scale,
        method="not pooled",
        n_studies=k,
        diagnostics=(reason,),
        inputs=inputs,
    )


def _notes(found: EffectSizes, table: EffectTable) -> tuple[str, ...]:
    """Return the diagnostics with the studies' names in the place of their numbers."""
    words = []
    for note in found.diagnostics:
        first, _, rest = note.partition(" ")
        number, _, after = rest.partition(" ")
        position = number.rstrip(":")
        if first == "Study" and position.isdigit() and int(position) <= len(table.labels):
            mark = ":" if number.endswith(":") else ""
            note = f"{table.labels[int(position) - 1]}{mark} {after}"
        words.append(note)
    return tuple(words)


def pool_effect(
    table: EffectTable, plan: PlannedEffect, *, level: float = 0.95, minimum_studies: int = 3
) -> PooledEffect:
    """Compute and pool one effect.

    Raises
    ------
    DataError
        If the plan names an unknown measure, model or option, or a number
        does not allow the measure.
    """
    measure = measure_named(plan.measure)
    require_one_of(
        plan.model,
        (*MODELS, *_RARE, *_COUNTS, NOT_POOLED),
        field="model",
        where=f"effect {plan.name!r}",
    )
    found = effect_sizes(measure.name, table.columns, level=level) if table.labels else None
    positions, values, variances = ((), [], []) if found is None else found.known()
    options = _options(plan, level=level, minimum_studies=minimum_studies)
    options["scale"] = measure.scale
    shown = NaturalScale(name=measure.natural, back=measure.back)
    weights: tuple[float, ...] = ()
    if not values:
        pooled = _not_pooled(measure, "No study reports what the measure needs.")
    elif plan.model == NOT_POOLED:
        reason = "The plan pools nothing here: studies are shown and their directions counted."
        pooled = _not_pooled(measure, reason, inputs=table.inputs(positions), k=len(values))
    elif plan.model in _RARE:
        pooled = _rare(plan, table, measure, level)
    elif plan.model in _COUNTS:
        pooled = _of_counts(plan, table, measure, level)
    else:
        pooled = pool(values, variances, natural=shown, inputs=table.inputs(positions), **options)  # type: ignore[arg-type]
        if pooled.value is not None:
            model = "common" if plan.model == "common" or len(values) == 1 else "random"
            fit = fit_mixed_effects(
                values, variances, model=model, estimator=plan.estimator, test="z"
            )
            weights = study_weights(fit)
    notes = [] if plan.model in _COUNTS or found is None else list(_notes(found, table))
    subgroups = None
    pools = plan.model != NOT_POOLED
    if not pools and (plan.subgroup or plan.moderators):
        notes.append("Neither subgroups nor moderators: both would pool.")
    if pools and plan.subgroup and len(values) > 1:
        by_counts = plan.model in (*_COUNTS, *_RARE)
        groups = _groups_of(table, plan, range(len(table.labels)) if by_counts else positions)
        if len(set(groups)) < 2:
            notes.append(f"All studies are in group {groups[0]!r} of {plan.subgroup}.")
        elif by_counts:
            subgroups = _subgroups_of_counts(table, groups, plan, measure, level)
        else:
            wanted = {k: v for k, v in options.items() if k != "minimum_studies"}
            subgroups = pool_subgroups(values, variances, groups, **wanted)  # type: ignore[arg-type]
    regression = None
    if pools and plan.moderators and values:
        regression, reasons = _regression(values, variances, table, positions, plan, level, measure)
        notes += reasons
    result = PooledEffect(
        plan=plan,
        measure=measure,
        table=table,
        positions=positions,
        values=tuple(values),
        variances=tuple(variances),
        weights=weights,
        per_study=tuple(
            _own(measure, table, i, y, v, level=level)
            for i, y, v in zip(positions, values, variances, strict=True)
        ),
        pooled=pooled,
        subgroups=subgroups,
        regression=regression,
        notes=tuple(notes),
    )
    sizes = result.n_patients
    if pooled.n_patients is None and sizes and None not in sizes:
        pooled = replace(pooled, n_patients=sum(n or 0 for n in sizes))
        result = replace(result, pooled=pooled)
    return result


def _groups_of(table: EffectTable, plan: PlannedEffect, rows: Sequence[int]) -> list[str]:
    """Return each study's group; those that do not report theirs are a group of their own."""
    column = table.attributes[str(plan.subgroup)]
    return [str(column[i] or _UNKNOWN) for i in rows]


def _subgroups_of_counts(
    table: EffectTable, groups: Sequence[str], plan: PlannedEffect, measure: Measure, level: float
) -> SubgroupAnalysis:
    """Return the groups pooled from their counts, each by the model that pools them all."""
    names = sorted(set(groups))
    parts = [_some(table, [i for i, group in enumerate(groups) if group == n]) for n in names]
    estimates: list[Estimate] = []
    centres: list[tuple[float, float] | None] = []
    for part in parts:
        if plan.model in _COUNTS:
            estimates.append(_of_counts(plan, part, measure, level))
            centres.append(pooled_logit(*_one_arm(part), method=_COUNTS[plan.model]))
            continue
        try:
            own = _rare(plan, part, measure, level)
        except EstimationError as error:
            inputs = part.inputs(range(len(part.labels)))
            reason = f"Not pooled: {error.message}."
            own = _not_pooled(measure, reason, inputs=inputs, k=len(part.labels))
        estimates.append(own)
        has_both = own.value is not None and own.std_error is not None
        centres.append((own.value or 0.0, own.std_error or 0.0) if has_both else None)
    return compare_groups(names, estimates, centres, sizes=[len(p.labels) for p in parts])


def _regression(
    values: Sequence[float],
    variances: Sequence[float],
    table: EffectTable,
    positions: Sequence[int],
    plan: PlannedEffect,
    level: float,
    measure: Measure,
) -> tuple[MetaRegression | None, list[str]]:
    """Return the regression over the studies that report every moderator, and what to say of it."""
    kept = [
        place
        for place, i in enumerate(positions)
        if all(table.attributes[name][i] is not None for name in plan.moderators)
    ]
    names = [table.labels[i] for place, i in enumerate(positions) if place not in kept]
    said = [f"Not in the meta-regression, a moderator not reported: {', '.join(names)}."]
    notes = said if names else []
    moderators = {
        name: [table.attributes[name][positions[place]] for place in kept]
        for name in plan.moderators
    }
    try:
        found = regress(
            [values[place] for place in kept],
            [variances[place] for place in kept],
            moderators,  # type: ignore[arg-type]
            model="common" if plan.model == "common" else "random",
            estimator=plan.estimator,
            test="z" if plan.test == "z" else "HK",
            level=level,
            scale=measure.scale,
        )
    except (DataError, EstimationError) as error:
        return None, [*notes, f"No meta-regression: {error.message}."]
    if plan.model in _COUNTS:
        notes.append(
            f"The meta-regression is of each study's {measure.scale} by inverse variance, not by "
            f"the {plan.model}; it corrects zeros."
        )
    return found, notes
