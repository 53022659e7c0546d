"""The cumulative forest plot: the pooled effect after each study that was added."""

from __future__ import annotations

from collections.abc import Sequence

from resartus.domain.estimate import Estimate
from resartus.errors import DataError
from resartus.reporting.figures.canvas import Drawing
from resartus.reporting.figures.forest import ForestRow, forest
from resartus.reporting.figures.kept import drawn_once

__all__ = ["cumulative"]


@drawn_once
def cumulative(
    labels: Sequence[str],
    estimates: Sequence[Estimate],
    *,
    x_label: str,
    scale: str = "ratio",
    n_patients: Sequence[int | None] = (),
    notes: Sequence[str] = (),
) -> Drawing:
    """Draw the pooled effect after the first study, the first two, and so on.

    Parameters
    ----------
    labels : sequence of str
        The study added at each step, in that order; each but the first gets a plus sign.
    estimates : sequence of Estimate
        The pooled effect after each step, on the scale people read (a ratio,
        not its logarithm).
    n_patients : sequence of int, optional
        Patients so far at each step.

    References
    ----------
    .. [1] Lau J et al. Cumulative meta-analysis of therapeutic trials for
       myocardial infarction. N Engl J Med 1992;327:248-254.
    """
    if len(labels) != len(estimates) or (n_patients and len(n_patients) != len(labels)):
        raise DataError(f"{len(labels)} labels for {len(estimates)} steps; give one each")
    sizes = list(n_patients) or [None] * len(labels)
    return forest(
        [
            ForestRow(label=label if not i else f"+ {label}", estimate=estimate, n=n)
            for i, (label, estimate, n) in enumerate(zip(labels, estimates, sizes, strict=True))
        ],
        x_label=x_label,
        scale=scale,
        label_title="Study added",
        notes=notes,
    )
