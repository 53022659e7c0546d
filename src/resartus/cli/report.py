"""``resartus report``."""

from __future__ import annotations

from dataclasses import replace

import click

from resartus.app.reporting.build import (
    CitationStyle,
    build_report,
    write_references,
    write_report,
)
from resartus.app.reporting.material import gather
from resartus.app.reporting.printing import print_pdf
from resartus.app.reporting.prose import bind_numbers
from resartus.app.tailoring import read_profile
from resartus.app.versions import find_version, is_protocol_changed, pin_version
from resartus.cli.context import open_review, output
from resartus.errors import DataError

__all__ = ["command"]


@click.command("report")
@click.option("--pin", is_flag=True, help="Pin the review as it stands as a new version first.")
@click.option("--why", default="report", help="What triggered the new version.")
@click.option("--version", "number", type=int, default=None, help="Report this version.")
@click.option(
    "--patient",
    "profile",
    type=click.Path(exists=True, dir_okay=False),
    default=None,
    help="Add a page for one patient, from a TOML profile; it is not stored in the review.",
)
@click.option(
    "--citations",
    type=click.Choice([style.value for style in CitationStyle]),
    default=CitationStyle.VANCOUVER.value,
    help="Numbers, or names and years.",
)
@click.option("--pdf", is_flag=True, help="Print it as PDF too, with a browser on hand.")
@click.option("--bind", is_flag=True, help="Bind the prose's live numbers to what they mean now.")
def command(
    pin: bool,
    why: str,
    number: int | None,
    profile: str | None,
    citations: str,
    pdf: bool,
    bind: bool,
) -> None:
    """Write out/report.html and out/report.docx for the newest version, or another.

    Prose in text/*.md (introduction, discussion, limits, process, implications, living, or any
    other name) is set in its place, with live numbers such as {{ mortality.pooled }}.
    """
    with open_review() as review:
        if pin:
            pin_version(review, trigger=why)
        versions = review.state().versions
        if not versions:
            raise DataError("no version is pinned yet; run 'resartus report --pin'")
        snapshot = versions[-1] if number is None else find_version(review, number)
        material = gather(review, snapshot)
        if bind:
            material = replace(material, bound={})
        report = build_report(
            material,
            profile=read_profile(profile, folder=review.folder) if profile else None,
            style=CitationStyle(citations),
        )
        if bind or pin:
            bind_numbers(material, report, review.folder)
        paths = [*write_report(report, review.out), write_references(report, review.out)]
        if pdf:
            paths.append(print_pdf(paths[0], review.out / "report.pdf"))
        changed = is_protocol_changed(review, snapshot)
    lines = [f"Version {snapshot.version}", *(f"  {path}" for path in paths)]
    if changed:
        lines.append(
            f"review.toml was changed since version {snapshot.version} was pinned; the report is "
            "by the protocol as pinned. --pin makes a new version."
        )
    output().result(
        {
            "version": snapshot.version,
            "protocol_changed": changed,
            "files": [str(path) for path in paths],
        },
        lines=lines,
    )
