"""``resartus export``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.citing import CITATION_FORMATS, Choice, export_citations
from resartus.app.exporting import export_review, salvage_review
from resartus.cli.context import folder, open_review, output
from resartus.domain.decision import Stage

__all__ = ["command"]


@click.command("export")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--salvage", "is_salvage", is_flag=True, help="Save what a damaged review.db gives.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(CITATION_FORMATS),
    default=None,
    help="Write citations for other programs instead of the archive.",
)
@click.option(
    "--which",
    type=click.Choice([choice.value for choice in Choice]),
    default=Choice.ALL.value,
    help="With --format: which citations.",
)
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.ELIGIBILITY.value,
    help="With --which: included or excluded in the end, or by title and abstract.",
)
@click.option("--no-report", is_flag=True, help="Leave the report out of the archive.")
@click.option("--fulltexts", is_flag=True, help="Put PDFs in; publishers seldom allow it.")
@click.option("--no-decisions", is_flag=True, help="With --format: leave the votes out.")
def command(
    target: Path | None,
    is_salvage: bool,
    format_: str | None,
    which: str,
    stage: str,
    no_report: bool,
    fulltexts: bool,
    no_decisions: bool,
) -> None:
    """Pack the whole review into one archive, TARGET or out/review.zip; or write its citations."""
    out = output()
    if is_salvage:
        stem = target or folder() / "salvaged"
        records, events = salvage_review(folder(), stem)
        out.result(
            {"records": records, "events": events, "file": str(stem)},
            lines=[f"Saved {records} records and {events} events as {stem}.*.jsonl"],
        )
        return
    with open_review() as review:
        if format_ is None:
            path = export_review(
                review,
                target or review.out / "review.zip",
                has_report=not no_report,
                has_fulltexts=fulltexts,
            )
            out.result({"file": str(path)}, lines=[f"Wrote {path}"])
            return
        with out.fraction(f"writing {format_}") as progress:
            done = export_citations(
                review,
                target,
                format=format_,
                choice=Choice(which),
                stage=Stage(stage),
                has_decisions=not no_decisions,
                progress=progress,
            )
    out.result(
        done,
        lines=[f"Wrote {done.records} citations with {done.decisions} decisions: {done.file}"],
    )
