"""Calls that are put in line: 202, a job, its progress, its answer."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.api.conftest import Program

from resartus.api.app import api_routes
from resartus.api.endpoints import ENDPOINTS
from resartus.api.gate import SoloGate
from resartus.api.later import CALL, call_kind
from resartus.app.permissions import Role
from resartus.app.review import Review
from resartus.app.team.server import TeamServer
from resartus.app.team.working import Worker
from resartus.app.versions import pin_version
from resartus.web.app import create_app

LATER = {"prefer": "respond-async"}
AT = "/reviews/r1"


@pytest.fixture(scope="module", autouse=True)
def _pinned(server: TeamServer) -> None:
    with server.open_review("r1", person="the founder") as review:
        pin_version(review, trigger="report")


@pytest.fixture
def colleague(app: Starlette, keys: dict[Role, str]) -> Program:
    return Program(app, keys[Role.REVIEWER])


def work(server: TeamServer) -> None:
    worker = Worker(server, more={CALL: call_kind(server)})
    while worker.work_once():
        pass
    worker.stop()


def in_line(who: Program, method: str, path: str, **rest: Any) -> dict[str, Any]:
    answer = who.client.request(method, f"/api/v1{path}", headers={**LATER, **rest})
    assert answer.status_code == 202, answer.text
    assert answer.headers["preference-applied"] == "respond-async"
    job: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/v1{AT}/work/{job['job_id']}"
    return job


def test_an_audit_asked_for_later_is_the_audit_asked_for_at_once(
    owner: Program, server: TeamServer
) -> None:
    call: Any = owner.call
    job = in_line(owner, "GET", f"{AT}/versions/1/audit")
    place = f"{AT}/work/{job['job_id']}"
    assert (job["state"], job["answer"], job["result"]) == ("waiting", None, None)
    call("GET", f"{place}/answer", 409)
    work(server)
    done = call("GET", place)
    assert (done["state"], done["answer"]) == ("done", f"{place}/answer")
    assert call("GET", f"{place}/answer") == call("GET", f"{AT}/versions/1/audit")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/searches", {}),
        ("POST", "/updates", None),
        ("POST", "/duplicates/find", None),
        ("POST", "/searches/check", {"known": [22347592], "is_thorough": False}),
        ("GET", "/versions/1/audit", None),
    ],
)
def test_a_job_tells_how_many_of_its_steps_are_done(
    owner: Program, server: TeamServer, method: str, path: str, body: Any
) -> None:
    call: Any = owner.call
    answer = owner.client.request(method, f"/api/v1{AT}{path}", headers=LATER, json=body)
    assert answer.status_code == 202, answer.text
    work(server)
    job = call("GET", f"{AT}/work/{answer.json()['job_id']}")
    assert job["state"] == "done", job["result"]
    assert job["n_all"] >= 1
    assert 0 <= job["n_done"] <= job["n_all"]


def test_an_audit_counts_evidence_report_standards_and_each_file(
    owner: Program, server: TeamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    monkeypatch.setattr(Worker, "_tell", lambda self, job, *steps: told.append(steps))
    monkeypatch.setattr("resartus.app.team.working.seldom", lambda tell: tell)
    with server.open_review("r1", person="the founder") as review:
        pin_version(review, trigger="another")
        number = review.state().versions[-1].version
    in_line(owner, "GET", f"{AT}/versions/{number}/audit")
    work(server)
    assert told == [(n, 5) for n in range(6)]


def test_a_file_keeps_its_type_and_name(owner: Program, server: TeamServer) -> None:
    job = in_line(owner, "GET", f"{AT}/versions/1/report?format=docx")
    work(server)
    answer = owner.client.get(f"/api/v1{AT}/work/{job['job_id']}/answer")
    assert answer.content.startswith(b"PK")
    assert "report-1.docx" in answer.headers["content-disposition"]
    assert answer.headers["content-type"].endswith("wordprocessingml.document")


def test_what_was_asked_and_answered_is_for_who_asked_alone(
    owner: Program, colleague: Program, server: TeamServer
) -> None:
    call: Any = colleague.call
    body = {"measure": "RR", "fields": {"events_1": "secretfield"}}
    answer = owner.client.post(f"/api/v1{AT}/effects", json=body, headers=LATER)
    job = answer.json()
    assert answer.status_code == 202
    work(server)
    seen = call("GET", f"{AT}/work/{job['job_id']}")
    assert seen["data"] == {"method": "POST", "path": "/reviews/{review_id}/effects"}
    assert "secretfield" not in str(call("GET", f"{AT}/work")[0]["data"])
    call("GET", f"{AT}/work/{job['job_id']}/answer", 403)


def test_a_call_that_fails_says_why(owner: Program, server: TeamServer) -> None:
    call: Any = owner.call
    job = in_line(owner, "GET", f"{AT}/versions/77/audit")
    work(server)
    found = call("GET", f"{AT}/work/{job['job_id']}")
    assert (found["state"], found["answer"]) == ("failed", None)
    assert "version 77 does not exist" in found["result"]
    told = call("GET", f"{AT}/work/{job['job_id']}/answer", 409)
    assert "version 77 does not exist" in told["error"]["message"]


def test_one_key_is_done_once_and_is_each_callers_own(owner: Program, colleague: Program) -> None:
    path, key = f"{AT}/versions/1/audit", {"idempotency-key": "k1"}
    first = in_line(owner, "GET", path, **key)
    assert in_line(owner, "GET", path, **key)["job_id"] == first["job_id"]
    assert in_line(colleague, "GET", path, **key)["job_id"] != first["job_id"]


def test_who_is_no_member_any_more_gets_nothing_done(
    owner: Program, app: Starlette, server: TeamServer
) -> None:
    account = server.accounts.add("leaver", email="leaver@example.org", password=None)
    server.set_role("r1", account_id=account.account_id, role=Role.READER)
    leaver = Program(app, server.accounts.make_token(account, label="t"))
    job = in_line(leaver, "GET", f"{AT}/versions/1/audit")
    server.set_role("r1", account_id=account.account_id, role=None)
    work(server)
    found: Any = owner.call("GET", f"{AT}/work/{job['job_id']}")
    assert found["state"] == "failed"
    assert "not on this server" in found["result"]


def test_without_the_wish_and_for_short_calls_the_answer_comes_at_once(owner: Program) -> None:
    call: Any = owner.call
    assert call("GET", f"{AT}/versions/1/audit")["version"] == 1
    asked = {"prefer": "wait=5, respond-async"}
    short = owner.client.get(f"/api/v1{AT}/versions", headers=asked)
    assert short.status_code == 200
    assert owner.client.get(f"/api/v1{AT}/forecast", headers=asked).status_code == 202


def test_the_server_of_one_person_answers_at_once(tmp_path: Any, server: TeamServer) -> None:
    folder = tmp_path / "r"
    folder.mkdir()
    with server.open_review("r1", person="x") as review:
        text = (review.folder / "review.toml").read_text(encoding="utf-8")
    Review.create(folder, protocol_text=text, person="ana").close()
    app = create_app(
        folder,
        person="ana",
        hosts=("localhost",),
        more=lambda desk, named: api_routes(SoloGate(desk, person=named, key="k")),
    )
    with TestClient(app, base_url="http://localhost") as client:
        headers = {**LATER, "authorization": "Bearer k"}
        answer = client.get("/api/v1/reviews/this/forecast", headers=headers)
        assert answer.status_code == 200


def test_what_takes_long_is_known_to_be_long() -> None:
    long = {
        f"{e.method} {e.path.removeprefix('/reviews/{review_id}')}" for e in ENDPOINTS if e.is_long
    }
    assert {
        "GET /versions/{version}/audit",
        "GET /versions/{version}/report",
        "POST /searches/check",
        "POST /searches",
        "POST /updates",
        "POST /simulations",
        "POST /duplicates/find",
        "POST /fulltexts/look-up",
    } <= long
    assert all(e.body is not bytes and e.needs_review for e in ENDPOINTS if e.is_long)
