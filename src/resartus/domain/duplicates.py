"""``DuplicateLinks``: which records are the same report, as links that can be taken apart again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from resartus.domain.ids import RecordId

__all__ = ["DuplicateLinks", "DuplicateQuestion", "pair_of"]

Pair = tuple[RecordId, RecordId]


def pair_of(a: RecordId, b: RecordId) -> Pair:
    """Return two ids in a fixed order, so that a pair is one pair."""
    return (a, b) if a < b else (b, a)


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateQuestion:
    """Two records that may be one report, put to a person."""

    record_id: RecordId
    other_id: RecordId
    probability: float
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class DuplicateLinks:
    """The links of a review.

    ``same_as`` keeps each link as it was made, ``kept`` the record that stands
    for each linked one, at the end of its links; ``apart`` the pairs that were
    judged different, and ``questions`` those still to be judged. Nothing is
    merged: taking one link out brings its record back as it was.
    """

    same_as: dict[RecordId, RecordId] = field(default_factory=dict)
    kept: dict[RecordId, RecordId] = field(default_factory=dict)
    members: dict[RecordId, dict[RecordId, None]] = field(default_factory=dict)
    apart: set[Pair] = field(default_factory=set)
    questions: dict[Pair, DuplicateQuestion] = field(default_factory=dict)
    n_looked_at: int = 0
    """How many records the last search for duplicates looked at."""

    def root(self, record_id: RecordId) -> RecordId:
        """Return the record that stands for this one; itself when it is no duplicate."""
        return self.kept.get(record_id, record_id)

    def group(self, record_id: RecordId) -> tuple[RecordId, ...]:
        """Return all records of the same report, the one kept in view first."""
        root = self.root(record_id)
        return (root, *self.members.get(root, ()))

    def link(self, record_id: RecordId, same_as: RecordId) -> None:
        """Say that a record is the same as another; its own duplicates come along."""
        root, target = self.root(record_id), self.root(same_as)
        if root == target:
            return
        # What stands for the record is linked, so that no group is torn apart.
        self.same_as[root] = same_as
        moved = (root, *self.members.pop(root, ()))
        self.kept.update(dict.fromkeys(moved, target))
        self.members.setdefault(target, {}).update(dict.fromkeys(moved))
        self.apart.discard(pair_of(record_id, same_as))

    def unlink(self, record_id: RecordId) -> None:
        """Take a record's link out; it stays apart from what it was linked to."""
        target, root = self.same_as.get(record_id), self.root(record_id)
        if target is not None:
            self._cut(record_id)
            self.apart.update((pair_of(record_id, target), pair_of(record_id, root)))

    def _cut(self, record_id: RecordId) -> None:
        """Take a record, with what was linked to it, out of its group."""
        root = self.root(record_id)
        del self.same_as[record_id]
        group = self.members.pop(root, {})
        for member in group:
            del self.kept[member]
        for member in group:
            end = self._end(member)
            if end != member:
                self.kept[member] = end
                self.members.setdefault(end, {})[member] = None

    def _end(self, record_id: RecordId) -> RecordId:
        while record_id in self.same_as:
            record_id = self.same_as[record_id]
        return record_id

    def keep_apart(self, a: RecordId, b: RecordId) -> None:
        """Say that two records are different, for ever; links that join them are taken out."""
        while a != b and self.root(a) == self.root(b):
            self._cut(b if b in self.same_as and self.same_as.get(a) != b else a)
        self.apart.add(pair_of(a, b))

    def open_questions(self) -> list[DuplicateQuestion]:
        """Return what is still to be judged, the most likely first."""
        waiting = [
            question
            for pair, question in self.questions.items()
            if pair not in self.apart and self.root(pair[0]) != self.root(pair[1])
        ]
        return sorted(waiting, key=lambda q: (-q.probability, q.record_id, q.other_id))

    def ask(self, questions: Iterable[DuplicateQuestion], *, n_looked_at: int = 0) -> None:
        """Put the questions of a new search in place of the old ones."""
        self.n_looked_at = n_looked_at
        self.questions = {pair_of(q.record_id, q.other_id): q for q in questions}
