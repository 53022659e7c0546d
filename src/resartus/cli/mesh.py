"""``resartus mesh``: NLM's headings, any year."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.pubmed.mesh import load_mesh
from resartus.cli.context import output

__all__ = ["command"]


@click.group("mesh")
def command() -> None:
    """Load MeSH; a table comes with Resartus, so this is for another year or for more of it."""


@command.command("load")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--into",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The local PubMed that shall use it.",
)
def load(files: tuple[Path, ...], folder: Path) -> None:
    """Read desc, qual and supp XML, or d, q, c and mtrees ASCII files, packed or not."""
    loaded = load_mesh(files, folder)
    output().result(
        loaded,
        lines=[
            f"{loaded.descriptors} headings, {loaded.qualifiers} subheadings, "
            f"{loaded.supplementary} supplementary concepts in {loaded.file}",
        ],
    )
