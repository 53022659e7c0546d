"""The PRISMA 2020 flow: records, reports, studies and patients, counted from the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from resartus.app.reporting.identification import identified
from resartus.app.reporting.material import Material, record_key, search_key
from resartus.app.screening import Outcome
from resartus.domain.decision import Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.domain.protocol import Part
from resartus.domain.state import ReviewState
from resartus.reporting.document import (
    Bullets,
    Callout,
    Content,
    Figure,
    Number,
    Paragraph,
    Section,
    content,
)
from resartus.reporting.figures.prisma_flow import FlowCounts, FlowItem, prisma_flow
from resartus.reporting.numbers import count_number

__all__ = ["flow_counts", "flow_section", "unfinished_callout"]

_DECIDED = (Verdict.INCLUDE, Verdict.EXCLUDE)


def _reasons(found: Iterable[Outcome]) -> tuple[FlowItem, ...]:
    tally = Counter(o.reason or "no reason given" for o in found)
    return tuple(FlowItem(name=name, count=n) for name, n in tally.most_common())


@dataclass(frozen=True, slots=True)
class _Part:
    """The records of one column of the diagram, told apart by how far they came."""

    unscreened: int
    sought: int
    missing: int
    unassessed: int
    excluded: tuple[Outcome, ...]

    @property
    def assessed(self) -> int:
        return self.sought - self.missing - self.unassessed


def _part(standing: Sequence[Outcome], missing: Collection[RecordId]) -> _Part:
    sought = [o for o in standing if o.stage is Stage.ELIGIBILITY]
    # A report that was judged after all had been found.
    retrieved = [o for o in sought if o.verdict in _DECIDED or o.record_id not in missing]
    return _Part(
        unscreened=sum(o.stage is Stage.SCREENING and o.verdict is None for o in standing),
        sought=len(sought),
        missing=len(sought) - len(retrieved),
        unassessed=sum(o.verdict not in _DECIDED for o in retrieved),
        excluded=tuple(o for o in retrieved if o.verdict is Verdict.EXCLUDE),
    )


def _other_sources(material: Material, other: Collection[RecordId]) -> tuple[FlowItem, ...]:
    """Return the other methods by the name that each was brought under."""
    came = {
        material.state.duplicates.root(record_id): item.origin.split(" (")[0]
        for item in reversed(material.state.imports)
        if item.is_other_method
        for record_id in item.record_ids
    }
    tally = Counter(came[record_id] for record_id in other)
    return tuple(FlowItem(name=name, count=n) for name, n in tally.items())


def _treated_count(material: Material, study_ids: Iterable[str]) -> int:
    """Count the treated patients of these studies, as the studies count them."""
    wanted = set(study_ids)
    total = 0
    for study in material.of_part(Part.TREATED, Part.SINGLE):
        if study.study_id in wanted:
            total += int(study.number(material.size_field(study)) or 0)
    return total


def _standing(outcome: Outcome, state: ReviewState) -> tuple[Stage, Verdict | None, bool]:
    is_open = outcome.verdict not in _DECIDED
    return outcome.stage, outcome.verdict, is_open and outcome.record_id in state.missing_fulltexts


def _judged_again(material: Material) -> list[RecordId]:
    """Return the records of earlier versions that were left open there, or stand otherwise now."""
    before = material.before
    if before is None:
        return []
    root = material.state.duplicates.root
    was: dict[RecordId, tuple[Stage, Verdict | None, bool]] = {}
    for outcome in before.outcomes.values():
        # Where two old reports are one now, the one that was included speaks for both.
        if outcome.is_included or root(outcome.record_id) not in was:
            was[root(outcome.record_id)] = _standing(outcome, before.state)
    return [
        record_id
        for record_id, outcome in material.outcomes.items()
        if record_id in was
        and (
            was[record_id] != _standing(outcome, material.state)
            or (was[record_id][1] not in _DECIDED and not was[record_id][2])
        )
    ]


def flow_counts(material: Material) -> FlowCounts:
    """Count the flow of this version; an update shows what earlier versions had included."""
    state, before = material.state, material.before
    came = identified(state, before.state if before else None, again=_judged_again(material))
    searched, other = came.searched, came.other
    here = {r: o for r, o in material.outcomes.items() if r not in came.old}

    def part(ids: Iterable[RecordId]) -> _Part:
        return _part([here[r] for r in ids if r in here], state.missing_fulltexts)

    main, aside = part(searched), part(other)
    old_studies = set(before.state.studies) if before else set()
    gone = old_studies - set(material.state.studies)
    new = [s for s in material.studies if s.study_id not in old_studies]
    kept = {r for r, o in material.outcomes.items() if o.is_included}
    was_kept = {r for r, o in before.outcomes.items() if o.is_included} if before else set()
    still = {root for r in was_kept if (root := state.duplicates.root(r)) in kept}
    patients = _treated_count(material, (s.study_id for s in material.studies))
    new_patients = _treated_count(material, (s.study_id for s in new))
    old_patients = _treated_count(before, old_studies) if before else 0
    gone_patients = _treated_count(before, gone) if before else 0
    return FlowCounts(
        databases=came.found,
        duplicates=came.duplicates,
        unscreened=main.unscreened,
        screened=len(searched) - main.unscreened,
        excluded=len(searched) - main.unscreened - main.sought,
        sought=main.sought,
        not_retrieved=main.missing,
        unassessed=main.unassessed,
        assessed=main.assessed,
        excluded_reports=_reasons(main.excluded),
        other_sources=_other_sources(material, other),
        other_sought=aside.sought,
        other_not_retrieved=aside.missing,
        other_unassessed=aside.unassessed,
        other_assessed=aside.assessed,
        other_excluded_reports=_reasons(aside.excluded),
        new_studies=len(new),
        new_reports=len(kept - still),
        new_patients=new_patients,
        previous_studies=len(old_studies) if before else None,
        previous_reports=len(was_kept) if before else None,
        previous_patients=old_patients if before else None,
        withdrawn_studies=len(gone),
        withdrawn_reports=len(was_kept) - len(still),
        withdrawn_patients=gone_patients,
        recounted_patients=patients - new_patients - (old_patients - gone_patients),
        total_studies=len(material.studies),
        total_reports=len(kept),
        total_patients=patients,
        single_patients=len(material.patients),
    )


def _waiting(material: Material) -> tuple[RecordId, ...]:
    """Return the records that nobody has judged to the end, unless the report was not found."""
    missing = material.state.missing_fulltexts
    return tuple(
        o.record_id
        for o in material.outcomes.values()
        if o.verdict not in _DECIDED
        and not (o.stage is Stage.ELIGIBILITY and o.record_id in missing)
    )


def _open_number(open_here: Iterable[RecordId]) -> Number:
    return count_number(
        "flow.open",
        [record_key(record_id) for record_id in open_here],
        derivation="records not judged, or reports not judged at full text",
    )


def _note(counts: FlowCounts) -> str:
    others = (
        "Records from other methods were judged by title like the others; only those that went "
        "on are shown in their column, as PRISMA 2020 has it. "
    )
    return (others if counts.other_sources else "") + (
        "Patients are those who had the treatment, as each study counts them, before any overlap "
        "between series is settled."
    )


def _reopened(material: Material) -> Content | None:
    """Say which reports of the version before wait for votes again: its protocol wanted fewer."""
    if material.before is None:
        return None
    root = material.state.duplicates.root
    was_kept = {root(r) for r, o in material.before.outcomes.items() if o.is_included}
    waiting = [record_key(r) for r in _waiting(material) if r in was_kept]
    if not waiting:
        return None
    number = count_number(
        "flow.reopened", waiting, derivation="included in the version before, not judged now"
    )
    return content(
        "Included in the version before, and waiting for the votes that the protocol wants now: ",
        number,
        ".",
    )


def unfinished_callout(material: Material) -> Callout | None:
    """Return what is still to be done before the numbers of this version can be the last ones."""
    open_here = _waiting(material)
    named = {r for entry in material.state.studies.values() for r in entry.record_ids}
    unread = [
        record_key(o.record_id)
        for o in material.outcomes.values()
        if o.is_included and o.record_id not in named
    ]
    said: list[Content] = []
    if open_here:
        said.append(content(_open_number(open_here), " records are not judged to the end."))
    if unread:
        number = count_number(
            "flow.unread", unread, derivation="included reports that no study names"
        )
        said.append(content(number, " included reports are not extracted yet."))
    if not said:
        return None
    return Callout(kind="warning", title="This version is not finished", content=tuple(said))


def flow_section(material: Material) -> Section:
    """Return the flow diagram with the sentence that reads it."""
    counts = flow_counts(material)
    drawing = prisma_flow(counts)
    standing = material.outcomes.values()
    included = [record_key(o.record_id) for o in standing if o.is_included]
    excluded = [
        record_key(o.record_id)
        for o in standing
        if o.verdict is Verdict.EXCLUDE and o.stage is Stage.ELIGIBILITY
    ]
    missing = [record_key(r) for r in material.state.missing_fulltexts]
    judged = [
        record_key(o.record_id)
        for o in standing
        if o.stage is Stage.ELIGIBILITY or o.verdict is not None
    ]
    open_here, reopened = _waiting(material), _reopened(material)
    text = content(
        "In all versions together ",
        count_number("flow.records", judged, derivation="records judged"),
        " records were judged and ",
        count_number("flow.included", included, derivation="reports included at full text"),
        " reports included; ",
        count_number("flow.excluded", excluded, derivation="reports excluded at full text"),
        " were excluded at full text and ",
        count_number("flow.missing", missing, derivation="reports not retrieved"),
        " could not be retrieved.",
        *((" Not judged to the end: ", _open_number(open_here), " records.") if open_here else ()),
        " Every decision with its reason stands in the appendix.",
    )
    found = tuple(
        content(
            f"{run.search.search_id} ({run.search.from_year or 'start'}–"
            f"{run.search.to_year or 'today'}): ",
            material.cell(search_key(run.search.search_id, run.search.from_year)),
            " records",
        )
        for run in material.state.search_runs
    )
    return Section(
        section_id="flow",
        title="Selection of studies",
        items=("PRISMA2020:16a",),
        is_result=True,
        blocks=(
            Paragraph(content=text),
            Bullets(entries=found),
            Figure(
                figure_id="figure-flow",
                caption="PRISMA 2020 flow of records, reports, studies and patients",
                alt=drawing.alt,
                svg=drawing.svg,
                png=drawing.png,
                width_cm=min(drawing.width_cm, 17.0),
                notes=(content(_note(counts)), *((reopened,) if reopened else ())),
            ),
        ),
    )
