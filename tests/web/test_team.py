"""Signing in, inviting, keys, and votes of a team, page by page."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.app.team.team import PASSWORD, add, founding_review, team_server
from tests.web.team import Person, person

from resartus.app.permissions import Role
from resartus.app.team.server import TeamServer
from resartus.web.security import COOKIE
from resartus.web.session import SESSION_COOKIE
from resartus.web.team import create_team_app

FIRST = re.compile(r'name="record_id" value="([^"]+)"')


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TeamServer]:
    server = team_server(tmp_path)
    founding_review(server, add(server, "Ana"), dual=True)
    yield server
    server.close()


@pytest.fixture
def app(server: TeamServer) -> Starlette:
    return create_team_app(server, hosts=["localhost"])


def account(server: TeamServer, email: str = "ana@example.org") -> object:
    found = server.rows.account(email=email)
    assert found is not None
    return found


def test_who_signs_in_sees_their_reviews_and_no_others(server: TeamServer, app: Starlette) -> None:
    with person(app, account(server)) as ana, person(app, add(server, "Ben")) as ben:
        assert "Liver metastases" in ana.client.get("/").text
        assert "Liver metastases" not in ben.client.get("/").text
        ben.post("/reviews", review_id="bens")
        assert "/reviews/bens/" in ben.client.get("/").text
        ana.post("/sign-out")
        assert ana.client.get("/").status_code == 303


def test_session_and_form_token_are_new_after_signing_in(
    server: TeamServer, app: Starlette
) -> None:
    with person(app) as ana:
        for name in (SESSION_COOKIE, COOKIE):
            ana.client.cookies.set(name, "planted", domain="localhost.local", path="/")
        assert ana.client.get("/").status_code == 303
        ana.sign_in(account(server))  # type: ignore[arg-type]
        assert ana.client.get("/").status_code == 200
        kept = {c.name: c.value for c in ana.client.cookies.jar}
    assert set(kept) == {SESSION_COOKIE, COOKIE}
    assert "planted" not in kept.values()


def test_the_session_cookie_is_out_of_reach_for_scripts_and_secure_over_https(
    server: TeamServer, app: Starlette
) -> None:
    for scheme in ("http", "https"):
        client = TestClient(app, base_url=f"{scheme}://localhost", follow_redirects=False)
        with closing(client):
            token = re.search(r'name="csrf" value="([^"]+)"', client.get("/sign-in").text)
            assert token is not None
            fields = {"csrf": token.group(1), "email": "ana@example.org", "password": PASSWORD}
            answer = client.post(
                "/sign-in", data=fields, headers={"origin": f"{scheme}://localhost"}
            )
            [cookie] = [
                c for c in answer.headers.get_list("set-cookie") if c.startswith(SESSION_COOKIE)
            ]
            assert "httponly" in cookie.lower()
            assert ("secure" in cookie.lower()) is (scheme == "https")


def test_a_wrong_password_tells_nothing_of_the_account(server: TeamServer, app: Starlette) -> None:
    said = set()
    with person(app) as stranger:
        for email in ("ana@example.org", "nobody@example.org"):
            answer = stranger.post("/sign-in", email=email, password="wrong")
            assert answer.status_code == 403  # type: ignore[attr-defined]
            found = re.search(r'role="alert">([^<]+)', answer.text)  # type: ignore[attr-defined]
            assert found is not None
            said.add(found.group(1))
    assert len(said) == 1


def invited(owner: Person, email: str, role: Role) -> str:
    answer = owner.post("/reviews/r1/people", email=email, role=role.value)
    found = re.search(r"/invitations/[\w-]+", answer.text)  # type: ignore[attr-defined]
    assert found is not None
    return found.group(0)


def test_from_the_invitation_to_the_first_vote(server: TeamServer, app: Starlette) -> None:
    with person(app, account(server)) as ana, person(app) as ben:
        link = invited(ana, "ben@example.org", Role.REVIEWER)
        assert "as <strong>reviewer</strong>" in ben.client.get(link).text
        short = ben.post(link, name="Ben", password="short")
        assert short.status_code == 422  # type: ignore[attr-defined]
        joined = ben.post(link, name="Ben", password=PASSWORD)
        assert joined.headers["location"] == "/reviews/r1/"  # type: ignore[attr-defined]
        shown = ben.client.get("/reviews/r1/screen/title-abstract").text
        record = FIRST.search(shown)
        assert record is not None
        ben.post("/reviews/r1/screen/title-abstract", record_id=record.group(1), verdict="include")
        again = ben.client.get(link)
        assert again.status_code == 404
        assert "does not hold any more" in again.text
    with server.open_review("r1", person="Ana") as review:
        [vote] = review.state().decisions.values()
        assert vote.decided_by == "Ben"


def test_an_invitation_to_an_address_with_an_account_asks_to_sign_in(
    server: TeamServer, app: Starlette
) -> None:
    ben = add(server, "Ben")
    with person(app, account(server)) as ana, person(app) as stranger:
        link = invited(ana, ben.email, Role.READER)
        answer = stranger.post(link, name="Not Ben", password=PASSWORD)
        assert answer.headers["location"].startswith("/sign-in")  # type: ignore[attr-defined]
        assert server.rows.role("r1", account_id=ben.account_id) is None


def test_a_vote_stays_hidden_from_the_colleague_who_has_yet_to_vote(
    server: TeamServer, app: Starlette
) -> None:
    people = [add(server, name, Role.REVIEWER) for name in ("Ben", "Cleo")]
    with person(app, people[0]) as ben, person(app, people[1]) as cleo:
        path = "/reviews/r1/screen/title-abstract"
        record = FIRST.search(ben.client.get(path).text)
        assert record is not None
        ben.post(path, record_id=record.group(1), verdict="maybe", note="Ben's secret")
        for page in ("/log", "/conflicts", "/screen/title-abstract", "/"):
            shown = cleo.client.get("/reviews/r1" + page).text
            assert "maybe at" not in shown, page
            assert "secret" not in shown, page
        assert "voted; shown once it is settled" in cleo.client.get("/reviews/r1/log").text
        cleo.post(path, record_id=record.group(1), verdict="include")
        assert "maybe at" in cleo.client.get("/reviews/r1/log").text


def test_nobody_takes_back_a_colleagues_vote(server: TeamServer, app: Starlette) -> None:
    ben, cleo = (add(server, name, Role.REVIEWER) for name in ("Ben", "Cleo"))
    with person(app, ben) as one, person(app, cleo) as two:
        path = "/reviews/r1/screen/title-abstract"
        record = FIRST.search(one.client.get(path).text)
        assert record is not None
        one.post(path, record_id=record.group(1), verdict="include")
        seq = server.desk("r1").last_seq()
        answer = two.post("/reviews/r1/undo", seq=str(seq))
        assert answer.status_code == 403  # type: ignore[attr-defined]
        answer = one.post("/reviews/r1/undo", seq=str(seq))
        assert answer.status_code == 303  # type: ignore[attr-defined]


def test_a_key_is_shown_once_and_can_be_ended(server: TeamServer, app: Starlette) -> None:
    with person(app, account(server)) as ana:
        made = ana.post("/account/tokens", label="my script", days="30")
        found = re.search(r"resartus_[\w-]+", made.text)  # type: ignore[attr-defined]
        assert found is not None
        assert server.accounts.of_token(found.group(0)) is not None
        shown = ana.client.get("/account").text
        assert found.group(0) not in shown
        digest = re.search(r'name="end" value="(\w+)"', shown)
        assert digest is not None
        ana.post("/account/tokens", end=digest.group(1))
        assert server.accounts.of_token(found.group(0)) is None


def test_too_many_requests_from_one_place_are_put_off(server: TeamServer) -> None:
    app = create_team_app(server, hosts=["localhost"], per_minute=5)
    with person(app) as stranger:
        answers = [stranger.client.get("/sign-in").status_code for _ in range(8)]
    assert answers == [200] * 5 + [429] * 3
