"""The commands around a search, as a person types them."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import date
from pathlib import Path

import pytest
from tests.app.search.conftest import PROTOCOL
from tests.sources.eutils.server import FakePubmed, running

from resartus.app.review import Review
from resartus.cli.main import main
from resartus.sources.eutils.pace import Pace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("resartus.sources.eutils.transport.pace_for", lambda *_, **__: Pace(500.0))
    (tmp_path / "review").mkdir()
    Review.create(tmp_path / "review", protocol_text=PROTOCOL, person="ana").close()
    return tmp_path / "review"


def run(folder: Path, *arguments: str) -> int:
    return main(["--review", str(folder), "--as", "ana", *arguments])


def test_a_search_is_run_given_again_compared_checked_and_described(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pubmed = FakePubmed({pmid: date(2001, 1, 1) for pmid in range(1, 6)})
    with running(pubmed) as url:
        monkeypatch.setenv("RESARTUS_EUTILS_URL", url)
        assert run(folder, "search") == 0
        told = capsys.readouterr().out
        assert "main: 5 records in PubMed (National Library of Medicine)" in told
        assert "sent: (liver metastasis) AND 1990:2011[dp] AND eng[la]" in told
        assert "line 3: 5 records" in told
        del pubmed.entered[2]
        assert run(folder, "search", "diff", "--now", "--id", "main", "--json") == 0
        (drift,) = json.loads(capsys.readouterr().out)
        assert [c["kind"] for c in drift["changes"]] == ["deleted"]
        assert run(folder, "search", "check", "--id", "lines", "--known", "1 3, 99") == 0
        assert "recall: 2 of 3 known relevant (67 %)" in capsys.readouterr().out
    assert run(folder, "search", "replay", "--ids") == 0
    told = capsys.readouterr().out
    assert told.count("identical") == 2
    assert "pubmed:5\npubmed:4\n" in told
    assert run(folder, "search", "prisma-s") == 0
    assert "13. Dates of searches" in capsys.readouterr().out
    next((folder / "payloads").rglob("*.gz")).unlink()
    assert run(folder, "search", "replay") == 7
    assert "NOT identical" in capsys.readouterr().out


def test_what_cannot_be_compared_or_is_no_pmid_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "search", "diff") == 4
    assert "no two runs" in capsys.readouterr().err
    assert run(folder, "search", "replay", "3") == 4
    assert "no run 3" in capsys.readouterr().err
    assert run(folder, "search", "check", "--known", "12, abc") == 3
    assert "'abc' is not a PMID" in capsys.readouterr().err
    assert run(folder, "search", "--id", "main", "replay") == 2
    assert "belong after the word" in capsys.readouterr().err


def test_pubmed_serve_answers_from_files(shared_data: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = shared_data / "pubmed-edge" / "biopython" / "pubmed4.xml"
    code = "import sys; from resartus.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "pubmed", "serve", str(file), "--port", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ.copy()
    ) as server:
        try:
            url = f"http://127.0.0.1:{port}/entrez/eutils/einfo.fcgi?db=pubmed&retmode=json"
            for _ in range(200):
                try:
                    with urllib.request.urlopen(url, timeout=5) as reply:
                        info = json.load(reply)["einforesult"]["dbinfo"][0]
                    break
                except OSError:
                    assert server.poll() is None, server.stdout and server.stdout.read()
                    time.sleep(0.1)
            assert int(info["count"]) >= 1
        finally:
            server.terminate()
            server.communicate(timeout=20)


def test_serving_what_is_no_pubmed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.xml").write_text("<PubmedArticleSet></PubmedArticleSet>")
    assert main(["pubmed", "serve", str(tmp_path / "empty.xml")]) == 3
    assert "held no PubMed record" in capsys.readouterr().err
