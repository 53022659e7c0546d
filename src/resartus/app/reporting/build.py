"""Put the report together and write it as HTML and Word."""

from __future__ import annotations

from pathlib import Path

from resartus.app.reporting.appraisal import appraisal_section
from resartus.app.reporting.changes import changes_section
from resartus.app.reporting.effects import effects_section
from resartus.app.reporting.factors import factors_section, matrix_of
from resartus.app.reporting.flow import flow_section
from resartus.app.reporting.included import patients_section, studies_section
from resartus.app.reporting.material import Material
from resartus.app.reporting.methods import methods_section, question_section
from resartus.app.reporting.patient_page import patient_section
from resartus.app.reporting.safety import names_of, pooled, safety_section, series_number
from resartus.app.reporting.survival import course_section, survival_section
from resartus.domain.decision import Stage, Verdict
from resartus.domain.protocol import Part
from resartus.reporting.document import (
    Callout,
    Cite,
    Column,
    KeyFigure,
    KeyFigures,
    Paragraph,
    References,
    Report,
    Row,
    Section,
    Table,
    content,
)
from resartus.reporting.html import render_html
from resartus.reporting.numbers import count_number, estimate_number, sum_number
from resartus.reporting.soundness import require_sound
from resartus.reporting.word import render_docx
from resartus.stores.payloads import write_whole
from resartus.tailoring.profile import Profile

__all__ = ["build_report", "write_report"]


def _key_figures(material: Material) -> KeyFigures:
    operated = material.of_part(Part.TREATED, Part.SINGLE)
    sizes = [
        material.evidence[f"{s.study_id}/{material.size_field(s)}"]
        for s in operated
        if s.number(material.size_field(s)) is not None
    ]
    figures = [
        KeyFigure(
            label="Studies of the treatment",
            number=count_number(
                "treated.studies",
                [f"study:{s.study_id}" for s in operated],
                derivation="series and case reports of the treatment",
            ),
            detail=content("series and single cases"),
        ),
        *(
            # Studies whose size is not known, or is disputed, add no patient.
            [
                KeyFigure(
                    label="Patients treated",
                    number=sum_number(
                        "treated.patients", sizes, derivation="as each study counts them, added up"
                    ),
                    detail=content("before any overlap is settled"),
                )
            ]
            if sizes
            else []
        ),
    ]
    for field in material.protocol.analysis.proportions:
        result = pooled(material, field)
        key, _, axis = names_of(field)
        if result.studies:
            figures.append(
                KeyFigure(
                    label=axis,
                    number=estimate_number(f"{key}.pooled", result.pooled, style="percent"),
                    detail=content(series_number(result), " series"),
                )
            )
    return KeyFigures(figures=tuple(figures))


def _summary(material: Material) -> Section:
    matrix = matrix_of(material)
    split = [row.factor for row in matrix if row.is_contradicted]
    agreed = [row.factor for row in matrix if row.is_agreed]
    unknown = [row.factor for row in matrix if row.is_unknown]
    sentences = [
        "Two or more series of the treatment agree in direction on: "
        + (", ".join(agreed) or "nothing")
        + ".",
        "They disagree on: " + (", ".join(split) or "nothing") + ".",
    ]
    if unknown:
        sentences.append("Nothing was found on: " + ", ".join(unknown) + ".")
    limits = material.protocol.notes.get("limits")
    return Section(
        section_id="summary",
        title="Summary",
        items=("PRISMA2020:2",),
        is_result=True,
        blocks=(
            _key_figures(material),
            Paragraph(content=content(" ".join(sentences))),
            Callout(
                kind="warning",
                title="Certainty: very low",
                content=(
                    content(
                        "No comparison of the treatment was randomised: who was treated was "
                        "chosen. Take it as what was seen, not as what the treatment does."
                    ),
                    *((content(limits),) if limits else ()),
                ),
            ),
        ),
    )


