"""What the update changed: records, studies, patients, and the estimates before and after."""

from __future__ import annotations

from collections import Counter

from resartus.app.reporting.living import signals_block
from resartus.app.reporting.material import Material
from resartus.app.reporting.safety import names_of, pooled
from resartus.app.synthesising import PooledProportion
from resartus.domain.change import ChangeKind
from resartus.reporting.document import (
    Bullets,
    Column,
    Content,
    Paragraph,
    Row,
    Section,
    Table,
    content,
)
from resartus.reporting.numbers import estimate_number, estimate_text

__all__ = ["changes_section"]

_PLURAL = {
    ChangeKind.PROTOCOL: "settings of the protocol",
    ChangeKind.RECORD: "records",
    ChangeKind.NOTICE: "notices on included reports",
    ChangeKind.DUPLICATE: "duplicates",
    ChangeKind.DECISION: "decisions",
    ChangeKind.FULL_TEXT: "full texts",
    ChangeKind.STUDY: "studies",
    ChangeKind.PATIENT: "single patients",
    ChangeKind.VALUE: "extracted values",
    ChangeKind.APPRAISAL: "appraisals",
    ChangeKind.OVERLAP: "judgements of overlap",
    ChangeKind.CONTRADICTION: "contradictions",
}


def _estimated(result: PooledProportion, number_id: str) -> Content:
    if not result.studies:
        return content("no series reports it")
    number = estimate_number(number_id, result.pooled, style="percent")
    return content(number, f" from {len(result.studies)} series")


def _estimates(material: Material, before: Material) -> Table:
    rows = []
    for field in material.protocol.analysis.proportions:
        key, name, _ = names_of(field)
        old, new = pooled(before, field), pooled(material, field)
        same = old.pooled.value == new.pooled.value and old.pooled.interval == new.pooled.interval
        verdict = "unchanged" if same else "changed"
        rows.append(
            Row(
                cells=(
                    content(name.capitalize()),
                    _estimated(old, f"{key}.previous"),
                    _estimated(new, f"{key}.pooled"),
                    content(verdict),
                )
            )
        )
    return Table(
        table_id="table-changed",
        caption="Estimates before and after the update",
        columns=(
            Column(title="Outcome", weight=1.2),
            Column(title="Previous version", weight=2),
            Column(title="This version", weight=2),
            Column(title="Estimate"),
        ),
        rows=tuple(rows),
        items=("PRISMA-LSR:L3",),
    )


def changes_section(material: Material) -> Section | None:
    """Return what is new since the version before, or ``None`` for a first version."""
    before = material.before
    if before is None or material.diff is None:
        return None
    changes = material.diff.changes
    tally = Counter(change.kind for change in changes)
    new = [s for s in material.studies if s.study_id not in before.state.studies]
    entries = tuple(
        content(f"{tally[kind]} {plural} added or changed")
        for kind, plural in _PLURAL.items()
        if tally[kind]
    )
    told = signals_block(material)
    names = ", ".join(study.label for study in new)
    return Section(
        section_id="changes",
        title=f"What changed since version {before.snapshot.version}",
        blocks=(
            Paragraph(
                content=content(
                    f"Version {before.snapshot.version} was {before.snapshot.trigger}; this is "
                    f"{material.snapshot.trigger}."
                )
            ),
            Bullets(entries=entries)
            if entries
            else Paragraph(content=content("Nothing was added or changed.")),
            Paragraph(content=content(f"New studies: {names or 'none'}.")),
            *((told,) if told else ()),
            _estimates(material, before),
        ),
    )


def estimate_words(material: Material, field: str) -> str:
    """Return one pooled estimate as words, for the command line."""
    return estimate_text(pooled(material, field).pooled, style="percent")
