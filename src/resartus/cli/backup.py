"""``resartus backup``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.cli.context import folder, output
from resartus.cli.team import opened, place_options

__all__ = ["command"]


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--team", "is_team", is_flag=True, help="The whole server, not one review's folder.")
@place_options
def command(file: Path, is_team: bool, home: Path, database: str | None) -> None:
    """Copy everything into FILE, while people go on working; the copy is checked."""
    from resartus.app.backup import backup_review, backup_team

    if is_team:
        with opened(home, database) as server:
            done = backup_team(server, file)
    else:
        done = backup_review(folder(), file)
    output().result(
        done,
        lines=[
            f"{done.reviews} reviews, {done.files} files, {done.bytes} bytes in {file}; checked."
        ],
    )
