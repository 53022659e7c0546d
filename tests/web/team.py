"""A browser of one person at a team's server."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.testclient import TestClient
from tests.app.team.team import PASSWORD

from resartus.domain.account import Account
from resartus.web.security import COOKIE

HOST = "http://localhost"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class Person:
    """Someone with a browser; ``post`` sends the page's form token along."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str) -> object:
        return self.client.get(path)

    def post(self, path: str, **fields: object) -> object:
        token = self.client.cookies.get(COOKIE)
        if token is None:
            self.client.get("/sign-in")
            token = self.client.cookies[COOKIE]
        return self.client.post(path, data={"csrf": token, **fields})

    def sign_in(self, account: Account) -> None:
        answer = self.client.get("/sign-in")
        found = _TOKEN.search(answer.text)
        assert found is not None
        answer = self.client.post(
            "/sign-in",
            data={"csrf": found.group(1), "email": account.email, "password": PASSWORD},
        )
        assert answer.status_code == 303, answer.text


@contextmanager
def person(app: object, account: Account | None = None) -> Iterator[Person]:
    """Yield a browser, signed in where an account is given. The app keeps running afterwards."""
    client = TestClient(app, base_url=HOST, follow_redirects=False)  # type: ignore[arg-type]
    someone = Person(client)
    if account is not None:
        someone.sign_in(account)
    try:
        yield someone
    finally:
        client.close()
