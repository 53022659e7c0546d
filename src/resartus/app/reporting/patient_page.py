"""One patient: where she stands, who is nearest, what is not covered. Never an advice."""

from __future__ import annotations

from resartus.app.evidence import groups
from resartus.app.reporting.alike import alike_table, treated_patients
from resartus.app.reporting.certainty import certainty_words
from resartus.app.reporting.factors import matrix_of
from resartus.app.reporting.material import Material
from resartus.domain.patient import Patient, VitalStatus
from resartus.domain.protocol import Part
from resartus.reporting.document import (
    NOT_REPORTED,
    Block,
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
from resartus.tailoring.nearest import Match, nearest_patients
from resartus.tailoring.profile import Coverage, Profile, coverage

__all__ = ["counter_evidence", "nearest_blocks", "not_covered", "patient_section"]


def _outcome(material: Material, patient: Patient) -> Content:
    if patient.follow_up.months is None:
        status = patient.follow_up.status
        if status is VitalStatus.UNKNOWN:
            return content(NOT_REPORTED)
        return content(f"{status.value}; how long ", NOT_REPORTED)
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
        for f in material.factors
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


def nearest_blocks(material: Material, profile: Profile, *, count: int = 5) -> tuple[Block, ...]:
    """Return the nearest published patients as a table, or that there is none."""
    patients = treated_patients(material)
    matches = nearest_patients(profile.values, patients, factors=material.factors, count=count)
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
                Column(title="This patient / published patient", weight=4),
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


def _is_silent(row: Coverage) -> bool:
    return row.sentence.startswith("no published patient has")


def _reach(material: Material, row: Coverage) -> Content:
    """Return what was published on a factor, with the cells that say so."""
    field = row.factor.field
    inputs = [
        f"{p.patient_id}/{field}" for p in treated_patients(material) if p.value(field) is not None
    ]
    if not inputs:
        return content(row.sentence)
    return content(
        computed_number(
            f"covered.{field}",
            row.sentence,
            inputs=inputs,
            derivation="the patient's value beside the range or counts of the published ones",
        )
    )


def not_covered(material: Material, profile: Profile, *, is_compact: bool = False) -> Callout:
    """Return which of the patient's factors no published patient reaches."""
    rows = coverage(profile, treated_patients(material), factors=material.factors)
    missing = [row for row in rows if not row.is_covered]
    entries: tuple[Content, ...]
    told = [_reach(material, row) for row in missing]
    joint = "No published patient has all of these factors recorded together."
    if not missing:
        entries = (content("Every factor given is reached by a published patient, one by one."),)
    elif is_compact:
        silent = [r.factor.name for r in missing if _is_silent(r)]
        said = f"No published patient has recorded: {', '.join(silent)}. " if silent else ""
        beyond = [
            content(f"{row.factor.name}: ", one, ". ")
            for row, one in zip(missing, told, strict=True)
            if not _is_silent(row)
        ]
        entries = (content(*beyond, said, joint),)
    else:
        entries = tuple(
            content(f"{row.factor.name}: ", one, ".")
            for row, one in zip(missing, told, strict=True)
        )
        entries = (*entries, content(joint))
    return Callout(kind="limit", title="Not covered by published patients", content=entries)


def counter_evidence(material: Material) -> tuple[Block, ...]:
    """Return what randomised trials of neighbouring questions found."""
    entries = []
    for study in material.of_part(Part.TRIAL):
        for group in groups(study, "finding"):
            figures = material.cell(f"{study.study_id}/finding[{group.key}].figures")
            told = [group.text("level"), group.text("population")]
            entries.append(
                content(
                    f"{study.label} ",
                    Cite(record_ids=study.record_ids),
                    f": {', '.join([*filter(None, told), study.design])}: ",
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
    matrix = {row.factor: row for row in matrix_of(material)}
    given = tuple(
        Row(
            cells=(content(f.name), content(_shown(profile.values[f.field])), content(f.unit or ""))
        )
        for f in material.factors
        if f.field in profile.values
    )
    asked = tuple(f.name for f in material.factors if f.field not in profile.values)
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
                        "decision and does not make one. Certainty of what is known on the "
                        f"factors: {certainty_words(material, matrix.values())}. Small series in "
                        "which clinicians chose whom to treat, and single cases."
                    ),
                ),
            ),
            *(
                (Paragraph(content=content(f"Primary: {profile.primary_site}.")),)
                if profile.primary_site
                else ()
            ),
            Table(
                table_id="table-given",
                caption="What was asked",
                columns=(
                    Column(title="Factor", weight=2),
                    Column(title="This patient", weight=2),
                    Column(title="Unit"),
                ),
                rows=given,
            ),
            Paragraph(content=content(unknown)),
            alike_table(material, profile, matrix, table_id="table-standing"),
            *nearest_blocks(material, profile),
            not_covered(material, profile),
            *counter_evidence(material),
        ),
    )
