"""What the evidence adds up to right now, for a page: outcomes with figures, over a subgroup."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.app.evidence import assemble, survival_rows
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.app.synthesising import PooledProportion, patient_curve, pooled_proportion
from resartus.app.wording import proportion_text
from resartus.domain.protocol import Part
from resartus.domain.study import Study
from resartus.reporting.figures.forest import ForestRow, ForestSummary, forest

__all__ = ["Line", "OutcomeView", "Results", "Subgroup", "results_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """Which studies of the treatment to look at; ``None`` looks at all."""

    from_year: int | None = None
    to_year: int | None = None
    minimum_patients: int | None = None
    design: str | None = None

    def has(self, study: Study, *, patients: float | None) -> bool:
        """Whether a study belongs; one that does not say what is asked does not."""
        year, least = study.year, self.minimum_patients
        return (
            (self.from_year is None or (year is not None and year >= self.from_year))
            and (self.to_year is None or (year is not None and year <= self.to_year))
            and (least is None or (patients is not None and patients >= least))
            and (self.design is None or study.design == self.design)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One study in an outcome's table."""

    study_id: str
    label: str
    events: int
    total: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeView:
    """One outcome: in words, as a table and as a figure (SVG)."""

    name: str
    text: str
    lines: tuple[Line, ...]
    svg: str | None
    notes: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All outcomes over one subgroup, and survival as printed."""

    outcomes: tuple[OutcomeView, ...]
    survival: tuple[tuple[str, str, float | None, float | None], ...]
    silent: tuple[str, ...]
    """Planned outcomes that no series in view reports."""
    patients_usable: int
    patients_all: int
    studies: int
    designs: tuple[str, ...]
    waiting: str
    """What is left out since a second person has not given theirs; empty if nothing."""


def _name(field: str) -> str:
    return field.removesuffix("_n").replace("_", " ").capitalize()


def _view(result: PooledProportion) -> OutcomeView:
    name = _name(result.field)
    rows = list(zip(result.studies, result.events, result.totals, result.per_study, strict=True))
    drawing = None
    if rows:
        drawing = forest(
            [
                ForestRow(label=study.label, estimate=one, counts=f"{events}/{total}")
                for study, events, total, one in rows
            ],
            x_label=f"{name} (% of the treated)",
            summaries=[
                ForestSummary(
                    label="Pooled",
                    estimate=result.pooled,
                    counts=f"{sum(result.events)}/{sum(result.totals)}",
                )
            ],
        )
    return OutcomeView(
        name=name,
        text=proportion_text(result.pooled),
        lines=tuple(
            Line(
                study_id=study.study_id,
                label=study.label,
                events=events,
                total=total,
                text=proportion_text(one),
            )
            for study, events, total, one in rows
        ),
        svg=None if drawing is None else drawing.svg,
        notes=tuple(result.pooled.diagnostics),
        left_out=tuple((study.label, reason) for study, reason in result.left_out),
    )


def results_of(review: Review, *, subgroup: Subgroup) -> Results:
    """Return the planned outcomes over the treated studies of a subgroup."""
    state, plan = settled(review), review.protocol.analysis
    treated = [
        study
        for study in assemble(state)
        if review.protocol.part_of(state.studies[study.study_id].role) is Part.TREATED
    ]
    chosen = [s for s in treated if subgroup.has(s, patients=s.number(plan.denominator))]
    ids = {study.study_id for study in chosen}
    patients = [patient for study in assemble(state) for patient in study.patients]
    curve = patient_curve(patients, treatment=plan.treatment, level=plan.level)
    return Results(
        outcomes=tuple(
            _view(
                pooled_proportion(
                    chosen,
                    field,
                    treated=ids,
                    denominator=plan.denominator,
                    level=plan.level,
                )
            )
            for field in plan.proportions
            if any(study.number(field) is not None for study in chosen)
        ),
        silent=tuple(
            _name(field)
            for field in plan.proportions
            if not any(study.number(field) is not None for study in chosen)
        ),
        survival=tuple(
            (row.time_zero, f"{row.study.label}: {row.group.key}", row.n, row.median_months)
            for row in sorted(survival_rows(chosen), key=lambda row: row.time_zero)
            if row.median_months is not None
        ),
        patients_usable=len(curve.patients),
        patients_all=len(patients),
        studies=len(chosen),
        designs=tuple(sorted({study.design for study in treated})),
        waiting=state.waiting.sentence(),
    )
