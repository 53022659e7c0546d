"""The included studies, and the patients known one by one."""

from __future__ import annotations

from resartus.app.reporting.material import Material
from resartus.domain.patient import Patient, TimeZero, VitalStatus
from resartus.domain.study import Study
from resartus.reporting.document import (
    NOT_REPORTED,
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

__all__ = ["patients_section", "studies_section"]

_COLUMNS = (
    ("Recruited", "recruited", "left"),
    ("Patients", "n_total", "right"),
    ("Liver surgery", "n_liver_surgery", "right"),
    ("Synchronous", "synchronous_n", "right"),
    ("Extrahepatic", "extrahepatic_n", "right"),
    ("R0", "r0_n", "right"),
    ("Deaths", "mortality_n", "right"),
    ("Complications", "morbidity_n", "right"),
)


def _cells(material: Material, study: Study) -> tuple[Content, ...]:
    cells = [content(study.label, " ", Cite(record_ids=study.record_ids)), content(study.design)]
    for _, field, _ in _COLUMNS:
        cells.append(material.cell(f"{study.study_id}/{field}"))
    return tuple(cells)


def studies_section(material: Material) -> Section:
    """Return the table of included studies, grouped by the part of the question they speak to."""
    rows: list[Row] = []
    new = set(material.state.studies) - set(
        material.previous_state.studies if material.previous_state else material.state.studies
    )
    for role in material.protocol.roles:
        group = [s for s in material.studies if material.roles[s.study_id] == role.name]
        if not group:
            continue
        rows.append(Row(cells=(content(f"{role.title} ({len(group)})"),), is_group=True))
        for study in group:
            cells = _cells(material, study)
            if study.study_id in new:
                cells = (content(cells[0], " (new)"), *cells[1:])
            rows.append(Row(cells=cells, anchor=f"study-{study.study_id}"))
    table = Table(
        table_id="table-studies",
        caption="Included studies",
        is_wide=True,
        columns=(
            Column(title="Study", weight=2),
            Column(title="Design", weight=1.6),
            *(Column(title=title, align=side) for title, _, side in _COLUMNS),
        ),
        rows=tuple(rows),
        notes=(
            content(
                "“–” means that the field does not apply to this kind of study; “not reported” "
                "means looked for and absent from the part read. Complications are defined "
                "differently by each series (see the forest plot)."
            ),
        ),
        items=("PRISMA2020:17",),
    )
    return Section(section_id="studies", title="Included studies", blocks=(table,), is_result=True)


def _text(material: Material, patient: Patient, field: str) -> Content:
    return material.cell(f"{patient.patient_id}/{field}")


def _follow_up(material: Material, patient: Patient) -> Content:
    status = patient.follow_up.status
    months = _text(material, patient, "follow_up_months")
    if status is VitalStatus.UNKNOWN:
        return content(months, " months; state ", NOT_REPORTED)
    return content(months, f" months; {status.value}")


def _time_zero_note(patients: list[Patient]) -> tuple[Content, ...]:
    unknown = sum(p.follow_up.time_zero is TimeZero.UNKNOWN for p in patients)
    if not unknown:
        return ()
    some = "none" if unknown == len(patients) else "not all"
    return (content(f"What follow-up is counted from was reported for {some} of them."),)


def patients_section(material: Material) -> Section:
    """Return the patients known one by one, and how many are usable for survival."""
    rows = []
    for study in material.studies:
        for patient in study.patients:
            rows.append(
                Row(
                    anchor=f"patient-{patient.patient_id.replace('/', '-')}",
                    cells=(
                        content(
                            f"{study.label}, {patient.name} ", Cite(record_ids=study.record_ids)
                        ),
                        _text(material, patient, "age_years"),
                        _text(material, patient, "primary_site"),
                        _text(material, patient, "histology"),
                        _text(material, patient, "interval_months"),
                        _text(material, patient, "disease_extent"),
                        _text(material, patient, "procedure"),
                        _follow_up(material, patient),
                        content(patient.follow_up.unusable_because() or "usable"),
                    ),
                )
            )
    usable = [p for p in material.patients if p.follow_up.unusable_because() is None]
    everyone = len(material.patients)
    share = computed_number(
        "patients.usable",
        f"{len(usable)} of {everyone}",
        inputs=[f"{p.patient_id}/follow_up_months" for p in material.patients],
        derivation="single patients with length of follow-up and vital status, of all",
    )
    table = Table(
        table_id="table-patients",
        caption="Patients known one by one",
        is_wide=True,
        columns=(
            Column(title="Patient", weight=2),
            Column(title="Age", align="right"),
            Column(title="Primary"),
            Column(title="Histology", weight=1.6),
            Column(title="Interval (months)", align="right"),
            Column(title="Extent", weight=1.3),
            Column(title="Procedure", weight=1.8),
            Column(title="Follow-up", weight=1.6),
            Column(title="For survival", weight=1.4),
        ),
        rows=tuple(rows),
        notes=_time_zero_note(material.patients),
    )
    text = content(
        share,
        " single patients have both a length of follow-up and a vital status. The others are "
        "listed with what is missing.",
    )
    return Section(
        section_id="patients",
        title="Patients known one by one",
        blocks=(Paragraph(content=text), table),
        is_result=True,
    )
