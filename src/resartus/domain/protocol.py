"""``Protocol``: what the review asks, of whom, where it looks and what it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from resartus.domain.checks import require_one_of, require_text
from resartus.domain.decision import Stage
from resartus.domain.query import Search
from resartus.domain.time_zero import TimeZero
from resartus.errors import DataError

__all__ = [
    "DEFAULT_ROLES",
    "EFFECT_INPUTS",
    "AnalysisPlan",
    "Criterion",
    "Eligibility",
    "FormField",
    "Living",
    "Part",
    "PlannedEffect",
    "Protocol",
    "ReportPlan",
    "Role",
    "ScreeningPlan",
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


EFFECT_INPUTS = (
    "events_1", "total_1", "events_2", "total_2", "time_1", "time_2", "mean_1", "sd_1", "n_1",
    "mean_2", "sd_2", "n_2", "events", "total", "time", "mean", "sd", "n", "ratio", "median",
    "low", "high",
)  # fmt: skip
"""What a study may report towards an effect; 1 is the treated arm, 2 the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEffect:
    """One effect to pool, fixed before the data are seen.

    ``measure`` is a name such as ``RR`` or ``hazard ratio``; ``fields`` maps
    what the measure needs (of ``EFFECT_INPUTS``) to fields of the extraction
    form. ``subgroup`` and ``moderators`` are fields too. The other options
    are those of ``pool``; ``MH``, ``Peto``, ``GLMM`` and ``beta-binomial`` are models of counts,
    and ``none`` plans synthesis without pooling (SWiM).
    ``lower_is`` says what a lower value favours, in words for the axis; ``better`` is ``lower``
    or ``higher``, for telling which studies point to benefit.
    """

    name: str
    measure: str
    fields: Mapping[str, str]
    model: str = "auto"
    estimator: str = "REML"
    test: str = "HK-guarded"
    prediction: str = "HTS"
    subgroup: str | None = None
    moderators: tuple[str, ...] = ()
    role: str | None = None
    lower_is: str | None = None
    better: str | None = None

    def __post_init__(self) -> None:
        require_text(self.name, field="name", where="a planned effect")
        if self.better is not None:
            require_one_of(self.better, ("lower", "higher"), field="better", where=self.name)
        require_text(self.measure, field="measure", where=f"planned effect {self.name!r}")
        for key in self.fields:
            require_one_of(key, EFFECT_INPUTS, field="fields", where=f"effect {self.name!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisPlan:
    """What will be pooled and how, fixed before the data are seen.

    ``denominator`` is the field that counts the treated; ``treatment`` the
    value of a patient's ``treatment`` field that enters the patients' curve.
    ``treated_groups`` are the values of a survival group's ``treatment`` that
    count as treated; every group of a treated series does where it is empty.
    ``factors`` are the candidate criteria of selection: each has its row in the
    matrix even if nothing was found on it, since unknown is a result.
    """

    proportions: tuple[str, ...] = ()
    denominator: str = "n_total"
    treatment: str | None = None
    level: float = 0.95
    minimum_studies: int = 3
    effects: tuple[PlannedEffect, ...] = ()
    factors: tuple[str, ...] = ()
    treated_groups: tuple[str, ...] = ()

    def is_treated(self, treatment: str | None) -> bool:
        """Whether a group under this treatment is one of the treated."""
        return not self.treated_groups or treatment in self.treated_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPlan:
    """Which fields the report's tables show, by name; where empty, those that were filled in.

    ``course`` are the fields told one by one where the condition itself is described.
    """

    study_columns: tuple[str, ...] = ()
    patient_columns: tuple[str, ...] = ()
    course: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """Living-mode parameters (PRISMA-LSR item L1)."""

    search_every_months: int | None = None
    trigger: str | None = None
    retirement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningPlan:
    """How records are judged: by how many, in which order, and how the team settles and stops.

    Parameters
    ----------
    reviewers_title_abstract, reviewers_full_text : int, optional
        1 or 2; the protocol's ``reviewers_per_stage`` where left out.
    settled_by : str
        ``"discussion"``: anyone may enter what was agreed; ``"third person"``:
        only somebody who has not voted on the record may settle it.
    order : str
        ``"ranked"`` or ``"arrival"``.
    rank_shown : str
        ``"after vote"``, so that it cannot sway a reviewer, or ``"always"``.
    ranking : str
        Name of a registered ranking.
    stop_recall, stop_confidence : float
        What a stopping rule must guarantee, 0 to 1.
    """

    reviewers_title_abstract: int | None = None
    reviewers_full_text: int | None = None
    settled_by: str = "discussion"
    order: str = "ranked"
    rank_shown: str = "after vote"
    ranking: str = "default"
    stop_recall: float = 0.95
    stop_confidence: float = 0.95

    SETTLED_BY: ClassVar[tuple[str, ...]] = ("discussion", "third person")
    ORDER: ClassVar[tuple[str, ...]] = ("ranked", "arrival")
    RANK_SHOWN: ClassVar[tuple[str, ...]] = ("after vote", "always")

    def __post_init__(self) -> None:
        where = "the screening plan"
        for name in ("reviewers_title_abstract", "reviewers_full_text"):
            require_one_of(getattr(self, name), (None, 1, 2), field=name, where=where)
        require_one_of(self.settled_by, self.SETTLED_BY, field="settled_by", where=where)
        require_one_of(self.order, self.ORDER, field="order", where=where)
        require_one_of(self.rank_shown, self.RANK_SHOWN, field="rank_shown", where=where)


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
    times_zero: tuple[TimeZero, ...] = ()
    """What survival may be counted from, the one asked about first."""
    report: ReportPlan = field(default_factory=ReportPlan)
    authors: tuple[str, ...] = ()
    reviewers_per_stage: int = 1
    extractors: int | None = None
    """How many enter each value, 1 or 2; ``reviewers_per_stage`` where left out."""
    appraisers: int | None = None
    """How many appraise each study, 1 or 2; ``reviewers_per_stage`` where left out."""
    screening: ScreeningPlan = field(default_factory=ScreeningPlan)
    registration: str | None = None
    funding: str | None = None
    interests: str | None = None
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the reviewers say of their own methods, by part: selection, extraction, …"""
    local_pubmed: str | None = None
    """Folder of a local PubMed that answers searches of PubMed, as seen from the review's."""
    prisma_s: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What only people can say of the searches: registries, contacts, peer review, …"""

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
        for name in ("extractors", "appraisers"):
            require_one_of(getattr(self, name), (None, 1, 2), field=name, where="the protocol")
        if self.reviewers_per_stage not in (1, 2):
            raise DataError(
                f"reviewers_per_stage {self.reviewers_per_stage!r} of the protocol is not 1 or 2"
            )

    @property
    def extractors_needed(self) -> int:
        """How many must enter a value before it counts."""
        return self.extractors or self.reviewers_per_stage

    @property
    def appraisers_needed(self) -> int:
        """How many must appraise a study before it counts."""
        return self.appraisers or self.reviewers_per_stage

    @property
    def reviewers(self) -> Mapping[Stage, int]:
        """How many must vote on a record, stage by stage."""
        plan = self.screening
        return {
            Stage.SCREENING: plan.reviewers_title_abstract or self.reviewers_per_stage,
            Stage.ELIGIBILITY: plan.reviewers_full_text or self.reviewers_per_stage,
        }

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
