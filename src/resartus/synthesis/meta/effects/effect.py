"""Effect sizes as one type, and the measures by their metafor names."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from resartus.errors import DataError

__all__ = ["MEASURES", "EffectSizes", "Measure", "measure_named", "same_length"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSizes:
    """One effect and variance per study, in the order given.

    A study from which nothing can be computed has ``None`` in both, and a
    sentence in ``diagnostics``.
    """

    measure: str
    scale: str
    values: tuple[float | None, ...]
    variances: tuple[float | None, ...]
    diagnostics: tuple[str, ...] = ()

    def known(self) -> tuple[tuple[int, ...], list[float], list[float]]:
        """Return positions, effects and variances of the studies that have one."""
        kept = [
            (i, y, v)
            for i, (y, v) in enumerate(zip(self.values, self.variances, strict=True))
            if y is not None and v is not None
        ]
        return tuple(i for i, _, _ in kept), [y for _, y, _ in kept], [v for _, _, v in kept]


def _same(value: float) -> float:
    return value


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))


def _square(value: float) -> float:
    return max(value, 0.0) ** 2


def _sine_square(value: float) -> float:
    return math.sin(min(max(value, 0.0), math.pi / 2)) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure: metafor's name, the scale it is pooled on, the scale people read.

    ``inputs`` are the arguments each study must give; ``back`` brings a
    pooled value to ``natural``; ``null`` is no effect on the pooled scale,
    ``None`` where a measure has no such value.
    """

    name: str
    title: str
    scale: str
    natural: str
    inputs: tuple[str, ...]
    null: float | None = None
    back: Callable[[float], float] = _same

    @property
    def is_ratio(self) -> bool:
        """Whether people read it as a ratio around 1."""
        return self.null == 0.0 and self.back is _exp


_TABLE = ("events_1", "total_1", "events_2", "total_2")
_PERSON_TIME = ("events_1", "time_1", "events_2", "time_2")
_MEANS = ("mean_1", "sd_1", "n_1", "mean_2", "sd_2", "n_2")
_SINGLE = ("events", "total")
_RATE = ("events", "time")
_MEAN = ("mean", "sd", "n")
_HR = ("ratio", "low", "high")
_MEDIAN = ("median", "low", "high")


def _measure(
    name: str,
    title: str,
    scale: str,
    inputs: tuple[str, ...],
    back: Callable[[float], float] = _same,
    null: float | None = None,
    natural: str | None = None,
) -> Measure:
    return Measure(
        name=name,
        title=title,
        scale=scale,
        natural=natural or title,
        inputs=inputs,
        null=null,
        back=back,
    )


MEASURES = {
    m.name: m
    for m in (
        _measure("RR", "risk ratio", "log risk ratio", _TABLE, _exp, 0.0),
        _measure("OR", "odds ratio", "log odds ratio", _TABLE, _exp, 0.0),
        _measure("RD", "risk difference", "risk difference", _TABLE, null=0.0),
        _measure("PETO", "odds ratio (Peto)", "log odds ratio", _TABLE, _exp, 0.0),
        _measure("AS", "arcsine difference", "arcsine risk difference", _TABLE, null=0.0),
        _measure("IRR", "rate ratio", "log rate ratio", _PERSON_TIME, _exp, 0.0),
        _measure("IRD", "rate difference", "rate difference", _PERSON_TIME, null=0.0),
        _measure("MD", "mean difference", "mean difference", _MEANS, null=0.0),
        _measure(
            "SMD", "standardised mean difference", "standardised mean difference", _MEANS, null=0.0
        ),
        _measure("ROM", "ratio of means", "log ratio of means", _MEANS, _exp, 0.0),
        _measure("PR", "proportion", "proportion", _SINGLE),
        _measure("PLN", "proportion (log)", "log proportion", _SINGLE, _exp, natural="proportion"),
        _measure(
            "PLO", "proportion (logit)", "logit proportion", _SINGLE, _expit, natural="proportion"
        ),
        _measure(
            "PAS",
            "proportion (arcsine)",
            "arcsine proportion",
            _SINGLE,
            _sine_square,
            natural="proportion",
        ),
        _measure(
            "PFT",
            "proportion (Freeman-Tukey)",
            "double arcsine proportion",
            _SINGLE,
            natural="double arcsine proportion",
        ),
        _measure("IR", "rate", "rate", _RATE),
        _measure("IRLN", "rate (log)", "log rate", _RATE, _exp, natural="rate"),
        _measure("IRS", "rate (square root)", "square root rate", _RATE, _square, natural="rate"),
        _measure("MN", "mean", "mean", _MEAN),
        _measure("MNLN", "mean (log)", "log mean", _MEAN, _exp, natural="mean"),
        _measure("HR", "hazard ratio", "log hazard ratio", _HR, _exp, 0.0),
        _measure("MEDIAN", "median", "median", _MEDIAN),
        _measure("MEDIANLN", "median (log)", "log median", _MEDIAN, _exp, natural="median"),
    )
}
"""Every measure by its name: metafor's, and HR, MEDIAN, MEDIANLN, which metafor leaves to the
user."""


def measure_named(name: str) -> Measure:
    """Return a measure by metafor's name, or the title, in any case."""
    for measure in MEASURES.values():
        if name.upper() == measure.name or name.lower() == measure.title.lower():
            return measure
    known = ", ".join(f"{m.name} ({m.title})" for m in MEASURES.values())
    raise DataError(f"measure {name!r} is not one of: {known}", field="measure")


def same_length(**columns: Sequence[float | None]) -> int:
    """Return how many studies the columns give, or say which differs."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        seen = ", ".join(f"{name} {n}" for name, n in lengths.items())
        raise DataError(f"the columns have different lengths ({seen}); give one each per study")
    return next(iter(lengths.values()))
