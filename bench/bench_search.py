"""Parse, load and search PubMed: rates beside a peer, latency, growth to 40 million.

    python bench/bench_search.py [--sizes 50788,500000] [--only parse,load,search,language,...]

Needs ../shared/data (two real PubMed files, 50,788 records; 40 real strategies). The peer,
pubmed_parser, is measured if it is installed. Growth replicates the records under new PMIDs.
"""

import argparse
import contextlib
import gzip
import json
import math
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.needs import shared_data

from resartus.app.pubmed.loading import load_files
from resartus.app.pubmed.local import LocalPubmed
from resartus.domain.record import Record
from resartus.search.documents import document_of
from resartus.search.index.loading import IndexLoader, PackedRecord
from resartus.search.index.schema import pack
from resartus.search.language import parse_query
from resartus.search.matcher import Matcher
from resartus.search.plan import EVERYTHING
from resartus.search.searching import search_index
from resartus.sources.formats.readers.pubmed_payloads import iterate_payloads
from resartus.sources.formats.readers.pubmed_xml import batches_of, parse_payloads

FILES = ("pubmed20n0014.xml.gz", "pubmed21n1298.xml.gz")
TODAY = date(2026, 11, 25)
ALL_OF_PUBMED = 40_000_000


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def peak_mib() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, child) / 1024


SLICE = 2_500


def bench_parse(data: Path, scratch: Path) -> None:
    """Slices of whole files, each read by all in turn, so that a busy moment meets all alike."""
    print("\n## Parse .xml.gz (one process, records per second of processor time)")
    print("| file | Resartus, all fields | pubmed_parser, its default fields | with authors, "
          "references, subheadings | ratio |")  # fmt: skip
    print("|---|---|---|---|---|")
    works = {"ours": parsed_by_us}
    with contextlib.suppress(ImportError):
        from pubmed_parser import parse_medline_xml

        works["few"] = parse_medline_xml
        works["same"] = partial(
            parse_medline_xml, year_info_only=False, author_list=True, reference_list=True,
            parse_downto_mesh_subterms=True,
        )  # fmt: skip
    for name in FILES:
        spent = dict.fromkeys(works, 0.0)
        count = 0
        payloads = iterate_payloads(data / name, print)
        # Every other slice.
        while held := list(islice(payloads, 2 * SLICE))[:SLICE]:
            count += len(held)
            path = scratch / "slice.xml.gz"
            content = b"".join(payload.content for payload in held)
            path.write_bytes(gzip.compress(b"<PubmedArticleSet>%b</PubmedArticleSet>" % content))
            for label, work in works.items():
                start = time.process_time()
                for _ in work(str(path)):
                    pass
                spent[label] += time.process_time() - start
        rates = {label: f"{count / seconds:,.0f}" for label, seconds in spent.items()}
        ratio = f"{spent['same'] / spent['ours']:.1f}" if "same" in spent else "not installed"
        print(f"| {name} | {rates['ours']} | {rates.get('few', '')} | {rates.get('same', '')} | "
              f"{ratio} |")  # fmt: skip


def parsed_by_us(path: str) -> Iterator[Record]:
    for batch in batches_of(iterate_payloads(Path(path), print)):
        yield from parse_payloads(batch, file=path).records


def bench_language(folder: Path) -> None:
    print("\n## Long queries (processor time)")
    with LocalPubmed(folder) as pubmed:
        pubmed.search("cancer")
        for label, unit in (
            ("tagged", "word{}[tiab] OR "),
            ("untagged, each mapped", "word{} OR "),
        ):
            for count in (3_000, 24_000):
                text = "".join(unit.format(i) for i in range(count)).removesuffix(" OR ")
                start = time.process_time()
                parse_query(text)
                parsed = time.process_time() - start
                start = time.process_time()
                pubmed.search(text, today=TODAY)
                whole = time.process_time() - start
                print(f"{count:,} terms, {label}: parsed in {parsed:.2f} s; "
                      f"mapped and searched in {whole:.2f} s")  # fmt: skip


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


def latencies(pubmed: LocalPubmed, asked: list[str]) -> tuple[list[float], ...]:
    """Whole searches and their evaluation by the clock, and whole in processor time, in ms."""
    whole, alone, processor = [], [], []
    for query in asked:
        start, cpu = time.perf_counter(), time.process_time()
        found = pubmed.search(query, today=TODAY)
        whole.append((time.perf_counter() - start) * 1000)
        processor.append((time.process_time() - cpu) * 1000)
        start = time.perf_counter()
        for line in found.lines:
            pubmed.index.evaluate(line.plan)
        alone.append((time.perf_counter() - start) * 1000)
    return whole, alone, processor


