"""``resartus search``: run the protocol's searches."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.cli.context import open_review, output
from resartus.cli.progress import fetching
from resartus.cli.search.check import check
from resartus.cli.search.diff import diff
from resartus.cli.search.prisma_s import prisma_s
from resartus.cli.search.replay import replay
from resartus.domain.query import SearchRun

__all__ = ["command"]


@click.group("search", invoke_without_command=True)
@click.option("--id", "search_id", default=None, help="Only this search of review.toml.")
@click.option(
    "--local",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Ask this local PubMed, not NCBI. [RESARTUS_PUBMED]",
)
@click.pass_context
def command(context: click.Context, search_id: str | None, local: Path | None) -> None:
    """Run the protocol's searches and keep each run: query, translation, limits, date, records."""
    if context.invoked_subcommand is not None:
        if search_id is not None or local is not None:
            raise click.UsageError(
                f"options belong after the word: resartus search {context.invoked_subcommand} …"
            )
        return
    from resartus.app.searching import run_planned

    with open_review() as review, fetching() as progress:
        runs = run_planned(review, search_id, local=local, on_progress=progress)
    out = output()
    out.result(runs, lines=[line for run in runs for line in _lines(run)])
    if not runs:
        out.note("review.toml plans no search; add a [[search]] table, or import citations")


def _lines(run: SearchRun) -> list[str]:
    return [
        f"{run.search.search_id}: {run.count} records in {run.corpus}",
        *([f"  state: {run.corpus_version}"] if run.corpus_version else []),
        *([f"  sent: {run.term}"] if run.term not in (None, run.search.query) else []),
        f"  translated: {run.translation}",
        *(f"  line {number}: {count} records" for number, count in run.line_counts),
        *(f"  note: {note}" for note in run.diagnostics),
    ]


for _part in (replay, diff, check, prisma_s):
    command.add_command(_part)
