"""A review taken elsewhere from the browser, and an archive opened in it."""

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.app.team.team import add, team_server
from tests.web.team import Person, person

from resartus.app.importing import import_file
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.app.versions import pin_version
from resartus.web.app import create_app
from resartus.web.pages import people, sharing
from resartus.web.security import COOKIE
from resartus.web.team import create_team_app

FACTORS = """
[[factor]]
name = "bilirubin"
field = "bilirubin"
kind = "number"
bands = [{ side = "adverse", label = "any" }]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "review"
    folder.mkdir()
    ris = tmp_path / "two.ris"
    ris.write_text("".join(f"TY  - JOUR\nTI  - Series {n}\nPY  - 2011\nER  - \n\n" for n in (1, 2)))
    with Review.create(folder, protocol_text=TEMPLATE, person="ana") as review:
        import_file(review, ris)
        (folder / "factors.toml").write_text(FACTORS)
        (folder / "text").mkdir()
        (folder / "text" / "introduction.md").write_text("Why it is needed.")
        pin_version(review, trigger="first")
    return folder


@pytest.fixture
def ana(folder: Path) -> Iterator[TestClient]:
    app = create_app(folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        client.get("/")
        yield client


def seen(client: TestClient, path: str) -> str:
    """Return a page once what it waits for is done."""
    deadline = time.monotonic() + 60
    while 'id="waiting"' in (shown := client.get(path).text):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return shown


def open_archive(client: TestClient, content: bytes, **fields: str) -> Any:
    told = {"csrf": client.cookies[COOKIE], **fields}
    return client.post("/sharing/opened", data=told, files={"files": ("../r.zip", content)})


def test_an_archive_goes_out_and_is_opened_beside_the_review(ana: TestClient, folder: Path) -> None:
    answer = ana.get("/sharing/review.zip?report=yes")
    assert answer.headers["content-disposition"] == 'attachment; filename="review.zip"'
    opened = open_archive(ana, answer.content, folder="second")
    assert "Built again to the byte: report/report-v1.docx, report/report-v1.html" in opened.text
    second = folder.parent / "second"
    with Review(second) as review:
        assert review.store.count_records() == 2
    assert (second / "factors.toml").read_text() == FACTORS
    assert (second / "text" / "introduction.md").exists()
    assert open_archive(ana, answer.content, folder="second").status_code == 409


def test_a_large_archive_is_opened_in_the_background(
    ana: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = ana.get("/sharing/review.zip?report=yes").content
    monkeypatch.setattr(sharing, "LARGE_BYTES", 1000)
    at = open_archive(ana, content, folder="second").headers["location"]
    assert at == "/sharing/opened?folder=second"
    shown = seen(ana, at)
    assert "2 citations" in shown
    assert "Built again to the byte: report/report-v1.docx, report/report-v1.html" in shown
    with Review(folder.parent / "second") as review:
        assert review.store.count_records() == 2
    assert list((folder / "out" / "arriving").iterdir()) == []
    assert open_archive(ana, content, folder="second").status_code == 409
    assert ana.get("/sharing/opened?folder=third").status_code == 404
    broken = open_archive(ana, b"PK" + b"x" * 2000, folder="third").headers["location"]
    assert "is no whole archive" in seen(ana, broken)
    assert not (folder.parent / "third").exists()


def test_an_archive_that_a_stopped_server_kept_is_opened_by_the_next(
    ana: TestClient, folder: Path
) -> None:
    kept = folder / "out" / "arriving" / "second.zip"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(ana.get("/sharing/review.zip").content)
    assert "2 citations" in seen(ana, "/sharing/opened?folder=second")
    assert (folder.parent / "second" / "review.toml").exists()
    assert not kept.exists()


@pytest.mark.parametrize("name", ["../up", "/tmp/x", "a/b", "", "Up", "."])
def test_an_archive_is_opened_nowhere_else(ana: TestClient, folder: Path, name: str) -> None:
    content = ana.get("/sharing/review.zip").content
    before = sorted(folder.parent.iterdir())
    assert open_archive(ana, content, folder=name).status_code == 422
    assert sorted(folder.parent.iterdir()) == before


def test_what_is_no_archive_or_was_changed_is_refused_and_leaves_nothing(
    ana: TestClient, folder: Path, tmp_path: Path
) -> None:
    assert "is no whole archive" in open_archive(ana, b"PK nothing", folder="third").text
    path = tmp_path / "changed.zip"
    path.write_bytes(ana.get("/sharing/review.zip").content)
    changed = tmp_path / "again.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content + b"\n" if name == "events.jsonl" else content)
    answer = open_archive(ana, changed.read_bytes(), folder="third")
    assert answer.status_code >= 400
    assert "events.jsonl" in answer.text
    assert not (folder.parent / "third").exists()


def test_citations_go_out_in_every_format(ana: TestClient) -> None:
    assert ana.get("/sharing/citations?format=ris").text.count("TY  - ") == 2
    assert ana.get("/sharing/citations?format=bibtex&which=open").text.count("@") == 2
    assert ana.get("/sharing/citations?format=../x").status_code == 422
    assert ana.get("/sharing/citations?which=none").status_code == 422


def test_a_team_brings_an_archive_as_a_review_of_its_own(ana: TestClient, tmp_path: Path) -> None:
    content = ana.get("/sharing/review.zip").content
    server = team_server(tmp_path / "team")
    try:
        owner = add(server, "owner")
        with person(create_team_app(server, hosts=["localhost"]), owner) as browser:
            client = browser.client
            client.get("/")

            def bring(content: bytes) -> Any:
                told = {"csrf": client.cookies[COOKIE], "review_id": "brought-1"}
                return client.post(
                    "/reviews/brought", data=told, files={"files": ("r.zip", content)}
                )

            assert "is no whole archive" in bring(b"nothing").text
            assert bring(content).headers["location"] == "/reviews/brought-1/"
            assert "Title of the review" in client.get("/reviews/brought-1/").text
            assert bring(content).status_code == 422
            inside = client.post(
                "/reviews/brought-1/sharing/opened",
                data={"csrf": client.cookies[COOKIE], "folder": "x"},
                files={"files": ("r.zip", content)},
            )
            assert inside.status_code == 409
        with server.open_review("brought-1", person="owner") as review:
            assert review.store.count_records() == 2
            assert (review.folder / "factors.toml").read_text() == FACTORS
    finally:
        server.close()


def test_a_team_brings_a_large_archive_in_the_background(
    ana: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = ana.get("/sharing/review.zip").content
    monkeypatch.setattr(people, "LARGE_BYTES", 100)
    server = team_server(tmp_path / "team")
    owner = add(server, "owner")
    app = create_team_app(server, hosts=["localhost"])
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        someone = Person(client)
        someone.sign_in(owner)
        client.get("/")
        told = {"csrf": client.cookies[COOKIE], "review_id": "b1"}
        answer = client.post("/reviews/brought", data=told, files={"files": ("r.zip", content)})
        assert answer.headers["location"] == "/reviews/b1/brought"
        seen(client, "/reviews/b1/brought")
        assert client.get("/reviews/b1/brought").headers["location"] == "/reviews/b1/"
        assert "Series 1" in client.get("/reviews/b1/screen/title-abstract/list?show=all").text
