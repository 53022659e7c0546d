"""One patient's question to the review. The profile is read and never stored."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from resartus.app.evidence import assemble, findings
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.app.versions import FACTORS, kept_files
from resartus.domain.guidance import Finding
from resartus.domain.patient import Patient
from resartus.domain.protocol import Part, Protocol
from resartus.domain.snapshot import Snapshot
from resartus.errors import DataError
from resartus.example import bundle
from resartus.stores.payloads import write_whole
from resartus.tailoring.factors import Factor, load_factors, parse_factors, with_own
from resartus.tailoring.matrix import MatrixRow, selection_matrix
from resartus.tailoring.nearest import Match, PatientIndex
from resartus.tailoring.profile import (
    Coverage,
    Profile,
    Standing,
    coverage_in,
    parse_profile,
    standings,
)
from resartus.tailoring.subgroups import Subgroup, subgroups

__all__ = [
    "Factor",
    "Tailored",
    "example_profile",
    "factors_at",
    "factors_in",
    "factors_in_play",
    "factors_pinned",
    "known_factors",
    "matrix_in_play",
    "own_factors",
    "profile_of",
    "read_profile",
    "review_factors",
    "tailor",
    "told_fields",
    "write_example_profile",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tailored:
    """The evidence laid beside one patient. It holds no advice."""

    profile: Profile
    standings: tuple[Standing, ...]
    matrix: tuple[MatrixRow, ...]
    nearest: tuple[Match, ...]
    subgroups: tuple[Subgroup, ...]
    coverage: tuple[Coverage, ...]


def example_profile() -> Profile:
    """Return the example patient, who is made up and says so."""
    return parse_profile(bundle.load_patient_profile(), factors=load_factors())


def own_factors(folder: Path) -> tuple[Factor, ...]:
    """Return the factors of the review's own ``factors.toml``, none where it has no such file.

    Another disease brings its own cut-points so.
    """
    path = folder / FACTORS
    return factors_in(path.read_bytes()) if path.exists() else ()


def factors_in(content: bytes) -> tuple[Factor, ...]:
    """Return the factors of a ``factors.toml``."""
    try:
        return parse_factors(content.decode("utf-8-sig"), file=FACTORS)
    except UnicodeDecodeError as error:
        raise DataError(f"{FACTORS} is not UTF-8 at byte {error.start}; save it so") from error


def factors_pinned(review: Review, snapshot: Snapshot) -> tuple[Factor, ...]:
    """Return the review's own factors as a version was pinned with them; today's if not kept."""
    if snapshot.files is None:
        return own_factors(review.folder)
    digest = snapshot.files.get(FACTORS)
    return () if digest is None else factors_in(review.payloads.load(digest))


def factors_at(review: Review, snapshot: Snapshot) -> tuple[Factor, ...]:
    """Return the review's own factors a version is reported with: today's for the newest."""
    if kept_files(review, snapshot) is None:
        return own_factors(review.folder)
    return factors_pinned(review, snapshot)


def review_factors(folder: Path) -> tuple[Factor, ...]:
    """Return all factors a profile may give: the bundled ones, and the review's own over them."""
    return with_own(own_factors(folder))


def factors_in_play(
    own: Sequence[Factor],
    protocol: Protocol,
    found: Iterable[Finding],
    *,
    fields: Collection[str] = (),
) -> tuple[Factor, ...]:
    """Return the factors that bear on a review, in the order planned.

    Its own ones, those its plan names, those its studies report on and those
    of ``fields`` (what its patients or a profile tell). The bundled factors are
    of one disease: in a review of another they are silent, or, where a patient
    tells of them, take no side.
    """
    planned = protocol.analysis.factors
    named = {*planned, *(one.factor for one in found), *(factor.name for factor in own)}
    order = {name: place for place, name in enumerate(planned)}
    kept = [
        f if f.name in named else f.without_sides()
        for f in with_own(own)
        if f.name in named or f.field in fields
    ]
    return tuple(sorted(kept, key=lambda factor: order.get(factor.name, len(order))))


