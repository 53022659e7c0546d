"""Survival of 100,000 patients beside R's survival package: ``python bench/bench_survival.py``.

R is a peer for comparison alone; without it the last columns stay empty.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from resartus.synthesis.survival.cox import fit_cox
from resartus.synthesis.survival.kaplan_meier import kaplan_meier
from resartus.synthesis.survival.log_rank import log_rank

R_SCRIPT = """
suppressMessages(library(survival))
options(digits = 15)
d <- read.csv(commandArgs(TRUE)[1])
runs <- as.integer(commandArgs(TRUE)[2])
seconds <- function(f) system.time(f())[["elapsed"]]
take <- function(f) { f(); median(sapply(seq_len(runs), function(i) seconds(f))) }
km <- function() survfit(Surv(time, event) ~ 1, d, conf.type = "log-log")
lr <- function() survdiff(Surv(time, event) ~ group, d)
ef <- function() coxph(Surv(time, event) ~ a + b + c, d, ties = "efron")
br <- function() coxph(Surv(time, event) ~ a + b + c, d, ties = "breslow")
st <- function() coxph(Surv(time, event) ~ a + b + c + strata(stratum), d, ties = "efron")
m <- quantile(km(), 0.5)$quantile
cat(m, lr()$chisq, coef(ef())[1], coef(br())[1], coef(st())[1], "\\n")
cat(take(km), take(lr), take(ef), take(br), take(st), "\\n")
"""
JOBS = ("Kaplan-Meier", "log-rank", "Cox, Efron", "Cox, Breslow", "Cox, 20 strata")
BARS = {"Kaplan-Meier": 20.0, "Cox, Efron": 1.0, "Cox, Breslow": 1.0, "Cox, 20 strata": 1.0}


def patients(n: int) -> dict[str, np.ndarray]:
    """Return simulated patients with three covariates; times to a tenth, so with ties."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(n, 3))
    died = rng.exponential(size=n) * np.exp(-x @ [0.3, -0.2, 0.1]) * 20
    ends = rng.exponential(size=n) * 30
    return {
        "time": np.round(np.minimum(died, ends), 1),
        "event": (died <= ends).astype(int),
        "group": (x[:, 0] > 0).astype(int),
        "stratum": rng.integers(0, 20, size=n),
        "a": x[:, 0],
        "b": x[:, 1],
        "c": x[:, 2],
    }


def timed(work: Callable[[], float], runs: int) -> tuple[float, float]:
    """Return what the work gives and its median seconds."""
    value = work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return value, statistics.median(seconds)


def ours(d: dict[str, np.ndarray], runs: int) -> list[tuple[float, float]]:
    """Return value and seconds of each job."""
    event = d["event"].astype(bool)
    x = {name: d[name] for name in "abc"}
    groups = [str(g) for g in d["group"]]
    strata = d["stratum"].tolist()
    jobs: list[Callable[[], float]] = [
        lambda: kaplan_meier(d["time"], event).median.value or 0.0,
        lambda: log_rank(d["time"], event, groups).statistic,
        lambda: float(fit_cox(d["time"], event, x).coefficients[0]),
        lambda: float(fit_cox(d["time"], event, x, ties="breslow").coefficients[0]),
        lambda: float(fit_cox(d["time"], event, x, strata=strata).coefficients[0]),
    ]
    return [timed(job, runs) for job in jobs]


def of_r(d: dict[str, np.ndarray], runs: int) -> list[tuple[float, float]] | None:
    """Return the same from R, ``None`` where it or its survival package is missing."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder) / "d.csv", Path(folder) / "run.R"
        np.savetxt(
            table,
            np.column_stack(list(d.values())),
            delimiter=",",
            header=",".join(d),
            comments="",
            fmt="%.17g",
        )
        script.write_text(R_SCRIPT, encoding="utf-8")
        done = subprocess.run(
            ["Rscript", str(script), str(table), str(runs)], capture_output=True, text=True
        )
    if done.returncode:
        return None
    values, seconds = (list(map(float, line.split())) for line in done.stdout.splitlines()[-2:])
    return list(zip(values, seconds, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    d = patients(options.patients)
    mine, theirs = ours(d, options.runs), of_r(d, options.runs)
    print(f"{options.patients:,} patients, {int(d['event'].sum()):,} events, {options.runs} runs")
    print(f"{'job':<16}{'ours s':>10}{'R s':>10}{'R/ours':>10}{'bar':>8}{'difference':>14}")
    for i, job in enumerate(JOBS):
        value, seconds = mine[i]
        bar = f"{BARS[job]:g}x" if job in BARS else "-"
        if theirs is None:
            print(f"{job:<16}{seconds:>10.4f}{'-':>10}{'-':>10}{bar:>8}{'-':>14}")
            continue
        their_value, their_seconds = theirs[i]
        print(
            f"{job:<16}{seconds:>10.4f}{their_seconds:>10.4f}"
            f"{their_seconds / seconds:>9.1f}x{bar:>8}{abs(value - their_value):>14.1e}"
        )
    if theirs is None:
        print("R with its survival package is not installed; no ratio.")


if __name__ == "__main__":
    main()
