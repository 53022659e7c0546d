"""GRADE: how sure a body of evidence makes us, with every step up or down in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resartus.domain.checks import require_text
from resartus.domain.guidance import Certainty
from resartus.errors import DataError

__all__ = ["DOWN", "LEVELS", "STARTS", "UP", "Grade", "Start", "Step", "reached"]

LEVELS = (Certainty.VERY_LOW, Certainty.LOW, Certainty.MODERATE, Certainty.HIGH)
DOWN = ("risk of bias", "inconsistency", "indirectness", "imprecision", "publication bias")
UP = ("large effect", "dose response", "confounding would oppose")


class Start(StrEnum):
    """What kind of evidence a rating starts from."""

    RANDOMISED = "randomised trials"
    OBSERVATIONAL = "observational studies of an effect"
    PROGNOSIS = "cohorts on prognosis"
    CASES = "case series and case reports"


STARTS = {
    Start.RANDOMISED: Certainty.HIGH,
    Start.OBSERVATIONAL: Certainty.LOW,
    Start.PROGNOSIS: Certainty.HIGH,
    Start.CASES: Certainty.LOW,
}
"""Level each kind starts at (Balshem 2011; prognosis: Iorio 2015)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One reason up or down, by one or two levels, in words."""

    domain: str
    levels: int
    because: str

    def __post_init__(self) -> None:
        require_text(self.because, field="because", where=f"the step for {self.domain!r}")
        if self.levels not in (1, 2):
            raise DataError(f"{self.levels!r} levels for {self.domain!r} are not 1 or 2")


def reached(start: Start, downs: tuple[Step, ...], ups: tuple[Step, ...]) -> Certainty:
    """Return the level that the steps lead to, within very low and high."""
    at = LEVELS.index(STARTS[start]) - sum(s.levels for s in downs) + sum(s.levels for s in ups)
    return LEVELS[min(len(LEVELS) - 1, max(0, at))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The certainty of one outcome, as a person rated it.

    ``certainty`` is said, not computed: where it is not the level the steps
    lead to, ``apart_because`` must say why. So nothing is summed silently.

    Raises
    ------
    DataError
        If a domain is unknown or stands twice, a step up stands beside a step
        down without a word on it, or the level is not what the steps give and
        no reason is given.
    """

    outcome: str
    start: Start
    certainty: Certainty
    downs: tuple[Step, ...] = ()
    ups: tuple[Step, ...] = ()
    apart_because: str | None = None
    summary: str | None = None

    def __post_init__(self) -> None:
        require_text(self.outcome, field="outcome", where="a GRADE rating")
        for steps, allowed, word in ((self.downs, DOWN, "down"), (self.ups, UP, "up")):
            for step in steps:
                if step.domain not in allowed:
                    raise DataError(
                        f"{step.domain!r} is no reason to rate {self.outcome!r} {word}; "
                        f"there are: {', '.join(allowed)}"
                    )
            domains = [step.domain for step in steps]
            if len(set(domains)) < len(domains):
                raise DataError(f"a reason to rate {self.outcome!r} {word} stands twice")
        if self.ups and self.downs and not self.apart_because:
            raise DataError(
                f"{self.outcome!r} is rated up although it is also rated down; GRADE rates up only "
                "where nothing speaks against it: say why it is right here"
            )
        if self.certainty is not self.reached and not self.apart_because:
            raise DataError(
                f"the steps lead {self.outcome!r} to {self.reached.value}, not to "
                f"{self.certainty.value}; correct one of them or say why they differ"
            )

    @property
    def reached(self) -> Certainty:
        """The level that the steps lead to."""
        return reached(self.start, self.downs, self.ups)

    def sentences(self) -> tuple[str, ...]:
        """Return the rating in words: start, each step with its reason, end."""
        number = {1: "one level", 2: "two levels"}
        told = [f"Starts {STARTS[self.start].value}: {self.start.value}."]
        told += [f"Down {number[s.levels]} for {s.domain}: {s.because}." for s in self.downs]
        told += [f"Up {number[s.levels]} for {s.domain}: {s.because}." for s in self.ups]
        steps = sum(s.levels for s in self.downs)
        if steps > LEVELS.index(STARTS[self.start]) and self.certainty is Certainty.VERY_LOW:
            told.append("Very low is the lowest level; the further reasons stand all the same.")
        if self.apart_because:
            told.append(f"Judged apart from the steps: {self.apart_because}.")
        told.append(f"Certainty: {self.certainty.value}.")
        return tuple(told)
