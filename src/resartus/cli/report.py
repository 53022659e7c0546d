"""``resartus report``."""

from __future__ import annotations

import click

from resartus.app.reporting.build import build_report, write_report
from resartus.app.reporting.material import gather
from resartus.app.tailoring import read_profile
from resartus.app.versions import find_version, pin_version
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
def command(pin: bool, why: str, number: int | None, profile: str | None) -> None:
    """Write out/report.html and out/report.docx for the newest version, or another."""
    with open_review() as review:
        if pin:
            pin_version(review, trigger=why)
        versions = review.state().versions
        if not versions:
            raise DataError("no version is pinned yet; run 'resartus report --pin'")
        snapshot = versions[-1] if number is None else find_version(review, number)
        material = gather(review, snapshot)
        report = build_report(material, profile=read_profile(profile) if profile else None)
        paths = write_report(report, review.out)
    output().result(
        {"version": snapshot.version, "files": [str(path) for path in paths]},
        lines=[f"Version {snapshot.version}", *(f"  {path}" for path in paths)],
    )
