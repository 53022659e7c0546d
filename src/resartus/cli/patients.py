"""``resartus patients``."""

from __future__ import annotations

from pathlib import Path

import click

from resartus.app.extraction.form_in_use import asked_time_zero, times_zero_at
from resartus.app.extraction.patients import (
    Analysis,
    Endpoint,
    harmonise_patients,
    import_patients,
    left_out_by_overlap,
    whatever_the_time_zero,
)
from resartus.app.settled import settled
from resartus.cli.context import open_review, output
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.overlap import OverlapRule

__all__ = ["command"]


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        column, mark, field = pair.partition("=")
        if not mark or not column or not field:
            raise click.UsageError(f"--map {pair!r} is not of the form COLUMN=field")
        mapping[column.strip()] = field.strip()
    return mapping


@click.command("patients")
@click.option(
    "--import",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table of patients, CSV or XLSX.",
)
@click.option("--study", help="Whose patients; needed with --import.")
@click.option("--record", help="The report the table stands in; the study's first if left out.")
@click.option("--detail", help="Which table, for example 'Table 2'.")
@click.option("--map", "pairs", multiple=True, metavar="COLUMN=FIELD", help="Name a column.")
@click.option("--sheet", help="Sheet of an XLSX file; the first if left out.")
@click.option("--from", "origin", help="A time zero of the review; all if left out.")
@click.option(
    "--endpoint", type=click.Choice([e.value for e in Endpoint]), default="overall survival"
)
@click.option(
    "--overlap",
    type=click.Choice([rule.value for rule in OverlapRule]),
    default=OverlapRule.KEEP_ALL.value,
    show_default=True,
    help="Of studies judged to share patients.",
)
@click.option("--tolerance", type=float, default=6.0, show_default=True, help="Months.")
def command(
    source: Path | None,
    study: str | None,
    record: str | None,
    detail: str | None,
    pairs: tuple[str, ...],
    sheet: str | None,
    origin: str | None,
    endpoint: str,
    tolerance: float,
    overlap: str,
) -> None:
    """Bring a table of patients, or tell who is usable in which survival analysis, and why not."""
    out = output()
    with open_review() as review:
        if source is not None:
            if study is None:
                raise click.UsageError("--import needs --study, whose patients they are")
            entry = review.state().studies.get(StudyId(study))
            record_id = record or (entry.record_ids[0] if entry else "")
            done = import_patients(
                review,
                source,
                study_id=StudyId(study),
                record_id=RecordId(record_id),
                detail=detail,
                mapping=_mapping(pairs),
                sheet=sheet,
            )
            lines = [f"Entered {done.patients} patients of {study}, {done.values} values"]
            lines += [f"  {column} → {field}" for column, field in done.columns.items()]
            if done.ignored_columns:
                lines.append(f"Not a field, left out: {', '.join(done.ignored_columns)}")
            out.result(done, lines=lines)
            return
        state = settled(review)
        origins = (
            [asked_time_zero(review, origin)] if origin else times_zero_at(review.protocol, state)
        )
    analyses = [
        Analysis(origin=zero, endpoint=Endpoint(endpoint), tolerance_months=tolerance)
        for zero in origins
    ]
    left_out = left_out_by_overlap(state, OverlapRule(overlap))
    results = [harmonise_patients(state, a, left_out=left_out) for a in analyses]
    counts = [whatever_the_time_zero(state), *(r.usability for r in results)]
    if out.as_json:
        out.result({"usability": counts, "patients": [p for r in results for p in r.patients]})
        return
    out.table(
        "Usable patients",
        ("analysis", "usable", "of", "not usable, because"),
        [
            (
                use.analysis,
                use.n_usable,
                use.n_patients,
                "; ".join(f"{reason} ({n})" for reason, n in use.reasons) or "–",
            )
            for use in counts
        ],
    )
    if origin:
        out.table(
            "Patient by patient",
            ("patient", "months", "event", "how, or why not"),
            [
                (
                    p.patient_id,
                    None if p.months is None else f"{p.months:.1f}",
                    {True: "yes", False: "censored", None: None}[p.is_event],
                    p.how or p.unusable_because,
                )
                for p in results[0].patients
            ],
        )
