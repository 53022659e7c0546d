"""Individual patient data from a published Kaplan-Meier curve (Guyot 2012), error stated."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from resartus.errors import DataError
from resartus.extraction.curves.points import CleanCurve, CurvePoint, RiskCount, clean_curve

__all__ = ["RECONSTRUCTED", "FitError", "Reconstruction", "reconstruct_patients"]

RECONSTRUCTED = "reconstructed"
"""Label of every row made here; such rows are never mixed silently with reported patients."""

_ROUNDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FitError:
    """How far the reconstruction lies from what the figure shows.

    ``max_distance`` and ``mean_distance`` are absolute differences in survival
    (0 to 1) at the clicks; ``at_risk_mismatch`` the largest difference to a
    printed number at risk; ``events_mismatch`` reconstructed less printed
    events, ``None`` when the total was not given.
    """

    max_distance: float
    mean_distance: float
    at_risk_mismatch: int
    events_mismatch: int | None

    def sentence(self) -> str:
        """Say it in words for a report."""
        events = (
            "the total number of events was not given"
            if self.events_mismatch is None
            else f"events differ by {self.events_mismatch:+d}"
        )
        return (
            f"reconstructed curve within {self.max_distance:.3f} of the digitised points "
            f"(mean {self.mean_distance:.4f}); numbers at risk differ by at most "
            f"{self.at_risk_mismatch}; {events}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconstruction:
    """Reconstructed patients of one arm: a time and an event each, in order of time."""

    times: tuple[float, ...]
    is_event: tuple[bool, ...]
    error: FitError
    curve: CleanCurve
    notes: tuple[str, ...]
    label: str = RECONSTRUCTED

    @property
    def n_patients(self) -> int:
        """All patients of the arm."""
        return len(self.times)

    @property
    def n_events(self) -> int:
        """Patients with the event."""
        return sum(self.is_event)


@dataclass(slots=True)
class _Walk:
    """One pass over an interval's points: deaths per point, and what is left at its end."""

    deaths: list[int]
    n_censored: int
    at_risk: int
    level: float


def _spread(start: float, end: float, count: int) -> list[float]:
    """Place ``count`` censored patients evenly within an interval."""
    return [start + (end - start) * (i + 0.5) / count for i in range(count)]


def _walk(
    points: Sequence[CurvePoint], censored: Sequence[float], at_risk: int, level: float, end: float
) -> _Walk:
    """Turn drops of the curve into whole deaths, given who is censored when.

    ``level`` is the reconstructed curve so far, so that rounding at one point
    is made good at the next (Guyot's equations 6 and 7).
    """
    deaths = []
    gone = 0
    for point in points:
        while at_risk > 0 and gone < len(censored) and censored[gone] < point.time:
            gone += 1
            at_risk -= 1
        died = 0
        if at_risk > 0 and level > 0:
            died = min(at_risk, max(0, round(at_risk * (1 - point.survival / level))))
            if died:
                level *= 1 - died / at_risk
                at_risk -= died
        deaths.append(died)
    left = min(at_risk, sum(1 for time in censored[gone:] if time < end))
    return _Walk(deaths, gone + left, at_risk - left, level)


def _fit_interval(
    points: Sequence[CurvePoint], *, start: RiskCount, end: RiskCount, at_risk: int, level: float
) -> tuple[list[float], _Walk]:
    """Find how many are censored so that the next printed number at risk is met."""
    low, high = 0, max(0, at_risk - end.at_risk)
    guess = round(at_risk * (points[-1].survival / level) - end.at_risk) if points and level else 0
    best: tuple[int, list[float], _Walk] | None = None
    for _ in range(_ROUNDS):
        guess = min(high, max(low, guess))
        censored = _spread(start.time, end.time, guess)
        walk = _walk(points, censored, at_risk, level, end.time)
        surplus = walk.at_risk - end.at_risk
        if best is None or abs(surplus) < best[0]:
            best = (abs(surplus), censored, walk)
        if surplus == 0 or low == high:
            break
        if surplus > 0:
            low = min(high, guess + 1)
        else:
            high = max(low, guess - 1)
        guess += surplus
    assert best is not None
    return best[1][: best[2].n_censored], best[2]


def _fit_last(
    points: Sequence[CurvePoint],
    *,
    start: float,
    at_risk: int,
    level: float,
    wanted_deaths: int | None,
    rate: float,
) -> tuple[list[float], _Walk]:
    """Fit what follows the last printed number at risk.

    With the total of events the number censored is the one that gives it;
    without, patients are censored at the rate of the intervals before.
    """
    end = points[-1].time if points else start

    def with_censored(count: int) -> tuple[list[float], _Walk]:
        censored = _spread(start, end, count)
        walk = _walk(points, censored, at_risk, level, end)
        return censored[: walk.n_censored], walk

    if wanted_deaths is None:
        return with_censored(min(at_risk, max(0, round(rate * (end - start)))))
    # More censored, fewer at risk, fewer deaths: halve the range.
    low, high = 0, at_risk
    best = with_censored(0)
    while low <= high:
        middle = (low + high) // 2
        here = with_censored(middle)
        surplus = sum(here[1].deaths) - wanted_deaths
        if abs(surplus) < abs(sum(best[1].deaths) - wanted_deaths):
            best = here
        if surplus == 0:
            break
        low, high = (middle + 1, high) if surplus > 0 else (low, middle - 1)
    return best


