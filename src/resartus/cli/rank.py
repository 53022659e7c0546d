"""``resartus rank``: what comes up next, and the terms that put it there."""

from __future__ import annotations

import click

from resartus.app.screening.ranking import ScreeningOrder
from resartus.cli.context import open_review, output
from resartus.domain.decision import Stage

__all__ = ["command"]


@click.command("rank")
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.SCREENING.value,
    help="Title and abstract, or full text.",
)
@click.option("--count", default=20, show_default=True, help="How many records to show.")
@click.option("--why", is_flag=True, help="Show the terms that raise (+) or lower (-) a record.")
def command(stage: str, count: int, why: bool) -> None:
    """Show the records this person can still judge, the likeliest relevant first."""
    out = output()
    with open_review() as review:
        order = ScreeningOrder(review)
        found = order.ranked(Stage(stage), count=count, explain=why)
        titles = {
            r.record_id: r for r in review.store.iterate_records([f.record_id for f in found])
        }
    lines = [f"{order.label}; {len(found)} shown"]
    for one in found:
        record = titles[one.record_id]
        lines.append(f"{one.place:4} {one.record_id}  {record.label}  {record.title or 'no title'}")
        if why and one.terms:
            words = (f"{'+' if t.adds > 0 else '-'} {t.term}" for t in one.terms)
            lines.append("       " + ", ".join(words))
    out.result({"ranking": order.label, "records": found}, lines=lines)
