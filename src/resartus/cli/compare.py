"""``resartus compare``."""

from __future__ import annotations

import click

from resartus.app.extraction.double_entry import compare, settle, unsettled
from resartus.cli.context import open_review, output
from resartus.domain.ids import StudyId

__all__ = ["command"]


def _shown(extracted: object) -> str | None:
    value = getattr(extracted, "value", None)
    reported = getattr(extracted, "reported", None)
    return str(value) if value is not None else getattr(reported, "value", None)


@click.command("compare")
@click.option("--study", help="One study; all if left out.")
@click.option("--between", nargs=2, metavar="ANA BEN", help="The two people.")
@click.option("--settle", "cell_id", help="Settle this value as the consensus ...")
@click.option("--take", metavar="PERSON", help="... as this person entered it.")
def command(
    study: str | None, between: tuple[str, str] | None, cell_id: str | None, take: str | None
) -> None:
    """Compare two people's entries, and settle what differs. No entry is overwritten."""
    out = output()
    study_id = StudyId(study) if study else None
    with open_review() as review:
        if cell_id is not None or take is not None:
            if cell_id is None or take is None:
                raise click.UsageError("--settle and --take go together")
            agreed = settle(review, cell_id, take=take)
            out.result(agreed, lines=[f"Settled {cell_id} as {_shown(agreed.extracted)}"])
            return
        state = review.state()
        found = compare(state, study_id=study_id, people=between or None)
        waiting = [cells[0].cell_id for cells in unsettled(state, study_id=study_id)]
    if out.as_json:
        out.result({"agreement": found, "unsettled": waiting})
        return
    out.say(
        f"{found.first} and {found.second}: {found.n_both} values entered by both, "
        f"{found.n_differ} differ, {len(waiting)} wait for a consensus"
    )
    out.table(
        "Agreement by field",
        ("field", "both", "agree", "share", "kappa", "largest difference"),
        [
            (
                f.field,
                f.n,
                f.n_agree,
                f"{f.share:.0%}",
                None if f.kappa is None else f"{f.kappa:.2f}",
                None if f.largest_difference is None else f"{f.largest_difference:g}",
            )
            for f in found.fields
        ],
    )
    rows = [c for c in found.cells if c.cell_id in waiting]
    if rows:
        out.table(
            "To settle",
            ("value of", found.first, found.second),
            [(c.cell_id, _shown(c.first), _shown(c.second)) for c in rows],
        )