def _distances(
    points: Sequence[CurvePoint], times: Sequence[float], is_event: Sequence[bool]
) -> list[float]:
    """Return how far each click lies from the curve of the reconstructed patients.

    A click on the vertical part of a step lies on the curve: it is measured
    to the step's whole height.
    """
    steps: list[float] = []
    levels = [1.0]
    at_risk = len(times)
    for i, (time, event) in enumerate(zip(times, is_event, strict=True)):
        if event:
            level = levels[-1] * (1 - 1 / (at_risk - i))
            if steps and steps[-1] == time:
                levels[-1] = level
            else:
                steps.append(time)
                levels.append(level)
    found = []
    for point in points:
        upper = levels[bisect_left(steps, point.time)]
        lower = levels[bisect_right(steps, point.time)]
        found.append(max(0.0, point.survival - upper, lower - point.survival))
    return found


def _checked_table(
    at_risk: Sequence[RiskCount], curve: CleanCurve, notes: list[str]
) -> tuple[list[RiskCount], list[CurvePoint]]:
    table = sorted(at_risk, key=lambda row: row.time)
    if not table or table[0].time > 0 or table[0].at_risk < 1:
        raise DataError("the number at risk at time 0 is missing; give how many the arm began with")
    for before, after in pairwise(table):
        if after.at_risk > before.at_risk:
            raise DataError(
                f"{after.at_risk} at risk at {after.time:g} is more than {before.at_risk} at "
                f"{before.time:g}; copy the table under the figure again"
            )
    points = list(curve.points)
    while table[-1].at_risk == 0 and len(table) > 1 and table[-1].time > points[-1].time:
        table.pop()
    if table[-1].time > points[-1].time:
        notes.append(
            f"the curve was drawn on flat from {points[-1].time:g} to {table[-1].time:g}, "
            "the last time with a number at risk"
        )
        points.append(CurvePoint(time=table[-1].time, survival=points[-1].survival))
    return table, points


def reconstruct_patients(
    points: Sequence[CurvePoint],
    at_risk: Sequence[RiskCount],
    *,
    total_events: int | None = None,
) -> Reconstruction:
    """Reconstruct one arm's patients from its curve and the numbers at risk.

    Use it where a figure is all a report gives. The rows are labelled
    "reconstructed": they carry times and events and no covariate, and a
    hazard ratio from them is unadjusted.

    Parameters
    ----------
    points : sequence of CurvePoint
        Clicks along the curve, in any order; they are cleaned first.
    at_risk : sequence of RiskCount
        The table under the figure; at least the number at time 0.
    total_events : int, optional
        Events in the arm, if the report says. Without it, patients after the
        last number at risk are censored at the rate seen before.

    Returns
    -------
    Reconstruction
        Times on the figure's axis, events, and the error against the figure.

    Raises
    ------
    DataError
        If the table has no number at time 0 or rises, or there is no curve.

    Notes
    -----
    Within an interval patients are censored evenly; their number is chosen
    so that the next printed number at risk is met [1]_. It is found by
    halving, which ends where the published iteration may swing for ever.

    References
    ----------
    .. [1] Guyot P, Ades AE, Ouwens MJNM, Welton NJ. Enhanced secondary
       analysis of survival data: reconstructing the data from published
       Kaplan-Meier survival curves. BMC Med Res Methodol 2012;12:9.
    """
    if total_events is not None and total_events < 0:
        raise DataError(f"total_events {total_events!r} is below 0")
    notes: list[str] = []
    curve = clean_curve(points)
    table, path = _checked_table(at_risk, curve, notes)
    if total_events is not None and total_events > table[0].at_risk:
        raise DataError(
            f"{total_events} events among {table[0].at_risk} patients cannot be; "
            "check the total and the first number at risk"
        )
    path_times = [point.time for point in path]
    patients: list[tuple[float, bool]] = []
    n, level, n_censored = table[0].at_risk, 1.0, 0
    for i, row in enumerate(table):
        begin = bisect_left(path_times, row.time)
        if i + 1 < len(table):
            stretch = path[begin : bisect_left(path_times, table[i + 1].time)]
            censored, walk = _fit_interval(
                stretch, start=row, end=table[i + 1], at_risk=n, level=level
            )
        else:
            stretch = path[begin:]
            wanted = None
            if total_events is not None:
                wanted = max(0, total_events - sum(event for _, event in patients))
            censored, walk = _fit_last(
                stretch,
                start=row.time,
                at_risk=n,
                level=level,
                wanted_deaths=wanted,
                rate=n_censored / row.time if row.time > 0 else 0.0,
            )
        n_censored += len(censored)
        patients += [(time, False) for time in censored]
        for point, died in zip(stretch, walk.deaths, strict=True):
            patients += [(point.time, True)] * died
        n, level = walk.at_risk, walk.level
    patients += [(path[-1].time, False)] * n
    # An event comes before a patient censored at the same time.
    patients.sort(key=lambda patient: (patient[0], not patient[1]))
    times = tuple(time for time, _ in patients)
    is_event = tuple(event for _, event in patients)
    gaps = _distances(path, times, is_event)
    error = FitError(
        max_distance=max(gaps),
        mean_distance=sum(gaps) / len(gaps),
        at_risk_mismatch=max(
            abs(len(times) - bisect_left(times, row.time) - row.at_risk) for row in table
        ),
        events_mismatch=None if total_events is None else sum(is_event) - total_events,
    )
    if len(table) == 1:
        notes.append("only the number at time 0 was given: censoring before the end is guessed")
    return Reconstruction(
        times=times, is_event=is_event, error=error, curve=curve, notes=tuple(notes)
    )
