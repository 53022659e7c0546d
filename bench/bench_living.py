"""A day's update file against 1,000 strategies; the diff of 10,000 records; 200 kills.

Run: python bench/bench_living.py [--kills 200] [--strategies 1000]. Needs the public test data
beside the repository. The strategies are the 40 of the seed collection, each many times over with
another MeSH heading joined on, so that all differ and each is evaluated.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests import needs

from resartus.app.living.day import open_day
from resartus.app.living.diff import diff_versions
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.app.versions import draft_version, pin_version
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import Pmid, RecordId
from resartus.domain.plain import to_plain
from resartus.domain.record import Record
from resartus.domain.state import Imported

BAR_DAY_S, BAR_DAY_GB, BAR_DIFF_S = 60.0, 1.0, 2.0
HEADINGS = (
    "humans", "female", "male", "adult", "aged", "child", "animals", "mice", "neoplasms",
    "infections", "cardiovascular diseases", "covid-19", "surgical procedures, operative",
    "drug therapy", "diagnosis", "risk factors", "prognosis", "survival rate",
    "retrospective studies", "prospective studies", "quality of life", "united states", "china",
    "europe", "pregnancy",
)  # fmt: skip


def row(name: str, figure: str, bar: str, verdict: bool | None) -> None:
    said = "" if verdict is None else ("met" if verdict else "MISSED")
    print(f"{name:<52}{figure:>22}{bar:>12}  {said}")


def strategies(count: int) -> list[str]:
    path = needs.shared_data() / "boolean-queries/sysrev-seed-collection/overall_collection.jsonl"
    real = [json.loads(line)["query"] for line in path.read_text("utf-8").splitlines()]
    out = []
    for number in range(count):
        query, turn = real[number % len(real)], number // len(real)
        heading = HEADINGS[turn % len(HEADINGS)]
        out.append(query if turn == 0 else f'({query}) AND "{heading}"[mh]')
    return out


def _processor_s() -> float:
    """Return the processor time of this process and its ended children."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in used)


def day(count: int) -> None:
    path = needs.shared_data() / "pubmed-baseline/pubmed21n1298.xml.gz"
    start, before = time.perf_counter(), _processor_s()
    with open_day(path, clock=lambda: datetime.now(UTC)) as opened:
        indexed = time.perf_counter() - start
        queries = strategies(count)
        each = []
        hits = 0
        for query in queries:
            begin = time.perf_counter()
            hits += len(opened.matches(query))
            each.append(time.perf_counter() - begin)
        records = len(opened.everything)
    total = time.perf_counter() - start
    spent = _processor_s() - before
    each.sort()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"{records:,} records of one day, {len(set(queries)):,} strategies, {hits:,} hits")
    row("index the day", f"{indexed:.1f} s", "-", None)
    middle, late = (1e3 * each[int(share * len(each))] for share in (0.5, 0.95))
    row("one strategy, median / p95", f"{middle:.1f} / {late:.1f} ms", "-", None)
    row("all of it", f"{total:.1f} s", f"{BAR_DAY_S:g} s", total < BAR_DAY_S)
    row("processor time of it, all processes", f"{spent:.1f} s", "-", None)
    row(
        "peak memory, this process + the largest worker",
        f"{peak:.2f} + {workers:.2f} GB",
        f"{BAR_DAY_GB:g} GB",
        peak + workers < BAR_DAY_GB,
    )


