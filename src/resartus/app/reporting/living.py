"""How the review is kept alive: status, plan, versions side by side, who did what (PRISMA-LSR)."""

from __future__ import annotations

from collections import defaultdict

from resartus.app.living.signals import Signal, caution, signals_of
from resartus.app.reporting.material import Material, ReviewAt
from resartus.domain.change import ChangeKind
from resartus.domain.event import EventKind
from resartus.reporting.document import (
    Block,
    Bullets,
    Callout,
    Column,
    Content,
    Paragraph,
    Row,
    Section,
    Table,
    content,
)
from resartus.reporting.numbers import computed_number

__all__ = ["living_section", "method_changes", "signals_block"]

_DID = {
    EventKind.DECISION_MADE: "judged records",
    EventKind.CELL_ENTERED: "extracted",
    EventKind.CONSENSUS_REACHED: "settled entries",
    EventKind.APPRAISAL_ANSWERED: "appraised",
    EventKind.CERTAINTY_RATED: "rated certainty",
    EventKind.SEARCH_RAN: "ran searches",
    EventKind.VERSION_MADE: "made the version",
}


def _plan(material: Material) -> tuple[Block, ...]:
    living = material.protocol.living
    every = living.search_every_months
    if every is None and material.before is None:
        said = "This review is not kept alive: no search is planned after this one."
        return (Paragraph(content=content(said)),)
    status = (
        f"This review is alive: its searches are run again every {every} months."
        if every
        else "This review was updated; no schedule for the next search is set."
    )
    return (
        Paragraph(content=content(status), items=("PRISMA-LSR:status",)),
        Paragraph(
            content=content(
                f"Out of turn a version is made by: {living.trigger or 'nothing named'}. "
                "Records found are judged, extracted and put in with the next version. "
                f"It is retired: {living.retirement or 'no plan is stated'}."
            ),
            items=("PRISMA-LSR:L1",),
        ),
        Paragraph(
            content=content(f"This version was made for: {material.snapshot.trigger}."),
            items=("PRISMA-LSR:cause",),
        ),
    )


def _counts(version: ReviewAt) -> tuple[int, int, int, int]:
    state, standing = version.state, version.outcomes.values()
    patients = {
        (cell.study_id, cell.patient) for cell in state.cells.values() if cell.patient is not None
    }
    included = sum(outcome.is_included for outcome in standing)
    return len(state.arrived), included, len(state.studies), len(patients)


def _versions(material: Material) -> Table:
    rows = []
    for version in material.history:
        snapshot = version.snapshot
        records, reports, studies, patients = _counts(version)
        rows.append(
            Row(
                cells=tuple(
                    content(text)
                    for text in (
                        f"{snapshot.version} ({snapshot.made_at:%Y-%m-%d})",
                        snapshot.trigger,
                        str(records),
                        str(reports),
                        str(studies),
                        str(patients),
                    )
                )
            )
        )
    return Table(
        table_id="table-versions",
        caption="The flow over the versions: what each stood on, all before it included",
        columns=(
            Column(title="Version", weight=1.3),
            Column(title="Made for", weight=3),
            Column(title="Records", align="right"),
            Column(title="Reports included", align="right"),
            Column(title="Studies", align="right"),
            Column(title="Single patients", align="right"),
        ),
        rows=tuple(rows),
        items=("PRISMA-LSR:flow",),
    )


def _roles(material: Material) -> Bullets:
    """Say who did what in each version, from the log."""
    entries = []
    first = 1
    for snapshot in (version.snapshot for version in material.history):
        did: dict[str, list[str]] = defaultdict(list)
        for seq, by, kind in material.acts:
            words = _DID.get(kind)
            # The event that makes a version comes right after its last.
            if words and first <= seq <= snapshot.last_seq + 1 and words not in did[by]:
                did[by].append(words)
        people = "; ".join(f"{by} ({', '.join(sorted(words))})" for by, words in did.items())
        entries.append(content(f"Version {snapshot.version}: {people or 'nobody yet'}."))
        first = snapshot.last_seq + 2
    authors = ", ".join(material.protocol.authors) or "not stated"
    return Bullets(entries=(content(f"Authors: {authors}."), *entries), items=("PRISMA-LSR:L4",))


def method_changes(material: Material) -> Section:
    """Return what was changed in protocol and methods, or that nothing was."""
    if material.diff is None:
        said = "This is the first version: there is no earlier protocol to compare it with."
        blocks: tuple[Block, ...] = (Paragraph(content=content(said)),)
    else:
        changed = material.diff.of_kind(ChangeKind.PROTOCOL)
        said = (
            "Changed in the protocol since the version before:"
            if changed
            else "Nothing in the protocol was changed since the version before."
        )
        blocks = (Paragraph(content=content(said)),)
        if changed:
            entries = tuple(
                content(f"{c.what}: {c.before or 'absent'} → {c.after or 'taken out'}")
                for c in changed
            )
            blocks += (Bullets(entries=entries),)
    kept = (
        f"The protocol of this version is kept under its SHA-256, {material.snapshot.protocol_hash}"
    )
    return Section(
        section_id="method-changes",
        title="The protocol, and changes to it",
        items=("PRISMA2020:24c", *(("PRISMA-LSR:L2",) if material.diff else ())),
        blocks=(
            Paragraph(
                content=content(kept, ", and goes with every archive of the review."),
                items=("PRISMA2020:24b",),
            ),
            *blocks,
        ),
    )


def _signal(material: Material, signal: Signal, number: int) -> Content:
    """Return a signal's sentence, its figures resting on the conclusion's cells."""
    after = material.diff.conclusions_after.of if material.diff else {}
    inputs = after[signal.key].inputs if signal.key in after else ()
    inputs = tuple(key for key in inputs if key in material.evidence)
    if not inputs:
        return content(signal.sentence)
    return content(
        computed_number(
            f"signal.{number}",
            signal.sentence,
            inputs=inputs,
            derivation="the conclusion of this version beside that of the version before",
        )
    )


def signals_block(material: Material) -> Block | None:
    """Return whether a conclusion changed, as a box; ``None`` for a first version."""
    if material.diff is None:
        return None
    signals = signals_of(material.diff)
    if not signals:
        return Callout(
            kind="finding",
            title="No conclusion changed",
            content=(
                content(
                    "No estimate left its former interval or moved by half, no direction turned, "
                    "no certainty changed and no included report was retracted."
                ),
            ),
            items=("PRISMA-LSR:L3",),
        )
    return Callout(
        kind="finding",
        title="Did a conclusion change?",
        content=tuple(
            content(f"{s.strength.value}: ", _signal(material, s, number))
            for number, s in enumerate(signals, start=1)
        ),
        items=("PRISMA-LSR:L3",),
    )


def living_section(material: Material) -> Section:
    """Return how the review is kept alive, over its versions."""
    why = material.protocol.notes.get("living")
    looks = caution([version.snapshot for version in material.history])
    blocks: list[Block] = [*_plan(material)]
    if why:
        blocks.append(Paragraph(content=content(why), items=("PRISMA-LSR:why",)))
    if material.before is not None:
        blocks.append(_versions(material))
    blocks.append(_roles(material))
    if looks:
        blocks.append(Paragraph(content=content(looks), items=("PRISMA-LSR:looks",)))
    blocks.append(
        Paragraph(
            content=content(
                "A version holds what was found up to its day. Between versions, reports may be "
                "out that it does not know, and included ones may be corrected or retracted."
            ),
            items=("PRISMA-LSR:limits",),
        )
    )
    return Section(section_id="living", title="How this review is kept alive", blocks=tuple(blocks))
