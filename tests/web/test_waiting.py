"""One person waits for a search or an update on a page that tells how far it has come."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from resartus.app.background import line
from resartus.app.background.kinds import JobKind
from resartus.app.permissions import Action
from resartus.app.review import Review
from resartus.errors import SourceUnavailable


def followed(client: TestClient, at: str) -> Any:
    """Return the answer once the work is done."""
    deadline = time.monotonic() + 60
    while True:
        answer = client.get(at)
        if 'id="waiting"' not in answer.text:
            return answer
        assert time.monotonic() < deadline
        time.sleep(0.05)


def asked(client: TestClient, token: str, path: str, **fields: str) -> str:
    answer = client.post(path, data={"csrf": token, **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_search_is_run_in_the_background_and_leads_back_with_what_it_found(
    client: TestClient, token: str, folder: Path
) -> None:
    with Review(folder) as review:
        name, runs = review.protocol.searches[0].search_id, len(review.state().search_runs)
    at = asked(client, token, "/search", search_id=name)
    assert at.startswith("/waiting/")
    done = followed(client, at)
    assert done.status_code == 303
    assert done.headers["location"].startswith("/search?said=")
    assert "records found" in client.get(done.headers["location"]).text
    with Review(folder) as review:
        assert len(review.state().search_runs) == runs + 1
        assert list(review.store.load_events())[-1].by == "ana"


def test_an_update_is_run_so_too(client: TestClient, token: str) -> None:
    done = followed(client, asked(client, token, "/updates"))
    assert "records are new" in client.get(done.headers["location"]).text


def test_a_search_that_is_not_planned_is_refused_at_once(client: TestClient, token: str) -> None:
    answer = client.post("/search", data={"csrf": token, "search_id": "nothing"})
    assert answer.status_code == 404
    assert "is not in review.toml" in answer.text


def test_a_source_that_is_away_is_told_and_leads_back(
    client: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()

    def away(*_: object) -> str:
        begun.set()
        go.wait(20)
        raise SourceUnavailable("PubMed does not answer")

    monkeypatch.setattr(line, "KINDS", {"update": JobKind(action=Action.SEARCH, work=away)})
    at = asked(client, token, "/updates")
    assert begun.wait(20)
    assert "Under way." in client.get(at).text
    # Asked twice, it is done once.
    assert asked(client, token, "/updates") == at
    go.set()
    shown = followed(client, at).text
    assert "PubMed does not answer" in shown
    assert 'href="/updates">Back' in shown


@pytest.mark.parametrize(
    ("asked_for", "leads"),
    [("/updates", "/updates"), ("//elsewhere.example", "/"), ("https://x.example", "/"), ("", "/")],
)
def test_a_job_that_a_stopped_server_forgot_leads_back_and_nowhere_else(
    client: TestClient, asked_for: str, leads: str
) -> None:
    answer = client.get("/waiting/77", params={"back": asked_for})
    assert (answer.status_code, answer.headers["location"]) == (303, leads)
    assert client.get("/waiting/x").status_code == 404
