"""``resartus update``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.living.notices import Notice
from resartus.app.living.updating import update_review
from resartus.cli.context import open_review, output
from resartus.cli.progress import fetching

__all__ = ["command", "notice_line"]


def notice_line(notice: Notice) -> str:
    """Return a notice as one line, with the id that settles it."""
    where = f" (PMID {notice.pmid})" if notice.pmid else f" ({notice.citation or 'no citation'})"
    state = f"settled: {notice.settled}" if notice.settled else "open"
    return f"{notice.kind} of {notice.record_id}{where}, {state}   {notice.notice_id}"


@click.command("update")
@click.option(
    "--from",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A PubMed update file (.xml or .xml.gz) to search instead of asking PubMed; repeatable.",
)
def command(files: tuple[Path, ...]) -> None:
    """Run each search again from where it stood, and open what is left to judge.

    Retractions, corrections and errata of reports already included come first.
    """
    out = output()
    with open_review() as review:
        if files:
            from resartus.app.living.day import update_from_files

            result = update_from_files(
                review, files, on_file=lambda path: out.say(f"reading {path.name}")
            )
        else:
            with fetching() as progress:
                result = update_review(review, on_progress=progress)
    lines = [f"! {notice_line(notice)}" for notice in result.notices]
    if result.revised:
        lines.append(f"{len(result.revised)} included reports have a newer record")
    lines += [
        f"{run.search.search_id}: {run.count} records since, {new} not seen before"
        for run, new in result.runs
    ]
    left = len(result.new_ids)
    lines.append(f"{left} records to judge" if left else "Nothing new to judge.")
    out.result(
        {
            "runs": [
                {"search": run.search.search_id, "found": run.count, "new": new}
                for run, new in result.runs
            ],
            "new": result.new_ids,
            "revised": result.revised,
            "notices": result.notices,
            "open_notices": result.open_notices,
        },
        lines=lines,
    )
    if result.open_notices:
        out.say("Next: resartus notices, to say what each means for the review")
    if left:
        out.say("Next: resartus screen, then: resartus report --pin --why update")
    elif not result.open_notices:
        out.say("Next: resartus changes, which says whether any conclusion changed")
