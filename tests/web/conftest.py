"""A review with open records, and the app over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from resartus.app.review import Review
from resartus.app.searching import run_planned
from resartus.example import bundle
from resartus.web.app import create_app
from resartus.web.security import COOKIE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A review that has searched and judged nothing."""
    folder = tmp_path / "review"
    folder.mkdir()
    text = bundle.load_protocol_text()
    with Review.create(folder, protocol_text=text, person="ana") as review:
        run_planned(review)
    return folder


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    app = create_app(folder, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        yield client


@pytest.fixture
def token(client: TestClient) -> str:
    """The form token of this browser."""
    client.get("/")
    return str(client.cookies[COOKIE])
