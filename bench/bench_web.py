"""Ten reviewers vote at full speed for a minute; then the first page and 100,000 records.

Run: python bench/bench_web.py [--seconds 60] [--records 100000] [--database sqlite]
     python bench/bench_web.py --part pages   (the example's slow pages, nothing else needed)
Needs shared/data (PubMed's baseline file) and, for PostgreSQL, its programs.

The server is the one a team runs (`resartus team serve`, one process) on a PostgreSQL with its
default durability; the reviewers are ten threads of another process on the same two cores, each
sending its vote, following the answer to the next page and reading the record there, without a
pause. Afterwards the log must hold every acknowledged vote exactly once.
"""

import argparse
import http.client
import multiprocessing
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.app.team.team import PASSWORD, add, team_server
from tests.journeys.browser import free_port
from tests.needs import shared_data
from tests.stores.databases import postgres_url

from resartus.app.permissions import Role
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.app.team.server import TeamServer
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.plain import to_plain
from resartus.domain.record import Record
from resartus.domain.state import Imported
from resartus.sources.formats.reading import read_citations

PEOPLE = 10
PLACE = "/reviews/r1/screen/title-abstract"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_FORM = re.compile(
    r'name="record_id" value="([^"]+)"[^>]*>\s*<input[^>]*name="key" value="([^"]+)"'
)


def citations(count: int) -> list[Record]:
    """Return real PubMed records; beyond what the file holds they come again under new ids."""
    path = shared_data() / "pubmed-baseline" / "pubmed20n0014.xml.gz"
    real = list(read_citations(path).records)
    print(f"{len(real)} real records read")
    return [
        record if n < len(real) else replace(record, record_id=RecordId(f"{record.record_id}-{n}"))
        for n, record in zip(range(count), _again(real), strict=False)
    ]


def _again(records: list[Record]) -> Iterable[Record]:
    while True:
        yield from records


def fill(review: Review, records: list[Record]) -> None:
    review.store.save_records(records)
    ids = tuple(record.record_id for record in records)
    review.append(EventKind.RECORDS_IMPORTED, Imported(origin="bench", record_ids=ids))


