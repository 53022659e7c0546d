"""``resartus agreement``: how far reviewers agree, and their pace."""

from __future__ import annotations

import click

from resartus.app.screening import Agreement, PairAgreement, agreements, pace_of
from resartus.cli.context import open_review, output
from resartus.domain.decision import Stage

__all__ = ["command"]


def _row(name: str, found: Agreement) -> tuple[str, ...]:
    kappa = "not defined: one answer throughout"
    if found.kappa is not None:
        kappa = f"{found.kappa:.2f} ({found.kappa_low:.2f} to {found.kappa_high:.2f})"
    share = f"{100 * found.observed:.1f} %"
    return name, f"{found.agreed}/{found.n}", share, kappa, f"{found.pabak:.2f}"


def _rows(pair: PairAgreement) -> list[tuple[str, ...]]:
    return [
        _row("goes on or not", pair.going_on),
        _row("include, maybe or exclude", pair.verdicts),
        *(_row(f"reason: {name}", found) for name, found in pair.reasons.items()),
    ]


@click.command("agreement")
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.SCREENING.value,
    help="Title and abstract, or full text.",
)
@click.option("--round", "round_name", default=None, help="Only the records of this round.")
def command(stage: str, round_name: str | None) -> None:
    """Show percent agreement, Cohen's kappa and PABAK of votes given before unblinding."""
    out = output()
    with open_review() as review:
        found = agreements(review, Stage(stage), round_name=round_name)
        paces = pace_of(review, Stage(stage))
    for pair in found:
        out.table(
            f"{pair.first} and {pair.second}, {stage}",
            ("on", "agreed", "share", "kappa (95 % CI)", "PABAK"),
            _rows(pair),
        )
    out.table(
        "Pace",
        ("person", "votes", "records an hour", "hours left"),
        [
            (
                pace.person,
                pace.votes,
                None if pace.records_per_hour is None else f"{pace.records_per_hour:.0f}",
                None if pace.hours_left is None else f"{pace.hours_left:.1f}",
            )
            for pace in paces
        ],
    )
    out.result({"agreement": found, "pace": paces})
