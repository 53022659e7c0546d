"""``resartus restore``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.cli.context import folder, output
from resartus.cli.team import address_of, place_options

__all__ = ["command"]


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--team", "is_team", is_flag=True, help="A whole server, not one review's folder.")
@place_options
def command(file: Path, is_team: bool, home: Path, database: str | None) -> None:
    """Put FILE back where nothing stands; nothing is ever overwritten."""
    from resartus.app.backup import restore_review, restore_team

    if is_team:
        home.mkdir(parents=True, exist_ok=True)
        done = restore_team(file, home, database_url=address_of(home, database))
    else:
        done = restore_review(file, folder())
    output().result(
        done, lines=[f"{done.reviews} reviews as of {done.made_at} are back; every part was whole."]
    )