def _excluded(material: Material) -> Section:
    rows = []
    for outcome in material.outcomes.values():
        at_full = outcome.stage is Stage.ELIGIBILITY
        missing = outcome.record_id in material.state.missing_fulltexts
        if at_full and (outcome.verdict is Verdict.EXCLUDE or missing):
            record = material.records[outcome.record_id]
            reason = material.state.missing_fulltexts.get(outcome.record_id) or outcome.reason or ""
            rows.append(
                Row(
                    cells=(
                        content(record.label, " ", Cite(record_ids=(record.record_id,))),
                        content(record.title or "title not shown on the page read"),
                        content(reason),
                    )
                )
            )
    return Section(
        section_id="excluded",
        title="Reports excluded at full text or not retrieved",
        items=("PRISMA2020:16b",),
        blocks=(
            Table(
                table_id="table-excluded",
                caption="Reports excluded at full text or not retrieved, with the reason",
                columns=(
                    Column(title="Report", weight=1.4),
                    Column(title="Title", weight=3),
                    Column(title="Reason", weight=1.6),
                ),
                rows=tuple(rows),
            ),
        ),
    )


def _limits(material: Material) -> Section:
    notes = material.protocol.notes
    parts = [notes[key] for key in ("limits", "searches") if key in notes]
    living = material.protocol.living
    every = living.search_every_months
    plan = f"Searched again every {every} months." if every else "No schedule is set."
    if living.trigger:
        plan += f" Out of turn by: {living.trigger}."
    if living.retirement:
        plan += f" Retired: {living.retirement}."
    return Section(
        section_id="limits",
        title="Limits, and how this review is kept alive",
        items=("PRISMA2020:23b", "PRISMA-LSR:L1"),
        blocks=(
            *(Paragraph(content=content(part)) for part in parts),
            Paragraph(content=content(plan)),
        ),
    )


def _closing(material: Material) -> Section:
    protocol = material.protocol
    said = (
        f"Registration: {protocol.registration or 'not stated'}. "
        f"Funding: {protocol.funding or 'not stated'}. "
        f"Competing interests: {protocol.interests or 'not stated'}. "
        "Data, decisions and the log of events are in the review's folder and can be exported "
        "and run again."
    )
    return Section(
        section_id="about",
        title="Registration, funding, interests and data",
        items=("PRISMA2020:24a", "PRISMA2020:25", "PRISMA2020:26", "PRISMA2020:27"),
        blocks=(Paragraph(content=content(said)),),
    )


def build_report(material: Material, *, profile: Profile | None = None) -> Report:
    """Return the whole report; every number of it resolves, or it is refused."""
    changes = changes_section(material)
    effects = effects_section(material)
    appraised = appraisal_section(material)
    results = Section(
        section_id="results",
        title="Results",
        sections=(
            flow_section(material),
            studies_section(material),
            *((course_section(material),) if material.of_part(Part.COURSE) else ()),
            safety_section(material),
            *((effects,) if effects else ()),
            survival_section(material),
            factors_section(material),
            *((patients_section(material),) if material.patients else ()),
            *((appraised,) if appraised else ()),
        ),
    )
    sections = [
        _summary(material),
        *((changes,) if changes else ()),
        question_section(material),
        methods_section(material),
        results,
        *((patient_section(material, profile),) if profile else ()),
        _limits(material),
        _excluded(material),
        _closing(material),
        Section(section_id="references", title="References", blocks=(References(),)),
    ]
    snapshot = material.snapshot
    cited = {s.record_ids[0] for s in material.studies}
    wanted = cited | {row.record_id for row in material.evidence.values() if row.record_id}
    report = Report(
        title=material.protocol.title,
        subtitle=material.protocol.question,
        snapshot_line=(
            f"Version {snapshot.version} of {snapshot.made_at:%d %B %Y}: {snapshot.trigger} "
            f"(log at event {snapshot.last_seq}, {snapshot.events_hash[:12]})"
        ),
        made_at=snapshot.made_at,
        authors=material.protocol.authors,
        sections=tuple(sections),
        records=tuple(r for r in material.records.values() if r.record_id in wanted),
        evidence=tuple(material.evidence.values()),
        software=snapshot.software,
    )
    require_sound(report)
    return report


def write_report(report: Report, folder: Path, *, stem: str = "report") -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.docx``; the same snapshot gives the same bytes."""
    html, docx = folder / f"{stem}.html", folder / f"{stem}.docx"
    write_whole(html, render_html(report).encode())
    render_docx(report, docx)
    return html, docx
