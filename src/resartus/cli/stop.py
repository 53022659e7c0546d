"""``resartus stop``: may the team stop, and what would that guarantee."""

from __future__ import annotations

import click

from resartus.app.screening.stopping import stop_advice
from resartus.cli.context import open_review, output
from resartus.domain.decision import Stage

__all__ = ["command"]


@click.command("stop")
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.SCREENING.value,
    help="Title and abstract, or full text.",
)
@click.option(
    "--rule",
    "rules",
    multiple=True,
    help="all, audit, buscar, consecutive or safe; the one for this size if left out.",
)
def command(stage: str, rules: tuple[str, ...]) -> None:
    """Say whether the team may stop judging, and what recall that guarantees.

    Looking again costs nothing: the confidence holds over all looks together.
    """
    with open_review() as review:
        advice = stop_advice(review, Stage(stage), rules=rules)
    lines = []
    for one in advice:
        lines.append(f"{one.rule}: {one.sentence}")
        if one.assumption is not None:
            lines.append(f"  Rests on: {one.assumption}.")
    output().result(advice, lines=lines)