def told_fields(patients: Iterable[Patient]) -> frozenset[str]:
    """Return the fields that at least one patient has a value for."""
    return frozenset(
        name
        for patient in patients
        for name, extracted in patient.values.items()
        if extracted.value is not None
    )


def matrix_in_play(
    protocol: Protocol, factors: Iterable[Factor], found: Sequence[Finding]
) -> tuple[MatrixRow, ...]:
    """Return the selection matrix: every factor planned or in play has its row."""
    names = [*protocol.analysis.factors, *(factor.name for factor in factors)]
    return selection_matrix(found, factors=names)


def write_example_profile(path: Path) -> None:
    """Write the example patient's profile, to try ``tailor``, ``report`` and ``audit`` with."""
    write_whole(path, bundle.load_patient_profile().encode())


def read_profile(path: str | Path, *, folder: Path) -> Profile:
    """Read a profile from a TOML or JSON file; ``folder`` is the review's, for its own factors."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file.name} is not UTF-8 at byte {error.start}; save it so") from error
    return parse_profile(text, factors=review_factors(folder), file=file.name)


def known_factors(review: Review) -> tuple[Factor, ...]:
    """Return the factors that a form asks of a patient: those in play in this review."""
    return _lay(review).factors


def profile_of(review: Review, given: Mapping[str, str], *, name: str) -> Profile:
    """Return a profile from what a form gave; empty answers are unknown.

    Raises
    ------
    DataError
        If a value is not of its factor's kind.
    """
    factors = review_factors(review.folder)
    kinds = {factor.field: factor for factor in factors}
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
    return parse_profile("\n".join(lines), factors=factors, file="the form")


@dataclass(frozen=True, slots=True)
class _Laid:
    """A review's evidence laid out once, at one event of its log."""

    seq: int
    protocol: Protocol
    own: tuple[Factor, ...]
    factors: tuple[Factor, ...]
    matrix: tuple[MatrixRow, ...]
    index: PatientIndex


_laid: dict[Path, _Laid] = {}
_MOST_LAID = 4


def _lay(review: Review) -> _Laid:
    """Return the evidence of a review as it stands; kept until its log moves on."""
    state, own = review.state(), own_factors(review.folder)
    kept = _laid.get(review.folder)
    if (
        kept is not None
        and (kept.seq, kept.own) == (state.seq, own)
        and kept.protocol == review.protocol
    ):
        return kept
    studies = assemble(settled(review, state))
    roles = {study_id: entry.role for study_id, entry in state.studies.items()}
    parts = {study_id: review.protocol.part_of(role) for study_id, role in roles.items()}
    direct = [s for s, part in parts.items() if part in (Part.TREATED, Part.SINGLE)]
    treatment = review.protocol.analysis.treatment
    patients = [
        p for study in studies for p in study.patients if treatment in (None, p.value("treatment"))
    ]
    found = findings(studies, direct=direct, roles=roles)
    factors = factors_in_play(own, review.protocol, found, fields=told_fields(patients))
    laid = _Laid(
        seq=state.seq,
        protocol=review.protocol,
        own=own,
        factors=factors,
        matrix=matrix_in_play(review.protocol, factors, found),
        index=PatientIndex(patients, with_own(own)),
    )
    while len(_laid) >= _MOST_LAID:
        _laid.pop(next(iter(_laid)))
    _laid[review.folder] = laid
    return laid


def tailor(review: Review, profile: Profile, *, count: int = 5) -> Tailored:
    """Return what the review's evidence has to say beside one patient.

    Nothing of the profile is kept; what is kept between calls is the
    review's own evidence, so that the next question is answered at once.
    """
    laid = _lay(review)
    in_play = {f.name for f in laid.factors}
    given = [
        f.without_sides()
        for f in with_own(laid.own)
        if f.field in profile.values and f.name not in in_play
    ]
    return Tailored(
        profile=profile,
        standings=standings(profile, factors=(*laid.factors, *given)),
        matrix=(*laid.matrix, *selection_matrix((), factors=[f.name for f in given])),
        nearest=laid.index.nearest(profile.values, count=count),
        subgroups=subgroups(profile.values, laid.index),
        coverage=coverage_in(profile, laid.index),
    )
