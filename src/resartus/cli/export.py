"""``resartus export``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.exporting import export_review, salvage_review
from resartus.cli.context import folder, open_review, output

__all__ = ["command"]


@click.command("export")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--salvage", "is_salvage", is_flag=True, help="Save what a damaged review.db gives.")
def command(target: Path | None, is_salvage: bool) -> None:
    """Pack protocol, records, events and payloads into one archive, TARGET or out/review.zip."""
    out = output()
    if is_salvage:
        stem = target or folder() / "salvaged"
        records, events = salvage_review(folder(), stem)
        out.result(
            {"records": records, "events": events, "file": str(stem)},
            lines=[f"Saved {records} records and {events} events as {stem}.*.jsonl"],
        )
        return
    with open_review() as review:
        path = export_review(review, target or review.out / "review.zip")
    out.result({"file": str(path)}, lines=[f"Wrote {path}"])
