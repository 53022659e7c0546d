"""``resartus curve``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.extraction.curves import add_curve, patients_csv, read_curve
from resartus.cli.context import open_review, output
from resartus.domain.curve import MONTHS_PER
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.time_zero import UNKNOWN_ZERO, TimeZero

__all__ = ["command"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("curve")
@click.argument("points", type=_FILE)
@click.option("--at-risk", type=_FILE, required=True, help="CSV: time, at_risk.")
@click.option("--events", type=click.IntRange(min=0), help="Events in the arm, if printed.")
@click.option(
    "--out",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the reconstructed patients as CSV.",
)
@click.option("--study", help="Keep the curve in the review, under this study.")
@click.option("--record", help="The report it stands in; needed with --study.")
@click.option("--arm", default="all patients", show_default=True)
@click.option("--outcome", default="overall survival", show_default=True)
@click.option("--figure", default="figure", show_default=True, help="Which figure.")
@click.option("--unit", type=click.Choice(list(MONTHS_PER)), default="months", show_default=True)
@click.option(
    "--time-zero",
    default=UNKNOWN_ZERO,
    help="What its times are counted from, as the review names it.",
)
def command(
    points: Path,
    at_risk: Path,
    events: int | None,
    target: Path | None,
    study: str | None,
    record: str | None,
    arm: str,
    outcome: str,
    figure: str,
    unit: str,
    time_zero: str,
) -> None:
    """Reconstruct patients from digitised points and the numbers at risk (Guyot 2012)."""
    out = output()
    clicks, table, rebuilt = read_curve(points, at_risk, total_events=events)
    if study is not None:
        if record is None:
            raise click.UsageError("--study needs --record, the report the figure stands in")
        with open_review() as review:
            add_curve(
                review,
                study_id=StudyId(study),
                arm=arm,
                outcome=outcome,
                record_id=RecordId(record),
                figure=figure,
                points=clicks,
                at_risk=table,
                total_events=events,
                unit=unit,
                time_zero=TimeZero(time_zero),
            )
    if target is not None:
        target.write_text(patients_csv(rebuilt), encoding="utf-8")
    curve = rebuilt.curve
    lines = [
        f"{rebuilt.n_patients} patients reconstructed, {rebuilt.n_events} events",
        f"{curve.n_clicks} points, {curve.n_dropped} dropped as strays, "
        f"moved by at most {curve.largest_move:.3f}",
        f"Error: {rebuilt.error.sentence()}",
        *(f"Note: {note}" for note in rebuilt.notes),
    ]
    out.result(
        {
            "patients": rebuilt.n_patients,
            "events": rebuilt.n_events,
            "label": rebuilt.label,
            "error": rebuilt.error,
            "notes": rebuilt.notes,
        },
        lines=lines,
    )
