"""``resartus tailor``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.tailoring import Tailored, example_profile, read_profile, tailor
from resartus.app.versions import draft_version
from resartus.cli.context import open_review, output

__all__ = ["command"]


def _plain(result: Tailored) -> dict[str, object]:
    return {
        "profile": result.profile.values,
        "standings": [
            {"factor": s.factor.name, "side": s.side, "label": s.label} for s in result.standings
        ],
        "matrix": [
            {
                "factor": r.factor,
                "studies": r.n_studies,
                "patients": r.direct_patients,
                "certainty": r.certainty,
                "contradicted": r.is_contradicted,
                "sentence": r.sentence,
            }
            for r in result.matrix
        ],
        "nearest": [
            {
                "patient": m.patient.patient_id,
                "distance": m.distance,
                "share_known": m.share_known,
                "follow_up": m.patient.follow_up,
            }
            for m in result.nearest
        ],
        "subgroups": [
            {
                "factor": g.factor.name,
                "band": g.band.label,
                "patients": len(g.patients),
                "dead": g.n_dead,
                "alive": g.n_alive,
                "months": g.months,
            }
            for g in result.subgroups
        ],
        "coverage": [
            {"factor": c.factor.name, "covered": c.is_covered, "sentence": c.sentence}
            for c in result.coverage
        ],
    }


@click.command("tailor")
@click.argument("profile", type=click.Path(exists=True, dir_okay=False), required=False)
@click.option("--example", is_flag=True, help="Use the bundled example patient (made up).")
@click.option(
    "--sheet",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Write the tumour board's sheet (HTML, Word) into this folder.",
)
def command(profile: str | None, example: bool, sheet: Path | None) -> None:
    """Lay the evidence beside one patient, described in the TOML or JSON file PROFILE.

    Nothing leaves this machine and nothing is stored. It informs a decision and makes none.
    """
    if profile is None and not example:
        raise click.UsageError("name a PROFILE, or use --example to see one")
    out = output()
    with open_review() as review:
        asked = (
            example_profile() if profile is None else read_profile(profile, folder=review.folder)
        )
        if sheet is not None:
            from resartus.app.reporting.material import gather
            from resartus.app.reporting.sheet import build_sheet, write_sheet

            versions = review.state().versions
            version = versions[-1] if versions else draft_version(review)
            files = write_sheet(build_sheet(gather(review, version), asked), sheet)
            lines = [f"Wrote {path}" for path in files]
            out.result({"files": [str(path) for path in files]}, lines=lines)
            return
        result = tailor(review, asked)
    rows = {row.factor: row for row in result.matrix}
    out.say(f"{asked.name}: published evidence beside one patient. It informs; it decides nothing.")
    out.table(
        "Where the patient stands, by the cut-points of published series",
        ("factor", "this patient", "side", "found", "certainty"),
        [
            (
                s.factor.name,
                s.label,
                s.side.value,
                row.sentence,
                "unknown" if row.is_unknown else row.certainty.value,
            )
            for s in result.standings
            for row in [rows[s.factor.name]]
        ],
    )
    out.table(
        "Published patients who are alike on one factor",
        ("factor", "band", "patients", "dead / alive", "followed, months"),
        [
            (
                g.factor.name,
                g.band.label,
                len(g.patients),
                f"{g.n_dead} / {g.n_alive}",
                None if g.months is None else f"{g.months[0]:g} to {g.months[2]:g}",
            )
            for g in result.subgroups
        ],
    )
    out.table(
        "Nearest published patients who had the treatment",
        ("patient", "distance", "factors known", "follow-up"),
        [
            (
                m.patient.patient_id,
                f"{m.distance:.2f}",
                f"{m.share_known:.0%}",
                f"{m.patient.follow_up.months or 'not reported'} months, "
                f"{m.patient.follow_up.status.value}",
            )
            for m in result.nearest
        ],
    )
    for row in result.coverage:
        if not row.is_covered:
            out.say(f"  not covered, {row.factor.name}: {row.sentence}")
    if out.as_json:
        out.result(_plain(result))
