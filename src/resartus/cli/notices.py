"""``resartus notices``."""

from __future__ import annotations

import click

from resartus.app.living.notices import notices, settle_notice
from resartus.cli.context import open_review, output
from resartus.cli.update import notice_line

__all__ = ["command"]


@click.command("notices")
@click.option("--all", "everything", is_flag=True, help="The settled ones too.")
@click.option("--settle", default=None, metavar="ID", help="Say how this notice was dealt with.")
@click.option("--note", default="", help="What was done: excluded, values corrected, no effect …")
def command(everything: bool, settle: str | None, note: str) -> None:
    """List retractions and corrections of included reports, and settle them."""
    with open_review() as review:
        if settle is not None:
            settle_notice(review, settle, note=note)
        found = notices(review.state(), is_open=None if everything else True)
    output().result(
        found,
        lines=[notice_line(notice) for notice in found]
        or ["No notice on an included report is open."],
    )
