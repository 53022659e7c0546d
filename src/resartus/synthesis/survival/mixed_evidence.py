"""What studies give on survival: patient rows, reconstructed rows, or a published figure alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from resartus.domain.checks import require_one_of
from resartus.errors import DataError
from resartus.synthesis.distributions import normal_quantile
from resartus.synthesis.survival.fixed_time import PublishedSurvival, cloglog, cloglog_variance
from resartus.synthesis.survival.follow_up import BoolArray, FloatArray, IntArray, checked_follow_up
from resartus.synthesis.survival.medians import PublishedMedian

__all__ = ["ORIGINS", "Figures", "Mixture", "PatientRows", "PublishedFigure", "mixture"]

ORIGINS = ("reported", "reconstructed")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRows:
    """Patients of one study, or of one group of it.

    ``origin`` is ``"reported"`` (the paper gives each patient) or
    ``"reconstructed"`` (from its curve). ``covariates`` hold for all of them.
    """

    study_id: str
    times: tuple[float, ...]
    is_event: tuple[bool, ...]
    origin: str = "reported"
    covariates: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        require_one_of(self.origin, ORIGINS, field="origin", where=f"rows of {self.study_id!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """One published number on survival of a study's group whose patients are not known.

    Either ``median`` or ``survival`` with its ``time``.
    """

    study_id: str
    n_patients: int
    median: PublishedMedian | None = None
    survival: PublishedSurvival | None = None
    time: float | None = None
    covariates: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        where = f"the figure of {self.study_id!r}"
        if (self.median is None) == (self.survival is None):
            raise DataError(f"{where} must be a median or a survival, one of them")
        if self.survival is not None and not (self.time and self.time > 0):
            raise DataError(f"{where} is a survival at time {self.time!r}; give a time above 0")
        if self.n_patients < 1:
            raise DataError(f"n_patients {self.n_patients!r} of {where} is not at least 1")


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Published figures on the log-log scale of the Weibull model, shape (f,).

    A survival S at t is y = log(-log S) with variance v at log time log t. A
    median m is y = log log 2 at log m; its error belongs to the time, so
    ``time_variance`` is that of log m and v is 0. Where only n is known of a
    median, ``n`` holds it and both are 0.
    """

    study: IntArray
    y: FloatArray
    log_time: FloatArray
    variance: FloatArray
    time_variance: FloatArray
    n: FloatArray
    x: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """All evidence in arrays: rows (n,), figures (f,), and who they come from."""

    studies: tuple[str, ...]
    names: tuple[str, ...]
    times: FloatArray
    is_event: BoolArray
    study: IntArray
    x: FloatArray
    figures: Figures
    n_reported: int
    n_reconstructed: int
    n_figures_only: int
    doubts: tuple[str, ...]


def _covariates(
    parts: Sequence[PatientRows | PublishedFigure], names: tuple[str, ...]
) -> list[list[float]]:
    rows = []
    for part in parts:
        missing = [name for name in names if name not in part.covariates]
        if missing:
            raise DataError(
                f"study {part.study_id!r} has no {missing[0]!r}; leave the group out of this model"
            )
        rows.append([float(part.covariates[name]) for name in names])
    return rows


def _figures(
    published: Sequence[PublishedFigure], place: Mapping[str, int], names: tuple[str, ...]
) -> tuple[Figures, list[str]]:
    doubts: list[str] = []
    columns: list[tuple[float, float, float, float, float]] = []
    for figure in published:
        if figure.survival is not None:
            variance, doubt = cloglog_variance(figure.survival)
            if doubt:
                doubts.append(doubt)
            y = cloglog(figure.survival.survival)
            columns.append((y, math.log(figure.time or 1.0), variance, 0.0, 0.0))
        elif figure.median is not None:
            m = figure.median
            spread, n = 0.0, 0.0
            if m.low is not None and m.high is not None:
                z = normal_quantile(0.5 + m.level / 2)
                spread = (math.log(m.high / m.low) / (2 * z)) ** 2
            else:
                n = float(figure.n_patients)
                doubts.append(
                    f"The error of study {m.study_id!r}'s median is too small: "
                    "only its number of patients is known."
                )
            columns.append((math.log(math.log(2)), math.log(m.median), 0.0, spread, n))
    table = np.asarray(columns, dtype=np.float64).reshape(len(columns), 5)
    x = np.asarray(_covariates(published, names), dtype=np.float64)
    return (
        Figures(
            study=np.asarray([place[f.study_id] for f in published], dtype=np.int64),
            y=table[:, 0],
            log_time=table[:, 1],
            variance=table[:, 2],
            time_variance=table[:, 3],
            n=table[:, 4],
            x=x.reshape(len(columns), len(names)),
        ),
        doubts,
    )


def mixture(
    rows: Sequence[PatientRows],
    published: Sequence[PublishedFigure] = (),
    *,
    covariates: Sequence[str] = (),
) -> Mixture:
    """Put all evidence side by side, each study's patients once.

    Parameters
    ----------
    rows : sequence of PatientRows
    published : sequence of PublishedFigure
        Of groups that are not among ``rows``: one figure for each group.
    covariates : sequence of str
        Names every part must carry.

    Raises
    ------
    DataError
        If there is nothing, a group's patients come twice, or a covariate is
        missing.
    """
    names = tuple(covariates)
    everything: list[PatientRows | PublishedFigure] = [*rows, *published]
    studies = tuple(dict.fromkeys(part.study_id for part in everything))
    if not studies:
        raise DataError("no patient and no figure was given; give at least one study")
    place = {study: i for i, study in enumerate(studies)}
    seen: set[tuple[str, tuple[tuple[str, float], ...]]] = set()
    in_rows = {(r.study_id, tuple(sorted(r.covariates.items()))) for r in rows}
    for figure in published:
        group = (figure.study_id, tuple(sorted(figure.covariates.items())))
        if group in seen or group in in_rows:
            raise DataError(
                f"the patients of {figure.study_id!r} come twice; give its rows or one figure "
                "for each group"
            )
        seen.add(group)
    times, events, study, x = [], [], [], []
    for part, values in zip(rows, _covariates(rows, names), strict=True):
        t, e = checked_follow_up(part.times, part.is_event)
        times.append(t)
        events.append(e)
        study += [place[part.study_id]] * len(t)
        x += [values] * len(t)
    figures, doubts = _figures(published, place, names)

    def count(origin: str) -> int:
        return sum(len(part.times) for part in rows if part.origin == origin)

    return Mixture(
        studies=studies,
        names=names,
        times=np.concatenate(times) if times else np.zeros(0),
        is_event=np.concatenate(events) if events else np.zeros(0, dtype=np.bool_),
        study=np.asarray(study, dtype=np.int64),
        x=np.asarray(x, dtype=np.float64).reshape(len(x), len(names)),
        figures=figures,
        n_reported=count("reported"),
        n_reconstructed=count("reconstructed"),
        n_figures_only=sum(figure.n_patients for figure in published),
        doubts=tuple(doubts),
    )
