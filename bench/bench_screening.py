"""Ranking, simulation and retraining beside ASReview 3.0.8, on 17 labelled reviews.

Run: python bench/bench_screening.py [--quick] [--only PART] [--peer PATH_OF_ASREVIEW]

The peer's ELAS u4 runs here in a reimplementation with the same priors and seeds, which gives the
same order as ``asreview simulate`` (the last table compares them where ASReview is installed).
"""

from __future__ import annotations

import argparse
import gzip
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from resartus.app.simulating import load_labelled, simulate_file
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.screening.ranking import RECIPES, Ranker
from resartus.screening.recall import measure_order
from resartus.screening.recall_bound import History, wealth_against
from resartus.screening.simulation import draw_priors, simulate
from resartus.screening.stopping import RULES
from resartus.stores.asreview_project import read_asreview_order

ROOT = Path(__file__).resolve().parents[1]
MEASURES = ("wss95", "wss100", "recall_at_10_percent", "atd_percent")


def data_folder() -> Path:
    named = os.environ.get("RESARTUS_SHARED_DATA")
    places = [Path(named)] if named else [p / "shared" / "data" for p in ROOT.parents]
    for place in places:
        if (place / "screening-dev").is_dir():
            return place / "screening-dev"
    sys.exit("no shared/data/screening-dev beside the repository; set RESARTUS_SHARED_DATA")


