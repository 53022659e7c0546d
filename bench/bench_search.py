"""Parse, load and search PubMed: rates beside a peer, latency, growth to 40 million.

    python bench/bench_search.py [--sizes 50788,500000] [--only parse,load,search,growth]

Needs ../shared/data (two real PubMed files, 50,788 records; 40 real strategies). The peer,
pubmed_parser, is measured if it is installed. Growth replicates the records under new PMIDs.
"""

import argparse
import json
import math
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.needs import shared_data

from resartus.app.pubmed.loading import load_files
from resartus.app.pubmed.local import LocalPubmed
from resartus.search.documents import document_of
from resartus.search.index.loading import IndexLoader, PackedRecord
from resartus.search.index.schema import pack
from resartus.sources.formats.readers.pubmed_payloads import iterate_payloads
from resartus.sources.formats.readers.pubmed_xml import parse_payloads

FILES = ("pubmed20n0014.xml.gz", "pubmed21n1298.xml.gz")
TODAY = date(2026, 11, 25)
ALL_OF_PUBMED = 40_000_000


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def peak_mib() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, child) / 1024


def bench_parse(data: Path, scratch: Path) -> None:
    print("\n## Parse (one process, processor time)")
    print("| file | Resartus, all fields | pubmed_parser, its default fields | with authors, "
          "references, subheadings | ratio |")  # fmt: skip
    print("|---|---|---|---|---|")
    for name in FILES:
        path = scratch / name.removesuffix(".gz")
        payloads = list(islice(iterate_payloads(data / name, print), 5000))
        path.write_bytes(
            b"<PubmedArticleSet>" + b"".join(p.content for p in payloads) + b"</PubmedArticleSet>"
        )
        ours = rate(5000, lambda p=path: parse_payloads(iterate_payloads(p, print), file="x"))
        try:
            import pubmed_parser
        except ImportError:
            print(f"| {name} | {ours:,.0f}/s | not installed | | |")
            continue
        few = rate(5000, lambda p=path: pubmed_parser.parse_medline_xml(str(p)))
        same = rate(
            5000,
            lambda p=path: pubmed_parser.parse_medline_xml(
                str(p), year_info_only=False, author_list=True, reference_list=True,
                parse_downto_mesh_subterms=True,
            ),
        )  # fmt: skip
        print(f"| {name} | {ours:,.0f}/s | {few:,.0f}/s | {same:,.0f}/s | {ours / same:.1f} |")


def rate(count: int, work) -> float:
    best = math.inf
    for _ in range(2):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return count / best


def bench_load(data: Path, folder: Path, workers: int) -> None:
    print("\n## From .xml.gz to searchable")
    before = os.times()
    start = time.perf_counter()
    report = load_files(
        [data / name for name in FILES], folder, clock=lambda: datetime.now(UTC), workers=workers
    )
    wall = time.perf_counter() - start
    after = os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    print(f"{report.records:,} records in {wall:.1f} s with {workers} workers: "
          f"{report.records / wall:,.0f}/s by the clock; {cpu:.1f} s of processor time, "
          f"which on two cores of their own is {report.records / cpu * 2:,.0f}/s")  # fmt: skip
    print(f"disk {folder_bytes(folder) / 1e6:,.0f} MB, peak memory {peak_mib():,.0f} MiB, "
          f"load average {os.getloadavg()[0]:.1f}")  # fmt: skip


def strategies(data: Path) -> list[str]:
    path = data / "boolean-queries" / "sysrev-seed-collection" / "overall_collection.jsonl"
    return [json.loads(line)["query"] for line in path.read_text("utf-8").splitlines()]


def latencies(pubmed: LocalPubmed, queries: list[str]) -> tuple[list[float], list[float]]:
    """Whole searches and their evaluation alone, in milliseconds of wall time."""
    whole, alone = [], []
    for query in queries:
        start = time.perf_counter()
        found = pubmed.search(query, today=TODAY)
        whole.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        for line in found.lines:
            pubmed.index.evaluate(line.plan)
        alone.append((time.perf_counter() - start) * 1000)
    return whole, alone


