"""``resartus survival``."""

from __future__ import annotations

from typing import Any

import click

from resartus.app.extraction.form_in_use import asked_time_zero
from resartus.cli.context import open_review, output
from resartus.domain.estimate import Estimate
from resartus.domain.overlap import OverlapRule

__all__ = ["command"]


def _months(estimate: Estimate) -> str:
    """Return a number of months with its interval; an open end is "not reached"."""
    if estimate.value is None:
        return "not reached"
    interval = estimate.interval
    if interval is None:
        return f"{estimate.value:.1f} months"
    low, high = (
        "not reached" if bound is None else f"{bound:.1f}"
        for bound in (interval.low, interval.high)
    )
    return f"{estimate.value:.1f} months ({100 * interval.level:g}% CI {low} to {high})"


def _lines(result: Any) -> list[str]:
    lines = [f"Overall survival from {result.origin}, {result.rule.value}"]
    for c in result.contributions:
        what = f"{c.kind}, {c.n_patients} patients" if c.is_used else f"not used: {c.reason}"
        lines.append(f"  {c.label}: {what}")
    if result.model is not None:
        median = result.model.median()
        lines.append(f"Median of the typical study: {_months(median)}")
        if median.prediction is not None:
            low, high = median.prediction.low, median.prediction.high
            lines.append(f"  the next study may show {low:.1f} to {high:.1f} months")
        lines += [f"  {doubt}" for doubt in result.model.diagnostics]
    else:
        lines.append(f"Not pooled: {result.why_not}.")
    if result.curve is not None:
        lines.append(
            f"Patients alone: {result.curve.n_patients}, {result.curve.total_events} deaths, "
            f"median {_months(result.curve.median)}"
        )
    if result.stress is not None:
        lines.append(result.stress.sentence())
    return lines


@click.command("survival")
@click.option(
    "--from",
    "origin",
    help="What survival is counted from, the review's first time zero if left out; other times "
    "enter only where they convert.",
)
@click.option(
    "--keep",
    type=click.Choice([rule.value.removeprefix("keep ") for rule in OverlapRule]),
    default="all",
    show_default=True,
    help="Which of studies that share patients are kept.",
)
@click.option(
    "--against",
    "threshold",
    type=click.FloatRange(min=0, min_open=True),
    help="A median in months: how many unpublished early deaths would bring the curve below it?",
)
@click.option(
    "--dying-at",
    default=3.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="When those patients died, in months.",
)
@click.option("--sensitivity", is_flag=True, help="Every overlap rule, and without biased studies.")
def command(
    origin: str | None, keep: str, threshold: float | None, dying_at: float, sensitivity: bool
) -> None:
    """Put patients, reconstructed curves and published figures into one survival analysis."""
    from resartus.app.pooling.survival import survival_sensitivity, survival_synthesis

    with open_review() as review:
        zero = asked_time_zero(review, origin)
        result = survival_synthesis(
            review,
            origin=zero,
            rule=OverlapRule(f"keep {keep}"),
            stress_threshold_months=threshold,
            stress_death_months=dying_at,
        )
        others = survival_sensitivity(review, origin=zero) if sensitivity else ()
    lines = _lines(result)
    for other in others:
        model = other.result.model
        said = _months(model.median()) if model else f"not pooled, {other.result.why_not}"
        lines.append(f"{other.choice}: {said}")
    output().result(
        {
            "origin": zero,
            "rule": result.rule,
            "contributions": result.contributions,
            "median": result.model.median() if result.model else None,
            "why_not": result.why_not,
            "patients_median": result.curve.median if result.curve else None,
            "stress": result.stress,
            "sensitivity": [
                {
                    "choice": other.choice,
                    "median": other.result.model.median() if other.result.model else None,
                    "why_not": other.result.why_not,
                }
                for other in others
            ],
        },
        lines=lines,
    )