def interval(differences: list[float]) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean over sets."""
    values = np.asarray(differences)
    draws = np.random.default_rng(0).integers(0, len(values), (10_000, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


BATCH = 0.1
"""Learn anew after a tenth more votes, the same for both."""


def ranking(files: list[Path], seeds: int) -> None:
    print(f"## Ranking: {len(files)} sets, {seeds} priors each, the same for both\n")
    print("| set | records | relevant | u4 WSS@95 | ours | u4 WSS@100 | ours | u4 ATD % | ours |")
    print("|---|---|---|---|---|---|---|---|---|")
    means: dict[str, dict[str, list[float]]] = {}
    for path in files:
        runs = simulate_file(
            path, rankings=("elas-u4", "default"), seeds=range(seeds), batch=BATCH, jobs=2
        )
        row = {}
        for name in ("elas-u4", "default"):
            mine = [r.quality for r in runs if r.ranking == RECIPES[name].label]
            for measure in MEASURES:
                value = statistics.fmean(getattr(q, measure) for q in mine)
                means.setdefault(name, {}).setdefault(measure, []).append(value)
                row[name, measure] = value
        quality = runs[0].quality
        cells = [
            f"{row[name, m]:.3f}" if m != "atd_percent" else f"{row[name, m]:.1f}"
            for m in ("wss95", "wss100", "atd_percent")
            for name in ("elas-u4", "default")
        ]
        name = path.name.split(".")[0]
        print(
            f"| {name} | {quality.n_records + 2} | {quality.n_relevant + 1} | "
            + " | ".join(cells)
            + " |",
            flush=True,
        )
    print("\n| measure | u4 | ours | difference | 95 % interval over sets | sets better |")
    print("|---|---|---|---|---|---|")
    for measure in MEASURES:
        theirs, ours = means["elas-u4"][measure], means["default"][measure]
        apart = [b - a for a, b in zip(theirs, ours, strict=True)]
        low, high = interval(apart)
        better = sum(d < 0 if measure == "atd_percent" else d > 0 for d in apart)
        print(
            f"| {measure} | {statistics.fmean(theirs):.3f} | {statistics.fmean(ours):.3f} | "
            f"{statistics.fmean(apart):+.3f} | {low:+.3f} to {high:+.3f} | "
            f"{better} of {len(apart)} |"
        )


def without_headings(files: list[Path], seeds: int) -> None:
    """Take the headings of the latest third away, as a fresh export has them."""
    differences, plain = [], []
    for path in files:
        labelled = load_labelled(path)
        newest = sorted(r.pmid or 0 for r in labelled.records)[2 * len(labelled.records) // 3]
        records = [
            replace(r, keywords=(), mesh=()) if (r.pmid or 0) >= newest else r
            for r in labelled.records
        ]
        scores = {}
        for name in ("elas-u4", "default"):
            ranker = Ranker(records, recipe=RECIPES[name])
            scores[name] = statistics.fmean(
                simulate(
                    ranker,
                    labelled.relevant,
                    priors=draw_priors(labelled.relevant, seed=seed),
                    batch=BATCH,
                ).quality.wss95
                for seed in range(seeds)
            )
        differences.append(scores["default"] - scores["elas-u4"])
        plain.append(scores["default"])
    low, high = interval(differences)
    print(
        f"\nWithout headings in the newest third of the records: WSS@95 "
        f"{statistics.fmean(plain):.3f}, {statistics.fmean(differences):+.3f} "
        f"({low:+.3f} to {high:+.3f}) to u4."
    )


def judged_orders(path: Path, seeds: int) -> list[np.ndarray]:
    """Return whether each record was relevant, in the order of whole replays."""
    labelled = load_labelled(path)
    ranker = Ranker(labelled.records)
    marks = np.asarray(labelled.relevant)
    return [
        marks[
            list(
                simulate(
                    ranker,
                    marks,
                    priors=draw_priors(marks, seed=seed),
                    batch=BATCH,
                    judge_all=True,
                ).order
            )
        ]
        for seed in range(seeds)
    ]


def allows(history: History, recall: float, confidence: float, *, trust_ranking: bool) -> bool:
    """Return what ``Audit`` and ``Buscar`` say: is the first total that is too many ruled out?"""
    if history.n_judged == history.n_records or not history.n_found:
        return history.n_judged == history.n_records
    too_many = math.floor(history.n_found / recall + 1e-9) + 1
    wealth = wealth_against(history, too_many, trust_ranking=trust_ranking)
    return wealth >= math.log(1 / (1 - confidence))


def stopped(marks: np.ndarray, rule: str, recall: float, confidence: float, seed: int) -> int:
    """Return after how many votes a rule stops, looked at again and again."""
    n, none = len(marks), np.zeros(len(marks), bool)
    if rule in ("consecutive", "safe"):
        for judged in range(10, n):
            history = History.of(n, marks[:judged], none[:judged])
            if RULES[rule]().check(history, recall=recall, confidence=confidence).may_stop:
                return judged
        return n
    start, drawn, order = 20, none, marks
    if rule == "audit":
        dry = 0
        for start, relevant in enumerate(marks, 1):
            dry = 0 if relevant else dry + 1
            if dry >= 50 and start >= 0.1 * n:
                break
        # Judged by rank until it runs dry, then in an order drawn by chance.
        np.random.default_rng(seed).shuffle(order[start:])
        drawn = np.arange(n) >= start
    for judged in range(start, n, max(5, (n - start) // 60)):
        history = History.of(n, order[:judged], drawn[:judged])
        if allows(history, recall, confidence, trust_ranking=rule == "buscar"):
            return judged
    return n


def stopping(files: list[Path], seeds: int) -> None:
    with ProcessPoolExecutor(2) as pool:
        orders = [o for some in pool.map(judged_orders, files, [seeds] * len(files)) for o in some]
    print(f"\n## Stopping: {len(orders)} replays judged to the end\n")
    print("| rule | wanted | kept | lowest recall | work saved |")
    print("|---|---|---|---|---|")
    wanted = ((0.95, 0.95), (0.9, 0.95), (0.9, 0.8))
    asked = [(rule, *one) for rule in ("audit", "buscar") for one in wanted]
    for rule, recall, confidence in [*asked, ("consecutive", 0.95, 0.95), ("safe", 0.95, 0.95)]:
        reached, saved = [], []
        for number, marks in enumerate(orders):
            for again in range(10 if rule == "audit" else 1):
                order = marks.copy()
                votes = stopped(order, rule, recall, confidence, 100 * number + again)
                reached.append(order[:votes].sum() / order.sum())
                saved.append(1 - votes / len(order))
        kept = statistics.fmean(one >= recall for one in reached)
        print(
            f"| {rule}, {len(reached)} runs | {recall:.0%} with {confidence:.0%} | {kept:.1%} | "
            f"{min(reached):.3f} | {statistics.fmean(saved):.0%} |",
            flush=True,
        )


def copies(records: tuple[Record, ...], n: int) -> list[Record]:
    """Return n records: these, then again with their words drawn anew from neighbours."""
    draw = np.random.default_rng(0)
    made = []
    for number in range(n):
        one, other = records[number % len(records)], records[int(draw.integers(len(records)))]
        words = (one.abstract or "").split()
        rest = (other.abstract or "").split()
        made.append(
            replace(
                one,
                record_id=RecordId(f"n{number}"),
                title=f"{one.title} {draw.integers(10_000)}"
                if number >= len(records)
                else one.title,
                abstract=" ".join([*words[: len(words) // 2], *rest[len(rest) // 2 :]]) or None,
            )
        )
    return made


def clocks() -> np.ndarray:
    """Return processor and wall seconds: the first are fair on a busy machine."""
    return np.array([time.process_time(), time.perf_counter()])


def latency(files: list[Path], sizes: tuple[int, ...]) -> None:
    records = tuple(r for path in files for r in load_labelled(path).records)
    print("\n## Features once, then retrain and rank after each vote\n")
    print("Processor seconds, with wall seconds in brackets.\n")
    print("| records | votes | features s | retrain and rank s (median of 5) | peak memory MB |")
    print("|---|---|---|---|---|")
    for n in sizes:
        set_ = copies(records, n)
        started = clocks()
        ranker = Ranker(set_, question="treatment of hypertension in adults")
        features = clocks() - started
        for votes in (100, min(2_000, n // 4)):
            draw = np.random.default_rng(1)
            judged = draw.choice(n, votes, replace=False).tolist()
            marks = (draw.random(votes) < 0.05).tolist()
            marks[0] = True
            taken = []
            for _ in range(5):
                started = clocks()
                ranker.rank(judged, marks)
                taken.append(clocks() - started)
            processor, wall = np.median(taken, axis=0)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"| {n:,} | {votes:,} | {features[0]:.1f} ({features[1]:.1f}) | "
                f"{processor:.3f} ({wall:.3f}) | {peak:.0f} |",
                flush=True,
            )
        del ranker, set_


def child_seconds() -> float:
    """Return the processor seconds of finished child processes: fair on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def against_peer(files: list[Path], peer: str) -> None:
    print("\n## Processor seconds of the whole process, beside `asreview simulate`\n")
    print(
        "| set | records | asreview s | resartus s | ratio | asreview WSS@95 | u4 here, "
        "every vote | ours |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for path in files:
        labelled = load_labelled(path)
        priors = draw_priors(labelled.relevant, seed=0)
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(folder) / path.name.removesuffix(".gz")
            plain.write_bytes(gzip.decompress(path.read_bytes()))
            out = Path(folder) / "run.asreview"
            started = child_seconds()
            subprocess.run(
                [peer, "simulate", plain, "--prior-idx", *map(str, priors), "-o", out],
                check=True, capture_output=True,
            )  # fmt: skip
            theirs = child_seconds() - started
            judged = read_asreview_order(out)[2:]
            found = np.flatnonzero([is_relevant for _, is_relevant in judged]) + 1
            started = child_seconds()
            done = subprocess.run(
                [Path(sys.executable).with_name("resartus"), "simulate", plain, "--seeds", "1",
                 "--jobs", "1"],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            ours = child_seconds() - started
            assert "WSS@95" in done.stdout
        n = len(labelled.records) - 2
        same = simulate(
            Ranker(labelled.records, recipe=RECIPES["elas-u4"]),
            labelled.relevant, priors=priors, batch=0,
        )  # fmt: skip
        mine = simulate(Ranker(labelled.records), labelled.relevant, priors=priors)
        print(
            f"| {path.name.split('.')[0]} | {n + 2} | {theirs:.1f} | {ours:.1f} | "
            f"{theirs / ours:.1f} | {measure_order(found.tolist(), n_records=n).wss95:.3f} | "
            f"{same.quality.wss95:.3f} | {mine.quality.wss95:.3f} |",
            flush=True,
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="four sets, one prior")
    arguments.add_argument("--only", choices=("ranking", "headings", "stopping", "latency", "peer"))
    arguments.add_argument("--peer", default=shutil.which("asreview"))
    given = arguments.parse_args()
    folder = data_folder()
    files = sorted([*folder.glob("*.csv.gz"), *(folder / "cohen2006").glob("*.csv.gz")])
    small = sorted(files, key=lambda p: p.stat().st_size)
    if given.quick:
        files = small[:4]
    if given.only in (None, "ranking"):
        ranking(files, 1 if given.quick else 4)
    if given.only in (None, "headings"):
        without_headings(files, 1)
    if given.only in (None, "stopping"):
        stopping(files, 1 if given.quick else 3)
    if given.only in (None, "latency"):
        latency(files, (2_000,) if given.quick else (2_000, 50_000, 100_000))
    if given.only in (None, "peer") and given.peer:
        against_peer(small[:1] if given.quick else [small[0], small[8], small[-3]], given.peer)
    elif given.only in (None, "peer"):
        print(
            "\nASReview is not installed: pip install asreview==3.0.8 elsewhere, then --peer PATH"
        )


if __name__ == "__main__":
    main()
