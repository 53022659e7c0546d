"""A team's server for a test, with passwords hashed lightly."""

from pathlib import Path

from argon2 import PasswordHasher

from resartus.app.permissions import Role
from resartus.app.review import Review
from resartus.app.searching import run_planned
from resartus.app.starting import TEMPLATE
from resartus.app.team.server import TeamServer
from resartus.domain.account import Account
from resartus.example import bundle

PASSWORD = "four words as one"
LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def team_server(folder: Path, *, url: str | None = None) -> TeamServer:
    url = url or f"sqlite:///{folder / 'team.db'}"
    return TeamServer(folder, database_url=url, hasher=LIGHT)


def add(server: TeamServer, name: str, role: Role | None = None, *, review: str = "r1") -> Account:
    account = server.accounts.add(
        name, email=f"{name.replace(' ', '.')}@example.org", password=PASSWORD
    )
    if role is not None:
        server.set_role(review, account_id=account.account_id, role=role)
    return account


def founding_review(server: TeamServer, owner: Account, *, dual: bool = False) -> None:
    """Begin review r1 over the bundled citations, with its searches run."""
    text = bundle.load_protocol_text()
    if dual:
        text = text.replace("reviewers_per_stage = 1", "reviewers_per_stage = 2")
    server.create_review("r1", protocol_text=text, owner=owner)
    with server.open_review("r1", person=owner.name) as review:
        search_all(review)


def search_all(review: Review) -> None:
    run_planned(review)


__all__ = ["LIGHT", "PASSWORD", "TEMPLATE", "add", "founding_review", "search_all", "team_server"]
