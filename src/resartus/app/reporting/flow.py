"""The PRISMA 2020 flow: records, reports, studies and patients, counted from the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from resartus.app.reporting.identification import identified
from resartus.app.reporting.material import Material, record_key, search_key
from resartus.app.screening import Outcome, outcomes
from resartus.domain.decision import Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.domain.protocol import Part
from resartus.domain.state import ReviewState
from resartus.reporting.document import (
    Bullets,
    Figure,
    Paragraph,
    Section,
    content,
)
from resartus.reporting.figures.prisma_flow import FlowCounts, FlowItem, prisma_flow
from resartus.reporting.numbers import count_number

__all__ = ["flow_counts", "flow_section"]


def _reasons(found: Iterable[Outcome]) -> tuple[FlowItem, ...]:
    tally = Counter(o.reason or "no reason given" for o in found)
    return tuple(FlowItem(name=name, count=n) for name, n in tally.most_common())


def _treated_count(material: Material, study_ids: Iterable[str]) -> int:
    """Count the treated patients of these studies, as the studies count them."""
    wanted = set(study_ids)
    total = 0
    for study in material.of_part(Part.TREATED, Part.SINGLE):
        if study.study_id in wanted:
            total += int(study.number(material.size_field(study)) or 0)
    return total


def flow_counts(material: Material) -> FlowCounts:
    """Count the flow of this version; an update shows what earlier versions had included."""
    state, before = material.state, material.previous_state
    came = identified(state, before)
    searched, other = came.searched, came.other
    here = {r: o for r, o in material.outcomes.items() if r not in came.old}

    def part(ids: Iterable[RecordId]) -> tuple[list[Outcome], list[Outcome], list[Outcome]]:
        mine = [here[r] for r in ids if r in here]
        sought = [o for o in mine if o.stage is Stage.ELIGIBILITY]
        missing = [o for o in sought if o.record_id in state.missing_fulltexts]
        out = [o for o in sought if o.verdict is Verdict.EXCLUDE]
        return sought, missing, out

    sought, missing, out = part(searched)
    o_sought, o_missing, o_out = part(other)
    old_studies = set(before.studies) if before else set()
    new = [s for s in material.studies if s.study_id not in old_studies]
    kept = {o.record_id for o in here.values() if o.is_included}
    return FlowCounts(
        databases=came.found,
        duplicates=came.duplicates,
        screened=len(searched),
        excluded=len(searched) - len(sought),
        sought=len(sought),
        not_retrieved=len(missing),
        assessed=len(sought) - len(missing),
        excluded_reports=_reasons(out),
        other_sources=(FlowItem(name="references and web pages", count=len(other)),)
        if other
        else (),
        other_sought=len(o_sought),
        other_not_retrieved=len(o_missing),
        other_assessed=len(o_sought) - len(o_missing),
        other_excluded_reports=_reasons(o_out),
        new_studies=len(new),
        new_reports=len(kept),
        new_patients=_treated_count(material, (s.study_id for s in new)),
        previous_studies=len(old_studies) if before else None,
        previous_reports=_included_reports(before, material) if before else None,
        previous_patients=_treated_count(material, old_studies) if before else None,
        total_studies=len(material.studies),
        total_reports=sum(o.is_included for o in material.outcomes.values()),
        total_patients=_treated_count(material, (s.study_id for s in material.studies)),
        single_patients=len(material.patients),
    )


def _included_reports(state: ReviewState, material: Material) -> int:
    standing = outcomes(state, reviewers=material.protocol.reviewers)
    return sum(outcome.is_included for outcome in standing.values())


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
    everyone = [record_key(o.record_id) for o in standing]
    text = content(
        "In all versions together ",
        count_number("flow.records", everyone, derivation="records judged"),
        " records were judged and ",
        count_number("flow.included", included, derivation="reports included at full text"),
        " reports included; ",
        count_number("flow.excluded", excluded, derivation="reports excluded at full text"),
        " were excluded at full text and ",
        count_number("flow.missing", missing, derivation="reports not retrieved"),
        " could not be retrieved. Every decision with its reason stands in the appendix.",
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
                notes=(
                    content(
                        "Records from other methods were judged by title like the others; only "
                        "those that went on are shown in their column, as PRISMA 2020 has it. "
                        "Patients are those who had the treatment, as each study counts them, "
                        "before any overlap between series is settled."
                    ),
                ),
            ),
        ),
    )
