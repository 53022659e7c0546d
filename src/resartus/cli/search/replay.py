"""``resartus search replay``: the identical set, offline."""

from __future__ import annotations

import click

from resartus.cli.context import open_review, output
from resartus.errors import StoreDamaged

__all__ = ["replay"]


@click.command("replay")
@click.argument("number", type=click.IntRange(1), required=False)
@click.option("--ids", "is_listed", is_flag=True, help="Print the records' ids, in their order.")
def replay(number: int | None, is_listed: bool) -> None:
    """Give the set of each run, or of run NUMBER, again from what was kept; no network.

    Runs are counted from 1 in the order of the log. The exit code is 7 if a
    run is not identical.
    """
    from resartus.app.search.archive import run_number
    from resartus.app.search.replaying import replay_run

    with open_review() as review:
        runs = list(review.state().search_runs)
        chosen = [(number, run_number(runs, number))] if number else list(enumerate(runs, 1))
        replays = [(place, replay_run(review, run)) for place, run in chosen]
    lines = []
    for place, again in replays:
        run = again.run
        verdict = "identical" if again.is_identical else "NOT identical"
        lines.append(
            f"run {place} ({run.search.search_id}, {run.ran_at:%Y-%m-%d}): "
            f"{len(again.record_ids)} records from "
            f"{again.n_payloads} payload{'' if again.n_payloads == 1 else 's'} "
            f"({again.size_bytes / 1e6:.1f} MB), {verdict}"
        )
        if not again.n_payloads:
            lines.append("  nothing was kept of this run; search again to keep it")
        lines += [f"  lost: {sentence}" for sentence in again.lost]
        lines += [f"  in the log only: {name}" for name in again.absent[:20]]
        lines += [f"  in the payloads only: {name}" for name in again.extra[:20]]
        if is_listed:
            lines += list(again.record_ids)
    output().result(
        [
            {
                "run": place,
                "search": again.run.search.search_id,
                "ran_at": again.run.ran_at,
                "is_identical": again.is_identical,
                "record_ids": again.record_ids,
                "absent": again.absent,
                "extra": again.extra,
                "lost": again.lost,
            }
            for place, again in replays
        ],
        lines=lines or ["No search has been run yet."],
    )
    broken = [place for place, again in replays if not again.is_identical]
    if broken:
        raise StoreDamaged(
            f"run {broken[0]} cannot be given again from its payloads; "
            "restore payloads/ from a backup, or run the search again"
        )
