"""How long pooling takes, beside R's metafor where it is installed.

Run: python bench/bench_synthesis.py [--quick]. The k = 20 set is the first 20
of 37 studies on passive smoking when metadat's file is beside the repository,
else drawn with a fixed seed; k = 2000 is drawn with a fixed seed. "Full" is
fit, Hartung-Knapp, prediction interval, Q, I2 and Q-profile interval of tau2.
--quick leaves out metafor at k = 2000, which takes half a minute.
"""

import csv
import io
import os
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

from resartus.synthesis.meta.bias.asymmetry import egger
from resartus.synthesis.meta.exploring.influence import influence
from resartus.synthesis.meta.exploring.one_by_one import leave_one_out
from resartus.synthesis.meta.exploring.regression import regress
from resartus.synthesis.meta.logistic_normal import fit_logistic_normal
from resartus.synthesis.meta.models.bayes import pool_bayesian
from resartus.synthesis.meta.models.nagashima import nagashima_interval
from resartus.synthesis.meta.models.rare import pool_mantel_haenszel
from resartus.synthesis.meta.pooling import pool
from resartus.synthesis.meta.sequential import monitoring_bounds

Numbers = list[float]


def passive_smoking() -> tuple[Numbers, Numbers] | None:
    for parent in Path(__file__).resolve().parents:
        archive = parent / "shared" / "data" / "metaanalysis-metadat" / "metadat_csv.tar.gz"
        if archive.is_file():
            with tarfile.open(archive) as tar:
                held = tar.extractfile("csv/dat.hackshaw1998.csv")
                assert held is not None
                rows = list(csv.DictReader(io.TextIOWrapper(held, encoding="utf-8")))[:20]
            return [float(r["yi"]) for r in rows], [float(r["vi"]) for r in rows]
    return None


def drawn(k: int) -> tuple[Numbers, Numbers]:
    draw = random.Random(20121)
    v = [draw.uniform(0.01, 0.4) for _ in range(k)]
    return [draw.gauss(0.2, (x + 0.05) ** 0.5) for x in v], v


def seconds(call: Callable[[], object], *, at_least: float = 0.5) -> float:
    """Return the median of repeated runs, over at least half a second."""
    call()
    times: Numbers = []
    start = time.perf_counter()
    while time.perf_counter() - start < at_least or len(times) < 5:
        before = time.perf_counter()
        call()
        times.append(time.perf_counter() - before)
    return statistics.median(times)


def metafor(y: Numbers, v: Numbers, code: str, *, runs: int) -> float | None:
    """Return metafor's median seconds for a line of R, ``None`` without R."""
    if shutil.which("Rscript") is None:
        return None
    script = f"""
suppressMessages(library(metafor))
y <- c({",".join(map(repr, y))}); v <- c({",".join(map(repr, v))})
f <- function() {{ {code} }}
if ({runs} > 1) invisible(f())
cat(median(replicate({runs}, system.time(f())[["elapsed"]])))
"""
    if runs > 1:
        # The clock ticks in milliseconds: take ten at a time.
        script = script.replace("system.time(f())", "system.time(for (i in 1:10) f())")
    done = subprocess.run(["Rscript", "-"], input=script, capture_output=True, text=True)
    if done.returncode:
        print(f"metafor: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return float(done.stdout) / (10 if runs > 1 else 1)


FULL = 'r <- rma(y, v, method="REML", test="knha"); p <- predict(r); ci <- confint(r)'
FIT = 'r <- rma(y, v, method="REML", test="knha"); p <- predict(r)'


def main() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    quick = "--quick" in sys.argv[1:]
    y, v = passive_smoking() or drawn(20)
    big_y, big_v = drawn(2000)
    x = [1.0 + i % 7 for i in range(20)]
    a, n = [i % 4 for i in range(20)], [12 + i for i in range(20)]
    c, m = [(i + 1) % 5 for i in range(20)], [14 + i for i in range(20)]
    counts = f"x <- c({','.join(map(str, a))}); n <- c({','.join(map(str, n))})"
    table = f"{counts}; c2 <- c({','.join(map(str, c))}); m <- c({','.join(map(str, m))})"
    print(f"{'':32}{'resartus':>12}{'metafor':>14}{'ratio':>10}{'bar':>7}")

    def add(name: str, call: Callable[[], object], code: str | None, *, runs: int = 5,
            data: tuple[Numbers, Numbers] = (y, v), bar: str = "") -> None:  # fmt: skip
        ours = seconds(call)
        theirs = None if code is None else metafor(*data, code, runs=runs)
        other = "" if theirs is None else f"{1000 * theirs:,.1f} ms"
        ratio = "" if theirs is None else f"{theirs / ours:,.0f}x"
        print(
            f"{name:32}{1000 * ours:>9.2f} ms{other:>14}{ratio:>10}{bar and bar + 'x':>7}",
            flush=True,
        )

    add("REML, full, k = 20", lambda: pool(y, v, test="HK"), FULL, bar="5")
    add("meta-regression, k = 20", lambda: regress(y, v, {"x": x}),
        f'x <- c({",".join(map(str, x))}); r <- rma(y, v, mods = ~ x, test="knha")')  # fmt: skip
    add("leave-one-out, k = 20", lambda: leave_one_out(y, v, test="HK"),
        'leave1out(rma(y, v, test="knha"))')  # fmt: skip
    add("influence, k = 20", lambda: influence(y, v), "influence(rma(y, v))")
    add("Egger, k = 20", lambda: egger(y, v, form="mixed"), "regtest(rma(y, v))")
    add("Mantel-Haenszel, k = 20", lambda: pool_mantel_haenszel(a, n, c, m),
        f"{table}; rma.mh(ai=x, n1i=n, ci=c2, n2i=m)")  # fmt: skip
    add("Bayes, k = 3", lambda: pool_bayesian(y[:3], v[:3], prior_scale=0.5), None)
    add("Nagashima, k = 20", lambda: nagashima_interval(y, v), None)  # type: ignore[arg-type]
    add("GLMM of proportions, k = 20", lambda: fit_logistic_normal(a, n), None)
    add("bounds for 5 looks", lambda: monitoring_bounds([0.2, 0.4, 0.6, 0.8, 1.0]), None)
    if not quick:
        # Last, because metafor forms matrices of 2000 by 2000.
        add("REML, full, k = 2000", lambda: pool(big_y, big_v, test="HK"), FIT, runs=1,
            data=(big_y, big_v), bar="1000")  # fmt: skip
        print("At k = 2000 metafor's figure has no Q-profile interval; ours has.")


if __name__ == "__main__":
    main()
