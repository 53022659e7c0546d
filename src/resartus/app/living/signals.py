"""Did a conclusion change enough to matter? Signals between two versions, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from resartus.app.living.conclusions import Conclusion
from resartus.app.living.diff import VersionDiff
from resartus.domain.change import ChangeKind
from resartus.domain.estimate import Estimate
from resartus.domain.guidance import Direction
from resartus.tailoring.matrix import MatrixRow

__all__ = ["Signal", "Strength", "caution", "signals_of"]

_MAGNITUDE = 0.5
"""Relative change that counts (Shojania 2007), here on the odds for a proportion."""
_MANY_LOOKS = 3


class Strength(StrEnum):
    """How much a signal asks of the reader."""

    INVALIDATES = "a conclusion no longer holds"
    CHANGES = "a conclusion changed"
    NOTES = "worth knowing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One sign that the update matters, with the key of what it is about."""

    strength: Strength
    about: str
    sentence: str
    key: str


def _odds(value: float) -> float:
    return value / (1 - value)


def _relative_change(old: Estimate, new: Estimate) -> float | None:
    """Return (new - old) / old, of the odds where the estimate is a proportion."""
    a, b = old.value, new.value
    if a is None or b is None or a == 0:
        return None
    if old.scale == "proportion":
        if a >= 1 or b >= 1:
            return None
        a, b = _odds(a), _odds(b)
    return (b - a) / a


def _excludes(estimate: Estimate, threshold: float) -> bool | None:
    """Whether the interval leaves a threshold out; ``None`` where it has an open end there."""
    interval = estimate.interval
    if interval is None or (interval.low is None and interval.high is None):
        return None
    above = interval.low is not None and interval.low > threshold
    below = interval.high is not None and interval.high < threshold
    return above or below


def _of_estimate(old: Conclusion, new: Conclusion) -> list[Signal]:
    a, b = old.estimate, new.estimate
    if a is None or b is None:
        return []
    found = []
    interval = a.interval
    if b.value is not None and interval is not None:
        low = -math.inf if interval.low is None else interval.low
        high = math.inf if interval.high is None else interval.high
        if not low <= b.value <= high:
            found.append(
                Signal(
                    strength=Strength.INVALIDATES,
                    about=new.label,
                    sentence=f"{new.label} is now {new.text}, outside the interval it had: "
                    f"{old.text}.",
                    key=new.key,
                )
            )
    change = _relative_change(a, b)
    if change is not None and abs(change) >= _MAGNITUDE:
        found.append(
            Signal(
                strength=Strength.CHANGES,
                about=new.label,
                sentence=f"{new.label} {'rose' if change > 0 else 'fell'} by "
                f"{100 * abs(change):.0f} % (on the odds for a proportion).",
                key=new.key,
            )
        )
    if "ratio" in a.scale or "log " in a.scale:
        null = 0.0 if a.scale.startswith("log ") else 1.0
        was, now = _excludes(a, null), _excludes(b, null)
        if was is not None and now is not None and was is not now:
            found.append(
                Signal(
                    strength=Strength.INVALIDATES,
                    about=new.label,
                    sentence=f"{new.label}: the interval now "
                    f"{'leaves out' if now else 'includes'} no effect.",
                    key=new.key,
                )
            )
    if (a.value is None) is not (b.value is None):
        found.append(
            Signal(
                strength=Strength.CHANGES,
                about=new.label,
                sentence=f"{new.label} was {old.text}; it is {new.text}.",
                key=new.key,
            )
        )
    return found


def _points(row: MatrixRow) -> set[Direction]:
    return {f.direction for f in row.direct if f.direction in (Direction.BETTER, Direction.WORSE)}


def _of_factor(old: MatrixRow | None, new: MatrixRow) -> list[Signal]:
    """Return what changed on one factor: first evidence, a turn, a new or ended disagreement."""
    key = f"factor.{new.factor.replace(' ', '-')}"
    label = new.factor.capitalize()
    before = set() if old is None else _points(old)
    after = _points(new)

    def signal(strength: Strength, sentence: str) -> Signal:
        return Signal(strength=strength, about=label, sentence=sentence, key=key)

    if before and after and not before & after:
        return [signal(Strength.INVALIDATES, f"{label}: the direction of the evidence turned.")]
    if new.is_contradicted and not (old is not None and old.is_contradicted):
        return [signal(Strength.CHANGES, f"{label}: studies of the treatment now disagree.")]
    if old is not None and old.is_contradicted and not new.is_contradicted:
        return [signal(Strength.CHANGES, f"{label}: studies of the treatment no longer disagree.")]
    if new.direct and not (old is not None and old.direct):
        return [signal(Strength.NOTES, f"{label}: the first direct evidence came in.")]
    return []


def signals_of(diff: VersionDiff) -> tuple[Signal, ...]:
    """Return the signals between two versions, the weightiest first; none is a result too.

    Notes
    -----
    Quantitative signals follow Shojania: a relative change of at least 50 per
    cent, or an interval that begins or ceases to include no effect. A
    single-arm rate has no "no effect": there, an estimate outside its former
    interval takes that place. Qualitative: a direction that turned, studies
    that began to disagree, a retraction of an included report.

    References
    ----------
    Shojania KG, et al. How quickly do systematic reviews go out of date? Ann
    Intern Med 2007;147:224-233.
    """
    before, after = diff.conclusions_before, diff.conclusions_after
    found: list[Signal] = []
    for change in diff.of_kind(ChangeKind.NOTICE):
        _, kind, _ = change.what.rsplit("/", 2)
        if change.before is None:
            grave = kind.startswith(("retraction", "partial", "expression", "deleted"))
            found.append(
                Signal(
                    strength=Strength.INVALIDATES if grave else Strength.NOTES,
                    about=change.what.split("/")[0],
                    sentence=f"An included report has a notice: {kind} of "
                    f"{change.what.split('/')[0]} ({change.after}).",
                    key=change.what,
                )
            )
    for key, new in after.of.items():
        old = before.of.get(key)
        if old is None and new.kind is ChangeKind.ESTIMATE:
            found.append(
                Signal(
                    strength=Strength.NOTES,
                    about=new.label,
                    sentence=f"{new.label} could be estimated for the first time: {new.text}.",
                    key=key,
                )
            )
        elif old is not None and old.text != new.text:
            if new.kind is ChangeKind.CERTAINTY:
                found.append(
                    Signal(
                        strength=Strength.CHANGES,
                        about=new.label,
                        sentence=f"{new.label} went from {old.text} to {new.text}.",
                        key=key,
                    )
                )
            found += _of_estimate(old, new)
    rows = {row.factor: row for row in before.matrix}
    for row in after.matrix:
        found += _of_factor(rows.get(row.factor), row)
    rank = list(Strength)
    return tuple(sorted(found, key=lambda signal: rank.index(signal.strength)))


def caution(versions: Sequence[object]) -> str | None:
    """Return the caution that repeated looks need, ``None`` for the first."""
    looks = len(versions)
    if looks < 2:
        return None
    said = (
        f"This is look {looks} at growing data. Intervals are not adjusted for looking again: "
        "over many looks, one of them leaves out the truth more often than its level says."
    )
    if looks >= _MANY_LOOKS:
        said += (
            " For a comparison, hold the cumulative estimate against monitoring bounds; a rate "
            "without a comparison has no such bound."
        )
    return said
