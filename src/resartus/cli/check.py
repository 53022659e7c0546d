"""``resartus check``."""

from __future__ import annotations

import click

from resartus.app.extraction.checking import check_review
from resartus.cli.context import open_review, output
from resartus.domain.ids import StudyId
from resartus.errors import DataError

__all__ = ["command"]


@click.command("check")
@click.option("--study", help="One study; all if left out.")
@click.option("--strict", is_flag=True, help="End with exit code 3 when anything fails.")
def command(study: str | None, strict: bool) -> None:
    """Check that anchors stand in the text, derived values recompute and numbers add up."""
    out = output()
    with open_review() as review:
        checked = check_review(review, study_id=StudyId(study) if study else None)
    report = checked.report
    out.result(
        checked,
        lines=[
            f"{report.n_cells} values of {report.n_studies} studies checked, "
            f"{report.n_numbers} of them numbers, {report.n_unanchored} without an anchor",
            f"{report.n_spans_found} quotations found in the text on hand, "
            f"{report.n_unverifiable} have no text on hand; "
            f"{report.n_recomputed} derivations recomputed",
            *(f"Not read: {message}" for message in checked.unreadable),
            *([] if report.failures else ["Nothing fails"]),
        ],
    )
    if report.failures:
        out.table(
            f"{len(report.failures)} to look at",
            ("check", "values", "where", "what is wrong"),
            [(f.check, ", ".join(f.cell_ids), f.place, f.message) for f in report.failures],
        )
        if strict:
            raise DataError(f"{len(report.failures)} checks fail; they are listed above")
