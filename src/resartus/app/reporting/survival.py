"""How long do they live? By time zero, never across; and the single patients with a warning."""

from __future__ import annotations

from collections.abc import Sequence

from resartus.app.evidence import SurvivalRow, assemble, survival_rows
from resartus.app.extraction.form_in_use import times_zero_at
from resartus.app.reporting.material import Material
from resartus.app.reporting.mixed_survival import mixed_survival_section
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.app.synthesising import PatientCurve, patient_curve
from resartus.domain.protocol import AnalysisPlan, Part
from resartus.domain.study import Study
from resartus.domain.time_zero import UNKNOWN_ZERO, TimeZero
from resartus.reporting.document import (
    Block,
    Bullets,
    Callout,
    Cite,
    Column,
    Content,
    Figure,
    Paragraph,
    Row,
    Section,
    Table,
    content,
)
from resartus.reporting.figures.kaplan_meier import Curve, kaplan_meier
from resartus.reporting.figures.survival_ranges import SurvivalRange, survival_ranges
from resartus.reporting.numbers import computed_number, count_number

__all__ = ["course_section", "published_figures", "survival_section"]


def _rows(material: Material, part: Part) -> list[SurvivalRow]:
    return _ordered(material.of_part(part), material.times_zero)


def _ordered(studies: Sequence[Study], times_zero: Sequence[TimeZero]) -> list[SurvivalRow]:
    order = {zero: place for place, zero in enumerate((*times_zero, UNKNOWN_ZERO))}
    return sorted(survival_rows(studies), key=lambda row: order.get(row.time_zero, len(order)))


def _cell(material: Material, row: SurvivalRow, field: str) -> Content:
    cell_id = row.group.cell_ids.get(field)
    return content("–") if cell_id is None else material.cell(cell_id)


def _percent(material: Material, row: SurvivalRow, field: str) -> Content:
    cell_id = row.group.cell_ids.get(field)
    value = row.group.number(field)
    if cell_id is None or value is None:
        return content("–")
    key = f"survival.{row.study.study_id}.{row.group.key}.{field}".replace(" ", "-")
    number = computed_number(
        "".join(c if c.isalnum() or c in "._-" else "-" for c in key),
        f"{100 * value:g}%",
        inputs=[cell_id],
        derivation="the fraction, in per cent",
    )
    return content(number)


def _interval(material: Material, row: SurvivalRow) -> Content:
    if row.low_months is None or row.high_months is None:
        return content("–")
    low, high = _cell(material, row, "low_months"), _cell(material, row, "high_months")
    return content(low, " to ", high, f" ({row.interval_kind or 'kind not stated'})")


def _table(material: Material, rows: list[SurvivalRow], *, table_id: str, caption: str) -> Table:
    lines: list[Row] = []
    last = None
    for row in rows:
        if row.time_zero != last:
            last = row.time_zero
            known = last != UNKNOWN_ZERO
            heading = f"Counted from {last}" if known else "Time zero not reported"
            lines.append(Row(cells=(content(heading),), is_group=True))
        name = content(
            f"{row.study.label}: {row.group.key} ", Cite(record_ids=row.study.record_ids)
        )
        lines.append(
            Row(
                cells=(
                    name,
                    content(row.treatment or "–"),
                    _cell(material, row, "n"),
                    _cell(material, row, "median_os_months"),
                    _interval(material, row),
                    _percent(material, row, "os_1y"),
                    _percent(material, row, "os_3y"),
                    _percent(material, row, "os_5y"),
                    content(row.population or ""),
                )
            )
        )
    return Table(
        table_id=table_id,
        caption=caption,
        is_wide=True,
        columns=(
            Column(title="Series and group", weight=2.4),
            Column(title="Treatment", weight=1.2),
            Column(title="n", align="right"),
            Column(title="Median (months)", align="right"),
            Column(title="Interval", weight=1.6),
            Column(title="1 year", align="right"),
            Column(title="3 years", align="right"),
            Column(title="5 years", align="right"),
            Column(title="Remark", weight=1.8),
        ),
        rows=tuple(lines),
        notes=(content("Times with different zeros are never compared or pooled."),),
        items=("PRISMA2020:19",),
    )


