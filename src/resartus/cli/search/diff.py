"""``resartus search diff``: what changed, record by record."""

from __future__ import annotations

import itertools
from pathlib import Path

import click

from resartus.app.search.drift import Drift
from resartus.cli.context import open_review, output
from resartus.errors import NotFoundError

__all__ = ["diff"]


@click.command("diff")
@click.argument("numbers", type=click.IntRange(1), nargs=-1, metavar="[EARLIER [LATER]]")
@click.option("--id", "search_id", default=None, help="Only runs of this search.")
@click.option("--now", "is_now", is_flag=True, help="Ask the source again; nothing is logged.")
@click.option(
    "--local",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Ask this local PubMed, not NCBI. [RESARTUS_PUBMED]",
)
def diff(numbers: tuple[int, ...], search_id: str | None, is_now: bool, local: Path | None) -> None:
    """Explain how a search's result has drifted: new, reindexed, deleted, retracted, corrected.

    Compares two runs by their numbers in the log; without numbers, the last
    two of each search. With --now, the last run (or run EARLIER) is compared
    with what the source answers at this moment.
    """
    from contextlib import closing

    from resartus.app.search.archive import run_number
    from resartus.app.search.drift import drift_between, drift_to_now
    from resartus.app.searching import engine_for

    if len(numbers) > 2 or (is_now and len(numbers) > 1):
        raise click.UsageError("give at most two runs, or one with --now")
    drifts = []
    with open_review() as review:
        runs = list(review.state().search_runs)
        if is_now:
            last = {run.search.search_id: run for run in runs}
            befores = [run_number(runs, numbers[0])] if numbers else list(last.values())
            for before in befores:
                if search_id in (None, before.search.search_id):
                    with closing(engine_for(review, before.search, local=local)) as engine:
                        drifts.append(drift_to_now(review, before, engine=engine))
        elif numbers:
            later = run_number(runs, numbers[1]) if len(numbers) == 2 else runs[-1]
            drifts.append(drift_between(review, run_number(runs, numbers[0]), later))
        else:
            by_search = sorted(runs, key=lambda run: run.search.search_id)
            for name, group in itertools.groupby(by_search, key=lambda run: run.search.search_id):
                same = list(group)
                if search_id in (None, name) and len(same) > 1:
                    drifts.append(drift_between(review, same[-2], same[-1]))
    if not drifts:
        raise NotFoundError(
            "there are no two runs of one search to compare; run 'resartus search' again, "
            "or add --now"
        )
    output().result(
        [
            {
                "search": drift.before.search.search_id,
                "before": {"ran_at": drift.before.ran_at, "count": drift.before.count},
                "after": {"ran_at": drift.asked_at, "count": drift.n_after},
                "unchanged": drift.n_unchanged,
                "remarks": drift.remarks,
                "changes": drift.changes,
            }
            for drift in drifts
        ],
        lines=[line for drift in drifts for line in _lines(drift)],
    )


def _lines(drift: Drift) -> list[str]:
    run = drift.before
    lines = [
        f"{run.search.search_id}: {run.count} records on {run.ran_at:%Y-%m-%d}, "
        f"{drift.n_after} on {drift.asked_at:%Y-%m-%d}; {drift.n_unchanged} unchanged"
    ]
    lines += [f"  note: {remark}" for remark in drift.remarks]
    for kind, group in itertools.groupby(drift.changes, key=lambda change: change.kind):
        changes = list(group)
        lines.append(f"  {kind.value}: {len(changes)}")
        for change in changes:
            title = f" {change.title}" if change.title else ""
            lines.append(f"    {change.record_id} {change.label}.{title}")
            lines.append(f"      {change.reason}")
    return lines
