"""The selection matrix: for each factor, who found what, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from resartus.domain.guidance import Certainty, Direction, Finding

__all__ = ["MatrixRow", "selection_matrix"]

SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One factor with its findings, direct ones first.

    ``direct_patients`` counts each study once, by its largest group.
    ``is_contradicted`` holds when direct findings that point somewhere
    disagree, or some found nothing where others found something.
    """

    factor: str
    direct: tuple[Finding, ...]
    indirect: tuple[Finding, ...]
    certainty: Certainty
    certainty_reasons: tuple[str, ...]
    is_contradicted: bool
    sentence: str

    @property
    def is_unknown(self) -> bool:
        """Nothing was found on this factor."""
        return not self.direct and not self.indirect

    @property
    def is_agreed(self) -> bool:
        """Two or more studies point the same way, and none against it."""
        pointing = {
            f.study_id for f in self.direct if f.direction in (Direction.BETTER, Direction.WORSE)
        }
        return len(pointing) >= 2 and not self.is_contradicted

    @property
    def n_studies(self) -> int:
        """Studies with a direct finding."""
        return len({finding.study_id for finding in self.direct})

    @property
    def direct_patients(self) -> int | None:
        """Patients in studies with a direct finding, ``None`` when none says how many."""
        largest: dict[str, int] = {}
        for finding in self.direct:
            if finding.n_patients is not None:
                known = largest.get(finding.study_id, 0)
                largest[finding.study_id] = max(known, finding.n_patients)
        return sum(largest.values()) if largest else None


def _points(findings: Iterable[Finding]) -> set[Direction]:
    return {f.direction for f in findings if f.direction is not Direction.UNCLEAR}


def _certainty(direct: Sequence[Finding]) -> tuple[Certainty, tuple[str, ...]]:
    """Rate by GRADE's rules for observational evidence, reasons in words (Guyatt 2011)."""
    reasons = ["starts low: no randomised comparison of this factor"]
    if not direct:
        return Certainty.VERY_LOW, (*reasons, "down: only indirect evidence")
    reasons.append("down for risk of bias: retrospective, and clinicians chose whom to treat")
    if len(_points(direct)) > 1:
        reasons.append("down for inconsistency: studies disagree")
    if sum(f.n_patients or 0 for f in direct) < 400:
        reasons.append("down for imprecision: fewer than 400 patients")
    return Certainty.VERY_LOW, tuple(reasons)


def _counted(findings: Sequence[Finding], direction: Direction) -> int:
    return len({f.study_id for f in findings if f.direction is direction})


def _sentence(factor: str, direct: Sequence[Finding], indirect: Sequence[Finding]) -> str:
    if not direct and not indirect:
        return f"Nothing was found on {factor}."
    parts = []
    for name, found in (("series of the treatment", direct), ("indirect sources", indirect)):
        if not found:
            continue
        told = [
            f"{n} {words}"
            for direction, words in (
                (Direction.BETTER, "better"),
                (Direction.WORSE, "worse"),
                (Direction.NO_DIFFERENCE, "no difference"),
                (Direction.UNCLEAR, "no direction"),
            )
            if (n := _counted(found, direction))
        ]
        studies = len({f.study_id for f in found})
        parts.append(f"{studies} {name} ({', '.join(told)})")
    return "; ".join(parts) + "."


def selection_matrix(
    findings: Iterable[Finding], *, factors: Sequence[str]
) -> tuple[MatrixRow, ...]:
    """Return one row per factor, in the order given, then any other factor found.

    A factor nobody studied gets a row too: unknown is a result.
    """
    by_factor: dict[str, list[Finding]] = {factor: [] for factor in factors}
    for finding in findings:
        by_factor.setdefault(finding.factor, []).append(finding)
    rows = []
    for factor, found in by_factor.items():
        direct = tuple(f for f in found if f.is_direct)
        indirect = tuple(f for f in found if not f.is_direct)
        certainty, reasons = _certainty(direct)
        rows.append(
            MatrixRow(
                factor=factor,
                direct=direct,
                indirect=indirect,
                certainty=certainty,
                certainty_reasons=reasons,
                is_contradicted=len(_points(direct)) > 1,
                sentence=_sentence(factor, direct, indirect),
            )
        )
    return tuple(rows)
