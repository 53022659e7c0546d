"""``resartus update``."""

from __future__ import annotations

import click

from resartus.app.updating import update_review
from resartus.cli.context import open_review, output
from resartus.cli.progress import fetching

__all__ = ["command"]


@click.command("update")
def command() -> None:
    """Run each search again from where it stood, and open what is left to judge."""
    with open_review() as review, fetching() as progress:
        result = update_review(review, on_progress=progress)
    out = output()
    lines = [
        f"{run.search.search_id}: {run.count} records in the dates since, {new} not seen before"
        for run, new in result.runs
    ]
    left = len(result.new_ids)
    lines.append(f"{left} records to judge" if left else "Nothing new: no conclusion can change.")
    out.result(
        {
            "runs": [
                {"search": run.search.search_id, "found": run.count, "new": new}
                for run, new in result.runs
            ],
            "new": result.new_ids,
        },
        lines=lines,
    )
    if left:
        out.say("Next: resartus screen, then: resartus report --pin --why update")
