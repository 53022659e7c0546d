"""``resartus init``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.cli.context import output, person

__all__ = ["command"]


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--title", default=None, help="The review's title, put into review.toml.")
def command(folder: Path, title: str | None) -> None:
    """Begin a review in FOLDER: writes review.toml to fill in, and an empty log."""
    text = TEMPLATE if title is None else TEMPLATE.replace("Title of the review", title)
    folder.mkdir(parents=True, exist_ok=True)
    with Review.create(folder, protocol_text=text, person=person()) as review:
        made = {"folder": str(folder), "title": review.protocol.title}
    output().result(
        made,
        lines=(
            f"Began a review in {folder}",
            f"Next: fill in {folder / 'review.toml'}, then: resartus --review {folder} status",
        ),
    )
