"""``resartus grade``."""

from __future__ import annotations

import click

from resartus.app.appraisal.grading import (
    DOWN,
    STARTS,
    UP,
    Certainty,
    Grade,
    Start,
    Step,
    grades,
    rate,
)
from resartus.cli.context import open_review, output

__all__ = ["command"]


def _steps(given: tuple[str, ...], option: str) -> tuple[Step, ...]:
    steps = []
    for text in given:
        head, mark, words = text.partition(":")
        domain, _, levels = head.partition("=")
        if not mark or not words.strip() or (levels and not levels.strip().isdigit()):
            raise click.UsageError(f"{option} {text!r} is not of the form DOMAIN=LEVELS: REASON")
        steps.append(Step(domain=domain.strip(), levels=int(levels or 1), because=words.strip()))
    return tuple(steps)


@click.command("grade", epilog=f"Down: {', '.join(DOWN)}. Up: {', '.join(UP)}.")
@click.argument("outcome", required=False)
@click.option("--start", type=click.Choice([s.value for s in Start]))
@click.option("--down", multiple=True, metavar="DOMAIN=LEVELS: REASON")
@click.option("--up", multiple=True, metavar="DOMAIN=LEVELS: REASON")
@click.option("--certainty", type=click.Choice([c.value for c in Certainty]))
@click.option("--because", "apart", help="Why the certainty is not what the steps give.")
@click.option("--summary", help="What the evidence says, in one sentence.")
def command(
    outcome: str | None,
    start: str | None,
    down: tuple[str, ...],
    up: tuple[str, ...],
    certainty: str | None,
    apart: str | None,
    summary: str | None,
) -> None:
    """Rate the certainty of one outcome (GRADE), or list the ratings with their reasons."""
    out = output()
    with open_review() as review:
        if outcome is not None:
            if start is None or certainty is None:
                raise click.UsageError("a rating needs --start and --certainty")
            rate(
                review,
                Grade(
                    outcome=outcome,
                    start=Start(start),
                    certainty=Certainty(certainty),
                    downs=_steps(down, "--down"),
                    ups=_steps(up, "--up"),
                    apart_because=apart,
                    summary=summary,
                ),
            )
        known = grades(review.state())
    shown = [g for g in known.values() if outcome is None or g.outcome == outcome]
    lines = []
    for grade in shown:
        lines += [grade.outcome, *(f"  {sentence}" for sentence in grade.sentences())]
    starts = ", ".join(f"{s.value} {c.value}" for s, c in STARTS.items())
    out.result(shown, lines=lines or [f"No outcome is rated yet. Evidence starts at: {starts}"])
