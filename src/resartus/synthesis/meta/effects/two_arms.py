"""Two arms compared by their counts: risk, odds and rate ratios and differences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from resartus.domain.checks import require_one_of
from resartus.errors import DataError
from resartus.synthesis.meta.counts import checked_pair
from resartus.synthesis.meta.effects.effect import MEASURES, EffectSizes, same_length

__all__ = ["CORRECTIONS", "compare_counts", "compare_rates"]

CORRECTIONS = ("only zero", "if any zero", "all", "none")
"""Which studies get the correction: those with a zero cell, all if any has one, all, none
(metafor: only0, if0all, all, none)."""

_Pair = tuple[float, float]


def _risk_ratio(a: float, b: float, c: float, d: float) -> _Pair:
    n1, n2 = a + b, c + d
    return math.log((a / n1) / (c / n2)), 1 / a - 1 / n1 + 1 / c - 1 / n2


def _odds_ratio(a: float, b: float, c: float, d: float) -> _Pair:
    return math.log((a * d) / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def _risk_difference(a: float, b: float, c: float, d: float) -> _Pair:
    n1, n2 = a + b, c + d
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


def _arcsine(a: float, b: float, c: float, d: float) -> _Pair:
    n1, n2 = a + b, c + d
    value = math.asin(math.sqrt(a / n1)) - math.asin(math.sqrt(c / n2))
    return value, 1 / (4 * n1) + 1 / (4 * n2)


def _peto(a: float, b: float, c: float, d: float) -> _Pair:
    n1, n2, m = a + b, c + d, a + c
    n = n1 + n2
    variance = n1 * n2 * m * (n - m) / (n**2 * (n - 1))
    return (a - n1 * m / n) / variance, 1 / variance


_BY_MEASURE = {
    "RR": _risk_ratio,
    "OR": _odds_ratio,
    "RD": _risk_difference,
    "AS": _arcsine,
    "PETO": _peto,
}
_UNCORRECTED = ("AS",)


def compare_counts(
    measure: str,
    events_1: Sequence[float],
    totals_1: Sequence[float],
    events_2: Sequence[float],
    totals_2: Sequence[float],
    *,
    correction: float = 0.5,
    correct: str = "only zero",
) -> EffectSizes:
    """Return each study's effect from its two-by-two table.

    Parameters
    ----------
    measure : str
        ``RR``, ``OR`` (log scale), ``RD``, ``AS`` or ``PETO``.
    events_1, totals_1, events_2, totals_2 : sequence of int, length k
        Events and patients of the two arms; the effect is of 1 against 2.
    correction : float
        Added to all four cells of the studies ``correct`` names; not for
        ``AS``, which needs none.
    correct : str
        One of ``CORRECTIONS``.

    Returns
    -------
    EffectSizes
        As metafor's ``escalc``. A study with no event in either arm gives a
        ratio of about 1 by the correction alone, which a diagnostic says.

    References
    ----------
    .. [1] Fleiss JL, Berlin JA. Effect sizes for dichotomous data. In: The
       handbook of research synthesis and meta-analysis, 2nd ed. 2009:237-253.
    """
    require_one_of(measure, tuple(_BY_MEASURE), field="measure", where="two arms")
    require_one_of(correct, CORRECTIONS, field="correct", where="two arms")
    same_length(events_1=events_1, totals_1=totals_1, events_2=events_2, totals_2=totals_2)
    tables = []
    for i, row in enumerate(zip(events_1, totals_1, events_2, totals_2, strict=True), start=1):
        x1, n1 = checked_pair(row[0], row[1], where=f"arm 1 of study {i}")
        x2, n2 = checked_pair(row[2], row[3], where=f"arm 2 of study {i}")
        tables.append((float(x1), float(n1 - x1), float(x2), float(n2 - x2)))
    zeros = [0.0 in table for table in tables]
    values: list[float | None] = []
    variances: list[float | None] = []
    notes = []
    for i, (table, has_zero) in enumerate(zip(tables, zeros, strict=True), start=1):
        chosen = {
            "only zero": has_zero,
            "if any zero": any(zeros),
            "all": True,
            "none": False,
        }[correct]
        add = correction if chosen and measure not in _UNCORRECTED else 0.0
        a, b, c, d = (cell + add for cell in table)
        try:
            value, variance = _BY_MEASURE[measure](a, b, c, d)
        except (ZeroDivisionError, ValueError):
            value, variance = 0.0, 0.0
        if variance > 0:
            values.append(value)
            variances.append(variance)
        else:
            values.append(None)
            variances.append(None)
            notes.append(f"Study {i} gives no {MEASURES[measure].title}: it has an empty cell.")
            continue
        if add and (table[0] + table[2] == 0 or table[1] + table[3] == 0):
            notes.append(
                f"Study {i} has {'no event' if table[0] + table[2] == 0 else 'only events'} in "
                "both arms; its effect is the correction's."
            )
        elif add and has_zero:
            notes.append(f"Study {i} has a zero; {correction:g} was added to its cells.")
    return EffectSizes(
        measure=measure,
        scale=MEASURES[measure].scale,
        values=tuple(values),
        variances=tuple(variances),
        diagnostics=tuple(notes),
    )


def compare_rates(
    measure: str,
    events_1: Sequence[float],
    times_1: Sequence[float],
    events_2: Sequence[float],
    times_2: Sequence[float],
    *,
    correction: float = 0.5,
) -> EffectSizes:
    """Return each study's rate ratio (``IRR``, log) or difference (``IRD``) from events and time.

    A study with a zero gets ``correction`` added to both counts, as metafor does.
    """
    require_one_of(measure, ("IRR", "IRD"), field="measure", where="two arms' rates")
    same_length(events_1=events_1, times_1=times_1, events_2=events_2, times_2=times_2)
    values, variances, notes = [], [], []
    for i, row in enumerate(zip(events_1, times_1, events_2, times_2, strict=True), start=1):
        x1, t1, x2, t2 = row
        for name, number, low in (("events", x1, 0), ("events", x2, 0)):
            if number is None or number < low:
                raise DataError(f"{name} {number!r} of study {i} is below 0; count events")
        for number in (t1, t2):
            if number is None or not number > 0:
                raise DataError(f"time {number!r} of study {i} is not above 0; give person-time")
        if 0 in (x1, x2):
            x1, x2 = x1 + correction, x2 + correction
            notes.append(f"Study {i} has no event in an arm; {correction:g} was added.")
        if measure == "IRR":
            values.append(math.log((x1 / t1) / (x2 / t2)))
            variances.append(1 / x1 + 1 / x2)
        else:
            values.append(x1 / t1 - x2 / t2)
            variances.append(x1 / t1**2 + x2 / t2**2)
    return EffectSizes(
        measure=measure,
        scale=MEASURES[measure].scale,
        values=tuple(values),
        variances=tuple(variances),
        diagnostics=tuple(notes),
    )
