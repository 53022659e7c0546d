"""From pairs to groups: linked pairs joined, but not along a chain that does not hold together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

__all__ = ["Clusters"]

_LOOK_AT = 8
"""Members of each group that are compared before two groups become one."""


class Clusters:
    """Groups of records, each known by its place.

    If A is like B and B like C, A and C need not be the same: an abstract may
    stand between two papers. Two groups become one only if their members are,
    on the whole, the same as each other, and no two of them were judged apart.
    """

    def __init__(
        self, n: int, *, probability: Callable[[int, int], float], apart: Iterable[tuple[int, int]]
    ) -> None:
        self._group = list(range(n))
        self._members: dict[int, list[int]] = {}
        self._probability = probability
        self._apart: dict[int, set[int]] = {}
        for a, b in apart:
            self._apart.setdefault(a, set()).add(b)
            self._apart.setdefault(b, set()).add(a)

    def group_of(self, place: int) -> int:
        """Return the number of a record's group."""
        return self._group[place]

    def members(self, place: int) -> Sequence[int]:
        """Return the records of a record's group, itself included."""
        return self._members.get(self._group[place], [place])

    def groups(self) -> Iterable[Sequence[int]]:
        """Return the groups of two and more."""
        return self._members.values()

    def are_apart(self, a: int, b: int) -> bool:
        """Whether a person judged any of one group and any of the other to be different."""
        if not self._apart:
            return False
        others = set(self.members(b))
        return any(self._apart.get(member, set()) & others for member in self.members(a))

    def join(self, a: int, b: int, *, is_judged: bool = False) -> bool:
        """Make one group of two, unless they do not hold together; return whether they are one.

        What a person judged to be the same is joined without looking further.
        """
        if self._group[a] == self._group[b]:
            return True
        mine, theirs = self.members(a), self.members(b)
        if not is_judged:
            if self.are_apart(a, b):
                return False
            if len(mine) * len(theirs) > 1:
                chances = [
                    self._probability(x, y) for x in mine[:_LOOK_AT] for y in theirs[:_LOOK_AT]
                ]
                if sum(chances) < 0.5 * len(chances):
                    return False
        small, large = sorted((mine, theirs), key=len)
        group = self._group[large[0]]
        joined = [*large, *small]
        for member in small:
            self._members.pop(self._group[member], None)
            self._group[member] = group
        self._members[group] = joined
        return True
