"""Every way in which NCBI fails is tried again or said in one sentence."""

import gzip
import http.server
import socket
import threading
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from tests.sources.eutils import server
from tests.sources.eutils.conftest import Bench
from tests.sources.eutils.server import Reply

from resartus.errors import ParseError, SourceRefused, SourceUnavailable
from resartus.sources.eutils.client import EutilsClient
from resartus.sources.eutils.pace import Pace
from resartus.sources.eutils.settings import EutilsSettings
from resartus.stores.payloads import FilePayloads

WHOLE = server.FakePubmed({1: server.date(2001, 1, 1)})._search({"term": "x"}).body

PASSING = {
    "429": server.rate_limited(),
    "429 with Retry-After": server.rate_limited(retry_after="0"),
    "429 with a date": server.rate_limited(retry_after=formatdate(0, usegmt=True)),
    "a rate limit of status 200": server.rate_limited(status=200),
    "500": Reply(b"oops", 500),
    "503": Reply(b"", 503, {"Retry-After": "0"}),
    "a web page of status 200": server.page(),
    "a web page of status 502": server.page(502),
    "silence": Reply(WHOLE, wait_s=0.7),
    "a hang-up": Reply(b"", is_hung_up=True),
    "a body cut off": Reply(WHOLE, cut=120),
    "XML cut off": Reply(WHOLE[:200]),
    "a damaged gzip": Reply(gzip.compress(WHOLE)[:60], 200, {"Content-Encoding": "gzip"}, cut=60),
    "an empty body": Reply(b""),
    "a backend failure": server.error("Search Backend failed: Database is not supported: pubmed"),
    "a timeout of status 400": Reply(
        b"Error: External viewer error: Empty Response. Bytes read: 0 Status: Timeout", 400
    ),
    "another document": Reply(b"<eFetchResult></eFetchResult>"),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_passing_failure_is_tried_again(bench: Bench, fault: Reply) -> None:
    bench.pubmed.faults["esearch.fcgi"] = [fault]
    assert bench.client.fetch_search("liver").count == 30
    assert bench.pubmed.count("esearch.fcgi") == 2


REFUSING = {
    "Empty term": server.error("Empty term and query_key - nothing todo"),
    "Invalid db name": server.error("Invalid db name specified: nothing"),
    "cannot be larger than 9998": server.error(
        "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998. For PubMed, "
        "ESearch can only retrieve the first 9,999 records"
    ),
    "NCBI_API_KEY": Reply(b'{"error":"API key invalid","api-key":"a-secret-key"}', 400),
    "414": Reply(b"<h1>Request-URI Too Large</h1>", 414),
}


@pytest.mark.parametrize("said", REFUSING)
def test_a_clear_no_is_said_at_once(bench: Bench, said: str) -> None:
    bench.pubmed.faults["esearch.fcgi"] = [REFUSING[said]]
    with pytest.raises(SourceRefused, match=said) as caught:
        bench.client.fetch_search("liver")
    assert bench.pubmed.count("esearch.fcgi") == 1
    assert "a-secret-key" not in str(caught.value)


def test_a_lasting_failure_ends_with_what_to_do(bench: Bench) -> None:
    bench.pubmed.faults["esearch.fcgi"] = [Reply(b"", 503)] * 9
    with pytest.raises(SourceUnavailable, match=r"4 tries.*503.*run the command again later"):
        bench.client.fetch_search("liver")
    assert bench.pubmed.count("esearch.fcgi") == 4


def test_a_reply_that_stays_unreadable_is_a_parse_error(bench: Bench) -> None:
    bench.pubmed.faults["esearch.fcgi"] = [Reply(WHOLE[:200])] * 9
    with pytest.raises(ParseError, match="cut off or damaged"):
        bench.client.fetch_search("liver")


def test_a_login_page_in_between_is_named(bench: Bench) -> None:
    bench.pubmed.faults["esearch.fcgi"] = [
        Reply(b"", 302, {"Location": "https://login.example.org/"})
    ]
    with pytest.raises(SourceUnavailable, match="login page may stand between"):
        bench.client.fetch_search("liver")


def test_offline_is_said_without_six_tries(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = EutilsSettings(base_url=f"http://127.0.0.1:{port}/", backoff_s=30.0)
    client = EutilsClient(settings, payloads=FilePayloads(tmp_path), pace=Pace(500.0))
    began = time.monotonic()
    with pytest.raises(SourceUnavailable, match="seems to be offline"):
        client.fetch_search("liver")
    assert time.monotonic() - began < 10


def test_a_retry_after_is_waited_for_by_all(tmp_path: Path) -> None:
    slept: list[float] = []
    pace = Pace(10.0, clock=lambda: 1000.0 + sum(slept), sleep=slept.append)
    pace.wait()
    pace.hold(7.0)
    assert pace.wait() == pytest.approx(7.0)
    assert pace.wait() == pytest.approx(0.1)


def test_the_key_goes_in_the_body_and_is_never_shown(bench: Bench) -> None:
    bench.client.fetch_search("liver")
    sent = bench.pubmed.requests[-1].parameters
    assert sent["api_key"] == "a-secret-key"
    assert sent["tool"] == "resartus"
    assert sent["email"] == "reviewer@example.org"
    assert "a-secret-key" not in repr(bench.client.settings)


def test_a_connection_is_kept_and_opened_anew_when_it_went_stale(tmp_path: Path) -> None:
    opened = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def setup(self) -> None:
            super().setup()
            opened.append(self)
            self.seen = 0

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(WHOLE)))
            self.end_headers()
            self.wfile.write(WHOLE)
            self.seen += 1
            # Says nothing about closing, as servers do that restart.
            self.close_connection = self.seen == 2

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        settings = EutilsSettings(
            base_url=f"http://127.0.0.1:{running.server_port}/", attempts=1, timeout_s=5
        )
        client = EutilsClient(settings, payloads=FilePayloads(tmp_path), pace=Pace(500.0))
        for _ in range(4):
            client.fetch_search("x")
        client.close()
        running.shutdown()
        thread.join()
    assert len(opened) == 2


def test_settings_come_from_the_environment() -> None:
    assert EutilsSettings.from_environment({}).rate == 3.0
    with_key = {"NCBI_API_KEY": " k ", "NCBI_EMAIL": "a@b.org"}
    settings = EutilsSettings.from_environment(with_key)
    assert (settings.rate, settings.api_key, settings.email) == (10.0, "k", "a@b.org")
    settings = EutilsSettings.from_environment({**with_key, "RESARTUS_EUTILS_URL": "http://x/e"})
    assert settings.rate == 50.0
    assert settings.base_url == "http://x/e/"
    with pytest.raises(ValueError, match="'ftp://x' of the E-utilities is not a web address"):
        EutilsSettings(base_url="ftp://x")
