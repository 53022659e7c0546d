"""Put the report together and write it as HTML and Word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from resartus.app.reporting.appraisal import appraisal_section
from resartus.app.reporting.certainty import (
    agreement_section,
    certainty_callout,
    findings_section,
)
from resartus.app.reporting.changes import changes_section
from resartus.app.reporting.checked import with_checklists
from resartus.app.reporting.effects import effects_section
from resartus.app.reporting.factors import factors_section, matrix_of
from resartus.app.reporting.facts import facts_of
from resartus.app.reporting.flow import flow_section, unfinished_callout
from resartus.app.reporting.included import patients_section, studies_section
from resartus.app.reporting.living import living_section
from resartus.app.reporting.material import Material
from resartus.app.reporting.methods import methods_section, question_section
from resartus.app.reporting.patient_page import patient_section
from resartus.app.reporting.prose import with_prose
from resartus.app.reporting.robustness import missing_results_section, sensitivity_section
from resartus.app.reporting.safety import names_of, pooled, safety_section, series_number
from resartus.app.reporting.searched import searched_section
from resartus.app.reporting.survival import course_section, survival_section
from resartus.domain.decision import Stage, Verdict
from resartus.domain.protocol import Part
from resartus.reporting.document import (
    CitationStyle,
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
from resartus.reporting.provenance import with_provenance
from resartus.reporting.reading import block_contents, iterate_blocks, number_report
from resartus.reporting.soundness import require_sound
from resartus.reporting.word import render_docx
from resartus.sources.formats.writers.csl_json import render_csl
from resartus.stores.payloads import write_whole
from resartus.tailoring.profile import Profile

__all__ = ["CitationStyle", "build_report", "write_references", "write_report"]


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
    unfinished = unfinished_callout(material)
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
    return Section(
        section_id="summary",
        title="Summary",
        items=("PRISMA2020:2",),
        is_result=True,
        blocks=(
            *((unfinished,) if unfinished else ()),
            _key_figures(material),
            *((_paragraph(" ".join(sentences)),) if matrix else ()),
            certainty_callout(material, matrix),
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
    if not rows:
        none = "No report was excluded at full text, and none was marked as not retrieved."
        return Section(
            section_id="excluded",
            title="Reports excluded at full text or not retrieved",
            items=("PRISMA2020:16b",),
            blocks=(_paragraph(none),),
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
    evidence = notes.get("limits")
    process = notes.get("process") or notes.get("searches")
    spread = (
        "Findings are told by direction where they cannot be pooled: that hides how large an "
        "effect is, and the groups of studies are those of the protocol."
    )
    return Section(
        section_id="limits",
        title="Limits",
        blocks=(
            *((_paragraph(evidence, "PRISMA2020:23b"),) if evidence else ()),
            *((_paragraph(process, "PRISMA2020:23c"),) if process else ()),
            _paragraph(spread, "SWiM:9"),
        ),
    )


def _paragraph(text: str, *items: str) -> Paragraph:
    return Paragraph(content=content(text), items=items)


def _closing(material: Material) -> Section:
    protocol = material.protocol
    entries = (
        ("Registration", protocol.registration, "PRISMA2020:24a"),
        ("Funding", protocol.funding, "PRISMA2020:25"),
        ("Competing interests", protocol.interests, "PRISMA2020:26"),
    )
    return Section(
        section_id="about",
        title="Registration, funding, interests and data",
        blocks=(
            *(
                Paragraph(content=content(f"{name}: {said or 'not stated'}."), items=(item,))
                for name, said, item in entries
            ),
            _paragraph(
                "Data, forms, decisions, the log of events and this report go together in one "
                "archive that anyone can open, check and run again with Resartus, which is free.",
                "PRISMA2020:27",
            ),
        ),
    )


def _results(material: Material) -> Section:
    effects = effects_section(material)
    found = findings_section(material)
    appraised = appraisal_section(material)
    agreed = agreement_section(material)
    return Section(
        section_id="results",
        title="Results",
        sections=(
            flow_section(material),
            *((agreed,) if agreed else ()),
            studies_section(material),
            *((appraised,) if appraised else ()),
            *((course_section(material),) if material.of_part(Part.COURSE) else ()),
            *((safety_section(material),) if material.protocol.analysis.proportions else ()),
            *((effects,) if effects else ()),
            survival_section(material),
            sensitivity_section(material),
            missing_results_section(material),
            factors_section(material),
            *((patients_section(material),) if material.patients else ()),
            *((found,) if found else ()),
        ),
    )


def build_report(
    material: Material,
    *,
    profile: Profile | None = None,
    style: CitationStyle = CitationStyle.VANCOUVER,
) -> Report:
    """Return the whole report; every number of it resolves, or it is refused."""
    if profile is not None:
        material = replace(material, given=frozenset(profile.values))
    changes = changes_section(material)
    sections = [
        _summary(material),
        *((changes,) if changes else ()),
        question_section(material),
        methods_section(material),
        _results(material),
        *((patient_section(material, profile),) if profile else ()),
        _limits(material),
        living_section(material),
        _closing(material),
        _excluded(material),
        searched_section(material),
        Section(section_id="references", title="References", blocks=(References(),)),
    ]
    snapshot = material.snapshot
    cited = {s.record_ids[0] for s in material.studies}
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
        evidence=tuple(material.evidence.values()),
        software=snapshot.software,
        citation_style=style,
    )
    report = with_checklists(with_prose(material, report), facts_of(material))
    mentioned = {
        key
        for _, block in iterate_blocks(report)
        for run in block_contents(block)
        for inline in run
        if isinstance(inline, Cite)
        for key in inline.record_ids
    }
    wanted = cited | mentioned
    wanted |= {row.record_id for row in material.evidence.values() if row.record_id}
    report = replace(
        report, records=tuple(r for r in material.records.values() if r.record_id in wanted)
    )
    require_sound(report)
    return report


def write_report(report: Report, folder: Path, *, stem: str = "report") -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.docx``; the same snapshot gives the same bytes."""
    html, docx = folder / f"{stem}.html", folder / f"{stem}.docx"
    write_whole(html, render_html(report).encode())
    render_docx(report, docx)
    return html, docx


def write_references(report: Report, folder: Path, *, stem: str = "report") -> Path:
    """Write the cited records as CSL-JSON, in the order of the reference list."""
    cited = number_report(with_provenance(report)).references
    known = {record.record_id: record for record in report.records}
    items = ",\n".join(render_csl(known[key]) for key in cited)
    path = folder / f"{stem}-references.json"
    write_whole(path, f"[\n{items}\n]\n".encode())
    return path
