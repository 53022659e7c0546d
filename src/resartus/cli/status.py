"""``resartus status``."""

from __future__ import annotations

import click

from resartus.app.status import review_status
from resartus.cli.context import open_review, output

__all__ = ["command"]


@click.command("status")
def command() -> None:
    """Show where the review stands and what comes next."""
    with open_review() as review:
        status = review_status(review)
    first, second = status.screening, status.eligibility
    output().result(
        status,
        lines=(
            status.title,
            "",
            f"  searches        {status.searches_run} runs of {status.searches_planned} planned",
            f"  records         {status.records}, {status.duplicates} duplicates linked",
            f"  title/abstract  {first.decided} of {first.total} judged: "
            f"{first.included} go on, {first.excluded} excluded, {first.conflicts} conflicts",
            f"  full text       {second.decided} of {second.total} judged: "
            f"{second.included} included, {second.excluded} excluded, "
            f"{status.not_retrieved} not retrieved",
            f"  extracted       {status.studies} studies, {status.patients} single patients, "
            f"{status.cells} values",
            f"  versions        {status.versions} pinned; {status.events} events in the log",
            "",
            f"Next: {status.next_step}",
            f"      {status.next_command}",
        ),
    )
