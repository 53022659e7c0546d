"""What counts between the people of a review, and what each may see until then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from resartus.domain.state import ReviewState

__all__ = ["SettledState", "Waiting", "is_told"]


def is_told(
    *, by: str, to: str | None, given: Collection[str], needed: int, is_settled: bool
) -> bool:
    """Whether what one person gave may be told to another: the one rule of blinding.

    A vote, a value or an appraisal is told to whoever gave it; to everybody once
    as many have given theirs as the protocol wants, or once it was settled.

    Parameters
    ----------
    by : str
        Who gave it.
    to : str, optional
        Who asks; ``None`` for what is the same for everybody, such as results.
    given : collection of str
        Who has given theirs on the same matter.
    needed : int
        How many must.
    is_settled : bool
        A consensus or a final vote has been entered.
    """
    return by == to or is_settled or len(given) >= needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much was left out because a second person has not given theirs yet."""

    n_votes: int = 0
    n_values: int = 0
    n_answers: int = 0

    def __bool__(self) -> bool:
        return bool(self.n_values or self.n_answers)

    def sentence(self) -> str:
        """Return in a sentence what results leave out, nothing where they leave out nothing."""
        parts = [
            f"{n} {one if n == 1 else many}"
            for n, one, many in (
                (self.n_values, "value", "values"),
                (self.n_answers, "answer of an appraisal", "answers of appraisals"),
            )
            if n
        ]
        if not parts:
            return ""
        is_one = self.n_values + self.n_answers == 1
        verb, them = ("waits", "it") if is_one else ("wait", "them")
        return (
            f"{' and '.join(parts)} {verb} for a second person, and nothing here rests on {them}."
        )


@dataclass(slots=True)
class SettledState(ReviewState):
    """A state without what is not settled between two people: what results are made of.

    The same for everybody. Made by ``app.settled.settled`` alone.
    """

    waiting: Waiting = field(default_factory=Waiting)
