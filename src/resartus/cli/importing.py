"""``resartus import``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.importing import import_file
from resartus.cli.context import open_review, output

__all__ = ["command"]


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--other-method",
    is_flag=True,
    help="Found by references, hand search or contact, not by searching a database.",
)
def command(files: tuple[Path, ...], other_method: bool) -> None:
    """Bring citations from FILES, whatever their names: the format is told by the content."""
    out = output()
    done = []
    with open_review() as review, out.progress(len(files), "importing") as advance:
        for path in files:
            done.append(import_file(review, path, is_other_method=other_method))
            advance()
    out.result(
        done,
        lines=[
            line
            for one in done
            for line in (
                f"{one.file}: {one.records} records as {one.format} ({one.encoding}), "
                f"{one.new} new",
                *(f"  line {u.line} not read ({u.reason}): {u.text[:70]}" for u in one.unread[:20]),
                *(
                    [f"  and {len(one.unread) - 20} more lines not read; --json lists all"]
                    if len(one.unread) > 20
                    else []
                ),
            )
        ],
    )
