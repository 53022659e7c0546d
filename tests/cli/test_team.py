"""`resartus team`, `backup` and `restore`, as they are typed; and the files that start a server."""

import configparser
import http.server
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.browser import free_port
from tests.stores.databases import postgres_url

from resartus.app.demo import build_demo
from resartus.cli.main import cli, main

ROOT = Path(__file__).parents[2]
PASSWORD = "four words as one"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESARTUS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("RESARTUS_DATABASE", raising=False)
    return tmp_path / "home"


def add(name: str = "Ana", email: str = "ana@example.org") -> int:
    return main(["team", "add", name, email, "--password", PASSWORD])


def told(capsys: pytest.CaptureFixture[str]) -> object:
    return json.loads(capsys.readouterr().out)


def test_accounts_are_opened_listed_closed_and_given_new_passwords(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add() == 0
    assert add() == 5
    assert main(["team", "add", "Ben", "ben@example.org", "--password", "short"]) == 3
    assert main(["team", "password", "ana@example.org", "--password", "another four words"]) == 0
    assert main(["team", "close", "ana@example.org"]) == 0
    assert main(["team", "close", "who@example.org"]) == 4
    capsys.readouterr()
    assert main(["team", "people", "--json"]) == 0
    assert told(capsys) == [{"name": "Ana", "email": "ana@example.org", "is_closed": True}]


def test_a_review_is_adopted_backed_up_and_put_back_elsewhere(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build_demo(tmp_path / "demo").close()
    add()
    adopt = ["team", "adopt", str(tmp_path / "demo"), "liver", "--owner", "ana@example.org"]
    assert main(adopt) == 0
    file = str(tmp_path / "all.resartus")
    assert main(["backup", "--team", file]) == 0
    assert main(["restore", "--team", file]) == 5
    with postgres_url() as url:
        elsewhere = ["--home", str(tmp_path / "other"), "--database", url]
        capsys.readouterr()
        assert main(["restore", "--team", file, *elsewhere, "--json"]) == 0
        assert told(capsys)["reviews"] == 1  # type: ignore[index]
        assert main(["team", "people", "--json", *elsewhere]) == 0
        assert "ana@example.org" in capsys.readouterr().out
    assert main(["--review", str(tmp_path / "demo"), "backup", file]) == 0
    assert main(["--review", str(tmp_path / "back"), "restore", file]) == 0
    assert main(["--review", str(tmp_path / "back"), "status"]) == 0


@pytest.fixture
def served(home: Path) -> Iterator[str]:
    add()
    port = free_port()
    code = "from resartus.cli.main import main; main()"
    command = ["team", "serve", "--port", str(port), "--host", "reviews.example.org"]
    process = subprocess.Popen([sys.executable, "-c", code, *command], env=os.environ.copy())
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5).close()
            break
        except OSError:
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) in (0, 130, -signal.SIGINT)


def test_the_server_answers_to_its_names_and_the_api_with_it(served: str) -> None:
    def status(path: str, host: str) -> int:
        request = urllib.request.Request(served + path, headers={"host": host})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return int(error.code)

    assert status("/sign-in", "reviews.example.org") == 200
    assert status("/sign-in", "evil.example") == 400
    assert status("/api/v1/openapi.json", "localhost") == 200
    assert status("/api/v1/me", "localhost") == 401


def test_the_files_that_start_a_server_call_commands_that_exist() -> None:
    deploy = ROOT / "deploy"
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(deploy / "resartus.service")
    started = unit["Service"]["ExecStart"].split()[1:]
    [line] = re.findall(r"^CMD (\[.*\])$", (deploy / "Dockerfile").read_text(), flags=re.M)
    for arguments in (started, json.loads(line)[1:]):
        command = cli.get_command(None, arguments[0])  # type: ignore[arg-type]
        serve = command.commands[arguments[1]]  # type: ignore[union-attr]
        known = {option for parameter in serve.params for option in parameter.opts}
        assert {a for a in arguments if a.startswith("--")} <= known
    named = set(re.findall(r"RESARTUS_\w+", (deploy / "compose.yaml").read_text()))
    code = "".join(p.read_text() for p in (ROOT / "src/resartus/cli").glob("*.py"))
    example = (deploy / "env.example").read_text()
    assert all(name in code or name in example for name in named)


def test_a_supervisor_asks_whether_the_server_answers(capsys: pytest.CaptureFixture[str]) -> None:
    class Signing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.server.is_well else 503)  # type: ignore[attr-defined]
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with http.server.HTTPServer(("127.0.0.1", 0), Signing) as server:
        port = str(server.server_port)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        for server.is_well, code in ((True, 0), (False, 8)):  # type: ignore[attr-defined]
            assert main(["team", "health", "--port", port]) == code
        server.shutdown()
    assert main(["team", "health", "--port", port]) == 8
    assert "no server answers" in capsys.readouterr().err
