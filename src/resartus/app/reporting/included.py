"""The included studies, and the patients known one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from resartus.app.reporting.material import Material
from resartus.domain.extracted import Extracted
from resartus.domain.patient import Patient, VitalStatus
from resartus.domain.time_zero import UNKNOWN_ZERO
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

_MOST_COLUMNS = 8
_FOLLOW_UP = ("follow_up_months", "status", "time_zero")
"""Told in columns of their own, for every patient."""


def _fields(
    material: Material, entered: Iterable[Mapping[str, Extracted]], *, level: str
) -> tuple[str, ...]:
    """Return the fields to show: those the protocol names, else those filled in, as asked for.

    Fields of repeating groups have tables of their own.
    """
    plan = material.protocol.report
    named = plan.study_columns if level == "study" else plan.patient_columns
    if named:
        return named
    asked = [f.name for f in material.form if f.level == level and f.group is None]
    filled = {
        name
        for values in entered
        for name, extracted in values.items()
        if extracted.value is not None and "[" not in name and name not in _FOLLOW_UP
    }
    order = [*asked, *sorted(filled - set(asked))]
    return tuple(name for name in order if name in filled)[:_MOST_COLUMNS]


def _columns(
    material: Material, fields: Sequence[str], entered: Sequence[Mapping[str, Extracted]]
) -> tuple[Column, ...]:
    """Return a column a field; figures stand at the right."""
    columns = []
    for name in fields:
        values = [e.value for values in entered if (e := values.get(name)) and e.value is not None]
        figures = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        side: Literal["left", "right"] = "right" if values and figures else "left"
        columns.append(Column(title=material.label_of(name), align=side))
    return tuple(columns)


def studies_section(material: Material) -> Section:
    """Return the table of included studies, grouped by the part of the question they speak to."""
    rows: list[Row] = []
    entered = [study.values for study in material.studies]
    fields = _fields(material, entered, level="study")
    since = material.before or material
    new = set(material.state.studies) - set(since.state.studies)
    for role in material.protocol.roles:
        group = [s for s in material.studies if material.roles[s.study_id] == role.name]
        if not group:
            continue
        rows.append(Row(cells=(content(f"{role.title} ({len(group)})"),), is_group=True))
        for study in group:
            fresh = " (new)" if study.study_id in new else ""
            cells = (
                content(study.label, " ", Cite(record_ids=study.record_ids), fresh),
                content(study.design),
                *(material.cell(f"{study.study_id}/{name}") for name in fields),
            )
            rows.append(Row(cells=cells, anchor=f"study-{study.study_id}"))
    if not rows:
        said = Paragraph(content=content("No study is included at this version."))
        return Section(
            section_id="studies", title="Included studies", blocks=(said,), is_result=True
        )
    table = Table(
        table_id="table-studies",
        caption="Included studies",
        is_wide=True,
        columns=(
            Column(title="Study", weight=2),
            Column(title="Design", weight=1.6),
            *_columns(material, fields, entered),
        ),
        rows=tuple(rows),
        notes=(
            content(
                "“–” means that the field does not apply to this kind of study; “not reported” "
                "means looked for and absent from the part read."
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
    unknown = sum(p.follow_up.time_zero == UNKNOWN_ZERO for p in patients)
    if not unknown:
        return ()
    some = "none" if unknown == len(patients) else "not all"
    return (content(f"What follow-up is counted from was reported for {some} of them."),)


def patients_section(material: Material) -> Section:
    """Return the patients known one by one, and how many are usable for survival."""
    rows = []
    values = [patient.values for patient in material.patients]
    fields = _fields(material, values, level="patient")
    for study in material.studies:
        for patient in study.patients:
            rows.append(
                Row(
                    anchor=f"patient-{patient.patient_id.replace('/', '-')}",
                    cells=(
                        content(
                            f"{study.label}, {patient.name} ", Cite(record_ids=study.record_ids)
                        ),
                        *(_text(material, patient, name) for name in fields),
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
            *_columns(material, fields, values),
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
