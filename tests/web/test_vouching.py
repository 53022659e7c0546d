"""Sign in by another service, against a provider on this machine that plays every part."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette
from tests.app.team.team import TEMPLATE, add, team_server
from tests.web.team import person

from resartus.app.permissions import Role
from resartus.app.team.server import TeamServer
from resartus.app.team.vouching import voucher_of
from resartus.errors import DataError, SourceUnavailable
from resartus.sources.openid import OpenIdProvider
from resartus.web.session import SESSION_COOKIE
from resartus.web.team import create_team_app


class Provider:
    """Vouches for one person; what it says can be bent."""

    def __init__(self) -> None:
        self.bent: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        provider = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(
                    {
                        "issuer": provider.issuer,
                        "authorization_endpoint": provider.issuer + "/authorize",
                        "token_endpoint": provider.issuer + "/token",
                    }
                )

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                given = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
                digest = hashlib.sha256(given["code_verifier"].encode()).digest()
                challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
                if (
                    given["code"] != "right"
                    or given["client_secret"] != "secret"
                    or challenge != provider.asked["code_challenge"]
                    or given["redirect_uri"] != provider.asked["redirect_uri"]
                ):
                    self.answer({"error": "invalid_grant"}, status=400)
                    return
                claims = {
                    "iss": provider.issuer,
                    "aud": "resartus",
                    "exp": time.time() + 300,
                    "nonce": provider.asked["nonce"],
                    "email": "Ben@example.org",
                    "email_verified": True,
                    "name": "Ben",
                } | provider.bent
                body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
                self.answer({"id_token": f"e30.{body}.c2ln", "access_token": "x"})

            def answer(self, shape: object, status: int = 200) -> None:
                content = json.dumps(shape).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def visited(self, address: str) -> str:
        """Play the browser at the provider: return the state it sends back."""
        assert address.startswith(self.issuer + "/authorize?")
        self.asked = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
        return self.asked["state"]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TeamServer]:
    server = team_server(tmp_path)
    server.create_review("r1", protocol_text=TEMPLATE, owner=add(server, "Ana"))
    yield server
    server.close()


@pytest.fixture
def app(server: TeamServer, provider: Provider) -> Starlette:
    voucher = OpenIdProvider(
        provider.issuer, client_id="resartus", client_secret="secret", label="the clinic"
    )
    return create_team_app(server, hosts=["localhost"], voucher=voucher)


def came_back(
    app: Starlette, provider: Provider, *, code: str = "right", state: str | None = None
) -> Any:
    with person(app) as ben:
        assert "Sign in by the clinic" in ben.client.get("/sign-in").text
        sent = ben.client.get("/sign-in/with")
        assert sent.status_code == 303
        brought = provider.visited(sent.headers["location"])
        query = {"code": code, "state": brought if state is None else state}
        answer = ben.client.get("/sign-in/back", params=query)
        if answer.status_code == 303:
            assert ben.client.get("/").status_code == 200
        return answer


def test_who_has_an_account_is_let_in(
    app: Starlette, server: TeamServer, provider: Provider
) -> None:
    add(server, "Ben")
    answer = came_back(app, provider)
    assert answer.status_code == 303
    assert any(c.startswith(SESSION_COOKIE) for c in answer.headers.get_list("set-cookie"))


def test_who_was_invited_gets_an_account_without_a_password(
    app: Starlette, server: TeamServer, provider: Provider
) -> None:
    ana = server.rows.account(email="ana@example.org")
    assert ana is not None
    server.accounts.invite("r1", email="ben@example.org", role=Role.READER, by=ana)
    assert came_back(app, provider).status_code == 303
    ben = server.rows.account(email="ben@example.org")
    assert ben is not None
    assert (ben.name, ben.password) == ("Ben", None)


def test_who_is_unknown_or_closed_stays_out(
    app: Starlette, server: TeamServer, provider: Provider
) -> None:
    answer = came_back(app, provider)
    assert answer.status_code == 403
    assert "has no account here" in answer.text
    ben = add(server, "Ben")
    server.rows.set_closed(ben.account_id, is_closed=True)
    assert came_back(app, provider).status_code == 403


@pytest.mark.parametrize(
    "bent",
    [
        {"iss": "https://other.example"},
        {"aud": "another"},
        {"aud": ["resartus", "another"]},
        {"nonce": "old"},
        {"exp": 1000},
        {"exp": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": None},
        {"email": ["ben@example.org"]},
    ],
    ids=str,
)
def test_what_the_service_says_is_believed_only_if_it_is_for_this_sign_in(
    app: Starlette, server: TeamServer, provider: Provider, bent: dict[str, Any]
) -> None:
    add(server, "Ben")
    provider.bent = bent
    assert came_back(app, provider).status_code == 403


def test_a_way_back_that_this_browser_did_not_begin_is_refused(
    app: Starlette, server: TeamServer, provider: Provider
) -> None:
    add(server, "Ben")
    assert came_back(app, provider, state="forged").status_code == 403
    assert came_back(app, provider, code="wrong").status_code == 403
    with person(app) as stranger:
        assert stranger.client.get("/sign-in/back?code=right&state=").status_code == 403


def test_without_such_a_service_there_is_no_such_page(server: TeamServer) -> None:
    with person(create_team_app(server, hosts=["localhost"])) as stranger:
        assert "Sign in by" not in stranger.client.get("/sign-in").text
        for path in ("/sign-in/with", "/sign-in/back"):
            assert stranger.client.get(path).status_code == 404


def test_settings_name_the_service_whole_or_not_at_all(provider: Provider) -> None:
    assert voucher_of({}) is None
    with pytest.raises(DataError, match="RESARTUS_OIDC_CLIENT_ID"):
        voucher_of({"RESARTUS_OIDC_ISSUER": "https://sso.example"})
    with pytest.raises(DataError, match="is not https"):
        OpenIdProvider("http://sso.example", client_id="x", client_secret="y", label="z")


def test_a_service_that_is_away_or_another_is_told(provider: Provider) -> None:
    def asked(issuer: str) -> None:
        OpenIdProvider(issuer, client_id="x", client_secret="y", label="z").fetch_address(
            state="s", nonce="n", verifier="v", back="b"
        )

    with pytest.raises(SourceUnavailable, match="gives no answer"):
        asked("http://127.0.0.1:1")
    with pytest.raises(DataError, match="calls itself"):
        asked(provider.issuer + "/")
