"""Fetch 10,000 PubMed records at NCBI's rate, beside the one-record-a-request design.

A server on this machine stands for NCBI: it answers esearch after 0.6 s and
efetch after 0.6 s plus 2 ms a record (1 s for 200), counts requests that come
too fast, and answers those with 429. Records are real ones where the public
test data is beside the repository, else placeholders of one line.

The other design (CoLRev 0.16's pubmed source: pages of 20 PMIDs, then one
record a request, one after the other) is simulated with 60 requests and
extended to all 10,500; at NCBI's rate it cannot be faster than 10,500 / 3 s.

    python bench/bench_ncbi.py [records]
"""

from __future__ import annotations

import gzip
import multiprocessing
import re
import sys
import tempfile
import time
from collections import deque
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.sources.eutils.server import FakePubmed, Reply, article, rate_limited, running

from resartus.sources.eutils.client import EutilsClient
from resartus.sources.eutils.harvest import BATCH_SIZE, fetch_everything
from resartus.sources.eutils.journal import Journal
from resartus.sources.eutils.pace import Pace
from resartus.sources.eutils.settings import EutilsSettings
from resartus.stores.payloads import FilePayloads

BAR_S = 120.0
RATE = 3.0


def real_articles(many: int) -> dict[int, bytes]:
    """Return real records, or placeholders where there are none."""
    for parent in Path(__file__).resolve().parents:
        path = parent / "shared/data/pubmed-baseline/pubmed20n0014.xml.gz"
        if path.exists():
            text = gzip.decompress(path.read_bytes())
            found = re.finditer(rb"<PubmedArticle>.*?</PubmedArticle>\s*", text, re.DOTALL)
            records = (match.group() for _, match in zip(range(many), found, strict=False))
            return {int(re.search(rb"<PMID[^>]*>(\d+)", r)[1]): r for r in records}
    return {pmid: article(pmid) for pmid in range(1, many + 1)}


class Ncbi(FakePubmed):
    """The fake, with NCBI's manners: latency by size, and 429 above three a second."""

    def __init__(self, records: dict[int, bytes]) -> None:
        # As they were entered: over some years of the seventies.
        days = ((pmid, date(1976, 1, 1) + timedelta(days=i // 8)) for i, pmid in enumerate(records))
        super().__init__(dict(days))
        self.xml = records.__getitem__
        self.recent: deque[float] = deque(maxlen=4)
        self.refused = multiprocessing.Value("i", 0)

    def reply(self, utility: str, parameters: dict[str, str]) -> Reply:
        now = time.monotonic()
        self.recent.append(now)
        # Four within 0.95 s: the network may bring evenly spaced requests a little closer.
        if len(self.recent) == 4 and now - self.recent[0] < 0.95:
            self.refused.value += 1
            return rate_limited()
        size = parameters.get("id", "").count(",") + 1 if utility.startswith("efetch") else 0
        time.sleep(0.6 + 0.002 * size)
        return super().reply(utility, parameters)


def serve(pubmed: Ncbi, address, done) -> None:
    """Run the server in a process of its own until told."""
    with running(pubmed) as url:
        address.put(url)
        done.wait()


def ours(url: str, *, many: int) -> tuple[float, float]:
    """Return seconds and megabytes of a whole harvest."""
    settings = EutilsSettings(base_url=url, requests_per_second=RATE)
    with tempfile.TemporaryDirectory() as folder:
        payloads = FilePayloads(Path(folder) / "payloads")
        client = EutilsClient(settings, payloads=payloads, pace=Pace(RATE))
        began = time.perf_counter()
        found = fetch_everything(
            client, "x", journal=Journal(Path(folder) / "j"), now=datetime.now(UTC)
        )
        seconds = time.perf_counter() - began
        size = sum(len(payloads.load(name)) for name in found.records) / 1e6
        client.close()
    assert len(found.pmids) == many, len(found.pmids)
    assert not found.missing, found.missing
    return seconds, size


def one_by_one(url: str, *, many: int) -> tuple[float, float]:
    """Return the seconds of the other design, extended from 60 requests, and its least."""
    settings = EutilsSettings(base_url=url, requests_per_second=RATE)
    with tempfile.TemporaryDirectory() as folder:
        client = EutilsClient(settings, payloads=FilePayloads(Path(folder)), pace=Pace(RATE))
        began = time.perf_counter()
        first, *_ = (client.fetch_search("x", most=20) for _ in range(3))
        for i in range(57):
            client.fetch_batch([first.pmids[i % 20]])
        each = (time.perf_counter() - began) / 60
        client.close()
    requests = many / 20 + many
    return each * requests, requests / RATE


def main() -> None:
    """Print the table."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    pubmed = Ncbi(real_articles(many))
    many = len(pubmed.entered)
    address, done = multiprocessing.Queue(), multiprocessing.Event()
    process = multiprocessing.Process(target=serve, args=(pubmed, address, done))
    process.start()
    url = address.get()
    seconds, size = ours(url, many=many)
    slow, least = one_by_one(url, many=many)
    done.set()
    process.join()
    print(f"{many:,} records at {RATE:g} requests a second, efetch 1 s for {BATCH_SIZE} records")
    print(f"{'Resartus':34} {seconds:8.1f} s   {size:.0f} MB, {pubmed.refused.value} refused")
    print(f"{'one record a request, in turn':34} {slow:8.1f} s   extended from 60 requests")
    print(f"{'the same, were NCBI instant':34} {least:8.1f} s   computed: {least / 60:.0f} minutes")
    print(f"ratio {slow / seconds:.0f} (least {least / seconds:.0f}); bar {BAR_S:g} s: ", end="")
    print("met" if seconds <= BAR_S else "MISSED")


if __name__ == "__main__":
    main()
