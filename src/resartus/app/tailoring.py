"""One patient's question to the review. The profile is read and never stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from resartus.app.evidence import assemble, findings
from resartus.app.review import Review
from resartus.domain.protocol import Part
from resartus.errors import DataError
from resartus.example import bundle
from resartus.tailoring.factors import load_factors
from resartus.tailoring.matrix import MatrixRow, selection_matrix
from resartus.tailoring.nearest import Match, nearest_patients
from resartus.tailoring.profile import (
    Coverage,
    Profile,
    Standing,
    coverage,
    parse_profile,
    standings,
)

__all__ = ["Tailored", "example_profile", "read_profile", "tailor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tailored:
    """The evidence laid beside one patient. It holds no advice."""

    profile: Profile
    standings: tuple[Standing, ...]
    matrix: tuple[MatrixRow, ...]
    nearest: tuple[Match, ...]
    coverage: tuple[Coverage, ...]


def example_profile() -> Profile:
    """Return the example patient, who is made up and says so."""
    return parse_profile(bundle.load_patient_profile(), factors=load_factors())


def read_profile(path: str | Path) -> Profile:
    """Read a profile from a TOML file."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file.name} is not UTF-8 at byte {error.start}; save it so") from error
    return parse_profile(text, factors=load_factors(), file=file.name)


def tailor(review: Review, profile: Profile, *, count: int = 5) -> Tailored:
    """Return what the review's evidence has to say beside one patient."""
    state = review.state()
    studies = assemble(state)
    roles = {study_id: entry.role for study_id, entry in state.studies.items()}
    parts = {study_id: review.protocol.part_of(role) for study_id, role in roles.items()}
    direct = [s for s, part in parts.items() if part in (Part.TREATED, Part.SINGLE)]
    treatment = review.protocol.analysis.treatment
    factors = load_factors()
    patients = [
        p for study in studies for p in study.patients if treatment in (None, p.value("treatment"))
    ]
    return Tailored(
        profile=profile,
        standings=standings(profile, factors=factors),
        matrix=selection_matrix(
            findings(studies, direct=direct, roles=roles),
            factors=[factor.name for factor in factors],
        ),
        nearest=nearest_patients(profile.values, patients, factors=factors, count=count),
        coverage=coverage(profile, patients, factors=factors),
    )
