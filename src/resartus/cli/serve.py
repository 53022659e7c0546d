"""``resartus serve``."""

from __future__ import annotations

import webbrowser

import click

from resartus.cli.context import folder, output, person

__all__ = ["command"]


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8321, show_default=True, type=click.IntRange(0, 65535))
@click.option("--open", "is_opened", is_flag=True, help="Open the browser too.")
def command(host: str, port: int, is_opened: bool) -> None:
    """Do the review in the browser, on this machine, without an account."""
    import uvicorn

    from resartus.web.app import create_app

    app = create_app(folder(), person=person(), hosts=(host, "localhost", "127.0.0.1"))
    address = f"http://{'localhost' if host == '127.0.0.1' else host}:{port}/"
    output().say(f"Resartus is at {address} - stop it with Ctrl-C")
    if is_opened:
        webbrowser.open(address)
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=2)
