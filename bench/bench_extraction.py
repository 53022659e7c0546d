"""Extraction's bars: curves against published hazard ratios, the checker, the import of patients.

python bench/bench_extraction.py [--figures N] [--patients N]

Data: shared/data/survival-ipd (raredd/kmdata), 304 published figures. The set
holds the individual data its authors reconstructed, not their clicks, so each
curve is drawn again as a picture of 800 by 500 pixels with a table under it,
digitised from that picture, and reconstructed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import random
import statistics
import tempfile
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl

from resartus.app.entering import define_study
from resartus.app.extraction.patients import Analysis, harmonise_patients, import_patients
from resartus.app.importing import import_file
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.domain.extracted import Anchor, Cell, Extracted
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.patient import TimeZero
from resartus.extraction.checks import check_cells
from resartus.extraction.curves.guyot import reconstruct_patients
from resartus.extraction.curves.points import CurvePoint, RiskCount
from resartus.synthesis.survival.kaplan_meier import kaplan_meier

DATA = next(
    p / "shared" / "data" / "survival-ipd"
    for p in Path(__file__).resolve().parents
    if (p / "shared" / "data").is_dir()
)
WIDTH, HEIGHT = 800, 500
ROWS_UNDER_FIGURE = 8
CLICKS = 60
Arm = list[tuple[float, bool]]


def load_figures() -> tuple[dict[str, dict[str, Arm]], dict[str, dict[str, str]]]:
    figures: dict[str, dict[str, Arm]] = defaultdict(lambda: defaultdict(list))
    with gzip.open(DATA / "kmdata_all_ipd.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            # R put an X before names that begin with a figure; the key has them without.
            figures[row["dataset"]][row["arm"]].append((float(row["time"]), row["event"] == "1"))
    with (DATA / "kmdata_key.csv").open(newline="") as file:
        key = {row["name"]: row for row in csv.DictReader(file)}
    return figures, {name: key.get(name) or key[name.removeprefix("X")] for name in figures}


def hazard_ratio(a: Arm, b: Arm) -> float:
    """Cox, one covariate (arm b against a), Efron's ties, Newton's method."""
    t = np.array([time for time, _ in a + b])
    e = np.array([event for _, event in a + b], dtype=float)
    x = np.array([0.0] * len(a) + [1.0] * len(b))
    order = np.argsort(-t, kind="stable")
    t, e, x = t[order], e[order], x[order]
    _, first = np.unique(-t, return_index=True)
    ends = np.append(first[1:], len(t)) - 1
    beta = 0.0
    for _ in range(50):
        w = np.exp(beta * x)
        sums = [np.cumsum(w)[ends], np.cumsum(w * x)[ends]]
        tied = [np.add.reduceat(part, first) for part in (w * e, w * e * x, e, e * x)]
        gradient = curvature = 0.0
        for s0, s1, d0, d1, deaths, in_b in zip(*sums, *tied, strict=True):
            share = np.arange(int(deaths)) / max(deaths, 1)
            mean = (s1 - share * d1) / (s0 - share * d0)
            gradient += in_b - mean.sum()
            curvature += (mean * (1 - mean)).sum()
        step = gradient / curvature
        beta += step
        if abs(step) < 1e-9:
            break
    return math.exp(beta)


def printed_figure(arm: Arm, *, clicks: int | None, seed: str) -> list[CurvePoint]:
    """Digitise the arm's curve from a picture: a point per pixel column, or a few by hand."""
    rng = random.Random(seed)
    curve = kaplan_meier([t for t, _ in arm], [e for _, e in arm])
    last = curve.last_time
    points = []
    if clicks is None:
        for column in range(WIDTH + 1):
            at = last * column / WIDTH
            i = bisect_left(curve.times, at + 1e-12) - 1
            points.append((at, 1.0 if i < 0 else curve.survival[i]))
    else:
        drops = [i for i, d in enumerate(curve.n_events) if d]
        chosen = drops if len(drops) <= clicks else sorted(rng.sample(drops, clicks - 1))
        points = [(curve.times[i], curve.survival[i]) for i in chosen]
        points.append((last, curve.survival[-1]))
    column_wide = 0.0 if clicks is None else last / WIDTH
    return [
        CurvePoint(
            time=max(0.0, at + rng.gauss(0, column_wide)),
            survival=min(1.04, max(-0.04, round((s + rng.gauss(0, 1 / HEIGHT)) * HEIGHT) / HEIGHT)),
        )
        for at, s in points
    ]


