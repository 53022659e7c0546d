"""``resartus audit``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.reporting.audit import Audit, Standing, audit_review
from resartus.app.tailoring import read_profile
from resartus.app.versions import find_version
from resartus.cli.context import open_review, output
from resartus.errors import DataError

__all__ = ["command"]


def _plain(audit: Audit) -> dict[str, object]:
    return {
        "version": audit.version,
        "files": audit.files,
        "faults": audit.faults,
        "items": [
            {
                "standard": checklist.name,
                "item": one.item.item_id,
                "asks": one.item.asks,
                "standing": one.standing,
                "places": [place.anchor for place in one.places],
                "sentence": one.sentence,
            }
            for checklist, items in audit.scores
            for one in items
        ],
        "cases": audit.cases,
    }


_MOST = 20


def _written(folder: Path, version: int) -> tuple[Path, ...]:
    for stem in ("report", f"report-v{version}"):
        found = [path for end in ("html", "docx") if (path := folder / f"{stem}.{end}").exists()]
        if found:
            return tuple(found)
    return ()


@click.command("audit")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--version", "number", type=int, default=None, help="Audit this version.")
@click.option(
    "--patient",
    "profile",
    type=click.Path(exists=True, dir_okay=False),
    default=None,
    help="The profile whose page the report holds.",
)
@click.option("--all", "is_all", is_flag=True, help="List the items that are met, too.")
@click.option("--strict", is_flag=True, help="Fail on missing items as well.")
def command(
    files: tuple[Path, ...],
    number: int | None,
    profile: str | None,
    is_all: bool,
    strict: bool,
) -> None:
    """Hold a report against the standards, and its FILES against the review.

    Without FILES, those of the version in out/ are read. A fault (a number
    without its rows, a page changed by hand) ends with code 3.
    """
    out = output()
    with open_review() as review:
        versions = review.state().versions
        if not versions:
            raise DataError("no version is pinned yet; run 'resartus report --pin'")
        snapshot = versions[-1] if number is None else find_version(review, number)
        audit = audit_review(
            review,
            snapshot,
            written=files or _written(review.out, snapshot.version),
            profile=read_profile(profile, folder=review.folder) if profile else None,
        )
    for checklist, items in audit.scores:
        met = sum(one.standing is Standing.MET for one in items)
        asked = sum(one.standing is not Standing.NOT_APPLICABLE for one in items)
        rows = [
            (one.item.item_id, one.item.asks, one.standing.value,
             one.sentence or "; ".join(place.title for place in one.places[:2]))
            for one in items
            if is_all or one.standing is Standing.MISSING
        ]  # fmt: skip
        title = f"{checklist.name} ({checklist.version}): {met} of {asked} met"
        if rows:
            out.table(title, ("item", "asks", "standing", "where, or what to do"), rows)
        else:
            out.say(title)
    if audit.cases:
        told = sum(len(case.told) for case in audit.cases)
        asked = told + sum(len(case.missing) for case in audit.cases)
        out.say(
            f"CARE, {len(audit.cases)} single patients: {told} of {asked} items looked for are told"
        )
    for fault in audit.faults[:_MOST]:
        out.say(f"  fault, {fault.kind}: {fault.sentence} ({fault.where})")
    if len(audit.faults) > _MOST:
        out.say(f"  and {len(audit.faults) - _MOST} more; --json lists all")
    if not audit.files:
        out.say("No written report was found; 'resartus report' writes one.")
    if out.as_json:
        out.result(_plain(audit))
    missing = audit.count(Standing.MISSING)
    if audit.faults:
        raise DataError(
            f"{len(audit.faults)} faults in version {audit.version}; the first: "
            f"{audit.faults[0].sentence}"
        )
    if strict and missing:
        raise DataError(f"{missing} items are missing in version {audit.version}")
    out.say(f"No faults; {missing} items still to write.")
