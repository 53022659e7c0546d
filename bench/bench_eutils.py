"""Serve 30,000 real records as NCBI would and measure what programs get out of it.

Needs the public test data beside the repository (pubmed-baseline). The limit
beside each figure is what NCBI allows: 3 requests a second without a key.

    python bench/bench_eutils.py
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import needs

from resartus.app.eutils.local import LocalCollection
from resartus.app.pubmed.loading import load_files
from resartus.sources.eutils.client import EutilsClient
from resartus.sources.eutils.harvest import fetch_everything
from resartus.sources.eutils.journal import Journal
from resartus.sources.eutils.settings import EutilsSettings
from resartus.stores.payloads import FilePayloads

TERM = "neoplasms[mh] OR liver[tiab]"


def serve(folder: Path, address) -> None:
    """Run the server in a process of its own."""
    import uvicorn

    from resartus.api.eutils.app import create_eutils_app

    app = create_eutils_app(LocalCollection(folder))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    started = server.startup

    async def startup(sockets=None) -> None:
        await started(sockets)
        address.put(server.servers[0].sockets[0].getsockname()[1])

    server.startup = startup
    server.run()


def timed(base: str, utility: str, many: int, **parameters: object) -> list[float]:
    """Return the seconds of each of so many requests."""
    body = urllib.parse.urlencode(parameters).encode()
    seconds = []
    for _ in range(many):
        began = time.perf_counter()
        with urllib.request.urlopen(f"{base}{utility}.fcgi", data=body, timeout=60) as reply:
            reply.read()
        seconds.append(time.perf_counter() - began)
    return seconds


def row(name: str, seconds: list[float]) -> None:
    """Print one line of the table."""
    median = statistics.median(seconds) * 1000
    rate = len(seconds) / sum(seconds)
    print(f"{name:44} {median:9.1f} ms {rate:9.1f} a second, {rate / 3:6.1f} x NCBI's limit")


def main() -> None:
    """Print the table."""
    source = needs.shared_data() / "pubmed-baseline" / "pubmed20n0014.xml.gz"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        load_files([source], folder / "pubmed", clock=lambda: datetime.now(UTC), workers=2)
        print(f"30,000 records loaded in {time.perf_counter() - began:.1f} s")
        # Spawned, not forked: the index has threads of its own.
        spawn = multiprocessing.get_context("spawn")
        address = spawn.Queue()
        process = spawn.Process(target=serve, args=(folder / "pubmed", address))
        process.start()
        base = f"http://127.0.0.1:{address.get(timeout=60)}/entrez/eutils/"
        try:
            measure(base, folder)
        finally:
            process.terminate()
            process.join()


def measure(base: str, folder: Path) -> None:
    """Ask the server and print what came."""
    query = {"db": "pubmed", "term": TERM, "retmode": "json"}
    row("esearch, 20 PMIDs, with translation", timed(base, "esearch", 50, **query))
    row("esearch, 9,999 PMIDs", timed(base, "esearch", 20, **query, retmax=9999))
    with urllib.request.urlopen(f"{base}esearch.fcgi?{urllib.parse.urlencode(query)}") as reply:
        found = json.load(reply)["esearchresult"]
    print(f"   ({TERM}: {found['count']} records)")
    ids = ",".join(found["idlist"] * 10)
    row("efetch, 200 records as XML", timed(base, "efetch", 20, id=ids, retmode="xml"))
    row("efetch, 200 records as MEDLINE", timed(base, "efetch", 10, id=ids, rettype="medline"))
    row("esummary, 200 records as JSON", timed(base, "esummary", 10, id=ids, retmode="json"))
    settings = EutilsSettings(base_url=base, requests_per_second=1000)
    payloads = FilePayloads(folder / "payloads")
    client = EutilsClient(settings, payloads=payloads)
    began = time.perf_counter()
    harvest = fetch_everything(
        client, "all[sb]", journal=Journal(folder / "journal"), now=datetime.now(UTC)
    )
    seconds = time.perf_counter() - began
    client.close()
    many = len(harvest.pmids)
    least = (many / 200 + 2) / 3
    print(
        f"a whole search of {many:,} records, past the cap of 9,999: {seconds:.1f} s; "
        f"NCBI at 3 requests a second allows {least:.0f} s at best: {least / seconds:.1f} x"
    )


if __name__ == "__main__":
    main()
