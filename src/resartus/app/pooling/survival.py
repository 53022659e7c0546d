"""Survival from one time zero over all there is: patients, curves and published figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from resartus.app.appraisal.answering import left_out_by_bias, tools_of_review
from resartus.app.dedup.overlaps import studies_under
from resartus.app.evidence import SurvivalRow, assemble, survival_rows
from resartus.app.extraction.curves import ReconstructedArm, reconstructed_arms
from resartus.app.extraction.patients import harmonise_patients
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.appraisal.checklists import Tool
from resartus.domain.ids import StudyId
from resartus.domain.overlap import OverlapRule
from resartus.domain.protocol import AnalysisPlan, Part, Protocol
from resartus.domain.settled import SettledState
from resartus.domain.study import Study
from resartus.domain.time_zero import TimeZero
from resartus.errors import NotConverged
from resartus.extraction.harmoniser import Analysis, Harmonised
from resartus.synthesis.survival.fixed_time import PublishedSurvival
from resartus.synthesis.survival.kaplan_meier import SurvivalCurve, kaplan_meier
from resartus.synthesis.survival.medians import PublishedMedian
from resartus.synthesis.survival.mixed import MixedSurvival, fit_mixed_survival
from resartus.synthesis.survival.mixed_evidence import PatientRows, PublishedFigure
from resartus.synthesis.survival.stress import StressTest, stress_test

__all__ = [
    "Contribution",
    "Sensitivity",
    "SurvivalSynthesis",
    "sensitivity_at_state",
    "survival_at_state",
    "survival_sensitivity",
    "survival_synthesis",
]

_FIXED_YEARS = (5, 3, 1)
_OVERALL = "overall survival"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one study adds: kind of evidence, patients, and why it adds nothing if so."""

    study_id: StudyId
    label: str
    kind: str
    n_patients: int = 0
    n_events: int | None = None
    reason: str | None = None

    @property
    def is_used(self) -> bool:
        """Whether the study enters the model."""
        return self.reason is None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalSynthesis:
    """Survival of the treated from one time zero.

    ``model`` is ``None`` where the rules for few studies, or the data, allow
    none; ``why_not`` then says so. ``curve`` is the Kaplan-Meier curve of
    the patients alone, reported and reconstructed.
    """

    origin: TimeZero
    rule: OverlapRule
    contributions: tuple[Contribution, ...]
    model: MixedSurvival | None
    why_not: str | None
    curve: SurvivalCurve | None
    stress: StressTest | None
    inputs: tuple[str, ...] = ()
    """Cells and curves it rests on: ``"curve:<id>"`` for a digitised one."""

    @property
    def used(self) -> tuple[Contribution, ...]:
        """The studies in the model."""
        return tuple(c for c in self.contributions if c.is_used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """The same analysis under another choice."""

    choice: str
    result: SurvivalSynthesis


@dataclass(slots=True)
class _Gathered:
    rows: list[PatientRows]
    figures: list[PublishedFigure]
    contributions: list[Contribution]
    inputs: list[str]


def _reported(study: Study, usable: Iterable[Harmonised]) -> PatientRows | None:
    known = [
        (p.months, p.is_event) for p in usable if p.months is not None and p.is_event is not None
    ]
    if not known:
        return None
    return PatientRows(
        study_id=study.study_id,
        times=tuple(months for months, _ in known),
        is_event=tuple(is_event for _, is_event in known),
    )


def _reconstructed(study: Study, arms: Iterable[ReconstructedArm]) -> PatientRows | None:
    """Return one study's curves: that of all patients, or else its arms together."""
    mine = list(arms)
    whole = [a for a in mine if a.curve.arm.lower() in ("all", "whole series")]
    chosen = whole[:1] or mine
    if not chosen:
        return None
    return PatientRows(
        study_id=study.study_id,
        times=tuple(t for arm in chosen for t in arm.months),
        is_event=tuple(bool(e) for arm in chosen for e in arm.reconstruction.is_event),
        origin="reconstructed",
    )


def _figure(row: SurvivalRow) -> PublishedFigure | str:
    """Return a group's published figure, or why it cannot be used."""
    study_id, n = row.study.study_id, row.n
    has_interval = "CI" in (row.interval_kind or "")
    low, high = (row.low_months, row.high_months) if has_interval else (None, None)
    # A lower limit of 0 has no logarithm; the number of patients then serves.
    if not low:
        low = high = None
    if n is None:
        return "the number of patients is not reported"
    if row.median_months is not None and row.median_months > 0:
        median = PublishedMedian(
            study_id=study_id, median=row.median_months, low=low, high=high, n=n
        )
        return PublishedFigure(study_id=study_id, n_patients=n, median=median)
    for years in _FIXED_YEARS:
        share = row.group.number(f"os_{years}y")
        if share is not None and 0 < share < 1:
            return PublishedFigure(
                study_id=study_id,
                n_patients=n,
                time=12.0 * years,
                survival=PublishedSurvival(study_id=study_id, survival=share, n=n),
            )
    return "no median and no survival at a time is reported"


def _published(
    plan: AnalysisPlan, rows: Iterable[SurvivalRow]
) -> tuple[SurvivalRow, PublishedFigure] | str | None:
    """Return the figure of a study's largest treated group, or why there is none."""
    treated = [row for row in rows if plan.is_treated(row.treatment)]
    if not treated:
        return None
    whole = [row for row in treated if row.group.key == "all"]
    row = (whole or sorted(treated, key=lambda r: -(r.n or 0)))[0]
    figure = _figure(row)
    return figure if isinstance(figure, str) else (row, figure)


def _gather(
    protocol: Protocol,
    state: SettledState,
    studies: Iterable[Study],
    *,
    origin: TimeZero,
    left_out: Collection[StudyId],
) -> _Gathered:
    plan = protocol.analysis
    treated = {
        p.patient_id
        for study in assemble(state)
        for p in study.patients
        if plan.treatment in (None, p.value("treatment"))
    }
    of_study: dict[str, list[Harmonised]] = defaultdict(list)
    for patient in harmonise_patients(state, Analysis(origin=origin)).patients:
        if patient.is_usable and patient.patient_id in treated:
            of_study[patient.patient_id.rpartition("/")[0]].append(patient)
    arms: dict[StudyId, list[ReconstructedArm]] = defaultdict(list)
    for arm in reconstructed_arms(state):
        if arm.curve.time_zero == origin and arm.curve.outcome.lower() == _OVERALL:
            arms[arm.curve.study_id].append(arm)
    found = _Gathered([], [], [], [])
    everything = list(studies)
    rows_of: dict[StudyId, list[SurvivalRow]] = defaultdict(list)
    for row in survival_rows(everything):
        if row.time_zero == origin:
            rows_of[row.study.study_id].append(row)
    for study in everything:
        _add(
            plan, found, study, of_study[study.study_id], arms, rows_of, study.study_id in left_out
        )
    return found


def _add(
    plan: AnalysisPlan,
    found: _Gathered,
    study: Study,
    patients: list[Harmonised],
    arms: dict[StudyId, list[ReconstructedArm]],
    rows_of: dict[StudyId, list[SurvivalRow]],
    is_left_out: bool,
) -> None:
    """Add the best a study gives: its patients, else its curve, else one figure."""
    nothing = Contribution(study_id=study.study_id, label=study.label, kind="none")
    if is_left_out:
        found.contributions.append(
            replace(nothing, kind="left out", reason="left out in this analysis")
        )
        return
    for rows in (_reported(study, patients), _reconstructed(study, arms[study.study_id])):
        if rows is not None:
            found.rows.append(rows)
            found.contributions.append(
                replace(
                    nothing,
                    kind=f"{rows.origin} patients",
                    n_patients=len(rows.times),
                    n_events=sum(rows.is_event),
                )
            )
            if rows.origin == "reported":
                found.inputs += [f"{p.patient_id}/follow_up_months" for p in patients]
            else:
                found.inputs += [f"curve:{arm.curve.curve_id}" for arm in arms[study.study_id]]
            return
    published = _published(plan, rows_of[study.study_id])
    if published is None:
        reason = "nothing is counted from this time zero"
        found.contributions.append(replace(nothing, reason=reason))
    elif isinstance(published, str):
        found.contributions.append(replace(nothing, reason=published))
    else:
        row, figure = published
        found.figures.append(figure)
        found.inputs += list(row.group.cell_ids.values())
        found.contributions.append(
            replace(nothing, kind="published figure", n_patients=figure.n_patients)
        )


def survival_synthesis(
    review: Review,
    *,
    origin: TimeZero,
    rule: OverlapRule = OverlapRule.KEEP_ALL,
    left_out: Collection[StudyId] = (),
    stress_threshold_months: float | None = None,
    stress_death_months: float = 3.0,
) -> SurvivalSynthesis:
    """Put together what a review knows of the treated's survival; see ``survival_at_state``."""
    return survival_at_state(
        review.protocol,
        settled(review),
        origin=origin,
        rule=rule,
        left_out=left_out,
        stress_threshold_months=stress_threshold_months,
        stress_death_months=stress_death_months,
    )


def survival_at_state(
    protocol: Protocol,
    state: SettledState,
    *,
    origin: TimeZero,
    rule: OverlapRule = OverlapRule.KEEP_ALL,
    left_out: Collection[StudyId] = (),
    stress_threshold_months: float | None = None,
    stress_death_months: float = 3.0,
) -> SurvivalSynthesis:
    """Put together all that is known of the treated's survival from one time zero.

    Parameters
    ----------
    origin : TimeZero
        Only times counted from it, or that convert to it, enter.
    rule : OverlapRule
        Which of studies judged to share patients are kept.
    left_out : collection of StudyId
        Studies a sensitivity analysis leaves out.
    stress_threshold_months : float, optional
        A median to hold the patients' curve against, such as that of patients
        who were not treated; gives the stress test.
    stress_death_months : float
        When the unpublished patients of the stress test died.
    """
    plan = protocol.analysis
    relevant = [
        study
        for study in assemble(state)
        if protocol.part_of(state.studies[study.study_id].role) in (Part.TREATED, Part.SINGLE)
    ]
    kept = studies_under(state, relevant, rule)
    found = _gather(protocol, state, kept, origin=origin, left_out=left_out)
    dropped = [study for study in relevant if study not in kept]
    contributions = [
        *found.contributions,
        *(
            Contribution(
                study_id=s.study_id,
                label=s.label,
                kind="left out",
                reason=f"shares patients with a kept study ({rule.value})",
            )
            for s in dropped
        ),
    ]
    times = [t for rows in found.rows for t in rows.times]
    events = [e for rows in found.rows for e in rows.is_event]
    curve = kaplan_meier(times, events, level=plan.level) if times else None
    n_used = sum(c.is_used for c in contributions)
    model: MixedSurvival | None = None
    why_not: str | None = None
    if n_used < plan.minimum_studies:
        why_not = (
            f"{n_used} {'study gives' if n_used == 1 else 'studies give'} survival from "
            f"{origin}; below {plan.minimum_studies} they are shown and not pooled"
        )
    elif not any(events) and not found.figures:
        why_not = "no death was seen and no figure is published; there is nothing to fit"
    else:
        try:
            model = fit_mixed_survival(
                found.rows, found.figures, level=plan.level, inputs=tuple(found.inputs)
            )
        except NotConverged as error:
            why_not = error.message
    stress = None
    if stress_threshold_months is not None and times:
        stress = stress_test(
            times,
            events,
            threshold=stress_threshold_months,
            death_time=stress_death_months,
            level=plan.level,
        )
    return SurvivalSynthesis(
        origin=origin,
        rule=rule,
        contributions=tuple(contributions),
        model=model,
        why_not=why_not,
        curve=curve,
        stress=stress,
        inputs=tuple(found.inputs),
    )


def survival_sensitivity(review: Review, *, origin: TimeZero) -> tuple[Sensitivity, ...]:
    """Run the analysis under each overlap rule, and without the studies at risk of bias by item."""
    return sensitivity_at_state(
        review.protocol, settled(review), origin=origin, tools=tools_of_review(review)
    )


def sensitivity_at_state(
    protocol: Protocol, state: SettledState, *, origin: TimeZero, tools: Iterable[Tool]
) -> tuple[Sensitivity, ...]:
    """Return the same for a review as it was at some state."""
    found = [
        Sensitivity(
            choice=rule.value,
            result=survival_at_state(protocol, state, origin=origin, rule=rule),
        )
        for rule in OverlapRule
    ]
    for tool in tools:
        for item, studies in left_out_by_bias(state, tool).items():
            if studies:
                left = {StudyId(s) for s in studies}
                result = survival_at_state(protocol, state, origin=origin, left_out=left)
                choice = f"without {len(left)} at risk by {tool.tool_id}, {item}"
                found.append(Sensitivity(choice=choice, result=result))
    return tuple(found)
