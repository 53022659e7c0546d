"""``resartus undo``."""

from __future__ import annotations

import click

from resartus.app.undoing import undo_event
from resartus.cli.context import open_review, output

__all__ = ["command"]


@click.command("undo")
@click.argument("seq", type=int, required=False)
def command(seq: int | None) -> None:
    """Take back event number SEQ, or the last one; the log keeps both the event and its undo."""
    with open_review() as review:
        taken = undo_event(review, seq)
    output().result(
        {"undone": taken.seq, "kind": taken.kind},
        lines=[f"Took back event {taken.seq} ({taken.kind.value} by {taken.by})"],
    )
