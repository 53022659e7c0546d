"""``resartus serve``."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from resartus.cli.context import folder, output, person

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from resartus.app.desk import Desk

__all__ = ["command"]


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8321, show_default=True, type=click.IntRange(0, 65535))
@click.option("--open", "is_opened", is_flag=True, help="Open the browser too.")
@click.option(
    "--api-key",
    envvar="RESARTUS_API_KEY",
    help="Answer programs too, under /api/v1, for this key. [RESARTUS_API_KEY]",
)
def command(host: str, port: int, is_opened: bool, api_key: str | None) -> None:
    """Do the review in the browser, on this machine, without an account."""
    import uvicorn

    from resartus.api.app import api_routes
    from resartus.api.gate import SoloGate
    from resartus.web.app import create_app

    def more(desk: Desk, named: str) -> Sequence[BaseRoute]:
        return api_routes(SoloGate(desk, person=named, key=api_key)) if api_key else ()

    hosts = (host, "localhost", "127.0.0.1")
    app = create_app(folder(), person=person(), hosts=hosts, more=more)
    address = f"http://{'localhost' if host == '127.0.0.1' else host}:{port}/"
    output().say(f"Resartus is at {address} - stop it with Ctrl-C")
    if is_opened:
        webbrowser.open(address)
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=2)
