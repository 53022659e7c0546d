"""Whom does it help? The selection matrix and the contradictions, side by side."""

from __future__ import annotations

from collections.abc import Mapping

from resartus.app.reporting.material import Material
from resartus.app.reporting.ratios import (
    bias_of,
    certainty_of,
    pooled_ratio,
    ratio_content,
    ratio_figure,
    ratio_of,
)
from resartus.app.tailoring import matrix_in_play
from resartus.domain.estimate import Estimate
from resartus.domain.guidance import Finding
from resartus.reporting.document import (
    NOT_REPORTED,
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
from resartus.reporting.figures.effect_direction import FactorMark, effect_direction
from resartus.reporting.numbers import computed_number, estimate_number
from resartus.tailoring.matrix import SIGNIFICANCE, MatrixRow

__all__ = ["factors_section", "matrix_of"]


def matrix_of(material: Material) -> tuple[MatrixRow, ...]:
    """Return the selection matrix over all included studies."""
    return matrix_in_play(material.protocol, material.factors, material.findings)


def _figures(material: Material, finding: Finding) -> Content:
    prefix = (finding.cell_id or "").removesuffix("factor")
    parts: list[Content] = []
    for leaf in ("figures", "p_value", "p_text"):
        row = material.evidence.get(prefix + leaf)
        if row is not None and row.value is not None:
            shown = material.cell(prefix + leaf)
            parts.append(content("p = ", shown) if leaf == "p_value" else shown)
    if not parts:
        return content(NOT_REPORTED)
    joined = parts[0]
    for part in parts[1:]:
        joined = content(joined, "; ", part)
    return joined


def _patients(material: Material, finding: Finding) -> Content:
    prefix = (finding.cell_id or "").removesuffix("factor")
    return material.cell(prefix + "n") if finding.n_patients is not None else content(NOT_REPORTED)


def _finding_row(material: Material, finding: Finding) -> Row:
    study = next(s for s in material.studies if s.study_id == finding.study_id)
    kind = "direct" if finding.is_direct else f"indirect: {finding.population}"
    return Row(
        cells=(
            content(study.label, " ", Cite(record_ids=study.record_ids)),
            content(finding.level),
            content(finding.direction.value),
            _figures(material, finding),
            ratio_content(ratio_of(material, finding)),
            _patients(material, finding),
            bias_of(material, finding.study_id),
            content(kind),
        )
    )


def _heading(material: Material, row: MatrixRow) -> Content:
    if row.is_unknown:
        return content(f"{row.factor}: unknown, nothing found")
    clash = "; studies disagree" if row.is_contradicted else ""
    return content(f"{row.factor} (certainty {certainty_of(material, row).value}{clash})")


def _matrix_table(material: Material, matrix: tuple[MatrixRow, ...]) -> Table:
    rows = []
    for row in matrix:
        rows.append(Row(cells=(_heading(material, row),), is_group=True))
        rows.extend(_finding_row(material, f) for f in (*row.direct, *row.indirect))
    return Table(
        table_id="table-factors",
        caption="Selection factors: who found what, direct evidence first",
        is_wide=True,
        columns=(
            Column(title="Study", weight=1.6),
            Column(title="Compared", weight=2),
            Column(title="For survival", weight=1.1),
            Column(title="As printed", weight=2.4),
            Column(title="Hazard ratio for death", weight=1.4),
            Column(title="Patients", align="right"),
            Column(title="Risk of bias", weight=1.1),
            Column(title="Evidence", weight=1.6),
        ),
        rows=tuple(rows),
        notes=(
            content(
                f"“Better” and “worse” are the direction as printed; a p value of {SIGNIFICANCE} "
                "or more is shown as no difference, whatever the authors called it. Direct: "
                "the treatment in the population asked about. Every factor starts at low "
                "certainty and goes down where clinicians chose whom to treat."
            ),
        ),
        items=("PRISMA2020:20c", "SWiM:8"),
    )


def _together(row: MatrixRow, pooled: Mapping[str, Estimate]) -> Content:
    one = pooled.get(row.factor)
    if one is None:
        return content("unknown" if row.is_unknown else "not pooled")
    key = row.factor.replace(" ", "-")
    return content(estimate_number(f"factor.{key}.ratio", one, style="ratio"))


def _overview(
    material: Material, matrix: tuple[MatrixRow, ...], pooled: Mapping[str, Estimate]
) -> Table:
    rows = []
    for row in matrix:
        inputs = tuple(f.cell_id for f in row.direct if f.cell_id)
        studies: Content = content("–")
        patients: Content = content("–")
        if inputs:
            key = row.factor.replace(" ", "-")
            studies = content(
                computed_number(
                    f"factor.{key}.studies",
                    str(row.n_studies),
                    inputs=inputs,
                    derivation="series with a direct finding on this factor",
                )
            )
            if row.direct_patients is not None:
                counted = tuple(
                    f.cell_id.removesuffix("factor") + "n"
                    for f in row.direct
                    if f.cell_id and f.n_patients is not None
                )
                patients = content(
                    computed_number(
                        f"factor.{key}.patients",
                        str(row.direct_patients),
                        inputs=counted,
                        derivation="largest group of each such series, added up",
                    )
                )
        rows.append(
            Row(
                cells=(
                    content(row.factor),
                    studies,
                    patients,
                    content(row.sentence),
                    _together(row, pooled),
                    content("yes" if row.is_contradicted else "no"),
                    content("unknown" if row.is_unknown else certainty_of(material, row).value),
                )
            )
        )
    return Table(
        table_id="table-matrix",
        caption="Selection matrix: how much is known on each factor",
        columns=(
            Column(title="Factor", weight=1.6),
            Column(title="Series", align="right"),
            Column(title="Patients", align="right"),
            Column(title="What they found for survival", weight=2.6),
            Column(title="Pooled hazard ratio", weight=1.4),
            Column(title="Disagree"),
            Column(title="Certainty"),
        ),
        rows=tuple(rows),
        notes=(
            content(
                "Series and patients count direct evidence only. Patients are counted before any "
                "overlap between series is settled."
            ),
        ),
    )


def _contradictions(material: Material) -> tuple[Table, ...]:
    if not material.state.contradictions:
        return ()
    rows = tuple(
        Row(
            cells=(
                content(c.topic),
                content(", ".join(material.study_label(s) for s in c.study_ids)),
                content(c.one_side),
                content(c.other_side),
                content(c.handling),
            )
        )
        for c in material.state.contradictions
    )
    return (
        Table(
            table_id="table-contradictions",
            caption="Contradictions between sources, and how each is handled",
            is_wide=True,
            columns=(
                Column(title="On", weight=1.2),
                Column(title="Sources", weight=1.2),
                Column(title="One side", weight=2),
                Column(title="Other side", weight=2),
                Column(title="Handled", weight=2),
            ),
            rows=rows,
        ),
    )


def _marks(material: Material, matrix: tuple[MatrixRow, ...]) -> list[FactorMark]:
    return [
        FactorMark(
            factor=row.factor,
            study=material.study_label(finding.study_id),
            direction=finding.direction,
            n=finding.n_patients,
            is_significant=None if finding.p_value is None else finding.p_value < SIGNIFICANCE,
            is_direct=finding.is_direct,
        )
        for row in matrix
        for finding in (*row.direct, *row.indirect)
    ]


def _drawn(marks: list[FactorMark], factors: list[str]) -> Figure | None:
    if not marks:
        return None
    drawing = effect_direction(marks, factors=factors)
    return Figure(
        figure_id="figure-directions",
        caption="Direction of each finding on survival, by factor",
        alt=drawing.alt,
        svg=drawing.svg,
        png=drawing.png,
        width_cm=min(drawing.width_cm, 17.0),
    )


def factors_section(material: Material) -> Section:
    """Return the selection matrix: overview, figure, every finding, contradictions."""
    matrix = matrix_of(material)
    unknown = [row.factor for row in matrix if row.is_unknown]
    ratios = {
        row.factor: [
            ratio
            for finding in (*row.direct, *row.indirect)
            if (ratio := ratio_of(material, finding)) is not None
        ]
        for row in matrix
    }
    plan = material.protocol.analysis
    pooled = {
        factor: one
        for factor, group in ratios.items()
        if (one := pooled_ratio(group, level=plan.level, minimum_studies=plan.minimum_studies))
        is not None
    }
    scaled = ratio_figure(ratios, pooled, material.labels)
    marks = _marks(material, matrix)
    figure = _drawn(marks, [row.factor for row in matrix])
    text = f"Nothing was found on: {', '.join(unknown)}. " if unknown else ""
    if matrix:
        text += (
            "The matrix says what each series found; it does not weigh a patient's factors for "
            "anybody."
        )
    else:
        text = "No factor of selection is planned, and no series reports a finding on one."
    return Section(
        section_id="factors",
        title="Whom does it help? The selection matrix",
        is_result=True,
        blocks=(
            Paragraph(content=content(text)),
            *((_overview(material, matrix, pooled),) if matrix else ()),
            *((scaled,) if scaled else ()),
            *((figure, _matrix_table(material, matrix)) if figure else ()),
            *_contradictions(material),
        ),
    )
