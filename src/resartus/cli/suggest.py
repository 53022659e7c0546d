"""``resartus suggest``."""

from __future__ import annotations

from collections import Counter

import click

from resartus.app.extraction.suggesting import accept, disclosure, reject, suggest, waiting
from resartus.cli.context import open_review, output
from resartus.domain.ids import StudyId

__all__ = ["command"]


@click.command("suggest")
@click.argument("study", required=False)
@click.option("--accept", "accepted", metavar="ID", help="Enter this suggestion as yours ...")
@click.option("--value", help="... with this value instead ...")
@click.option("--field", help="... in this field, such as 'survival[all].median_os_months'.")
@click.option("--reject", "rejected", metavar="ID", help="Turn this suggestion down.")
@click.option("--disclosure", "tell", is_flag=True, help="Print what the report must say (RAISE).")
def command(
    study: str | None,
    accepted: str | None,
    value: str | None,
    field: str | None,
    rejected: str | None,
    tell: bool,
) -> None:
    """Let rules or a model propose values of a study, and decide on them one by one.

    Off until suggestions.toml in the review's folder switches it on. Nothing
    is accepted by itself.
    """
    out = output()
    with open_review() as review:
        if tell:
            told = disclosure(review.state())
            out.result(told, lines=told or ["No rule and no model proposed any value."])
            return
        if accepted is not None:
            cell = accept(review, accepted, value=value, field=field)
            out.result(cell, lines=[f"Entered {cell.cell_id}: {cell.extracted.value}"])
            return
        if rejected is not None:
            reject(review, rejected)
            out.result({"rejected": rejected}, lines=[f"Rejected {rejected}"])
            return
        refused: Counter[str] = Counter()
        if study is not None:
            done = suggest(review, StudyId(study))
            refused = Counter(r.reason for r in done.refused)
        known = waiting(review.state(), study_id=StudyId(study) if study else None)
    if out.as_json:
        out.result({"waiting": known, "refused": dict(refused)})
        return
    out.table(
        "Suggestions to decide on",
        ("id", "field", "value", "as printed", "by"),
        [(s.suggestion_id, s.field, s.value, s.span, f"{s.made_by} {s.version}") for s in known],
    )
    for reason, n in refused.most_common():
        out.note(f"{n} refused: {reason}")
