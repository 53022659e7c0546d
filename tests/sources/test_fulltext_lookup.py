import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.pdfs import make_pdf

from resartus.errors import NotFoundError, SourceRefused, SourceUnavailable
from resartus.sources.fulltext_lookup import FullTextSources, fetch_fulltext

PDF = make_pdf("Free article")


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_address[1]}"
        status, body = 200, b""
        if self.path.startswith("/oa") and "PMC1" in self.path:
            body = f'<record id="PMC1"><link format="pdf" href="{here}/a.pdf"/></record>'.encode()
        elif self.path.startswith("/oa"):
            body = b'<OA><error code="idIsNotOpenAccess">no</error></OA>'
        elif self.path.startswith("/up/10.1/free"):
            body = json.dumps({"best_oa_location": {"url_for_pdf": f"{here}/a.pdf"}}).encode()
        elif self.path.startswith("/up/10.1/busy"):
            status = 503
        elif self.path.startswith("/up/10.1/login"):
            body = json.dumps({"best_oa_location": {"url_for_pdf": f"{here}/login"}}).encode()
        elif self.path == "/a.pdf":
            body = PDF
        elif self.path == "/login":
            status = 403
        else:
            status = 404
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def sources() -> Iterator[FullTextSources]:
    server = HTTPServer(("127.0.0.1", 0), _Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    here = f"http://127.0.0.1:{server.server_address[1]}"
    yield FullTextSources(
        pmc_url=f"{here}/oa", unpaywall_url=f"{here}/up/", email="a@example.org", timeout_s=5
    )
    server.shutdown()
    thread.join()
    server.server_close()


def test_pubmed_central_is_asked_first(sources: FullTextSources) -> None:
    content, address = fetch_fulltext(doi="10.1/none", pmcid="PMC1", sources=sources)
    assert content == PDF
    assert address.endswith("/a.pdf")


def test_then_unpaywall(sources: FullTextSources) -> None:
    assert fetch_fulltext(doi="10.1/free", pmcid="PMC2", sources=sources)[0] == PDF


def test_what_nobody_has_is_said(sources: FullTextSources) -> None:
    with pytest.raises(NotFoundError, match=r"no free PDF of 10\.1/none"):
        fetch_fulltext(doi="10.1/none", pmcid=None, sources=sources)


def test_a_busy_source_is_worth_another_try(sources: FullTextSources) -> None:
    with pytest.raises(SourceUnavailable, match="503; try again later"):
        fetch_fulltext(doi="10.1/busy", pmcid=None, sources=sources)


def test_a_closed_door_is_told_from_an_absent_file(sources: FullTextSources) -> None:
    with pytest.raises(SourceRefused, match="403; attach the file by hand"):
        fetch_fulltext(doi="10.1/login", pmcid=None, sources=sources)


def test_offline_is_said_in_a_sentence() -> None:
    nowhere = FullTextSources(pmc_url="http://127.0.0.1:9/oa", timeout_s=2)
    with pytest.raises(SourceUnavailable, match="cannot be reached"):
        fetch_fulltext(doi=None, pmcid="PMC1", sources=nowhere)


def test_settings_come_from_the_environment() -> None:
    found = FullTextSources.from_environment({"RESARTUS_EMAIL": "a@example.org"})
    assert (found.email, found.pmc_url) == ("a@example.org", FullTextSources().pmc_url)
