"""``resartus synthesise``."""

from __future__ import annotations

import click

from resartus.app.evidence import assemble, survival_rows
from resartus.app.synthesising import pooled_proportion
from resartus.app.wording import proportion_text
from resartus.cli.context import open_review, output
from resartus.domain.protocol import Part

__all__ = ["command"]


@click.command("synthesise")
def command() -> None:
    """Pool what the protocol plans, and lay out survival by time zero."""
    out = output()
    with open_review() as review:
        state = review.state()
        plan = review.protocol.analysis
        treated = {
            study_id
            for study_id, entry in state.studies.items()
            if review.protocol.part_of(entry.role) is Part.TREATED
        }
    studies = assemble(state)
    results = [
        pooled_proportion(
            studies, field, treated=treated, denominator=plan.denominator, level=plan.level
        )
        for field in plan.proportions
    ]
    rows = survival_rows(studies)
    for result in results:
        shown = zip(result.studies, result.events, result.totals, result.per_study, strict=True)
        out.table(
            f"{result.field}: {proportion_text(result.pooled)}",
            ("series", "events", "operated", "per cent (exact interval)"),
            [(s.label, e, n, proportion_text(one)) for s, e, n, one in shown],
        )
        for note in result.pooled.diagnostics:
            out.say(f"  {note}")
        for study, reason in result.left_out:
            out.say(f"  not pooled: {study.label} ({reason})")
    out.table(
        "Survival as printed, by time zero",
        ("counted from", "series", "n", "median months"),
        [
            (r.time_zero.value, f"{r.study.label}: {r.group.key}", r.n, r.median_months)
            for r in sorted(rows, key=lambda r: r.time_zero.value)
            if r.median_months is not None
        ],
    )
    if out.as_json:
        out.result(
            {
                "proportions": [
                    {
                        "field": r.field,
                        "pooled": r.pooled,
                        "studies": [s.study_id for s in r.studies],
                        "left_out": [
                            {"study": s.study_id, "reason": reason} for s, reason in r.left_out
                        ],
                    }
                    for r in results
                ],
                "survival": [
                    {
                        "study": r.study.study_id,
                        "group": r.group.key,
                        "time_zero": r.time_zero,
                        "n": r.n,
                        "median_months": r.median_months,
                    }
                    for r in rows
                ],
            }
        )