def diff(n: int = 10_000) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "r"
        folder.mkdir()
        with Review.create(folder, protocol_text=TEMPLATE, person="ann") as review:
            for half in (0, 1):
                numbers = range(half * n // 2 + 1, (half + 1) * n // 2 + 1)
                ids = [RecordId(f"pubmed:{i}") for i in numbers]
                review.store.save_records(
                    Record(record_id=r, source="pubmed", pmid=Pmid(i), title=r)
                    for i, r in zip(numbers, ids, strict=True)
                )
                review.append(
                    EventKind.RECORDS_IMPORTED, Imported(origin="file", record_ids=tuple(ids))
                )
                review.append_all(
                    review.new_event(
                        EventKind.DECISION_MADE,
                        to_plain(
                            Decision(
                                record_id=r,
                                stage=Stage.SCREENING,
                                verdict=Verdict.EXCLUDE if i % 7 else Verdict.INCLUDE,
                                decided_by="ann",
                                decided_at=review.clock(),
                            )
                        ),
                    )
                    for i, r in enumerate(ids)
                )
                if half == 0:
                    first = pin_version(review, trigger="first")
            second = draft_version(review)
            start, spent = time.perf_counter(), time.process_time()
            found = diff_versions(review, first, second)
            seconds, spent = time.perf_counter() - start, time.process_time() - spent
    row(
        f"diff of versions with {n:,} records, {len(found.changes):,} changes",
        f"{seconds:.2f} s ({spent:.2f} CPU)",
        f"{BAR_DIFF_S:g} s",
        seconds < BAR_DIFF_S,
    )


PROTOCOL = TEMPLATE + '\n[[search]]\nid = "main"\nsource = "file"\nquery = "resection[tiab]"\n'
ARTICLE = (
    '<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
    '<Article PubModel="Print"><Journal><JournalIssue><PubDate><Year>2024</Year></PubDate>'
    "</JournalIssue><Title>T</Title></Journal><ArticleTitle>Resection {pmid}</ArticleTitle>"
    "<Language>eng</Language></Article></MedlineCitation></PubmedArticle>"
)


def kills(count: int) -> None:
    draw = random.Random(9)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        folder, updates = root / "r", root / "updates"
        folder.mkdir()
        updates.mkdir()
        Review.create(folder, protocol_text=PROTOCOL, person="ann").close()
        (root / "watch.toml").write_text(
            'reviews = ["r"]\nupdates = "updates"\nfeed = "f.atom"\nevery_hours = 1\n', "utf-8"
        )
        plan = str(root / "watch.toml")
        watch = [sys.executable, "-c", "from resartus.cli.main import main; main()", "watch"]
        command = [*watch, "--once", plan]
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        usual = time.perf_counter() - start
        killed = rounds = 0
        while killed < count:
            pmid = 1000 + rounds
            (updates / f"pubmed24n{rounds:04d}.xml").write_text(
                f"<PubmedArticleSet>{ARTICLE.format(pmid=pmid)}</PubmedArticleSet>", "utf-8"
            )
            rounds += 1
            quiet = subprocess.DEVNULL
            start = time.perf_counter()
            process = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
            try:
                process.wait(timeout=draw.uniform(0.1, 1.0) * usual)
                usual = (usual + time.perf_counter() - start) / 2
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                killed += 1
                # What was killed leaves more for the next: it takes longer.
                usual *= 1.02
        subprocess.run(command, check=True, capture_output=True)
        with Review(folder) as review:
            events = list(review.store.load_events())
            arrived = set(review.state().arrived)
            by_file = Counter(
                e.data["corpus"]
                for e in events
                if e.kind is EventKind.SEARCH_RAN and e.data["corpus"].startswith("PubMed file")
            )
        asked = [*watch, "--log", plan]
        log = subprocess.run(asked, check=True, capture_output=True, text=True)
        told = len(log.stdout.splitlines())
    lost = rounds - sum(f"pubmed:{1000 + n}" in arrived for n in range(rounds))
    doubled = sum(n - 1 for n in by_file.values())
    gaps = [e.seq for e in events] != list(range(1, len(events) + 1))
    row(f"{killed} kills in {rounds} rounds: records lost", str(lost), "0", lost == 0)
    row("runs logged twice", str(doubled), "0", doubled == 0)
    row("gaps in the log", str(int(gaps)), "0", not gaps)
    row("entries told", str(told), str(rounds), told == rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strategies", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=200)
    options = parser.parse_args()
    print(f"{'measured':<52}{'figure':>22}{'bar':>12}")
    day(options.strategies)
    diff()
    if options.kills:
        kills(options.kills)


if __name__ == "__main__":
    main()
