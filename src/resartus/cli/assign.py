"""``resartus assign``: who judges what."""

from __future__ import annotations

import click

from resartus.app.screening import Share, assign, share_out, start_round
from resartus.cli.context import open_review, output
from resartus.domain.decision import Stage
from resartus.domain.ids import RecordId

__all__ = ["command"]


@click.command("assign")
@click.option("--to", "people", multiple=True, help="A person; repeat for more.")
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.SCREENING.value,
    help="Title and abstract, or full text.",
)
@click.option("--record", "records", multiple=True, help="Hand on this record; repeatable.")
@click.option("--round", "round_name", default=None, help="Begin a pilot round of this name.")
@click.option("--count", default=50, show_default=True, help="Records in the pilot round.")
def command(
    people: tuple[str, ...],
    stage: str,
    records: tuple[str, ...],
    round_name: str | None,
    count: int,
) -> None:
    """Deal the open records out to people, hand some on, or begin a pilot round.

    Without --to, the records named by --record are shown to everybody again.
    """
    at = Stage(stage)
    shares: tuple[Share, ...]
    with open_review() as review:
        if records:
            ids = [RecordId(record) for record in records]
            shares = (assign(review, ids, stage=at, people=people),)
        elif not people:
            raise click.UsageError("name people with --to, or records with --record")
        elif round_name is not None:
            shares = (start_round(review, round_name, count=count, people=people, stage=at),)
        else:
            shares = share_out(review, stage=at, people=people)
    output().result(
        shares,
        lines=[
            f"{len(share.record_ids)} records at {stage} to "
            + (", ".join(share.people) or "everybody")
            for share in shares
        ],
    )
