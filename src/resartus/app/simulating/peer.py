"""Run ASReview on the same records with the same priors, where it is installed."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from resartus.app.simulating.runs import Labelled, SimulatedRun
from resartus.errors import DataError, NotFoundError
from resartus.screening.recall import measure_order
from resartus.screening.simulation import draw_priors
from resartus.stores.asreview_project import read_asreview_order

__all__ = ["Peer", "find_peer", "simulate_with_peer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """An installed ASReview: its program, and its name with its version as results carry it."""

    program: Path
    label: str


def find_peer(name: str) -> Peer:
    """Return the ASReview of that name: looked up on the path and beside this Python, or a path.

    Raises
    ------
    NotFoundError
        If there is none, or it is another program.
    """
    beside = Path(sys.executable).parent / name
    found = shutil.which(name) or (beside if beside.is_file() else None)
    if found is None:
        raise NotFoundError(
            f"the program {name!r} is not on this machine; install it in an environment of its "
            "own (pip install asreview) and say where: --against PATH_OF_ASREVIEW"
        )
    try:
        told = subprocess.run(
            [found, "--version"], capture_output=True, text=True, timeout=120, check=False
        ).stdout.split()
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotFoundError(f"{found} could not be started: {error}") from error
    if len(told) != 2 or told[0] != "asreview":
        raise NotFoundError(
            f"{found} is not ASReview 2 or later: asked for its version it says {' '.join(told)!r}"
        )
    return Peer(program=Path(found), label=" ".join(told))


def simulate_with_peer(
    peer: Peer, labelled: Labelled, seeds: Sequence[int], *, priors: tuple[int, int]
) -> list[SimulatedRun]:
    """Run ``asreview simulate`` with its own default, once for every seed.

    It reads titles and abstracts as we read them, in the same order, and learns
    after every vote. Its seconds are those of the whole process.

    Raises
    ------
    DataError
        If it fails; its last words stand in the message.
    """
    return [_run(peer, labelled, seed, priors=priors) for seed in seeds]


def _run(peer: Peer, labelled: Labelled, seed: int, *, priors: tuple[int, int]) -> SimulatedRun:
    known = draw_priors(labelled.relevant, seed=seed, n_relevant=priors[0], n_irrelevant=priors[1])
    with tempfile.TemporaryDirectory() as folder:
        table, project = Path(folder) / "records.csv", Path(folder) / "run.asreview"
        _write_table(table, labelled)
        started = time.perf_counter()
        done = subprocess.run(
            [peer.program, "simulate", table, "--prior-idx", *map(str, known), "-o", project],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        seconds = time.perf_counter() - started
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["it says nothing"]
            raise DataError(f"{peer.label} failed on {labelled.name}: {last[0]}")
        judged = read_asreview_order(project)
    order = [place for place, _ in judged]
    found = [at for at, place in enumerate(order[len(known) :], 1) if labelled.relevant[place]]
    if set(order[: len(known)]) != set(known) or len(found) != sum(labelled.relevant) - priors[0]:
        raise DataError(
            f"{peer.label} did not find the relevant records of {labelled.name}: it began with the "
            f"rows {order[: len(known)]} and found {len(found)} of "
            f"{sum(labelled.relevant) - priors[0]}"
        )
    return SimulatedRun(
        file=labelled.name,
        ranking=peer.label,
        seed=seed,
        seconds=seconds,
        features_seconds=0.0,
        fits=len(order) - len(known),
        priors=known,
        relevant_at=tuple(found),
        quality=measure_order(found, n_records=len(labelled.records) - len(known)),
    )


def _write_table(path: Path, labelled: Labelled) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["title", "abstract", "included"])
        for record, relevant in zip(labelled.records, labelled.relevant, strict=True):
            table.writerow([record.title or "", record.abstract or "", int(relevant)])