def _ranges(
    plan: AnalysisPlan, rows: list[SurvivalRow], *, figure_id: str, caption: str
) -> Figure | None:
    shown = [
        SurvivalRange(
            label=f"{row.study.label}: {row.group.key}",
            time_zero=row.time_zero,
            median_months=row.median_months,
            n=row.n,
            low=row.low_months,
            high=row.high_months,
            span_kind=row.interval_kind,
            is_comparator=not plan.is_treated(row.treatment),
        )
        for row in rows
        if row.median_months is not None
    ]
    if not shown:
        return None
    drawing = survival_ranges(shown, x_label="Median survival (months)")
    return Figure(
        figure_id=figure_id,
        caption=caption,
        alt=drawing.alt,
        svg=drawing.svg,
        png=drawing.png,
        width_cm=min(drawing.width_cm, 17.0),
    )


def _ticks(last: float) -> list[float]:
    step = next(s for s in (6, 12, 24, 60, 120, 240) if last / s <= 8)
    return [float(t) for t in range(0, int(last) + step, step)]


def _curve_figure(result: PatientCurve) -> Figure | None:
    curve = result.curve
    if curve is None:
        return None
    times = [patient.follow_up.months or 0.0 for patient in result.patients]
    ticks = _ticks(max(times))
    known = [zero for zero in result.time_zeros if zero != UNKNOWN_ZERO]
    if len(result.time_zeros) > 1:
        origin = "months, time zeros differ"
    else:
        origin = f"months from {known[0]}" if known else "months, time zero not reported"
    steps = [i for i, t in enumerate(curve.times) if t > 0]
    drawing = kaplan_meier(
        [
            Curve(
                label="single patients",
                n=len(times),
                times=tuple(float(curve.times[i]) for i in steps),
                survival=tuple(float(curve.survival[i]) for i in steps),
                censored_at=tuple(
                    t
                    for t, p in zip(times, result.patients, strict=True)
                    if not p.follow_up.status.is_dead
                ),
                at_risk=tuple(sum(t >= tick for t in times) for tick in ticks),
            )
        ],
        ticks=ticks,
        time_label=f"Follow-up ({origin})",
        warning="Published single patients: selected for doing well. Not a prognosis.",
    )
    return Figure(
        figure_id="figure-patients",
        caption="Kaplan-Meier curve of the single patients who had the treatment",
        alt=drawing.alt,
        svg=drawing.svg,
        png=drawing.png,
        width_cm=min(drawing.width_cm, 17.0),
    )


def _patient_blocks(material: Material) -> tuple[Block, ...]:
    result = patient_curve(material.patients, treatment=material.protocol.analysis.treatment)
    figure = _curve_figure(result)
    deaths = sum(bool(p.follow_up.status.is_dead) for p in result.patients)
    inputs = [f"{p.patient_id}/status" for p in result.patients]
    warning = content(
        "Single patients are published when they do well. ",
        computed_number(
            "patients.curve",
            f"{deaths} of {len(result.patients)}",
            inputs=inputs or [f"{p.patient_id}/status" for p in material.patients],
            derivation="deaths among treated single patients with usable follow-up",
        ),
        " in this curve died. It shows what case reports add up to, some of them written because "
        "the patient was alive; it is not a prognosis.",
    )
    reasons: dict[str, list[str]] = {}
    for item in result.unusable:
        reasons.setdefault(item.reason, []).append(item.patient.patient_id)
    blocks: list[Block] = [
        Callout(kind="warning", title="Selected patients", content=(warning,)),
    ]
    if figure is not None:
        blocks.append(figure)
    if reasons:
        entries = tuple(
            content(
                "Not in the curve: ",
                count_number(
                    f"patients.unusable.{why.replace(' ', '-')}",
                    [f"{patient_id}/follow_up_months" for patient_id in patients],
                    derivation=f"single patients: {why}",
                ),
                f" {why}.",
            )
            for why, patients in reasons.items()
        )
        blocks.append(Bullets(entries=entries))
    return tuple(blocks)


