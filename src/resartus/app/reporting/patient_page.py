"""One patient: where she stands, who is nearest, what is not covered. Never an advice."""

from __future__ import annotations

from resartus.app.reporting.factors import matrix_of
from resartus.app.reporting.material import Material
from resartus.domain.patient import Patient
from resartus.domain.protocol import Part
from resartus.reporting.document import (
    NOT_REPORTED,
    Block,
    Bullets,
    Callout,
    Cite,
    Column,
    Content,
    Paragraph,
    Row,
    Section,
    Table,
    content,
)
from resartus.reporting.numbers import computed_number
from resartus.tailoring.factors import Side, load_factors
from resartus.tailoring.nearest import Match, nearest_patients
from resartus.tailoring.profile import Profile, coverage, standings

__all__ = ["patient_section"]

_SIDES = {
    Side.FAVOURABLE: "with those who did better",
    Side.ADVERSE: "with those who did worse",
    Side.UNSETTLED: "unsettled",
    Side.UNKNOWN: "not known",
}


def treated_patients(material: Material) -> list[Patient]:
    """Return the published patients who had the treatment."""
    treatment = material.protocol.analysis.treatment
    return [p for p in material.patients if treatment in (None, p.value("treatment"))]


def _standing_table(material: Material, profile: Profile) -> Table:
    matrix = {row.factor: row for row in matrix_of(material)}
    rows = []
    for standing in standings(profile, factors=load_factors()):
        row = matrix[standing.factor.name]
        rows.append(
            Row(
                cells=(
                    content(standing.factor.name),
                    content(standing.label),
                    content(_SIDES[standing.side]),
                    content(row.sentence),
                    content("–" if row.is_unknown else row.certainty.value),
                )
            )
        )
    return Table(
        table_id="table-standing",
        caption="Where the patient stands on each factor, by the cut-points of published series",
        columns=(
            Column(title="Factor", weight=1.4),
            Column(title="This patient", weight=1.2),
            Column(title="Stands", weight=1.3),
            Column(title="What was found on the factor", weight=2.6),
            Column(title="Certainty"),
        ),
        rows=tuple(rows),
    )


def _outcome(material: Material, patient: Patient) -> Content:
    months = material.cell(f"{patient.patient_id}/follow_up_months")
    return content(months, f" months; {patient.follow_up.status.value}")


def _shown(value: object) -> str:
    if value is None:
        return "not reported"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _match_row(material: Material, match: Match) -> Row:
    patient = match.patient
    study = next(s for s in material.studies if s.study_id == patient.study_id)
    known = [d for d in match.differences if d.size is not None]
    words = "; ".join(
        f"{d.factor}: {_shown(d.asked)} / {_shown(d.published)}"
        + (" (same)" if d.size == 0 else "")
        for d in known
    )
    inputs = [
        f"{patient.patient_id}/{f.field}"
        for f in load_factors()
        if patient.value(f.field) is not None
    ]
    distance = computed_number(
        f"nearest.{study.study_id}.{patient.name}",
        f"{match.distance:.2f}",
        inputs=inputs,
        derivation="Gower's distance over the factors that both have: 0 the same, 1 furthest",
    )
    return Row(
        cells=(
            content(f"{study.label}, {patient.name} ", Cite(record_ids=study.record_ids)),
            content(distance),
            content(f"{len(known)} of {len(match.differences)}"),
            content(words),
            _outcome(material, patient),
        )
    )


def _nearest(material: Material, profile: Profile) -> tuple[Block, ...]:
    patients = treated_patients(material)
    matches = nearest_patients(profile.values, patients, factors=load_factors())
    if not matches:
        text = "No published patient shares a recorded factor with this one."
        return (Callout(kind="limit", title="Nearest patients", content=(content(text),)),)
    return (
        Table(
            table_id="table-nearest",
            caption="The nearest published patients who had the treatment, and their outcome",
            columns=(
                Column(title="Patient", weight=1.6),
                Column(title="Distance", align="right"),
                Column(title="Factors known", align="right"),
                Column(title="This patient / published patient", weight=2.8),
                Column(title="Follow-up", weight=1.6),
            ),
            rows=tuple(_match_row(material, match) for match in matches),
            notes=(
                content(
                    "Read the distance with the number of factors it rests on: a patient known by "
                    "one factor may look near."
                ),
            ),
        ),
    )


def _coverage(material: Material, profile: Profile) -> Callout:
    rows = coverage(profile, treated_patients(material), factors=load_factors())
    missing = [row for row in rows if not row.is_covered]
    entries = tuple(content(f"{row.factor.name}: {row.sentence}.") for row in missing)
    if not missing:
        entries = (content("Every factor given is reached by a published patient, one by one."),)
    joint = "No published patient has all of these factors recorded together."
    return Callout(
        kind="limit",
        title="Not covered by published patients",
        content=(*entries, content(joint)),
    )


def _counter(material: Material) -> tuple[Block, ...]:
    entries = []
    for study in material.of_part(Part.TRIAL):
        figures = material.cell(f"{study.study_id}/finding[surgery].figures")
        entries.append(
            content(
                f"{study.label} ",
                Cite(record_ids=study.record_ids),
                ": secondary cytoreduction against none, randomised, not liver-specific: ",
                figures,
                ".",
            )
        )
    if not entries:
        return ()
    return (
        Callout(
            kind="finding", title="Counter-evidence from randomised trials", content=tuple(entries)
        ),
    )


def patient_section(material: Material, profile: Profile) -> Section:
    """Return the page for one patient."""
    given = tuple(
        content(f"{f.name}: ", _shown(profile.values[f.field]), f" {f.unit}" if f.unit else "")
        for f in load_factors()
        if f.field in profile.values
    )
    asked = tuple(f.name for f in load_factors() if f.field not in profile.values)
    unknown = f"Not given: {', '.join(asked)}." if asked else "Every factor was given."
    return Section(
        section_id="patient",
        title=f"One patient: {profile.name}",
        is_result=True,
        blocks=(
            Callout(
                kind="note",
                title="What this page is",
                content=(
                    content(
                        "It lays out the published evidence beside one patient. It informs a "
                        "decision and does not make one. The certainty is very low throughout: "
                        "small series in which clinicians chose whom to treat, and single cases."
                    ),
                ),
            ),
            Paragraph(content=content("Primary: ", profile.primary_site or NOT_REPORTED, ".")),
            Bullets(entries=given),
            Paragraph(content=content(unknown)),
            _standing_table(material, profile),
            *_nearest(material, profile),
            _coverage(material, profile),
            *_counter(material),
        ),
    )
