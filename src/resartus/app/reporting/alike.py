"""Published patients who are alike on one factor: how many, and what became of them."""

from __future__ import annotations

from resartus.app.reporting.material import Material
from resartus.domain.patient import Patient
from resartus.reporting.document import Column, Content, Row, Table, content
from resartus.reporting.numbers import computed_number, count_number
from resartus.synthesis.meta.binomial import clopper_pearson
from resartus.tailoring.factors import Side
from resartus.tailoring.matrix import MatrixRow
from resartus.tailoring.nearest import PatientIndex
from resartus.tailoring.profile import Profile, standings
from resartus.tailoring.subgroups import Subgroup, subgroups

__all__ = ["SIDES", "alike_table", "treated_patients"]

SIDES = {
    Side.FAVOURABLE: "with those who did better",
    Side.ADVERSE: "with those who did worse",
    Side.UNSETTLED: "unsettled",
    Side.UNKNOWN: "not known",
}


def treated_patients(material: Material) -> list[Patient]:
    """Return the published patients who had the treatment."""
    treatment = material.protocol.analysis.treatment
    return [p for p in material.patients if treatment in (None, p.value("treatment"))]


def _key(group: Subgroup) -> str:
    return f"alike.{group.factor.field}"


def _fate(material: Material, group: Subgroup) -> Content:
    """Return how many were dead at last follow-up, of those whose state is known, with width."""
    known = group.n_dead + group.n_alive
    if not known:
        return content("state at last follow-up not reported")
    level = material.protocol.analysis.level
    exact = clopper_pearson(group.n_dead, known, level=level)
    low, high = (100 * (bound or 0.0) for bound in (exact.low, exact.high))
    dead = computed_number(
        f"{_key(group)}.dead",
        f"{group.n_dead} of {known} dead ({100 * level:g}% CI {low:.0f} to {high:.0f}%)",
        inputs=[
            f"{p.patient_id}/status"
            for p in group.patients
            if p.follow_up.status.is_dead is not None
        ],
        derivation="deaths among those whose state is reported; exact (Clopper-Pearson) interval",
    )
    if group.months is None:
        return content(dead)
    shortest, middle, longest = group.months
    return content(
        dead,
        "; followed ",
        computed_number(
            f"{_key(group)}.months",
            f"{longest:g} months"
            if shortest == longest
            else f"{shortest:g} to {longest:g} months (median {middle:g})",
            inputs=[
                f"{p.patient_id}/follow_up_months"
                for p in group.patients
                if p.follow_up.months is not None
            ],
            derivation="shortest, longest and median follow-up of these patients",
        ),
    )


def alike_table(
    material: Material, profile: Profile, matrix: dict[str, MatrixRow], *, table_id: str
) -> Table:
    """Return, factor by factor, where the patient stands and what was published on it."""
    index = PatientIndex(treated_patients(material), material.factors)
    groups = {g.factor.name: g for g in subgroups(profile.values, index)}
    rows = []
    for standing in standings(profile, factors=material.factors):
        if standing.value is None:
            continue
        found = matrix[standing.factor.name]
        group = groups.get(standing.factor.name)
        fate: Content = content("–")
        if group is not None:
            field = standing.factor.field
            number = count_number(
                f"{_key(group)}.patients",
                [f"{p.patient_id}/{field}" for p in group.patients],
                derivation="published patients in the same band who had the treatment",
            )
            fate = content(number)
            if group.patients:
                fate = content(number, ": ", _fate(material, group))
        rows.append(
            Row(
                cells=(
                    content(standing.factor.name),
                    content(f"{standing.label}: {SIDES[standing.side]}"),
                    content(found.sentence),
                    fate,
                    content("–" if found.is_unknown else found.certainty.value),
                )
            )
        )
    return Table(
        table_id=table_id,
        caption="For and against, factor by factor, and published patients alike on it",
        columns=(
            Column(title="Factor", weight=1.2),
            Column(title="This patient stands", weight=1.6),
            Column(title="What series found for survival", weight=2.6),
            Column(title="Patients one by one who are alike", weight=2.4),
            Column(title="Certainty", weight=1.0),
        ),
        rows=tuple(rows),
        notes=(
            content(
                "Patients reported one by one were chosen for reporting, mostly because they did "
                "well; their intervals do not cover that choice."
            ),
        ),
    )
