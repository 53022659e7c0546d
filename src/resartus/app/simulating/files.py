"""Simulate the screening of a labelled file: several priors, in parallel, resumable."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from resartus.app.simulating.peer import Peer, simulate_with_peer
from resartus.app.simulating.runs import Labelled, SimulatedRun, simulate_labelled
from resartus.domain.decision import Verdict
from resartus.domain.plain import from_plain, to_plain
from resartus.errors import DataError
from resartus.screening.ranking import recipe_named
from resartus.sources.formats.reading import read_citations
from resartus.stores.payloads import write_whole

__all__ = ["load_labelled", "simulate_file"]


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
    against: Peer | None = None,
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
    against : Peer, optional
        ASReview, run on the same records with the same priors.
    advance : callable
        Told the number of runs that have been finished.
    """
    labelled = load_labelled(path, columns=columns)
    # By label: what is kept was made by this version of this ranking.
    work: dict[str, Callable[[Sequence[int]], list[SimulatedRun]]] = {
        recipe_named(name).label: partial(
            simulate_labelled, labelled, name, batch=batch, priors=priors
        )
        for name in rankings
    }
    if against is not None:
        work[against.label] = partial(simulate_with_peer, against, labelled, priors=priors)
    kept = {} if results is None else _load_done(results)

    def key(label: str, seed: int) -> str:
        learnt = 0 if against is not None and label == against.label else batch
        return f"{labelled.raw_hash[:16]}|{label}|{seed}|{priors[0]}+{priors[1]}|{learnt:g}"

    wanted = [(label, seed) for label in work for seed in seeds]
    todo = [one for one in wanted if key(*one) not in kept]
    advance(len(wanted) - len(todo))
    for runs in _at_work(work, todo, jobs=jobs):
        kept.update({key(run.ranking, run.seed): run for run in runs})
        if results is not None:
            text = json.dumps({k: to_plain(v) for k, v in kept.items()}, indent=0)
            write_whole(results, text.encode())
        advance(len(runs))
    return tuple(kept[key(*one)] for one in wanted)


def _at_work(
    work: Mapping[str, Callable[[Sequence[int]], list[SimulatedRun]]],
    todo: Sequence[tuple[str, int]],
    *,
    jobs: int,
) -> Iterator[list[SimulatedRun]]:
    """Yield runs as they are finished: in this process, or in several where that pays."""
    if min(jobs, len(todo)) <= 1:
        for label, simulated in work.items():
            seeds = [seed for other, seed in todo if other == label]
            if seeds:
                yield simulated(seeds)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed

    with ProcessPoolExecutor(max_workers=min(jobs, len(todo))) as pool:
        for future in as_completed([pool.submit(work[label], [seed]) for label, seed in todo]):
            yield future.result()