class Browser:
    """As little of a browser as votes need: one connection, cookies, forms."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("localhost", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        headers = {"cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers["content-type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                pair = value.split(";")[0].partition("=")
                self.cookies[pair[0]] = pair[2].strip('"')
        return answer.status, text

    def sign_in(self, email: str) -> None:
        _, text = self.ask("GET", "/sign-in")
        token = _CSRF.search(text)
        assert token
        fields = {"csrf": token.group(1), "email": email, "password": PASSWORD}
        status, _ = self.ask("POST", "/sign-in", fields)
        assert status == 303, status


def reviewer(port: int, number: int, seconds: float, out: list) -> None:
    browser = Browser(port)
    browser.sign_in(f"reviewer.{number}@example.org")
    _, text = browser.ask("GET", PLACE)
    votes, pages, keys = [], [], []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        form, token = _FORM.search(text), _CSRF.search(text)
        assert form is not None, text[:2000]
        assert token is not None
        verdict = ("include", "exclude", "maybe")[len(keys) % 3]
        fields = {"csrf": token.group(1), "record_id": form.group(1), "key": form.group(2)}
        start = time.perf_counter()
        status, _ = browser.ask("POST", PLACE, {**fields, "verdict": verdict})
        middle = time.perf_counter()
        assert status == 303, status
        keys.append(form.group(2))
        _, text = browser.ask("GET", PLACE)
        votes.append(middle - start)
        pages.append(time.perf_counter() - middle)
    out.append((votes, pages, keys))


def crowd(port: int, seconds: float, queue: "multiprocessing.Queue") -> None:
    out: list = []
    threads = [
        threading.Thread(target=reviewer, args=(port, n, seconds, out)) for n in range(PEOPLE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.put(out)


def ms(values: list[float], share: float) -> str:
    ordered = sorted(values)
    return f"{ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000:.0f} ms"


def start_server(folder: Path, url: str, port: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "resartus.cli.main", "team", "serve", "--port", str(port)]
    command += ["--home", str(folder), "--database", url, "--per-minute", "10000000"]
    code = "from resartus.cli.main import main; main()"
    process = subprocess.Popen([sys.executable, "-c", code, *command[3:]], env=os.environ.copy())
    for _ in range(200):
        try:
            Browser(port).ask("GET", "/sign-in")
            return process
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def load(folder: Path, url: str, records: list[Record], seconds: float) -> None:
    server = team_server(folder, url=url)
    prepare(server, records)
    server.close()
    port = free_port()
    process = start_server(folder, url, port)
    queue: multiprocessing.Queue = multiprocessing.Queue()
    people = multiprocessing.Process(target=crowd, args=(port, seconds, queue))
    people.start()
    out = queue.get()
    people.join()
    first_page(port)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)
    votes = [t for part in out for t in part[0]]
    pages = [t for part in out for t in part[1]]
    sent = Counter(key for part in out for key in part[2])
    server = team_server(folder, url=url)
    with server.open_review("r1", person="bench") as review:
        kept = Counter(e.key for e in review.store.load_events() if e.key)
    server.close()
    print(f"\n{len(out)} reviewers, {len(records)} records, {seconds:.0f} s")
    print(f"votes acknowledged      {len(votes)} ({len(votes) / seconds:.0f} a second)")
    print(f"lost, doubled           {sum((sent - kept).values())}, {sum((kept - sent).values())}")
    for name, values in (("vote", votes), ("next page", pages), ("all requests", votes + pages)):
        shares = "  ".join(f"p{int(s * 100)} {ms(values, s)}" for s in (0.5, 0.95, 0.99))
        print(f"{name:<22}  {shares}")
    print(f"ratio of p95 to the limit of 150 ms: {float(ms(votes + pages, 0.95)[:-3]) / 150:.2f}")


def prepare(server: TeamServer, records: list[Record]) -> None:
    owner = add(server, "owner")
    text = TEMPLATE.replace("reviewers_per_stage = 1", "reviewers_per_stage = 2")
    server.create_review("r1", protocol_text=text, owner=owner)
    for n in range(PEOPLE):
        add(server, f"reviewer {n}", Role.REVIEWER)
    start = time.perf_counter()
    with server.open_review("r1", person="owner") as review:
        fill(review, records)
    print(f"\n{len(records)} records kept in {time.perf_counter() - start:.1f} s")


def first_page(port: int) -> None:
    browser = Browser(port)
    browser.sign_in("owner@example.org")
    times = []
    for _ in range(10):
        start = time.perf_counter()
        status, text = browser.ask("GET", "/reviews/r1/")
        assert status == 200
        for asset in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
            browser.ask("GET", asset)
        times.append(time.perf_counter() - start)
    print(f"first page with its files: {ms(times, 0.5)} median, {ms(times, 1)} worst (limit 300)")
    scripts = Path(__file__).parents[1] / "src" / "resartus" / "web" / "static"
    sizes = {path.name: path.stat().st_size for path in scripts.glob("*.js")}
    print(f"script bytes, all pages together: {sum(sizes.values())} of 300000 ({sizes})")


def large(folder: Path, url: str, records: list[Record], votes: int = 200) -> None:
    server = team_server(folder, url=url)
    prepare(server, records)
    server.close()
    port = free_port()
    process = start_server(folder, url, port)
    browser = Browser(port)
    browser.sign_in("reviewer.0@example.org")
    start = time.perf_counter()
    _, text = browser.ask("GET", PLACE)
    opened = time.perf_counter() - start
    print(f"\n{len(records)} records: opened in {opened:.1f} s after the server started")
    start = time.perf_counter()
    parts: dict[str, list[float]] = {}
    while len(parts.get("after it", ())) < votes:
        part = (
            "after it"
            if "Ranked by what was judged" in text
            else "while the first ranking is learnt"
        )
        text, took = judge_one(browser, text)
        parts.setdefault(part, []).append(took)
        if part == "after it" and len(parts[part]) == 1:
            print(f"first ranking there after {time.perf_counter() - start:.0f} s of voting")
    for part, cycles in parts.items():
        print(
            f"vote and next record, {part} ({len(cycles)} votes): "
            f"{statistics.median(cycles) * 1000:.0f} ms median, {ms(cycles, 0.95)} p95, "
            f"{ms(cycles, 1)} worst (limit 100)"
        )
    pages(browser)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)


def judge_one(browser: Browser, text: str) -> tuple[str, float]:
    """Send one vote for the page's record; return the next page and how long both took."""
    form, token = _FORM.search(text), _CSRF.search(text)
    assert form
    assert token
    fields = {"csrf": token.group(1), "record_id": form.group(1), "key": form.group(2)}
    start = time.perf_counter()
    browser.ask("POST", PLACE, {**fields, "verdict": "exclude"})
    _, text = browser.ask("GET", PLACE)
    return text, time.perf_counter() - start


