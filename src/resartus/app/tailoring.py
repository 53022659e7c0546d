"""One patient's question to the review. The profile is read and never stored."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from resartus.app.evidence import assemble, findings
from resartus.app.review import Review
from resartus.domain.protocol import Part
from resartus.errors import DataError
from resartus.example import bundle
from resartus.tailoring.factors import Factor, load_factors
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

__all__ = [
    "Factor",
    "Tailored",
    "example_profile",
    "known_factors",
    "profile_of",
    "read_profile",
    "tailor",
]


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


def known_factors() -> tuple[Factor, ...]:
    """Return the factors that a profile may give."""
    return tuple(load_factors())


def profile_of(given: Mapping[str, str], *, name: str) -> Profile:
    """Return a profile from what a form gave; empty answers are unknown.

    Raises
    ------
    DataError
        If a value is not of its factor's kind.
    """
    kinds = {factor.field: factor for factor in load_factors()}
    lines = [f"name = {json.dumps(name)}"]
    for field, text in given.items():
        if not text:
            continue
        factor = kinds.get(field)
        if factor is None:
            raise DataError(f"{field!r} is not a known factor", field=field)
        if factor.kind == "number":
            try:
                number = float(text)
            except ValueError:
                number = math.nan
            if not math.isfinite(number):
                unit = factor.unit or "figures"
                raise DataError(
                    f"{factor.name} {text!r} is not a number; give it in {unit}", field=field
                )
            lines.append(f"{field} = {number!r}")
        elif factor.kind == "boolean":
            lines.append(f"{field} = {'true' if text == 'yes' else 'false'}")
        else:
            lines.append(f"{field} = {json.dumps(text)}")
    return parse_profile("\n".join(lines), factors=load_factors(), file="the form")


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
