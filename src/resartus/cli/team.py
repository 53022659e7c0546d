"""``resartus team``: the people of a server, its reviews, and the server itself."""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from resartus.cli.context import output
from resartus.errors import NotFoundError, SourceUnavailable

if TYPE_CHECKING:
    from resartus.app.team.server import TeamServer
    from resartus.domain.account import Account

__all__ = ["command", "opened", "place_options"]


def place_options(command: Any) -> Any:
    """Add the options that say where a team's server keeps its reviews."""
    command = click.option(
        "--database",
        envvar="RESARTUS_DATABASE",
        help="postgresql://… ; a file team.db in the folder if left out. [RESARTUS_DATABASE]",
    )(command)
    return click.option(
        "--home",
        envvar="RESARTUS_HOME",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("resartus-team"),
        show_default=True,
        help="The server's folder. [RESARTUS_HOME]",
    )(command)


def address_of(home: Path, database: str | None) -> str:
    """Return the database's address, the folder's own file by default."""
    return database or f"sqlite:///{home / 'team.db'}"


@contextmanager
def opened(home: Path, database: str | None) -> Iterator[TeamServer]:
    """Open the server's folder and database; both are made when missing."""
    from resartus.app.team.server import TeamServer

    home.mkdir(parents=True, exist_ok=True)
    server = TeamServer(home, database_url=address_of(home, database))
    try:
        yield server
    finally:
        server.close()


def _account(server: TeamServer, email: str) -> Account:
    found = server.rows.account(email=email.strip().casefold())
    if found is None:
        known = ", ".join(a.email for a in server.rows.accounts()) or "none yet"
        raise NotFoundError(f"no account has the address {email!r}; there are: {known}")
    return found


@click.group("team")
def command() -> None:
    """Keep a team's reviews on one server."""


@command.command("add")
@click.argument("name")
@click.argument("email")
@click.password_option(help="Asked for when left out.")
@place_options
def add(name: str, email: str, password: str, home: Path, database: str | None) -> None:
    """Open an account, such as the first one; others come by invitation."""
    with opened(home, database) as server:
        account = server.accounts.add(name, email=email, password=password)
        shape = {"account_id": account.account_id, "name": account.name, "email": account.email}
        output().result(shape, lines=[f"{account.name} may sign in as {account.email}."])


@command.command("people")
@place_options
def people(home: Path, database: str | None) -> None:
    """List the accounts."""
    with opened(home, database) as server:
        accounts = server.rows.accounts()
        output().result(
            [{"name": a.name, "email": a.email, "is_closed": a.is_closed} for a in accounts],
            lines=[f"{a.name} <{a.email}>{' (closed)' if a.is_closed else ''}" for a in accounts],
        )


@command.command("password")
@click.argument("email")
@click.password_option(help="Asked for when left out.")
@place_options
def password(email: str, password: str, home: Path, database: str | None) -> None:
    """Set a forgotten password; every session of the account ends."""
    with opened(home, database) as server:
        account = _account(server, email)
        server.accounts.reset_password(account, new=password)
        output().result({"email": account.email}, lines=["Set; every earlier session has ended."])


@command.command("close")
@click.argument("email")
@click.option("--again", "is_open", is_flag=True, help="Open it again.")
@place_options
def close(email: str, is_open: bool, home: Path, database: str | None) -> None:
    """Close an account: it may not sign in, and what it did stays in every log."""
    with opened(home, database) as server:
        account = _account(server, email)
        server.rows.set_closed(account.account_id, is_closed=not is_open)
        word = "open" if is_open else "closed"
        output().result(
            {"email": account.email, "is_closed": not is_open},
            lines=[f"{account.email} is {word}."],
        )


@command.command("adopt")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("review_id")
@click.option("--owner", required=True, help="Address of the account that will own it.")
@place_options
def adopt(folder: Path, review_id: str, owner: str, home: Path, database: str | None) -> None:
    """Bring one person's review to the server, with its whole log."""
    from resartus.app.review import Review

    with opened(home, database) as server, Review(folder) as review:
        server.adopt_review(review, review_id, owner=_account(server, owner))
        count = review.store.last_seq()
        output().result(
            {"review_id": review_id, "events": count},
            lines=[f"{count} events came to {review_id}; the folder stays as it was."],
        )


@command.command("health")
@click.option("--port", default=8321, show_default=True, type=click.IntRange(1, 65535))
def health(port: int) -> None:
    """Ask the server on this machine whether it answers, as a supervisor does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/sign-in")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise SourceUnavailable(
            f"no server answers at port {port} ({error}); start it with 'resartus team serve'"
        ) from error
    finally:
        connection.close()
    if status != 200:
        raise SourceUnavailable(f"the server at port {port} answers {status}; look at its log")
    output().result({"port": port, "status": status}, lines=[f"The server at port {port} answers."])


@command.command("serve")
@click.option("--listen", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8321, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--host",
    "hosts",
    multiple=True,
    envvar="RESARTUS_HOSTS",
    help="A name people reach it under; may be given several times. [RESARTUS_HOSTS]",
)
@click.option(
    "--behind-proxy",
    is_flag=True,
    help="A proxy on this machine ends HTTPS; its X-Forwarded headers are believed.",
)
@click.option(
    "--per-minute",
    default=12_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many requests one address may send.",
)
@place_options
def serve(
    per_minute: int,
    listen: str,
    port: int,
    hosts: tuple[str, ...],
    behind_proxy: bool,
    home: Path,
    database: str | None,
) -> None:
    """Serve the team: pages, live progress and the API."""
    import uvicorn

    from resartus.api.app import api_routes
    from resartus.api.gate import TeamGate
    from resartus.api.later import CALL, call_kind
    from resartus.app.team.vouching import voucher_of
    from resartus.web.team import create_team_app

    with opened(home, database) as server:
        app = create_team_app(
            server,
            hosts=(*hosts, listen, "localhost", "127.0.0.1"),
            more=api_routes(TeamGate(server)),
            per_minute=per_minute,
            voucher=voucher_of(os.environ),
            more_work={CALL: call_kind(server)},
        )
        output().say(f"Resartus is at http://{listen}:{port}/ - stop it with Ctrl-C")
        uvicorn.run(
            app,
            host=listen,
            port=port,
            log_level="warning",
            timeout_graceful_shutdown=2,
            proxy_headers=behind_proxy,
        )
