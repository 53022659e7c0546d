"""``resartus extract``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.entering import cells_to_show
from resartus.app.extracting import import_cells
from resartus.cli.context import open_review, output
from resartus.domain.ids import StudyId

__all__ = ["command"]


@click.command("extract")
@click.option(
    "--import",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="A CSV of values: study_id, patient, field, value, reported, record_id, place, detail, "
    "span, derivation, note.",
)
@click.option("--study", default=None, help="List what was entered of this study.")
def command(source: Path | None, study: str | None) -> None:
    """Enter what the papers say from a CSV, or list it with its anchors."""
    out = output()
    with open_review() as review:
        if source is not None:
            counts = import_cells(review, source)
            out.result(
                counts,
                lines=[f"Entered {counts['values']} values of {counts['studies']} studies"],
            )
            return
        if study is None:
            entries = list(review.state().studies.values())
            lines = [f"{e.study_id}  {e.label}, {e.design}, {e.role}" for e in entries]
            out.result(entries, lines=lines or ["No study yet; bring values with --import FILE"])
            return
        cells, hidden = cells_to_show(review, StudyId(study))
    out.table(
        f"Values of {study}",
        ("value of", "value", "read in", "as printed", "derived", "entered by"),
        [
            (
                c.cell_id,
                c.extracted.reported.value if c.extracted.value is None else c.extracted.value,
                f"{c.extracted.anchor.record_id}, {c.extracted.anchor.place}"
                if c.extracted.anchor
                else None,
                c.extracted.anchor.span if c.extracted.anchor else None,
                c.extracted.anchor.derivation if c.extracted.anchor else None,
                c.extracted.entered_by,
            )
            for c in cells
        ],
    )
    if hidden:
        out.say(f"{hidden} more wait for a second person, and stay hidden until then")
    if out.as_json:
        out.result(cells)
