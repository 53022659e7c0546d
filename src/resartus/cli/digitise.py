"""``resartus digitise``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.extraction.curves import write_digitising_page
from resartus.cli.context import output

__all__ = ["command"]


@click.command("digitise")
@click.argument("image", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where to write the page; beside the image if left out.",
)
def command(image: Path, target: Path | None) -> None:
    """Make a page in which you click the points of a Kaplan-Meier figure.

    The page holds the figure and needs no network: open it in a browser, set
    two ticks on each axis, click along the curve, save the points as CSV.
    """
    out = output()
    page = write_digitising_page(image, target or image.with_suffix(".digitise.html"))
    out.result(
        {"page": str(page)},
        lines=[
            f"Wrote {page}; open it in a browser",
            "Then: resartus curve POINTS --at-risk TABLE",
        ],
    )
