"""How far results hold: overlap of patients, risk of bias, and what series did not report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resartus.app.appraisal.answering import left_out_by_bias
from resartus.app.dedup.overlaps import studies_under
from resartus.app.reporting.material import Material
from resartus.app.reporting.safety import names_of, pooled
from resartus.app.synthesising import pooled_proportion
from resartus.appraisal.judgements import OVERALL
from resartus.domain.overlap import OverlapRule
from resartus.domain.study import Study
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
from resartus.reporting.numbers import computed_number, count_number, estimate_number

__all__ = ["missing_results_section", "sensitivity_section"]


def _choices(material: Material) -> Iterator[tuple[str, str, Sequence[Study]]]:
    """Yield each way to choose the studies: its short id, its words, the studies."""
    studies = material.studies
    if material.state.overlaps:
        for rule in (OverlapRule.KEEP_LARGEST, OverlapRule.KEEP_LONGEST):
            kept = studies_under(material.state, studies, rule)
            name = rule.value.replace(" ", "-")
            yield name, f"of series that share patients, {rule.value} only", kept
    for tool in material.tools:
        worst = left_out_by_bias(material.state, tool).get(OVERALL, frozenset())
        if worst:
            without = [s for s in studies if s.study_id not in worst]
            yield f"bias-{tool.tool_id}", f"without high risk of bias ({tool.short})", without
    largest = max(
        (s for s in material.studies if s.study_id in material.treated_ids),
        key=lambda s: s.number(material.size_field(s)) or 0,
        default=None,
    )
    if largest is not None:
        yield (
            "without-largest",
            f"without the largest series ({largest.label})",
            [s for s in studies if s.study_id != largest.study_id],
        )


def sensitivity_section(material: Material) -> Section:
    """Return each pooled count under other choices of studies."""
    plan = material.protocol.analysis
    rows = []
    for field in plan.proportions:
        key, name, _ = names_of(field)
        as_planned = pooled(material, field)
        if not as_planned.studies:
            continue
        rows.append(
            Row(
                cells=(
                    content(name.capitalize()),
                    content("as planned"),
                    content(estimate_number(f"{key}.pooled", as_planned.pooled, style="percent")),
                )
            )
        )
        for choice, words, studies in _choices(material):
            other = pooled_proportion(
                studies,
                field,
                treated=material.treated_ids,
                denominator=plan.denominator,
                level=plan.level,
            )
            shown: Content = content("no series left")
            if other.studies:
                shown = content(
                    estimate_number(f"{key}.{choice}", other.pooled, style="percent"),
                    f" from {len(other.studies)} series",
                )
            rows.append(Row(cells=(content(""), content(words), shown)))
    if not rows:
        said = "Nothing is pooled, so that no choice of studies can move a result."
        block: Paragraph | Table = Paragraph(content=content(said))
    else:
        block = Table(
            table_id="table-sensitivity",
            caption="Pooled results under other choices of studies",
            columns=(
                Column(title="Outcome", weight=1.2),
                Column(title="Studies", weight=2.4),
                Column(title="Result", weight=2),
            ),
            rows=tuple(rows),
        )
    return Section(
        section_id="sensitivity",
        title="Do other choices of studies change it?",
        is_result=True,
        items=("PRISMA2020:20d",),
        blocks=(block,),
    )


def missing_results_section(material: Material) -> Section:
    """Return, for each planned outcome, how many series do not report it."""
    treated = [s for s in material.studies if s.study_id in material.treated_ids]
    entries = []
    for field in material.protocol.analysis.proportions:
        key, name, _ = names_of(field)
        silent = [s for s in treated if s.number(field) is None]
        if not treated:
            continue
        share = computed_number(
            f"{key}.silent",
            f"{len(silent)} of {len(treated)}",
            inputs=[f"study:{s.study_id}" for s in treated],
            derivation=f"series of the treatment that do not report {name}, of all",
        )
        entries.append(content(f"{name.capitalize()} is not reported by ", share, " series."))
    text: Content = content(
        "Case reports and small series are published when patients do well, and no register tells "
        "how many were not. Rates of a single arm have no funnel to be lopsided. "
    )
    if material.patients:
        text = content(
            text,
            "Of the patients known one by one, ",
            count_number(
                "patients.single",
                [f"{p.patient_id}/follow_up_months" for p in material.patients],
                derivation="patients reported one by one",
            ),
            " in all, the curve is read with that in mind.",
        )
    return Section(
        section_id="missing-results",
        title="Results that are missing",
        is_result=True,
        items=("PRISMA2020:21",),
        blocks=(
            Paragraph(content=text),
            *((Bullets(entries=tuple(entries)),) if entries else ()),
        ),
    )
