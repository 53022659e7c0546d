"""Behind a proxy each caller is told apart, and nobody passes for another by a header."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.app.team.team import PASSWORD, add, team_server
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from resartus.app.team.server import TeamServer
from resartus.web.team import create_team_app

PROXY = ("172.18.0.3", 50000)
DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TeamServer]:
    server = team_server(tmp_path)
    add(server, "Ana")
    yield server
    server.close()


def client(
    server: TeamServer, *, per_minute: int = 10**6, at: tuple[str, int] = PROXY
) -> TestClient:
    """Return a client of the app as the container starts it; ``at`` is who connects to it."""
    [trusted] = re.findall(r"FORWARDED_ALLOW_IPS: (\S+)", (DEPLOY / "compose.yaml").read_text())
    app = create_team_app(server, hosts=["localhost"], per_minute=per_minute)
    behind = ProxyHeadersMiddleware(app, trusted_hosts=trusted)  # type: ignore[arg-type]
    return TestClient(behind, base_url="http://localhost", client=at, follow_redirects=False)  # type: ignore[arg-type]


def test_callers_behind_one_proxy_have_a_bucket_each(server: TeamServer) -> None:
    asking = client(server, per_minute=3)
    for caller in ("203.0.113.1", "203.0.113.2"):
        said = [
            asking.get("/sign-in", headers={"x-forwarded-for": caller}).status_code
            for _ in range(4)
        ]
        assert said == [200, 200, 200, 429]


def test_an_address_that_a_caller_made_up_gives_no_new_bucket(server: TeamServer) -> None:
    asking = client(server, per_minute=3)
    said = [
        asking.get(
            "/sign-in", headers={"x-forwarded-for": f"198.51.100.{n}, 203.0.113.1"}
        ).status_code
        for n in range(4)
    ]
    assert said == [200, 200, 200, 429]


def test_who_is_not_the_proxy_is_not_believed(server: TeamServer) -> None:
    asking = client(server, per_minute=3, at=("203.0.113.7", 1))
    said = [
        asking.get("/sign-in", headers={"x-forwarded-for": f"198.51.100.{n}"}).status_code
        for n in range(4)
    ]
    assert said == [200, 200, 200, 429]


def test_guesses_are_counted_for_the_caller_and_not_for_the_proxy(server: TeamServer) -> None:
    asking = client(server)

    def sign_in(caller: str, *, email: str = "ana@example.org", password: str = PASSWORD) -> int:
        headers = {"x-forwarded-for": caller}
        page = asking.get("/sign-in", headers=headers).text
        [token] = set(re.findall(r'name="csrf" value="([^"]+)"', page))
        data = {"csrf": token, "email": email, "password": password}
        return asking.post("/sign-in", data=data, headers=headers).status_code

    for n in range(10):
        guessed = sign_in("203.0.113.1", email=f"nobody{n}@example.org", password="guess")
        assert guessed == 403
    assert sign_in("203.0.113.1") == 403
    assert sign_in("203.0.113.2") == 303


def test_cookies_go_over_https_alone_where_the_proxy_says_so(server: TeamServer) -> None:
    asking = client(server)
    plain = asking.get("/sign-in", headers={"x-forwarded-for": "203.0.113.1"})
    assert "secure" not in plain.headers["set-cookie"].casefold()
    asking.cookies.clear()
    headers = {"x-forwarded-for": "203.0.113.1", "x-forwarded-proto": "https"}
    assert "secure" in asking.get("/sign-in", headers=headers).headers["set-cookie"].casefold()
