"""``Protocol``: what the review asks, of whom, where it looks and what it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from resartus.domain.checks import require_text
from resartus.domain.query import Search
from resartus.errors import DataError

__all__ = [
    "DEFAULT_ROLES",
    "AnalysisPlan",
    "Criterion",
    "Eligibility",
    "FormField",
    "Living",
    "Part",
    "Protocol",
    "Role",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One ground to include or exclude, with the reason's short name for the flow diagram."""

    name: str
    text: str

    def __post_init__(self) -> None:
        require_text(self.name, field="name", where="a criterion")
        require_text(self.text, field="text", where=f"criterion {self.name!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Criteria in their order of rank: the first that applies is the reason."""

    include: tuple[Criterion, ...] = ()
    exclude: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field of the extraction form.

    ``kind`` is text, integer, number, choice, date or boolean; ``level`` says
    whether it belongs to the study or to each patient.
    """

    name: str
    label: str
    kind: str = "text"
    level: str = "study"
    unit: str | None = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        kinds = ("text", "integer", "number", "choice", "date", "boolean")
        if self.kind not in kinds:
            raise DataError(f"kind {self.kind!r} of field {self.name!r} is not one of: {kinds}")
        if self.level not in ("study", "patient"):
            raise DataError(f"level {self.level!r} of field {self.name!r} is not study or patient")
        if self.kind == "choice" and not self.choices:
            raise DataError(f"field {self.name!r} is a choice without choices; list them")


class Part(StrEnum):
    """Which part of the question a group of studies speaks to."""

    TREATED = "treated"
    """The intervention in the population: pooled, and direct evidence on factors."""
    SINGLE = "single patients"
    """The same, known patient by patient: counted, never pooled with series."""
    COURSE = "course"
    """The condition whatever the treatment."""
    COMPARATOR = "comparator"
    INDIRECT = "indirect"
    TRIAL = "neighbouring trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A group of included studies: its name on a study, its heading, its part."""

    name: str
    title: str
    part: Part


DEFAULT_ROLES = (Role(name="included", title="Included studies", part=Part.TREATED),)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisPlan:
    """What will be pooled and how, fixed before the data are seen.

    ``denominator`` is the field that counts the treated; ``treatment`` the
    value of a patient's ``treatment`` field that enters the patients' curve.
    """

    proportions: tuple[str, ...] = ()
    denominator: str = "n_total"
    treatment: str | None = None
    level: float = 0.95
    minimum_studies: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """Living-mode parameters (PRISMA-LSR item L1)."""

    search_every_months: int | None = None
    trigger: str | None = None
    retirement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """The plan of one review, as ``review.toml`` states it."""

    title: str
    question: str
    population: str
    intervention: str
    comparator: str
    outcomes: tuple[str, ...]
    searches: tuple[Search, ...] = ()
    eligibility: Eligibility = field(default_factory=Eligibility)
    roles: tuple[Role, ...] = DEFAULT_ROLES
    form: tuple[FormField, ...] = ()
    analysis: AnalysisPlan = field(default_factory=AnalysisPlan)
    living: Living = field(default_factory=Living)
    authors: tuple[str, ...] = ()
    reviewers_per_stage: int = 1
    registration: str | None = None
    funding: str | None = None
    interests: str | None = None
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the reviewers say of their own methods, by part: selection, extraction, …"""

    def __post_init__(self) -> None:
        for name in ("title", "question", "population", "intervention"):
            require_text(getattr(self, name), field=name, where="the protocol")
        seen: set[str] = set()
        for search in self.searches:
            if search.search_id in seen:
                raise DataError(f"search {search.search_id!r} stands twice; give each its own name")
            seen.add(search.search_id)
        if not self.roles:
            raise DataError("the protocol has no role for its studies; leave roles out for one")
        if self.reviewers_per_stage not in (1, 2):
            raise DataError(
                f"reviewers_per_stage {self.reviewers_per_stage!r} of the protocol is not 1 or 2"
            )

    def part_of(self, role: str) -> Part:
        """Return the part of the question a study's role speaks to.

        Raises
        ------
        DataError
            If no role of that name is planned.
        """
        for known in self.roles:
            if known.name == role:
                return known.part
        names = ", ".join(repr(known.name) for known in self.roles)
        raise DataError(f"role {role!r} is not in review.toml; it has: {names}", field="role")
