"""Effect sizes by the measure's name, from columns of what the studies report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resartus.errors import DataError
from resartus.synthesis.meta.effects import hazard_ratio
from resartus.synthesis.meta.effects.effect import EffectSizes, measure_named
from resartus.synthesis.meta.effects.single_arm import means, medians, proportions, rates
from resartus.synthesis.meta.effects.two_arms import compare_counts, compare_rates
from resartus.synthesis.meta.effects.two_means import compare_means

__all__ = ["effect_sizes"]

_Column = Sequence[float | None]


def _hazard_ratios(ratio: _Column, low: _Column, high: _Column, *, level: float) -> EffectSizes:
    rows = []
    for i, (r, a, b) in enumerate(zip(ratio, low, high, strict=True), start=1):
        if r is None or a is None or b is None:
            raise DataError(f"study {i} lacks the ratio or a limit; leave it out or give them")
        rows.append(hazard_ratio.from_interval(r, a, b, level=level))
    return EffectSizes(
        measure="HR",
        scale=hazard_ratio.SCALE,
        values=tuple(row.value for row in rows),
        variances=tuple((row.std_error or 0.0) ** 2 for row in rows),
        diagnostics=tuple(
            f"Study {i}: {note}" for i, row in enumerate(rows, start=1) for note in row.diagnostics
        ),
    )


def effect_sizes(
    measure: str, columns: Mapping[str, _Column], *, level: float = 0.95
) -> EffectSizes:
    """Return each study's effect on a measure.

    Parameters
    ----------
    measure : str
        A name of ``MEASURES`` or its title: ``"RR"`` or ``"risk ratio"``.
    columns : mapping of str to sequence, each of length k
        What ``MEASURES[measure].inputs`` names, a number per study.
    level : float
        Of intervals the studies printed, for hazard ratios and medians.

    Raises
    ------
    DataError
        If a column is missing or a number does not allow the measure.

    Examples
    --------
    >>> found = effect_sizes("RR", {"events_1": [4], "total_1": [123],
    ...                             "events_2": [11], "total_2": [139]})
    >>> round(found.values[0], 4), round(found.variances[0], 4)
    (-0.8893, 0.3256)
    """
    wanted = measure_named(measure)
    missing = [name for name in wanted.inputs if name not in columns]
    if missing:
        raise DataError(
            f"{wanted.title} needs {', '.join(wanted.inputs)}; {', '.join(missing)} is not given",
            field=missing[0],
        )
    given = []
    for name in wanted.inputs:
        column = columns[name]
        is_open = name in ("low", "high")
        for i, number in enumerate(column, start=1):
            if number is None and not (is_open and wanted.name.startswith("MEDIAN")):
                raise DataError(
                    f"{name} of study {i} is not reported; leave the study out", field=name
                )
        given.append(column)
    name = wanted.name
    if name in ("RR", "OR", "RD", "AS", "PETO"):
        return compare_counts(name, *given)  # type: ignore[arg-type]
    if name in ("IRR", "IRD"):
        return compare_rates(name, *given)  # type: ignore[arg-type]
    if name in ("MD", "SMD", "ROM"):
        return compare_means(name, *given)  # type: ignore[arg-type]
    if name in ("IR", "IRLN", "IRS"):
        return rates(name, *given)  # type: ignore[arg-type]
    if name in ("MN", "MNLN"):
        return means(name, *given)  # type: ignore[arg-type]
    if name in ("MEDIAN", "MEDIANLN"):
        return medians(name, *given, level=level)  # type: ignore[arg-type]
    if name == "HR":
        return _hazard_ratios(*given, level=level)
    return proportions(name, *given)  # type: ignore[arg-type]
