"""``resartus fulltext``: attach PDFs, look for free ones, say which cannot be had."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.fulltexts import (
    Attached,
    Refused,
    attach_files,
    attach_pdf,
    look_up,
    mark_missing,
    wanted_records,
)
from resartus.cli.context import open_review, output
from resartus.domain.ids import RecordId

__all__ = ["command"]


@click.command("fulltext")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--record", "record_id", default=None, help="Attach the one file to this record.")
@click.option("--lookup", is_flag=True, help="Look for free PDFs by PMCID and DOI, online.")
@click.option("--missing", default=None, help="Mark --record as not retrieved, for this reason.")
def command(
    paths: tuple[Path, ...], record_id: str | None, lookup: bool, missing: str | None
) -> None:
    """Attach PDFS, files or folders, to their records; alone it lists what is still sought."""
    out = output()
    with open_review() as review:
        if missing is not None:
            if record_id is None:
                raise click.UsageError("--missing needs --record")
            mark_missing(review, RecordId(record_id), reason=missing)
            out.result(
                {"record_id": record_id, "not_retrieved": missing},
                lines=[f"{record_id}: not retrieved ({missing})"],
            )
            return
        attached: tuple[Attached, ...] = ()
        refused: tuple[Refused, ...] = ()
        if record_id is not None and paths:
            if len(paths) != 1 or not paths[0].is_file():
                raise click.UsageError("--record takes one file")
            done = attach_pdf(
                review, RecordId(record_id), paths[0].read_bytes(), name=paths[0].name
            )
            attached = (done,)
        elif paths:
            with out.progress(len(paths), "reading PDFs") as advance:
                attached, refused = attach_files(review, paths, advance=advance)
        elif lookup:
            ids = [RecordId(record_id)] if record_id else wanted_records(review)
            with out.progress(len(ids), "looking up") as advance:
                attached, refused = look_up(review, ids, advance=advance)
        else:
            waiting = wanted_records(review)
            records = list(review.store.iterate_records(waiting)) if waiting else []
            lines = [f"{r.record_id}  {r.label}  {r.doi or r.pmcid or ''}" for r in records]
            out.result(
                {"wanted": waiting}, lines=[f"{len(waiting)} full texts still sought", *lines]
            )
            return
    lines = [
        f"{a.record_id}: {a.name}, {a.pages} pages, by {a.matched_by}"
        + ("" if a.has_words else "; no text in it (a scan?)")
        for a in attached
    ]
    lines += [f"not attached: {r.reason}" for r in refused]
    out.result({"attached": attached, "refused": refused}, lines=lines)