def printed_table(arm: Arm) -> list[RiskCount]:
    times = sorted(t for t, _ in arm)
    step = times[-1] / ROWS_UNDER_FIGURE
    return [
        RiskCount(time=i * step, at_risk=len(times) - bisect_left(times, i * step))
        for i in range(ROWS_UNDER_FIGURE)
    ]


def rebuilt(arm: Arm, *, clicks: int | None, with_events: bool, seed: str) -> Arm:
    done = reconstruct_patients(
        printed_figure(arm, clicks=clicks, seed=seed),
        printed_table(arm),
        total_events=sum(e for _, e in arm) if with_events else None,
    )
    return list(zip(done.times, done.is_event, strict=True))


def off(one: float, other: float) -> float:
    """Relative distance of two hazard ratios, whichever stands above."""
    return math.exp(abs(math.log(one) - math.log(other))) - 1


def line(name: str, distances: Sequence[float], bar: float | None = None) -> None:
    share = sum(d <= 0.05 for d in distances) / len(distances)
    verdict = "" if bar is None else ("  meets" if share >= bar else "  below") + f" {bar:.0%}"
    print(
        f"  {name:<58} n {len(distances):>3}  within 5 %: {share:6.1%}  "
        f"median {statistics.median(distances):.2%}{verdict}"
    )


def bench_curves(limit: int | None) -> None:
    figures, key = load_figures()
    names = sorted(figures)[:limit]
    variants = {
        "pixel by pixel, total events known": {"clicks": None, "with_events": True},
        "pixel by pixel, total events not given": {"clicks": None, "with_events": False},
        f"{CLICKS} clicks by hand, total events known": {"clicks": CLICKS, "with_events": True},
    }
    published: dict[str, float] = {}
    source: dict[str, float] = {}
    ours: dict[str, dict[str, float]] = {variant: {} for variant in variants}
    began = time.perf_counter()
    for name in names:
        a, b = (figures[name][arm] for arm in sorted(figures[name]))
        source[name] = hazard_ratio(a, b)
        for variant, how in variants.items():
            rows = [
                rebuilt(arm, seed=f"{name}{i}", **how)  # type: ignore[arg-type]
                for i, arm in enumerate((a, b))
            ]
            ours[variant][name] = hazard_ratio(*rows)
        printed = key[name]["HazardRatio"]
        if printed:
            value = float(printed)
            # The key does not say which arm is the reference; the individual data of the set
            # decide it, not our reconstruction.
            published[name] = min((value, 1 / value), key=lambda hr, s=source[name]: off(hr, s))
    seconds = time.perf_counter() - began
    print(f"curves: {len(names)} figures, {len(published)} with a published hazard ratio")
    print("against the published hazard ratio")
    line(
        "individual data of the set itself (ceiling)",
        [off(source[n], published[n]) for n in published],
        0.9,
    )
    for variant, found in ours.items():
        line(variant, [off(found[n], published[n]) for n in published], 0.9)
    sound = [n for n in published if off(source[n], published[n]) <= 0.05]
    print("against the published, where the set's own data agree with it within 5 %")
    for variant, found in ours.items():
        line(variant, [off(found[n], published[n]) for n in sound], 0.9)
    print("against the hazard ratio of the individual data behind the figure")
    for variant, found in ours.items():
        line(variant, [off(found[n], source[n]) for n in names], 0.9)
    print(f"  {seconds / len(names) / len(variants):.3f} s per figure of two arms\n")