def _read_with(rows: list[SurvivalRow]) -> Content:
    """Return how to read the medians: how many of them say what they are counted from."""
    unknown = [row for row in rows if row.time_zero == UNKNOWN_ZERO]
    groups = computed_number(
        "survival.time-zero-unknown",
        f"{len(unknown)} of {len(rows)}",
        inputs=[f"study:{row.study.study_id}" for row in rows],
        derivation="groups whose survival is given without what it is counted from, of all",
    )
    return content(
        "Medians stand side by side, grouped by what they are counted from; ",
        groups,
        " groups do not say it in the part read. As printed they are not pooled: a median without "
        "its spread or time zero cannot be.",
    )


def _treated_ranges(plan: AnalysisPlan, rows: list[SurvivalRow]) -> Figure | None:
    return _ranges(
        plan,
        rows,
        figure_id="figure-survival",
        caption="Median survival after treatment, by what it is counted from",
    )


def published_figures(review: Review) -> tuple[Figure, ...]:
    """Return survival as published, as the review stands: medians as printed, single patients."""
    protocol, state = review.protocol, settled(review)
    studies = assemble(state)
    treated = [
        study
        for study in studies
        if protocol.part_of(state.studies[study.study_id].role) is Part.TREATED
    ]
    patients = [patient for study in studies for patient in study.patients]
    figures = (
        _treated_ranges(protocol.analysis, _ordered(treated, times_zero_at(protocol, state))),
        _curve_figure(patient_curve(patients, treatment=protocol.analysis.treatment)),
    )
    return tuple(figure for figure in figures if figure is not None)


def survival_section(material: Material) -> Section:
    """Return survival after treatment: by time zero, then the single patients."""
    together = mixed_survival_section(material)
    rows = _rows(material, Part.TREATED)
    figure = _treated_ranges(material.protocol.analysis, rows)
    shown: tuple[Block, ...] = (Paragraph(content=content("No series reports survival.")),)
    if rows:
        table = _table(
            material, rows, table_id="table-survival", caption="Survival in the treated series"
        )
        shown = (Paragraph(content=_read_with(rows)), *((figure,) if figure else ()), table)
    return Section(
        section_id="survival",
        title="Survival after treatment",
        is_result=True,
        blocks=shown,
        sections=(
            *((together,) if together is not None else ()),
            *(
                (
                    Section(
                        section_id="survival-patients",
                        title="The single patients",
                        is_result=True,
                        blocks=_patient_blocks(material),
                    ),
                )
                if material.patients
                else ()
            ),
        ),
    )


def course_section(material: Material) -> Section:
    """Return the condition itself: the fields the protocol names for it, and its course."""
    rows = _rows(material, Part.COURSE)
    entries: list[Content] = []
    for field in material.protocol.report.course:
        words = f"{material.label_of(field)}: "
        for study in material.studies:
            if study.value(field) is not None:
                shown = material.cell(f"{study.study_id}/{field}")
                entries.append(
                    content(words, shown, f" ({study.label}) ", Cite(record_ids=study.record_ids))
                )
    figure = _ranges(
        material.protocol.analysis,
        rows,
        figure_id="figure-course",
        caption="Median survival whatever the treatment",
    )
    background = material.protocol.notes.get("background")
    return Section(
        section_id="course",
        title="The condition itself, and its course",
        is_result=True,
        blocks=(
            *((Paragraph(content=content(background)),) if background else ()),
            *((Bullets(entries=tuple(entries)),) if entries else ()),
            *((figure,) if figure else ()),
            *(
                (
                    _table(
                        material,
                        rows,
                        table_id="table-course",
                        caption="Survival whatever the treatment",
                    ),
                )
                if rows
                else ()
            ),
        ),
    )
