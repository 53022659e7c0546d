"""The API over a team's server, with a key for every role."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.app.team.team import add, founding_review, team_server

from resartus.api.app import api_routes
from resartus.api.gate import TeamGate
from resartus.app.permissions import Role
from resartus.app.team.server import TeamServer
from resartus.web.team import create_team_app


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeamServer]:
    server = team_server(tmp_path_factory.mktemp("team"))
    founding_review(server, add(server, "the founder"), dual=True)
    yield server
    server.close()


@pytest.fixture(scope="module")
def app(server: TeamServer) -> Starlette:
    return create_team_app(
        server, hosts=["localhost"], more=api_routes(TeamGate(server)), per_minute=10**6
    )


@pytest.fixture(scope="module")
def keys(server: TeamServer) -> dict[Role, str]:
    return {
        role: server.accounts.make_token(add(server, f"the {role.value}", role), label="test")
        for role in Role
    }


class Program:
    """A program that calls with one key."""

    def __init__(self, app: Starlette, key: str) -> None:
        self.client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
        self.client.headers["authorization"] = f"Bearer {key}"

    def call(self, method: str, path: str, status: int = 200, **rest: object) -> object:
        answer = self.client.request(method, f"/api/v1{path}", **rest)  # type: ignore[arg-type]
        assert answer.status_code == status, answer.text
        return (
            answer.json()
            if answer.content and "json" in answer.headers["content-type"]
            else (answer.content)
        )


@pytest.fixture
def owner(app: Starlette, keys: dict[Role, str]) -> Program:
    return Program(app, keys[Role.OWNER])