def p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def bench_search(data: Path, folder: Path) -> None:
    print("\n## 40 real strategies (parse, map, evaluate, all PMIDs sorted)")
    asked = strategies(data)
    with LocalPubmed(folder) as pubmed:
        start = time.perf_counter()
        pubmed.search("cancer therapy OR neoplasms[mh] OR tumor*[mh]")
        print(f"first search of a process, which reads the MeSH table: "
              f"{(time.perf_counter() - start) * 1000:.0f} ms")  # fmt: skip
        runs = [latencies(pubmed, asked) for _ in range(5)]
    whole = [min(values) for values in zip(*(run[0] for run in runs), strict=True)]
    first = runs[0][0]
    alone = [min(values) for values in zip(*(run[1] for run in runs), strict=True)]
    cpu = [min(values) for values in zip(*(run[2] for run in runs), strict=True)]
    print("| | median | p95 | worst |\n|---|---|---|---|")
    for label, values in (
        ("first run", first),
        ("best of five", whole),
        ("evaluation alone", alone),
        ("processor time", cpu),
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
    asked = strategies(data)
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
            runs = [latencies(pubmed, asked) for _ in range(3)]
            whole, used = (
                [min(values) for values in zip(*(run[part] for run in runs), strict=True)]
                for part in (0, 2)
            )
            broad = [latencies(pubmed, [q])[1][0] for q in ("humans[mh]", "cancer", "inhibit*[tw]")]
        rows.append((size, wall, cpu, folder_bytes(folder), p95(used), p95(whole), max(broad)))
        shutil.rmtree(folder)
        print(f"  {size:,} records done, load average {os.getloadavg()[0]:.1f}", flush=True)
    print("| records | wall | processor | disk | strategies p95, processor | by the clock | "
          "broadest of three |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    for size, wall, cpu, disk, used_ms, late, broad_ms in rows:
        print(f"| {size:,} | {wall:.0f} s | {cpu:.0f} s | {disk / 1e9:.2f} GB | {used_ms:.0f} ms | "
              f"{late:.0f} ms | {broad_ms:.0f} ms |")  # fmt: skip
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
        ("strategies p95, processor seconds", 4, 1000),
        ("broadest of three, s", 6, 1000),
    ):  # fmt: skip
        power = math.log(last[column] / first[column]) / steps
        there = last[column] * (ALL_OF_PUBMED / last[0]) ** power / unit
        print(f"- {label}: {there:,.1f} (power {power:.2f})")


def bench_oracle(data: Path, scratch: Path, count: int) -> None:
    """Hold the index against the matcher, which looks at every record, on generated queries."""
    # Here and not above: a worker process imports this file too.
    from hypothesis import HealthCheck, given, settings
    from tests.search.queries import queries

    path = scratch / "oracle.xml"
    with path.open("wb") as stream:
        for name, step in zip(FILES, (22, 28), strict=True):
            payloads = iterate_payloads(data / "pubmed-baseline" / name, print)
            for payload in islice(payloads, 0, None, step):
                stream.write(payload.content)
    load_files([path], scratch / "oracle", clock=lambda: datetime.now(UTC), workers=1)
    asked: list[int] = []
    wrong: list[str] = []
    with LocalPubmed(scratch / "oracle") as pubmed:
        records = list(pubmed.records(pubmed.index.evaluate(EVERYTHING)))
        ids = pubmed.vocabulary.id_of
        matcher = Matcher([document_of(r, ids) for r in records], pubmed.index.journals())

        @settings(max_examples=count, deadline=None, database=None,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(queries(matcher.documents, pubmed.vocabulary))
        def ask(query: str) -> None:
            found = pubmed.search(query, today=TODAY).pmids
            expected = search_index(query, matcher, vocabulary=pubmed.vocabulary, today=TODAY).pmids
            asked.append(len(found))
            if list(found) != sorted(matcher.documents[i].pmid for i in expected):
                wrong.append(query)
            if not len(asked) % 250:
                print(f"  {len(asked):,} queries, {len(wrong)} differences", flush=True)

        ask()
    some = sum(0 < n < len(records) for n in asked)
    print(f"\n## Index and matcher over {len(records):,} real records\n{len(asked):,} generated "
          f"queries, {len(wrong)} differences; {some:,} found some but not all records, median "
          f"{statistics.median(asked):.0f}")  # fmt: skip
    for query in wrong[:10]:
        print("  differs:", query)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="50788,500000", help="for growth; 2000000 takes long")
    parser.add_argument("--only", default="parse,load,search,language,oracle,growth")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--queries", type=int, default=3000, help="for oracle")
    chosen = parser.parse_args()
    parts = chosen.only.split(",")
    data = shared_data()
    scratch = Path(tempfile.mkdtemp(prefix="bench-search-"))
    try:
        if "parse" in parts:
            bench_parse(data / "pubmed-baseline", scratch)
        if {"load", "search", "language"} & set(parts):
            bench_load(data / "pubmed-baseline", scratch / "pm", chosen.workers)
        if "search" in parts:
            bench_search(data, scratch / "pm")
        if "language" in parts:
            bench_language(scratch / "pm")
        if "oracle" in parts:
            bench_oracle(data, scratch, chosen.queries)
        if "growth" in parts:
            sizes = [int(size) for size in chosen.sizes.split(",")]
            bench_growth(data, scratch, sizes)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
