"""Summary of findings: each outcome with its result and how sure it is (GRADE)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resartus.app.appraisal.grading import grades
from resartus.app.reporting.material import Material
from resartus.app.reporting.ratios import certainty_of
from resartus.app.reporting.safety import names_of, pooled, series_number
from resartus.domain.guidance import Certainty
from resartus.domain.protocol import Part
from resartus.reporting.document import (
    Callout,
    Column,
    Content,
    Row,
    Section,
    Table,
    Text,
    TextStyle,
    content,
)
from resartus.reporting.numbers import estimate_number, sum_number
from resartus.tailoring.matrix import MatrixRow

__all__ = ["agreement_section", "certainty_callout", "certainty_words", "findings_section"]

_SIGNS = {"high": "⊕⊕⊕⊕", "moderate": "⊕⊕⊕⊖", "low": "⊕⊕⊖⊖", "very low": "⊕⊖⊖⊖"}


def certainty_callout(material: Material, matrix: Sequence[MatrixRow]) -> Callout:
    """Return how sure the evidence is: what people rated, what is rated by rule, and the limits."""
    rated = {name: grade.certainty.value for name, grade in grades(material.state).items()}
    by_rule = {certainty_of(material, row).value for row in matrix if not row.is_unknown}
    said = [content(f"{name}: {_SIGNS[sure]} {sure}.") for name, sure in rated.items()]
    if by_rule:
        said.append(content(f"Factors of selection, by rule: {', '.join(sorted(by_rule))}."))
    if not rated:
        said.append(content("No outcome has been rated by a person yet."))
    treated = material.of_part(Part.TREATED, Part.SINGLE)
    if treated and not any(_is_randomised(study.design) for study in treated):
        said.append(
            content(
                "No comparison of the treatment was randomised: who was treated was chosen. Take "
                "it as what was seen, not as what the treatment does."
            )
        )
    if limits := material.protocol.notes.get("limits"):
        said.append(content(limits))
    levels = set(rated.values()) | by_rule
    title = f"Certainty: {levels.pop()}" if len(levels) == 1 else "How sure it is"
    return Callout(kind="warning", title=title, content=tuple(said))


def certainty_words(material: Material, matrix: Iterable[MatrixRow]) -> str:
    """Return how sure what is known on the factors is: ``"very low"``, or from lowest to best."""
    order = [level.value for level in Certainty]
    found = {certainty_of(material, row).value for row in matrix if not row.is_unknown}
    levels = sorted(found, key=order.index, reverse=True)
    return " to ".join(dict.fromkeys((levels[0], levels[-1]))) if levels else "unknown"


def _is_randomised(design: str) -> bool:
    words = design.lower()
    return "random" in words and "non-random" not in words and "not random" not in words


def findings_section(material: Material) -> Section | None:
    """Return the table of outcomes, or ``None`` where no outcome is counted."""
    rated = {name.lower(): grade for name, grade in grades(material.state).items()}
    rows = []
    for field in material.protocol.analysis.proportions:
        key, _, axis = names_of(field)
        result = pooled(material, field)
        plain = field.removesuffix("_n").replace("_", " ")
        grade = rated.get(plain.lower()) or rated.get(axis.lower())
        sure: Content = content(Text(text="not rated yet", style=TextStyle.MISSING))
        why: Content = content("–")
        if grade is not None:
            sure = content(f"{_SIGNS[grade.certainty.value]} {grade.certainty.value}")
            why = content(" ".join(grade.sentences()[1:-1]) or "no step up or down")
        if not result.studies:
            continue
        patients = sum_number(
            f"{key}.patients",
            [
                material.evidence[f"{s.study_id}/{material.protocol.analysis.denominator}"]
                for s in result.studies
            ],
            derivation="treated patients of the series, added up",
        )
        rows.append(
            Row(
                cells=(
                    content(axis),
                    content(series_number(result)),
                    content(patients),
                    content(estimate_number(f"{key}.pooled", result.pooled, style="percent")),
                    sure,
                    why,
                )
            )
        )
    if not rows:
        return None
    table = Table(
        table_id="table-findings",
        caption="Summary of findings",
        columns=(
            Column(title="Outcome", weight=1.5),
            Column(title="Series", align="right", weight=0.8),
            Column(title="Patients", align="right", weight=0.9),
            Column(title="Result", weight=1.8),
            Column(title="Certainty (GRADE)", weight=1.4),
            Column(title="Why", weight=2.4),
        ),
        rows=tuple(rows),
        notes=(
            content(
                "⊕⊕⊕⊕ high, ⊕⊕⊕⊖ moderate, ⊕⊕⊖⊖ low, ⊕⊖⊖⊖ very low. There is no comparison behind "
                "these rates."
            ),
        ),
        items=("PRISMA2020:22", "PRISMA2020:20a"),
    )
    return Section(
        section_id="findings", title="Summary of findings", is_result=True, blocks=(table,)
    )


def agreement_section(material: Material) -> Section | None:
    """Return how far reviewers agreed before they saw each other's votes, or ``None``."""
    if not material.agreement:
        return None
    rows = []
    for pair in material.agreement:
        one = pair.going_on
        kappa = "not defined"
        if one.kappa is not None:
            kappa = f"{one.kappa:.2f}"
            if one.kappa_low is not None and one.kappa_high is not None:
                kappa += f" ({one.kappa_low:.2f} to {one.kappa_high:.2f})"
        cells = (
            pair.stage.value,
            f"{pair.first} and {pair.second}",
            str(one.n),
            f"{100 * one.observed:.1f}%",
            kappa,
            f"{one.pabak:.2f}",
        )
        rows.append(Row(cells=tuple(content(text) for text in cells)))
    table = Table(
        table_id="table-agreement",
        caption="Agreement of the reviewers on which records go on",
        columns=(
            Column(title="Stage", weight=1.4),
            Column(title="Reviewers", weight=2),
            Column(title="Records", align="right"),
            Column(title="Alike", align="right"),
            Column(title="Kappa (95% CI)", align="right", weight=1.6),
            Column(title="PABAK", align="right"),
        ),
        rows=tuple(rows),
        notes=(content("Counted before anyone saw the other's vote or a discussion changed it."),),
    )
    return Section(section_id="agreement", title="Agreement of the reviewers", blocks=(table,))