def bench_import(rows: int) -> None:
    """Import a table of patients from CSV and from XLSX, logged and readable again."""
    rng = random.Random(1)
    status = ("NED", "AWD", "DOD", "DOC", "")
    header = ["Case", "Age", "Histology", "Stage", "DFI", "Lesions", "Margin", "FU months",
              "Counted from", "Outcome"]  # fmt: skip
    table = [
        [i, rng.randint(30, 80), "serous", "IIIC", rng.randint(0, 120), rng.randint(1, 9), "R0",
         round(rng.expovariate(1 / 30), 1), "hepatectomy", rng.choice(status)]
        for i in range(1, rows + 1)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with (folder / "t.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *table])
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in [header, *table]:
            sheet.append(row)
        book.save(folder / "t.xlsx")
        (folder / "r").mkdir()
        (folder / "one.ris").write_text("TY  - JOUR\nTI  - A series\nER  - \n")
        with Review.create(folder / "r", protocol_text=TEMPLATE, person="bench") as review:
            import_file(review, folder / "one.ris")
            record = review.state().record_ids()[0]
            for name in ("t.csv", "t.xlsx"):
                study = StudyId(name)
                define_study(review, study, record_id=record, design="series", role="included")
                began, wall = time.process_time(), time.perf_counter()
                done = import_patients(
                    review,
                    folder / name,
                    study_id=study,
                    record_id=record,
                    mapping={"FU months": "follow_up_months"},
                )
                seconds, wall = time.process_time() - began, time.perf_counter() - wall
                verdict = "meets" if seconds < 5 else "above"
                print(
                    f"import of {done.patients:,} patients, {done.values:,} values from {name}: "
                    f"{seconds:.2f} s of processor time ({wall:.2f} s by the clock)  {verdict} 5 s "
                    f"({5 / seconds:.1f} times)"
                )
        with Review(folder / "r") as review:
            began = time.process_time()
            found = harmonise_patients(
                review.state(), Analysis(origin=TimeZero.LIVER_TREATMENT)
            ).usability
            print(
                f"  opened again and harmonised: {time.process_time() - began:.2f} s of processor "
                f"time, {found.n_usable:,} of {found.n_patients:,} usable\n"
            )


def bench_checker(studies: int, fields: int) -> None:
    """Check studies whose every value has a span, a text to find it in, and a total."""
    rng = random.Random(1)
    cells, texts = [], {}
    for s in range(studies):
        study, record = StudyId(f"s{s}"), RecordId(f"r{s}")
        total = rng.randint(20, 400)
        words = ["We report on", str(total), "patients."]
        values: list[tuple[str, float, str, str | None]] = [("n_total", total, str(total), None)]
        for f in range(fields - 5):
            count = rng.randint(0, total)
            percent = f"{100 * count / total:.1f}%"
            words += [f"Finding number {f} was seen in", percent, "of them."]
            values.append((f"finding{f}_n", count, percent, f"{percent} of {total} = {count}"))
        words += ["Survival was 80%, 50% and 30%; median 40 months (20-60)."]
        for name, share in (("os_1y", 80), ("os_3y", 50), ("os_5y", 30)):
            values.append((name, share / 100, f"{share}%", f"{share} % = {share / 100}"))
        values.append(("median_os_months", 40, "40", None))
        texts[record] = {"abstract": " ".join(words)}
        for name, value, span, derivation in values:
            anchor = Anchor(record_id=record, place="abstract", span=span, derivation=derivation)
            read = Extracted(value=value, entered_by="bench", anchor=anchor)
            cells.append(Cell(study_id=study, field=name, extracted=read))
    # Processor time, since it does not depend on what else the machine does.
    began, wall = time.process_time(), time.perf_counter()
    report = check_cells(cells, texts=texts)
    seconds, wall = time.process_time() - began, time.perf_counter() - wall
    verdict = "meets" if seconds < 2 else "above"
    print(
        f"checker over {report.n_studies:,} studies, {report.n_cells:,} values: {seconds:.2f} s of "
        f"processor time ({wall:.2f} s by the clock)  {verdict} 2 s ({2 / seconds:.1f} times); "
        f"{report.n_spans_found:,} spans found, "
        f"{report.n_recomputed:,} derivations recomputed, {len(report.failures)} fail\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=int, default=None)
    parser.add_argument("--patients", type=int, default=10_000)
    given = parser.parse_args()
    bench_checker(1000, 50)
    bench_import(given.patients)
    bench_curves(given.figures)


if __name__ == "__main__":
    main()
