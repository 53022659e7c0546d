"""A small PubMed on 127.0.0.1 that answers like NCBI, slowly or wrongly when told to."""

from __future__ import annotations

import gzip
import http.server
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

_HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n'
_SEARCH_DTD = (
    '<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
)
_RECORDS_DTD = (
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2026//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_260101.dtd">\n'
)


@dataclass(frozen=True)
class Reply:
    """What goes over the wire; ``cut`` sends so many bytes of the body and hangs up."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    wait_s: float = 0.0
    is_hung_up: bool = False


def rate_limited(*, retry_after: str | None = None, status: int = 429) -> Reply:
    body = b'{"error":"API rate limit exceeded","api-key":"203.0.113.7","count":"4","limit":"3"}'
    return Reply(body, status, {"Retry-After": retry_after} if retry_after else {})


def page(status: int = 200) -> Reply:
    return Reply(b"<!DOCTYPE html>\n<html><body>Error 502 - Bad Gateway</body></html>", status)


def error(text: str, *, root: str = "eSearchResult", status: int = 200) -> Reply:
    return Reply(f"{_HEAD}<{root}><ERROR>{text}</ERROR></{root}>".encode(), status)


def article(pmid: int) -> bytes:
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">'
        f'<PMID Version="1">{pmid}</PMID><Article PubModel="Print"><Journal><JournalIssue '
        f'CitedMedium="Print"><PubDate><Year>2001</Year></PubDate></JournalIssue></Journal>'
        f"<ArticleTitle>Record {pmid}.</ArticleTitle></Article></MedlineCitation></PubmedArticle>\n"
    ).encode()


@dataclass
class Request:
    utility: str
    parameters: dict[str, str]
    at: float


class FakePubmed:
    """The corpus, the requests seen, and the faults still to come.

    ``entered`` gives each PMID its entry date; a term is answered by
    ``answer``, by default with everything. ``faults[utility]`` is used up one
    a request before the server behaves.
    """

    def __init__(self, entered: Mapping[int, date]) -> None:
        self.entered = dict(sorted(entered.items(), reverse=True))
        self.requests: list[Request] = []
        self.faults: dict[str, list[Reply | None]] = {}
        self.latency_s: Callable[[str], float] = lambda utility: 0.0
        self.undelivered: set[int] = set()
        self.unreadable: set[int] = set()
        self.warnings = ""
        self.answer: Callable[[str], Sequence[int]] = lambda term: tuple(self.entered)
        self.xml: Callable[[int], bytes] = article
        self.is_gzip = True
        self.cap = 9_999
        self.keys: list[str] = []
        self._lock = threading.Lock()

    def reply(self, utility: str, parameters: dict[str, str]) -> Reply:
        with self._lock:
            self.requests.append(Request(utility, parameters, time.monotonic()))
            waiting = self.faults.get(utility, [])
            fault = waiting.pop(0) if waiting else None
        time.sleep(self.latency_s(utility))
        if fault is not None:
            time.sleep(fault.wait_s)
            return fault
        return {
            "einfo.fcgi": self._info, "esearch.fcgi": self._search, "efetch.fcgi": self._records,
        }[utility](parameters)  # fmt: skip

    def count(self, utility: str) -> int:
        return sum(request.utility == utility for request in self.requests)

    def _info(self, _: dict[str, str]) -> Reply:
        return Reply(
            f"{_HEAD}<eInfoResult><DbInfo><DbName>pubmed</DbName><DbBuild>Build-2026.11.24.10.00"
            f"</DbBuild><Count>{len(self.entered)}</Count><LastUpdate>2026/11/24 10:00"
            "</LastUpdate></DbInfo></eInfoResult>".encode()
        )

    def _search(self, parameters: dict[str, str]) -> Reply:
        term = parameters["term"]
        found = list(self.answer(term))
        uids = re.search(r"AND (\d+):(\d+)\[uid\]$", term)
        if uids:
            found = [pmid for pmid in found if int(uids[1]) <= pmid <= int(uids[2])]
        if "mindate" in parameters:
            first, last = (
                date(*map(int, parameters[name].split("/"))) for name in ("mindate", "maxdate")
            )
            found = [pmid for pmid in found if first <= self.entered[pmid] <= last]
        with self._lock:
            self.keys.append(term)
            key = len(self.keys)
        most = min(int(parameters.get("retmax", "20")), self.cap)
        ids = "".join(f"<Id>{pmid}</Id>\n" for pmid in found[:most])
        text = (
            f"{_HEAD}{_SEARCH_DTD}<eSearchResult><Count>{len(found)}</Count><RetMax>{most}"
            f"</RetMax><RetStart>0</RetStart><QueryKey>{key}</QueryKey><WebEnv>MCID_1</WebEnv>"
            f"<IdList>{ids}</IdList><TranslationSet><Translation><From>liver</From>"
            '<To>"liver"[MeSH Terms]</To></Translation></TranslationSet>'
            f'<QueryTranslation>"liver"[MeSH Terms]</QueryTranslation>{self.warnings}'
            "</eSearchResult>"
        )
        return Reply(text.encode())

    def _records(self, parameters: dict[str, str]) -> Reply:
        wanted = [int(text) for text in parameters["id"].split(",")]
        given = [p for p in wanted if p in self.entered and p not in self.undelivered]
        broken = b"<PubmedArticle><" if self.unreadable.intersection(wanted) else b""
        parts = b"".join(map(self.xml, given)) + broken
        head = f"{_HEAD}{_RECORDS_DTD}".encode()
        return Reply(head + b"<PubmedArticleSet>\n" + parts + b"</PubmedArticleSet>")


@contextmanager
def running(pubmed: FakePubmed) -> Iterator[str]:
    """Serve a fake PubMed; yield its base address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", "0"))
            fields = urllib.parse.parse_qsl(self.rfile.read(size).decode())
            reply = pubmed.reply(self.path.rpartition("/")[2], dict(fields))
            if reply.is_hung_up:
                self.close_connection = True
                return
            body = reply.body
            headers = dict(reply.headers)
            if pubmed.is_gzip and reply.status == 200 and reply.cut is None:
                body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
            self.send_response(reply.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: reply.cut])
            if reply.cut is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Be quiet about clients that hung up."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/entrez/eutils/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
