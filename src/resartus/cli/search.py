"""``resartus search``."""

from __future__ import annotations

import click

from resartus.app.searching import corpus_of, planned_searches, run_search
from resartus.cli.context import open_review, output

__all__ = ["command"]


@click.command("search")
@click.option("--id", "search_id", default=None, help="Only this search of review.toml.")
def command(search_id: str | None) -> None:
    """Run the protocol's searches and keep each run: query, translation, limits, date, records."""
    runs = []
    with open_review() as review:
        for search in planned_searches(review, search_id):
            corpus, name = corpus_of(review, search)
            runs.append(run_search(review, search, corpus=corpus, corpus_name=name))
    out = output()
    out.result(
        runs,
        lines=[
            line
            for run in runs
            for line in (
                f"{run.search.search_id}: {run.count} records in {run.corpus}",
                f"  translated: {run.translation}",
                *(f"  note: {note}" for note in run.diagnostics),
            )
        ],
    )
    if not runs:
        out.note("review.toml plans no search; add a [[search]] table, or import citations")