def p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def bench_search(data: Path, folder: Path) -> None:
    print("\n## 40 real strategies (parse, map, evaluate, all PMIDs sorted)")
    queries = strategies(data)
    with LocalPubmed(folder) as pubmed:
        start = time.perf_counter()
        pubmed.search("cancer therapy OR neoplasms[mh] OR tumor*[mh]")
        print(f"first search of a process, which reads the MeSH table: "
              f"{(time.perf_counter() - start) * 1000:.0f} ms")  # fmt: skip
        runs = [latencies(pubmed, queries) for _ in range(5)]
    whole = [min(values) for values in zip(*(run[0] for run in runs), strict=True)]
    first = runs[0][0]
    alone = [min(values) for values in zip(*(run[1] for run in runs), strict=True)]
    print("| | median | p95 | worst |\n|---|---|---|---|")
    for label, values in (
        ("first run", first),
        ("best of five", whole),
        ("evaluation alone", alone),
    ):
        print(f"| {label} | {statistics.median(values):.1f} ms | {p95(values):.1f} ms | "
              f"{max(values):.1f} ms |")  # fmt: skip


def bench_growth(data: Path, scratch: Path, sizes: list[int]) -> None:
    print("\n## Growth (records replicated under new PMIDs; indexing alone, one thread feeding)")
    packed: list[PackedRecord] = []
    for name in FILES:
        payloads = iterate_payloads(data / "pubmed-baseline" / name, print)
        batch = parse_payloads(payloads, file=name)
        packed += [
            PackedRecord(pack(document_of(r, lambda n: None)), r.version, "xml", c)
            for r, c in zip(batch.records, batch.contents, strict=True)
        ]
    queries = strategies(data)
    rows = []
    for size in sizes:
        folder = scratch / f"grown{size}"
        loader = IndexLoader(folder)
        start, cpu = time.perf_counter(), time.process_time()
        done = part = 0
        while done < size:
            load = loader.begin(f"part{part}", f"part{part}")
            records = packed[: size - done]
            load.add(
                r._replace(packed=(r.packed[0] + part * 50_000_000, *r.packed[1:])) for r in records
            )
            load.finish(problems=0, at=datetime.now(UTC))
            done += len(records)
            part += 1
        loader.close()
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        with LocalPubmed(folder) as pubmed:
            pubmed.search("cancer")
            whole, _ = latencies(pubmed, queries)
            broad = [latencies(pubmed, [q])[1][0] for q in ("humans[mh]", "cancer", "inhibit*[tw]")]
        rows.append((size, wall, cpu, folder_bytes(folder), p95(whole), max(broad), peak_mib()))
        shutil.rmtree(folder)
    print(
        "| records | wall | processor | disk | strategies p95 | broadest of three | peak memory |"
    )
    print("|---|---|---|---|---|---|---|")
    for size, wall, cpu, disk, late, broad_ms, memory in rows:
        print(f"| {size:,} | {wall:.0f} s | {cpu:.0f} s | {disk / 1e9:.2f} GB | {late:.0f} ms | "
              f"{broad_ms:.0f} ms | {memory:,.0f} MiB |")  # fmt: skip
    if len(rows) > 1:
        extrapolate(rows)


def extrapolate(rows: list[tuple]) -> None:
    """Carry each figure on by the power of its growth between the first and the last size."""
    first, last = rows[0], rows[-1]
    steps = math.log(last[0] / first[0])
    print(f"\nCarried on to {ALL_OF_PUBMED:,} records by the power law between "
          f"{first[0]:,} and {last[0]:,}:")  # fmt: skip
    for label, column, unit in (
        ("indexing, processor hours", 2, 3600), ("disk, GB", 3, 1e9),
        ("strategies p95, s", 4, 1000), ("broadest of three, s", 5, 1000),
    ):  # fmt: skip
        power = math.log(last[column] / first[column]) / steps
        there = last[column] * (ALL_OF_PUBMED / last[0]) ** power / unit
        print(f"- {label}: {there:,.1f} (power {power:.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="50788,500000", help="for growth; 2000000 takes long")
    parser.add_argument("--only", default="parse,load,search,growth")
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    parts = chosen.only.split(",")
    data = shared_data()
    scratch = Path(tempfile.mkdtemp(prefix="bench-search-"))
    try:
        if "parse" in parts:
            bench_parse(data / "pubmed-baseline", scratch)
        if "load" in parts or "search" in parts:
            bench_load(data / "pubmed-baseline", scratch / "pm", chosen.workers)
        if "search" in parts:
            bench_search(data, scratch / "pm")
        if "growth" in parts:
            sizes = [int(size) for size in chosen.sizes.split(",")]
            bench_growth(data, scratch, sizes)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
