"""``resartus demo``."""

from __future__ import annotations

import time
from pathlib import Path

import click

from resartus.app.demo import build_demo
from resartus.app.reporting.build import build_report, write_report
from resartus.app.reporting.material import gather
from resartus.app.tailoring import example_profile, write_example_profile
from resartus.cli.context import output

__all__ = ["command"]

PROFILE = "patient.toml"


@click.command("demo")
@click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("resartus-demo")
)
def command(folder: Path) -> None:
    """Build the worked example in FOLDER (resartus-demo): the founding review and its update.

    Offline, from what the package bundles. It writes files in FOLDER alone and opens nothing.
    """
    out = output()
    started = time.perf_counter()
    out.say("The founding review: liver metastases from gynaecological cancers, time to resection?")
    out.say("Real citations and figures; a curated sample, not a PubMed run. Nothing is invented.")
    written: list[Path] = []
    with build_demo(folder, tell=lambda line: out.say(f"  {line}")) as review:
        for snapshot in review.state().versions:
            out.say(f"  writing the report of version {snapshot.version}")
            material = gather(review, snapshot)
            report = build_report(material, profile=example_profile())
            stem = f"report-v{snapshot.version}"
            written += write_report(report, review.out, stem=stem)
        write_example_profile(review.folder / PROFILE)
    seconds = time.perf_counter() - started
    out.result(
        {"folder": str(folder), "files": [str(p) for p in written], "seconds": round(seconds, 1)},
        lines=(
            "",
            *(f"  {path}" for path in written),
            "",
            f"Done in {seconds:.0f} s. Open {written[-2]} in a browser.",
            f"Go on: resartus --review {folder} status",
            f"Check:  resartus --review {folder} audit --patient {folder / PROFILE}",
        ),
    )
