"""From estimates, cells and counts to the numbers a reader sees, each with its inputs."""

from __future__ import annotations

from collections.abc import Sequence

from resartus.domain.estimate import Estimate, Interval
from resartus.errors import DataError
from resartus.reporting.document import Number, NumberKind
from resartus.reporting.evidence import Evidence, value_text

__all__ = [
    "cell_number",
    "computed_number",
    "count_number",
    "decimal_text",
    "estimate_number",
    "estimate_text",
    "interval_text",
    "p_text",
    "sum_number",
]

PARTS = ("value", "interval", "value and interval", "prediction", "p", "i2", "tau2", "n")
STYLES = ("percent", "months", "ratio", "decimal")


def decimal_text(value: float, *, digits: int) -> str:
    """Return a number with a fixed count of decimals; never ``-0.0``."""
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def _styled(value: float, style: str) -> str:
    if style == "percent":
        percent = 100 * value
        if percent in (0, 100):
            return f"{percent:.0f}"
        return "<0.1" if 0 < percent < 0.05 else decimal_text(percent, digits=1)
    return decimal_text(value, digits=1 if style == "months" else 2)


def _bound(value: float | None, style: str) -> str:
    return "not reached" if value is None else _styled(value, style)


def interval_text(interval: Interval, *, style: str, name: str = "CI") -> str:
    """Return ``"95% CI 1.2 to 9.9"``; an open end reads ``not reached``."""
    low, high = _bound(interval.low, style), _bound(interval.high, style)
    level = decimal_text(100 * interval.level, digits=1).removesuffix(".0")
    unit = "%" if style == "percent" and interval.high is not None else ""
    return f"{level}% {name} {low} to {high}{unit}"


def p_text(p_value: float) -> str:
    """Return ``"p = 0.032"`` or ``"p < 0.001"``."""
    if not 0 <= p_value <= 1:
        raise DataError(f"p_value {p_value!r} is not in 0..1")
    if p_value < 0.001:
        return "p < 0.001"
    return f"p = {p_value:.3f}" if p_value < 0.1 else f"p = {p_value:.2f}"


def _value_text(estimate: Estimate, style: str) -> str:
    if estimate.value is None:
        return "not reached" if estimate.interval is not None else "not estimable"
    unit = {"percent": "%", "months": " months"}.get(style, "")
    return _styled(estimate.value, style) + unit


def _heterogeneity_text(estimate: Estimate, part: str) -> str:
    measured = None if estimate.heterogeneity is None else getattr(estimate.heterogeneity, part)
    if measured is None:
        return "not estimable"
    return f"{100 * measured:.0f}%" if part == "i2" else f"{measured:.3g}"


def estimate_text(estimate: Estimate, *, style: str, part: str = "value and interval") -> str:
    """Return an estimate, or one part of it, as the report prints it.

    Parameters
    ----------
    estimate : Estimate
        On the scale to be printed: a proportion in 0..1 for ``percent``.
    style : str
        percent, months, ratio or decimal.
    part : str
        value, interval, value and interval, prediction, p, i2, tau2 or n.

    Raises
    ------
    DataError
        If ``style`` or ``part`` is unknown, or the part asked for is absent.

    Examples
    --------
    >>> from resartus.domain.estimate import Estimate, Interval
    >>> ci = Interval(low=0.012, high=0.099, method="Clopper-Pearson")
    >>> e = Estimate(value=0.041, scale="proportion", method="one study", interval=ci)
    >>> estimate_text(e, style="percent")
    '4.1% (95% CI 1.2 to 9.9%)'
    """
    if style not in STYLES:
        raise DataError(f"style {style!r} is not one of: {', '.join(STYLES)}")
    if part not in PARTS:
        raise DataError(f"part {part!r} is not one of: {', '.join(PARTS)}")
    if part == "value":
        return _value_text(estimate, style)
    if part in ("i2", "tau2"):
        return _heterogeneity_text(estimate, part)
    if part == "p":
        return "p not given" if estimate.p_value is None else p_text(estimate.p_value)
    if part == "n":
        return "not reported" if estimate.n_patients is None else str(estimate.n_patients)
    if part == "prediction":
        if estimate.prediction is None:
            return "not estimable"
        return interval_text(estimate.prediction, style=style, name="PI")
    if estimate.interval is None:
        return _value_text(estimate, style) if part != "interval" else "not estimable"
    interval = interval_text(estimate.interval, style=style)
    return interval if part == "interval" else f"{_value_text(estimate, style)} ({interval})"


def estimate_number(
    number_id: str, estimate: Estimate, *, style: str, part: str = "value and interval"
) -> Number:
    """Return a live number from an estimate; its inputs are the estimate's."""
    return Number(
        text=estimate_text(estimate, style=style, part=part),
        kind=NumberKind.ESTIMATE,
        number_id=number_id,
        estimate=estimate,
        shows=f"{style}: {part}",
    )


def cell_number(evidence: Evidence, *, number_id: str | None = None) -> Number:
    """Return one extracted value as a number that links to its row."""
    return Number(
        text=value_text(evidence.value),
        kind=NumberKind.CELL,
        number_id=number_id,
        inputs=(evidence.evidence_id,),
    )


def count_number(number_id: str, inputs: Sequence[str], *, derivation: str) -> Number:
    """Return how many evidence rows there are, as a live number."""
    return Number(
        text=str(len(inputs)),
        kind=NumberKind.COUNT,
        number_id=number_id,
        inputs=tuple(inputs),
        derivation=derivation,
    )


def sum_number(number_id: str, rows: Sequence[Evidence], *, derivation: str) -> Number:
    """Return the sum of evidence values, as a live number; every value must be a number."""
    total = 0.0
    for row in rows:
        if row.number is None:
            raise DataError(
                f"value {row.value!r} of {row.evidence_id!r} is not a number; "
                f"leave it out of {number_id!r}"
            )
        total += row.number
    return Number(
        text=value_text(total),
        kind=NumberKind.SUM,
        number_id=number_id,
        inputs=tuple(row.evidence_id for row in rows),
        derivation=derivation,
    )


def computed_number(number_id: str, text: str, *, inputs: Sequence[str], derivation: str) -> Number:
    """Return a number computed elsewhere, with the sentence that says how."""
    return Number(
        text=text,
        kind=NumberKind.COMPUTED,
        number_id=number_id,
        inputs=tuple(inputs),
        derivation=derivation,
    )
