"""``resartus simulate``: how soon a ranking would have found what a finished review included."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from resartus.cli.context import output

if TYPE_CHECKING:
    from resartus.app.simulating import SimulatedRun

__all__ = ["command"]

_COLUMNS = (
    ("wss95", "WSS@95", "{:.3f}"),
    ("wss100", "WSS@100", "{:.3f}"),
    ("recall_at_10_percent", "recall at 10 %", "{:.3f}"),
    ("atd_percent", "ATD (%)", "{:.1f}"),
    ("last_relevant_at", "last at", "{:.0f}"),
    ("seconds", "seconds", "{:.1f}"),
)


@click.command("simulate")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--ranking",
    "rankings",
    multiple=True,
    default=("default",),
    help="Which ranking; repeat to compare on the same priors.",
)
@click.option("--seeds", default=4, show_default=True, help="Runs, each with its own priors.")
@click.option("--priors", default=1, show_default=True, help="Relevant records known before.")
@click.option("--priors-irrelevant", default=1, show_default=True, help="Irrelevant ones known.")
@click.option(
    "--batch",
    default=0.05,
    show_default=True,
    help="Learn anew after this share of the votes so far; 0 after every vote.",
)
@click.option(
    "--jobs", default=None, type=int, help="Processes at once; all processors if left out."
)
@click.option(
    "--against",
    metavar="PROGRAM",
    default=None,
    help="Run an installed ASReview beside: 'asreview', or where its program is.",
)
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Keep runs and figures here; what stands there is not run again.",
)
def command(
    files: tuple[Path, ...],
    rankings: tuple[str, ...],
    seeds: int,
    priors: int,
    priors_irrelevant: int,
    batch: float,
    jobs: int | None,
    against: str | None,
    folder: Path | None,
) -> None:
    """Replay labelled FILES of any citation format, once for every ranking and seed."""
    # Processes work side by side, so that more threads in each only wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from resartus.app.simulating import (
        find_peer,
        mean_quality,
        processors,
        recall_figure,
        simulate_file,
    )

    out = output()
    peer = None if against is None else find_peer(against)
    results = []
    total = len(files) * (len(rankings) + (peer is not None)) * seeds
    with out.progress(total, "simulating") as advance:
        for path in files:
            runs = simulate_file(
                path,
                rankings=rankings,
                seeds=range(seeds),
                priors=(priors, priors_irrelevant),
                batch=batch,
                jobs=processors() if jobs is None else jobs,
                results=None if folder is None else folder / f"{path.name}.json",
                against=peer,
                advance=advance,
            )
            results.append((path, runs))
    if folder is not None:
        for path, runs in results:
            figure = recall_figure(runs, title=path.name)
            (folder / f"{path.name}.svg").write_text(figure.svg, encoding="utf-8")
            (folder / f"{path.name}.png").write_bytes(figure.png)
    means = [
        (path.name, label, mean_quality([run for run in runs if run.ranking == label]))
        for path, runs in results
        for label in dict.fromkeys(run.ranking for run in runs)
    ]
    title = f"Means of {seeds} runs, {priors} + {priors_irrelevant} priors"
    if peer is None:
        # The name of a single file stands above the table and leaves it room.
        several = len(files) > 1
        rows = [
            ((name,) if several else ())
            + (label, *(form.format(mean[key]) for key, _, form in _COLUMNS))
            for name, label, mean in means
        ]
        names = (*(("file",) if several else ()), "ranking", *(name for _, name, _ in _COLUMNS))
        out.table(title if several else f"{files[0].name}. {title}", names, rows)
    else:
        for path, runs in results:
            _side_by_side(f"{path.name}. {title}", runs, peer.label)
        out.say(
            f"Seconds are those of one run: of the whole process for {peer.label}, without its "
            "loading for the others."
        )
    if out.as_json:
        out.result(
            [{"file": name, "ranking": label, "runs": seeds, **mean} for name, label, mean in means]
        )


def _side_by_side(title: str, runs: Sequence[SimulatedRun], peer: str) -> None:
    """Print a row for every measure: each ranking, the peer, and how far each is from the peer."""
    from resartus.app.simulating import mean_quality

    by_label: dict[str, list[SimulatedRun]] = {}
    for run in runs:
        by_label.setdefault(run.ranking, []).append(run)
    means = {label: mean_quality(some) for label, some in by_label.items()}
    ours = [label for label in means if label != peer]
    rows = []
    for key, name, form in _COLUMNS:
        apart = [
            form.replace(":", ":+").format(means[label][key] - means[peer][key]) for label in ours
        ]
        rows.append((name, *(form.format(means[label][key]) for label in (*ours, peer)), *apart))
    columns = (
        "measure",
        *ours,
        peer,
        *(["difference"] if len(ours) == 1 else [f"{label}, difference" for label in ours]),
    )
    output().table(title, columns, rows)