def pages(browser: Browser) -> None:
    """Print how long other pages of a large review take."""
    for path in (
        "/",
        "/screen/title-abstract/list",
        "/screen/title-abstract/list?show=all",
        "/screen/title-abstract/progress",
        "/conflicts",
        "/log",
        "/duplicates",
    ):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            status, text = browser.ask("GET", f"/reviews/r1{path}")
            times.append(time.perf_counter() - start)
            assert status == 200, (path, status, text[:500])
        print(f"page {path:<40} {ms(times, 0.5)} median, {ms(times, 1)} worst")


def twice_entered(folder: Path, copies: int) -> None:
    """Enter all values of the example once more by a second person, a part of them otherwise.

    With ``copies`` the studies are there so many times over.
    """
    with Review(folder, person="ben") as review:
        cells = list(review.state().cells.values())
        studies = list(review.state().studies.values())
        for copy in range(copies):
            name = f"-{copy}" if copy else ""
            new = []
            for study in studies if copy else ():
                again = replace(study, study_id=study.study_id + name, label=study.label + name)
                review.append(EventKind.STUDY_DEFINED, again)
            for number, cell in enumerate(cells):
                first = replace(cell, study_id=cell.study_id + name)
                value = cell.extracted.value
                if number % 10 == 0 and isinstance(value, int | float):
                    value += 1
                entered = replace(cell.extracted, entered_by="ben", value=value)
                new += [first] if copy else []
                new.append(replace(first, extracted=entered))
            for start in range(0, len(new), 50):
                data = {"cells": [to_plain(cell) for cell in new[start : start + 50]]}
                review.append(EventKind.CELL_ENTERED, data)


def slow_pages(folder: Path, times: int) -> None:
    """Ask the example's slow pages several times, in processor time of the server alone."""
    from starlette.testclient import TestClient

    from resartus.app.demo import build_demo
    from resartus.web.app import create_app

    build_demo(folder / "demo").close()
    shutil.copytree(folder / "demo", folder / "double")
    twice_entered(folder / "double", 8)
    asked = {"demo": ("/results", "/results/survival", "/updates", "/audit?version=2"),
             "double": ("/double-entry",)}  # fmt: skip
    print("processor time of a page       first       median of the next")
    for name, paths in asked.items():
        app = create_app(folder / name, person="ana", hosts=("localhost",))
        with TestClient(app, base_url="http://localhost") as client:
            # The report's files are there, and held against the version by its audit.
            client.get("/report/2.html" if name == "demo" else "/")
            for path in paths:
                taken = []
                for _ in range(times):
                    began = time.process_time()
                    while 'id="waiting"' in client.get(path).text:
                        time.sleep(0.2)
                    taken.append(time.process_time() - began)
                again = statistics.median(taken[1:])
                print(f"  {path:25} {1000 * taken[0]:8.0f} ms {1000 * again:8.0f} ms")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--records", type=int, default=100_000)
    arguments.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    arguments.add_argument("--part", choices=["crowd", "large", "both", "pages"], default="both")
    given = arguments.parse_args()
    if given.part == "pages":
        with tempfile.TemporaryDirectory() as name:
            slow_pages(Path(name), 10)
        return
    records = citations(given.records)

    def run(work, *rest) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if given.database == "sqlite":
                work(folder, f"sqlite:///{folder / 'team.db'}", *rest)
                return
            with postgres_url(is_durable=True) as url:
                work(folder, url, *rest)

    if given.part != "large":
        run(load, records[:20_000], given.seconds)
    if given.part != "crowd":
        run(large, records)


if __name__ == "__main__":
    main()
