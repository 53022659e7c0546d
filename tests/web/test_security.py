"""What strangers try."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from resartus.app.importing import import_file
from resartus.app.review import Review
from resartus.web.app import create_app
from resartus.web.security import COOKIE


def test_a_form_without_the_pages_token_is_refused(client: TestClient, token: str) -> None:
    assert client.post("/undo", data={"csrf": "guess"}).status_code == 403
    assert client.post("/undo", data={}).status_code == 403


def test_a_form_from_another_site_is_refused(client: TestClient, token: str) -> None:
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = client.post("/undo", data={"csrf": token}, headers=headers)
        assert answer.status_code == 403
        assert "another site" in answer.text


def test_another_host_name_is_refused(folder: Path) -> None:
    app = create_app(folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://evil.example") as client:
        assert client.get("/").status_code == 400


def test_every_answer_carries_a_strict_policy(client: TestClient) -> None:
    for path in ("/", "/static/app.css", "/nowhere"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_the_token_cookie_is_out_of_reach_for_scripts(client: TestClient) -> None:
    cookie = client.get("/").headers["set-cookie"].lower()
    assert COOKIE in cookie
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "javascript:x"],
)
def test_hostile_words_of_a_record_stay_words(folder: Path, tmp_path: Path, hostile: str) -> None:
    ris = tmp_path / "x.ris"
    ris.write_text(
        f"TY  - JOUR\nTI  - {hostile} liver\nAB  - {hostile}\nAU  - {hostile}\n"
        f"DO  - 10.1/{hostile}\nPY  - 2001\nER  - \n"
    )
    with Review(folder, person="ana") as review:
        import_file(review, ris)
        record_id = review.state().imports[-1].record_ids[0]
    app = create_app(folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost") as client:
        text = client.get("/screen/title-abstract", params={"record": record_id}).text
    assert "<script>alert" not in text
    assert "<img" not in text
    assert 'href="javascript:' not in text
    assert "49" not in text.split("<h2>")[1].split("</h2>")[0]


def test_a_forged_record_id_is_refused(client: TestClient, token: str) -> None:
    answer = client.post(
        "/screen/title-abstract",
        data={"csrf": token, "record_id": "pubmed:0' OR 1=1", "verdict": "include"},
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/report/..%2f..%2freview.db", "/report/1.db"],
)
def test_no_path_leads_out_of_its_folder(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_an_undo_never_leads_to_another_site(client: TestClient, token: str) -> None:
    answer = client.post("/undo", data={"csrf": token, "back": "//evil.example"})
    assert not answer.headers.get("location", "").startswith("//")


def test_a_body_beyond_the_limit_is_refused(client: TestClient, token: str) -> None:
    answer = client.post(
        "/import",
        data={"csrf": token},
        files={"files": ("x.ris", b"x", "text/plain")},
        headers={"content-length": str(2**40)},
    )
    assert answer.status_code == 422
