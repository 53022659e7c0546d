"""The time-zero and censoring harmoniser: which patient is usable in which analysis, and why not.

Case reports count survival from the primary, from the liver metastasis, from
the operation or from a recurrence, in days or years, with or without a status.
In one pooled attempt 78 of 185 published patients were usable for that reason.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from resartus.domain.curve import MONTHS_PER
from resartus.domain.patient import VitalStatus
from resartus.domain.time_zero import RECURRENCE, UNKNOWN_ZERO, TimeZero
from resartus.errors import DataError
from resartus.extraction.partial_dates import PartialDate, months_between

__all__ = [
    "LAST_SEEN",
    "Analysis",
    "Bound",
    "DatedEvent",
    "Endpoint",
    "Harmonised",
    "Interval",
    "PatientTimes",
    "Usability",
    "harmonise",
    "usability",
]

LAST_SEEN = "last follow-up or death"
"""The end of a patient's follow-up; every other point in time is a ``TimeZero``."""

_DISAGREEMENT_MONTHS = 1.0


class Endpoint(StrEnum):
    """What the time runs to."""

    OVERALL = "overall survival"
    DISEASE_SPECIFIC = "disease-specific survival"
    RECURRENCE_FREE = "recurrence-free survival"


class Bound(StrEnum):
    """Whether a follow-up was given exactly, or as at least or at most that long."""

    EXACT = "exactly"
    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A time zero and an endpoint; ``tolerance_months`` is how inexact a time may be."""

    origin: TimeZero
    endpoint: Endpoint = Endpoint.OVERALL
    tolerance_months: float = 6.0

    @property
    def name(self) -> str:
        """``"overall survival from liver resection or ablation"``."""
        return f"{self.endpoint.value} from {self.origin}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Time from one point of a patient's history to another, in its own unit.

    The last point may be ``LAST_SEEN``, which makes it a follow-up; ``bound``
    matters only there ("alive at 5 years" is at least 5 years).
    """

    start: str
    end: str
    value: float
    unit: str = "months"
    bound: Bound = Bound.EXACT

    def __post_init__(self) -> None:
        if self.unit not in MONTHS_PER:
            allowed = ", ".join(MONTHS_PER)
            raise DataError(f"unit {self.unit!r} of an interval is not one of: {allowed}")

    @property
    def months(self) -> float:
        """The interval in months."""
        return self.value * MONTHS_PER[self.unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedEvent:
    """A point of a patient's history with its date."""

    point: str
    on: PartialDate


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTimes:
    """All that a report says of one patient's times."""

    patient_id: str
    status: VitalStatus = VitalStatus.UNKNOWN
    intervals: tuple[Interval, ...] = ()
    events: tuple[DatedEvent, ...] = ()
    untreated: str | None = None
    """The words that say this patient had no treatment to count from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmonised:
    """One patient in one analysis: the time and event, or why there is none.

    ``imprecision_months`` is how far ``months`` may be off either way;
    ``how`` says whether it was reported or computed, and from what.
    """

    patient_id: str
    analysis: str
    months: float | None = None
    is_event: bool | None = None
    imprecision_months: float = 0.0
    how: str | None = None
    unusable_because: str | None = None

    @property
    def is_usable(self) -> bool:
        """Whether the patient enters the analysis."""
        return self.unusable_because is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usability:
    """How many patients an analysis can use, and why the others cannot be used."""

    analysis: str
    n_patients: int
    n_usable: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float | None:
        """Usable among all, 0 to 1; ``None`` without patients."""
        return self.n_usable / self.n_patients if self.n_patients else None


@dataclass(frozen=True, slots=True)
class _Step:
    """A known distance between two points: months, its imprecision, bound and source."""

    end: str
    months: float
    imprecision: float
    bound: Bound
    source: str


@dataclass(frozen=True, slots=True)
class _Path:
    months: float
    imprecision: float
    bound: Bound
    sources: tuple[str, ...]


def _steps(times: PatientTimes) -> dict[str, list[_Step]]:
    """Return the graph of points in time; an exact distance may be walked both ways."""
    graph: dict[str, list[_Step]] = {}

    def join(start: str, end: str, months: float, off: float, bound: Bound, source: str) -> None:
        graph.setdefault(start, []).append(_Step(end, months, off, bound, source))
        if bound is Bound.EXACT:
            graph.setdefault(end, []).append(_Step(start, -months, off, bound, source))

    for interval in times.intervals:
        if UNKNOWN_ZERO in (interval.start, interval.end):
            continue
        said = f"{interval.value:g} {interval.unit} from {interval.start} to {interval.end}"
        join(interval.start, interval.end, interval.months, 0.0, interval.bound, said)
    for i, one in enumerate(times.events):
        for other in times.events[i + 1 :]:
            months, off = months_between(one.on, other.on)
            known = (
                f"dates of {one.point} ({one.on.precision}) "
                f"and {other.point} ({other.on.precision})"
            )
            join(one.point, other.point, months, off, Bound.EXACT, known)
    return graph


def _paths(graph: Mapping[str, Sequence[_Step]], start: str, end: str) -> list[_Path]:
    """Return every way from one point to another without a point twice, fewest steps first."""
    found: list[_Path] = []
    waiting: deque[tuple[str, _Path, frozenset[str]]] = deque(
        [(start, _Path(0.0, 0.0, Bound.EXACT, ()), frozenset({start}))]
    )
    while waiting:
        here, path, seen = waiting.popleft()
        if here == end:
            found.append(path)
            continue
        for step in graph.get(here, ()):
            if step.end not in seen:
                longer = _Path(
                    path.months + step.months,
                    path.imprecision + step.imprecision,
                    step.bound if step.bound is not Bound.EXACT else path.bound,
                    (*path.sources, step.source),
                )
                waiting.append((step.end, longer, seen | {step.end}))
    return found


def _distance(graph: Mapping[str, Sequence[_Step]], start: str, end: str) -> _Path | str:
    """Return the best known distance, or a sentence when what is known contradicts itself."""
    paths = _paths(graph, start, end)
    exact = [path for path in paths if path.bound is Bound.EXACT]
    for one, other in combinations(exact, 2):
        room = one.imprecision + other.imprecision + _DISAGREEMENT_MONTHS
        if abs(one.months - other.months) > room:
            return (
                f"times contradict each other: {one.months:.1f} months by "
                f"{' and '.join(one.sources)}, {other.months:.1f} by {' and '.join(other.sources)}"
            )
    best = min(exact or paths, key=lambda path: (len(path.sources), path.imprecision), default=None)
    if best is None:
        return "no way"
    if best.months < -best.imprecision:
        return (
            f"times out of order: {end} comes {-best.months:.1f} months before {start} "
            f"by {' and '.join(best.sources)}"
        )
    return best


def _no_way(times: PatientTimes, analysis: Analysis) -> str:
    """Say what is missing for a patient whose time cannot be counted."""
    follow_ups = [i for i in times.intervals if i.end == LAST_SEEN]
    ends = any(event.point == LAST_SEEN for event in times.events)
    if not follow_ups and not ends:
        return "length of follow-up not reported"
    starts = {i.start for i in follow_ups}
    if starts == {UNKNOWN_ZERO}:
        return "time zero of the follow-up not reported"
    known = ", ".join(sorted(starts)) or "dates that do not include it"
    without = f" (treatment {times.untreated!r})" if times.untreated else ""
    return f"follow-up counts from {known}; no date or interval leads to {analysis.origin}{without}"


def _event(status: VitalStatus, endpoint: Endpoint) -> bool | str:
    """Return whether follow-up ends in the event, or why nobody can say."""
    if status is VitalStatus.UNKNOWN:
        return "vital status not reported"
    if endpoint is Endpoint.OVERALL:
        return bool(status.is_dead)
    if status is VitalStatus.DEAD:
        return "cause of death not reported"
    if endpoint is Endpoint.DISEASE_SPECIFIC:
        return status is VitalStatus.DEAD_OF_DISEASE
    if status in (VitalStatus.ALIVE_WITH_DISEASE, VitalStatus.DEAD_OF_DISEASE):
        return "date of recurrence not reported"
    if status is VitalStatus.ALIVE:
        return "whether the disease came back is not reported"
    return status is VitalStatus.DEAD_OTHER


def harmonise(
    times: PatientTimes, analysis: Analysis, *, left_out: Mapping[str, str] | None = None
) -> Harmonised:
    """Return a patient's time and event in an analysis, or one sentence why there is none.

    Parameters
    ----------
    times : PatientTimes
        What the report says. Units are converted (a year is 12 months of
        30.4375 days); another time zero is converted where dates or intervals
        lead from it to the wanted one; times by dates known to the month or
        year carry their imprecision.
    analysis : Analysis
        The time zero, the endpoint and how inexact a time may be.
    left_out : mapping, optional
        Patients that overlap verdicts leave out, with the reason by patient id.

    Notes
    -----
    "Alive at 5 years" is a patient censored at 5 years. "Dead within 2 years"
    has no time: it is not usable, and is not turned into a death at 2 years.
    """

    def unusable(reason: str) -> Harmonised:
        return Harmonised(
            patient_id=times.patient_id, analysis=analysis.name, unusable_because=reason
        )

    if left_out and times.patient_id in left_out:
        return unusable(left_out[times.patient_id])
    if analysis.origin == UNKNOWN_ZERO:
        raise DataError("an analysis needs a time zero; choose one of the known ones")
    graph = _steps(times)
    end, is_event = LAST_SEEN, _event(times.status, analysis.endpoint)
    if analysis.endpoint is Endpoint.RECURRENCE_FREE:
        relapse = _distance(graph, analysis.origin, RECURRENCE)
        if isinstance(relapse, _Path) and analysis.origin != RECURRENCE:
            end, is_event = RECURRENCE, True
    if isinstance(is_event, str):
        return unusable(is_event)
    path = _distance(graph, analysis.origin, end)
    if isinstance(path, str):
        return unusable(_no_way(times, analysis) if path == "no way" else path)
    if is_event and path.bound is not Bound.EXACT:
        return unusable(
            f"time of the event not known: it came {path.bound.value} {path.months:g} months on"
        )
    if path.bound is Bound.AT_MOST:
        return unusable(f"length of follow-up not known: at most {path.months:g} months")
    if path.imprecision > analysis.tolerance_months:
        return unusable(
            f"dates too inexact: known to within {path.imprecision:.0f} months, more than "
            f"{analysis.tolerance_months:g}, by {' and '.join(path.sources)}"
        )
    is_reported = len(path.sources) <= 1 and not any("dates of" in s for s in path.sources)
    return Harmonised(
        patient_id=times.patient_id,
        analysis=analysis.name,
        months=max(0.0, path.months),
        is_event=is_event,
        imprecision_months=path.imprecision,
        how=("reported: " if is_reported else "computed: ") + " and ".join(path.sources),
    )


def usability(patients: Sequence[Harmonised], *, analysis: Analysis) -> Usability:
    """Return the share of usable patients with the reasons of the others, commonest first."""
    # Reasons that differ only in figures are one reason; what stands before the colon names it.
    reasons = Counter(
        p.unusable_because.split(":")[0] for p in patients if p.unusable_because is not None
    )
    return Usability(
        analysis=analysis.name,
        n_patients=len(patients),
        n_usable=sum(p.is_usable for p in patients),
        reasons=tuple(reasons.most_common()),
    )
