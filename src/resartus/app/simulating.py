"""Simulate the screening of a labelled file: several priors, in parallel, resumable."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from resartus.app.review import Review
from resartus.app.screening import outcomes
from resartus.domain.decision import Stage, Verdict
from resartus.domain.plain import from_plain, to_plain
from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.reporting.figures.canvas import Drawing
from resartus.reporting.figures.recall_curve import RecallCurve, recall_curves
from resartus.screening.ranking import Ranker, recipe_named
from resartus.screening.recall import RankingQuality
from resartus.screening.simulation import draw_priors, simulate
from resartus.sources.formats.reading import read_citations
from resartus.stores.payloads import write_whole

__all__ = [
    "Labelled",
    "SimulatedRun",
    "load_labelled",
    "mean_quality",
    "processors",
    "recall_figure",
    "simulate_file",
    "simulate_review",
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


def load_labelled(path: Path, *, columns: Mapping[str, str] | None = None) -> Labelled:
    """Read a labelled file of any citation format; a maybe counts as relevant.

    Raises
    ------
    DataError
        If records lack a label, or none or all are relevant.
    """
    result = read_citations(path, columns=columns)
    verdicts = {d.record_id: d.verdict for d in result.decisions}
    unlabelled = [r.record_id for r in result.records if r.record_id not in verdicts]
    if unlabelled:
        raise DataError(
            f"{len(unlabelled)} of {len(result.records)} records of {path.name} have no label, "
            f"the first {unlabelled[0]!r}; a simulation needs a column such as 'label_included' "
            "with 1 and 0, or the tags of a screening tool, for every record",
            where=path.name,
        )
    relevant = tuple(
        verdicts[record.record_id] in (Verdict.INCLUDE, Verdict.MAYBE) for record in result.records
    )
    if not any(relevant) or all(relevant):
        what = "no record" if not any(relevant) else "every record"
        raise DataError(f"{what} of {path.name} is relevant; there is nothing to rank")
    return Labelled(
        name=path.name, records=result.records, relevant=relevant, raw_hash=result.raw_hash
    )


def _run(
    labelled: Labelled, ranking: str, seeds: Sequence[int], *, batch: float, priors: tuple[int, int]
) -> list[SimulatedRun]:
    started = time.perf_counter()
    ranker = Ranker(labelled.records, recipe=recipe_named(ranking))
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
    return done


def _load_done(path: Path) -> dict[str, SimulatedRun]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {key: from_plain(SimulatedRun, value) for key, value in kept.items()}
    except (FileNotFoundError, json.JSONDecodeError, DataError):
        return {}


def simulate_file(
    path: Path,
    *,
    rankings: Sequence[str] = ("default",),
    seeds: Sequence[int] = (0, 1, 2, 3),
    priors: tuple[int, int] = (1, 1),
    batch: float = 0.05,
    jobs: int = 1,
    columns: Mapping[str, str] | None = None,
    results: Path | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[SimulatedRun, ...]:
    """Simulate every ranking with every seed; the same seed gives the same priors to each.

    Parameters
    ----------
    path : Path
        A labelled file.
    priors : (int, int)
        Relevant and irrelevant records known before.
    batch : float
        See ``resartus.screening.simulation.simulate``.
    jobs : int
        Processes at work at once.
    results : Path, optional
        Where finished runs are kept: what stands there is not run again.
    advance : callable
        Told the number of runs that have been finished.
    """
    labelled = load_labelled(path, columns=columns)
    for ranking in rankings:
        recipe_named(ranking)
    kept = {} if results is None else _load_done(results)

    def key(ranking: str, seed: int) -> str:
        label = recipe_named(ranking).label
        return f"{labelled.raw_hash[:16]}|{label}|{seed}|{priors[0]}+{priors[1]}|{batch:g}"

    todo = [(r, s) for r in rankings for s in seeds if key(r, s) not in kept]
    advance(len(rankings) * len(seeds) - len(todo))

    def take(ranking: str, runs: list[SimulatedRun]) -> None:
        kept.update({key(ranking, run.seed): run for run in runs})
        if results is not None:
            text = json.dumps({k: to_plain(v) for k, v in kept.items()}, indent=0)
            write_whole(results, text.encode())
        advance(len(runs))

    if jobs <= 1:
        for ranking in rankings:
            wanted = [s for r, s in todo if r == ranking]
            if wanted:
                take(ranking, _run(labelled, ranking, wanted, batch=batch, priors=priors))
    elif todo:
        with ProcessPoolExecutor(max_workers=min(jobs, len(todo))) as pool:
            waiting = {
                pool.submit(_run, labelled, r, [s], batch=batch, priors=priors): r for r, s in todo
            }
            for future in as_completed(waiting):
                take(waiting[future], future.result())
    return tuple(kept[key(r, s)] for r in rankings for s in seeds)


def simulate_review(
    review: Review,
    *,
    rankings: Sequence[str] = ("default",),
    seeds: Sequence[int] = (0, 1, 2, 3),
    priors: tuple[int, int] = (1, 1),
    batch: float = 0.05,
) -> tuple[SimulatedRun, ...]:
    """Simulate rankings over what this review has settled by title and abstract so far.

    Raises
    ------
    DataError
        If nothing, or everything, that was settled is relevant.
    """
    relevant = {
        outcome.record_id: outcome.stage is Stage.ELIGIBILITY
        for outcome in outcomes(review.state(), reviewers=review.protocol.reviewers).values()
        if outcome.stage is Stage.ELIGIBILITY or outcome.verdict is Verdict.EXCLUDE
    }
    n_relevant = sum(relevant.values())
    if n_relevant < priors[0] or len(relevant) - n_relevant < priors[1] or not n_relevant:
        raise DataError(
            f"{n_relevant} records are settled as relevant by title and abstract and "
            f"{len(relevant) - n_relevant} as not; a simulation needs more of both"
        )
    labelled = Labelled(
        name=review.protocol.title,
        records=tuple(review.store.iterate_records(list(relevant))),
        relevant=tuple(relevant.values()),
        raw_hash=review.store.records_hash(),
    )
    return tuple(
        run
        for ranking in rankings
        for run in _run(labelled, ranking, seeds, batch=batch, priors=priors)
    )


def processors() -> int:
    """Return how many processes may work at once on this machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def recall_figure(runs: Sequence[SimulatedRun], *, title: str) -> Drawing:
    """Return the recall curves of these runs, one colour a ranking."""
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
