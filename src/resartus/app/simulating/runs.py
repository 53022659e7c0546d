"""Simulated reviews of one labelled set: a run for every ranking and seed, and their means."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resartus.domain.record import Record
from resartus.screening.ranking import Ranker, recipe_named
from resartus.screening.recall import RankingQuality
from resartus.screening.simulation import draw_priors, simulate

if TYPE_CHECKING:
    from resartus.reporting.figures.canvas import Drawing

__all__ = [
    "Labelled",
    "SimulatedRun",
    "mean_quality",
    "processors",
    "recall_figure",
    "simulate_labelled",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Records with the verdicts a finished review left in their file."""

    name: str
    records: tuple[Record, ...]
    relevant: tuple[bool, ...]
    raw_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedRun:
    """One simulated review of a file, as it is kept."""

    file: str
    ranking: str
    seed: int
    seconds: float
    features_seconds: float
    fits: int
    priors: tuple[int, ...]
    relevant_at: tuple[int, ...]
    quality: RankingQuality


def simulate_labelled(
    labelled: Labelled,
    ranking: str,
    seeds: Sequence[int],
    *,
    batch: float,
    priors: tuple[int, int],
    advance: Callable[[int], None] = lambda n: None,
) -> list[SimulatedRun]:
    """Simulate one ranking with every seed, here and now; ``advance`` is told of each run."""
    started = time.perf_counter()
    ranker = Ranker(labelled.records, recipe=recipe_named(ranking))
    ranker.condense()
    features_seconds = time.perf_counter() - started
    done = []
    for seed in seeds:
        known = draw_priors(
            labelled.relevant, seed=seed, n_relevant=priors[0], n_irrelevant=priors[1]
        )
        one = simulate(ranker, labelled.relevant, priors=known, seed=seed, batch=batch)
        done.append(
            SimulatedRun(
                file=labelled.name,
                ranking=ranker.recipe.label,
                seed=seed,
                seconds=one.seconds,
                features_seconds=features_seconds,
                fits=one.fits,
                priors=one.priors,
                relevant_at=one.relevant_at,
                quality=one.quality,
            )
        )
        advance(1)
    return done


def processors() -> int:
    """Return how many processes may work at once on this machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def recall_figure(runs: Sequence[SimulatedRun], *, title: str) -> Drawing:
    """Return the recall curves of these runs, one colour a ranking."""
    from resartus.reporting.figures.recall_curve import RecallCurve, recall_curves

    by_ranking: dict[str, list[SimulatedRun]] = {}
    for run in runs:
        by_ranking.setdefault(run.ranking, []).append(run)
    return recall_curves(
        [
            RecallCurve(
                label=label,
                runs=tuple(run.relevant_at for run in some),
                n_records=some[0].quality.n_records,
            )
            for label, some in by_ranking.items()
        ],
        title=title,
    )


def mean_quality(runs: Sequence[SimulatedRun]) -> Mapping[str, float]:
    """Return the mean measures of runs, with the mean seconds of one."""
    n = len(runs)
    quality = [run.quality for run in runs]
    return {
        "wss95": sum(q.wss95 for q in quality) / n,
        "wss100": sum(q.wss100 for q in quality) / n,
        "recall_at_10_percent": sum(q.recall_at_10_percent for q in quality) / n,
        "atd_percent": sum(q.atd_percent for q in quality) / n,
        "last_relevant_at": sum(q.last_relevant_at for q in quality) / n,
        "seconds": sum(run.seconds + run.features_seconds for run in runs) / n,
    }
