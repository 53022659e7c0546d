"""What a review concludes at one version: every estimate, certainty and sentence of guidance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resartus.app.evidence import assemble, findings
from resartus.app.synthesising import patient_curve, pooled_proportion
from resartus.app.tailoring import factors_in_play, matrix_in_play
from resartus.app.wording import proportion_text
from resartus.domain.change import ChangeKind
from resartus.domain.estimate import Estimate
from resartus.domain.protocol import Part, Protocol
from resartus.domain.settled import SettledState
from resartus.tailoring.factors import Factor
from resartus.tailoring.matrix import MatrixRow

__all__ = ["Conclusion", "Conclusions", "conclusions_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """One thing the review says: its name, its words, and the cells it rests on."""

    key: str
    kind: ChangeKind
    label: str
    text: str
    inputs: tuple[str, ...] = ()
    estimate: Estimate | None = None
    counts: tuple[tuple[int, int], ...] = ()
    """Of a pooled proportion: events and patients of each study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusions:
    """All of them, by key, with the rows of the selection matrix."""

    of: dict[str, Conclusion]
    matrix: tuple[MatrixRow, ...]

    def estimates(self) -> list[Conclusion]:
        """Return those that are numbers."""
        return [c for c in self.of.values() if c.kind is ChangeKind.ESTIMATE]


def _name(field: str) -> str:
    return field.removesuffix("_n").replace("_", " ")


def _proportions(protocol: Protocol, state: SettledState) -> list[Conclusion]:
    studies = assemble(state)
    treated = {
        s.study_id
        for s in studies
        if protocol.part_of(state.studies[s.study_id].role) is Part.TREATED
    }
    plan = protocol.analysis
    found = []
    for field in plan.proportions:
        result = (
            pooled_proportion(
                studies, field, treated=treated, denominator=plan.denominator, level=plan.level
            )
            if any(s.number(field) is not None for s in studies if s.study_id in treated)
            else None
        )
        if result is None or not result.studies:
            continue
        found.append(
            Conclusion(
                key=f"{_name(field).replace(' ', '-')}.pooled",
                kind=ChangeKind.ESTIMATE,
                label=_name(field).capitalize(),
                text=f"{proportion_text(result.pooled)}, {len(result.studies)} series",
                inputs=result.pooled.inputs,
                estimate=result.pooled,
                counts=tuple(zip(result.events, result.totals, strict=True)),
            )
        )
    return found


def _patients(protocol: Protocol, state: SettledState) -> list[Conclusion]:
    plan = protocol.analysis
    everyone = [patient for study in assemble(state) for patient in study.patients]
    curve = patient_curve(everyone, treatment=plan.treatment, level=plan.level).curve
    if curve is None:
        return []
    median = curve.median
    said = "not reached" if median.value is None else f"{median.value:g} months"
    return [
        Conclusion(
            key="patients.median",
            kind=ChangeKind.ESTIMATE,
            label="Median survival of the single patients",
            text=f"{said}, {curve.n_patients} patients",
            inputs=tuple(f"{p.patient_id}/follow_up_months" for p in everyone),
            estimate=median,
        )
    ]


def _guidance(matrix: tuple[MatrixRow, ...]) -> list[Conclusion]:
    return [
        Conclusion(
            key=f"factor.{row.factor.replace(' ', '-')}",
            kind=ChangeKind.GUIDANCE,
            label=row.factor.capitalize(),
            text=row.sentence,
            inputs=tuple(f.cell_id for f in (*row.direct, *row.indirect) if f.cell_id),
        )
        for row in matrix
    ]


def _certainties(state: SettledState, matrix: tuple[MatrixRow, ...]) -> list[Conclusion]:
    rated = [
        Conclusion(
            key=f"certainty.{outcome.replace(' ', '-')}",
            kind=ChangeKind.CERTAINTY,
            label=f"Certainty: {outcome}",
            text=str(data.get("certainty") or data.get("level")),
        )
        for outcome, data in state.certainties.items()
    ]
    return rated + [
        Conclusion(
            key=f"certainty.factor.{row.factor.replace(' ', '-')}",
            kind=ChangeKind.CERTAINTY,
            label=f"Certainty: {row.factor}",
            text=row.certainty.value,
            inputs=tuple(f.cell_id for f in row.direct if f.cell_id),
        )
        for row in matrix
        if not row.is_unknown
    ]


def conclusions_of(
    protocol: Protocol, state: SettledState, *, own: Sequence[Factor] = ()
) -> Conclusions:
    """Return everything the review says at this state, by the protocol's plan.

    ``own`` are the review's own factors: the matrix is the one that report and
    tailoring show.
    """
    studies = assemble(state)
    roles = {study_id: entry.role for study_id, entry in state.studies.items()}
    direct = {
        study_id
        for study_id, role in roles.items()
        if protocol.part_of(role) in (Part.TREATED, Part.SINGLE)
    }
    found = findings(studies, direct=direct, roles=roles)
    matrix = matrix_in_play(protocol, factors_in_play(own, protocol, found), found)
    said = [
        *_proportions(protocol, state),
        *_patients(protocol, state),
        *_guidance(matrix),
        *_certainties(state, matrix),
    ]
    return Conclusions(of={c.key: c for c in said}, matrix=matrix)
