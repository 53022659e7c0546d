"""``resartus open``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.exporting import open_bundle
from resartus.cli.context import output

__all__ = ["command"]


@click.command("open")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--no-report", is_flag=True, help="Do not build the report again.")
def command(archive: Path, folder: Path, no_report: bool) -> None:
    """Open an ARCHIVE of 'resartus export' as a review in FOLDER, checked by hash.

    Its report is built again and compared with the one inside, byte by byte.
    """
    opened = open_bundle(archive, folder, is_built=not no_report)
    lines = [
        f"{opened.records} citations, {opened.events} events and {opened.payloads} payloads in "
        f"{opened.folder}; every file is what was exported."
    ]
    lines += [f"  built again to the byte: {name}" for name in opened.same]
    lines += [f"  built again, and differs: {name}" for name in opened.differing]
    if opened.differing:
        lines += [f"    {words}" for words in opened.software]
    output().result(opened, lines=lines)
