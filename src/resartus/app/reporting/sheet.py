"""The tumour board's sheet: one patient on one page, its sources on the pages after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from resartus.app.reporting.alike import alike_table
from resartus.app.reporting.build import write_report
from resartus.app.reporting.certainty import certainty_words
from resartus.app.reporting.factors import matrix_of
from resartus.app.reporting.material import Material
from resartus.app.reporting.patient_page import counter_evidence, nearest_blocks, not_covered
from resartus.reporting.document import (
    Callout,
    PageBreak,
    Paragraph,
    References,
    Report,
    Section,
    content,
)
from resartus.reporting.reading import block_contents, iterate_blocks
from resartus.reporting.soundness import require_sound
from resartus.tailoring.profile import Profile

__all__ = ["build_sheet", "write_sheet"]

_NEAREST = 3


def build_sheet(material: Material, profile: Profile) -> Report:
    """Return the sheet: it lays evidence beside a patient, and decides nothing."""
    material = replace(material, given=frozenset(profile.values))
    matrix = {row.factor: row for row in matrix_of(material)}
    sure = certainty_words(material, matrix.values())
    missing = [f.name for f in material.factors if f.field not in profile.values]
    unknown = [f.name for f in material.factors if matrix[f.name].is_unknown]
    told = [f"Primary: {profile.primary_site}."] if profile.primary_site else []
    if missing:
        told.append(f"Not given: {', '.join(missing)}.")
    if unknown:
        told.append(f"No study was found on: {', '.join(unknown)}.")
    page = Section(
        section_id="patient",
        title="Published evidence beside this patient",
        is_result=True,
        blocks=(
            Callout(
                kind="warning",
                title=f"Certainty: {sure}. It informs a decision and makes none",
                content=(
                    content(
                        "Small series in which clinicians chose whom to treat, and single cases "
                        "chosen for reporting. Distance runs from nought (alike on all that is "
                        "known) to one (as far apart as published patients are)."
                    ),
                ),
            ),
            *((Paragraph(content=content(" ".join(told))),) if told else ()),
            alike_table(material, profile, matrix, table_id="table-alike"),
            *counter_evidence(material),
            not_covered(material, profile, is_compact=True),
            *nearest_blocks(material, profile, count=_NEAREST),
            PageBreak(),
        ),
    )
    snapshot = material.snapshot
    report = Report(
        title=profile.name,
        snapshot_line=f"{material.protocol.title}, version {snapshot.version} of "
        f"{snapshot.made_at:%d %B %Y}",
        made_at=snapshot.made_at,
        sections=(
            page,
            Section(section_id="references", title="References", blocks=(References(),)),
        ),
        records=tuple(material.records.values()),
        evidence=tuple(material.evidence.values()),
        software=snapshot.software,
        is_compact=True,
    )
    require_sound(report)
    return report


def sentences_of(report: Report) -> tuple[str, ...]:
    """Return all words of a report, run by run; its wording is tested with them."""
    return tuple(
        "".join(getattr(part, "text", "") for part in run)
        for _, block in iterate_blocks(report)
        for run in block_contents(block)
    )


def write_sheet(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write ``sheet.html`` and ``sheet.docx`` where asked; nothing else is kept."""
    return write_report(report, folder, stem="sheet")
