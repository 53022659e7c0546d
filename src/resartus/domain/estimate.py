"""``Estimate``: one number with its uncertainty and where it came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from resartus.domain.checks import require_finite, require_level, require_text
from resartus.errors import DataError

__all__ = ["Estimate", "Heterogeneity", "Interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A confidence, credible or prediction interval; an open end is ``None``.

    ``method`` names it: ``"Clopper-Pearson"``, ``"HTS, t(k-2)"``.
    """

    low: float | None
    high: float | None
    level: float = 0.95
    method: str

    def __post_init__(self) -> None:
        require_level(self.level, where=f"interval by {self.method}")
        for name in ("low", "high"):
            bound = getattr(self, name)
            if bound is not None:
                require_finite(bound, field=name, where=f"interval by {self.method}")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise DataError(f"interval by {self.method} runs from {self.low!r} to {self.high!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """How far the studies differ beyond chance. ``i2`` is a fraction; ``tau2`` a variance."""

    q: float | None = None
    degrees_of_freedom: int | None = None
    p_value: float | None = None
    tau2: float | None = None
    tau2_interval: Interval | None = None
    i2: float | None = None
    i2_interval: Interval | None = None
    h2: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One number with its uncertainty.

    Parameters
    ----------
    value : float or None
        ``None`` when the quantity was not reached (a median) or may not be
        given; then ``diagnostics`` says why. Never NaN.
    scale : str
        What the number is, in words: ``"proportion"``, ``"log odds ratio"``, ``"months"``.
    method : str
        How it was computed, with the paper's names.
    interval, prediction : Interval, optional
        Of the estimate, and of the next study's true value.
    std_error : float, optional
        On ``scale``.
    n_studies, n_patients, n_events : int, optional
        What it rests on.
    diagnostics : tuple of str
        Doubts a reader must see, each a sentence.
    inputs : tuple of str
        Ids of the cells (``Cell.cell_id``) or patients it was computed from.
    """

    value: float | None
    scale: str
    method: str
    interval: Interval | None = None
    prediction: Interval | None = None
    std_error: float | None = None
    statistic: float | None = None
    p_value: float | None = None
    heterogeneity: Heterogeneity | None = None
    n_studies: int | None = None
    n_patients: int | None = None
    n_events: int | None = None
    diagnostics: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"estimate by {self.method}"
        require_text(self.scale, field="scale", where=where)
        require_text(self.method, field="method", where="an estimate")
        for name in ("value", "std_error", "statistic", "p_value"):
            number = getattr(self, name)
            if number is not None:
                require_finite(number, field=name, where=where)
        if self.value is None and not self.diagnostics and self.interval is None:
            raise DataError(f"{where} has no value and no diagnostics; say why it has none")

    def transformed(self, change: Callable[[float], float], *, scale: str) -> Estimate:
        """Return the estimate on another scale by an increasing function; drops ``std_error``."""

        def of(bound: float | None) -> float | None:
            return None if bound is None else change(bound)

        def moved(interval: Interval | None) -> Interval | None:
            if interval is None:
                return None
            return replace(interval, low=of(interval.low), high=of(interval.high))

        return replace(
            self,
            value=of(self.value),
            scale=scale,
            std_error=None,
            interval=moved(self.interval),
            prediction=moved(self.prediction),
        )
