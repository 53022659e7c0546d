"""What is open to one person at one stage, kept up to date vote by vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from resartus.app.review import Review
from resartus.app.screening import Outcome, Progress, is_mine, outcome_of, outcomes
from resartus.app.screening.ranking import ScreeningOrder
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.state import ReviewState

__all__ = ["ScreeningQueue"]

_VOTES = (EventKind.DECISION_MADE,)


class ScreeningQueue:
    """Where every record stands, recounted only for the records that were voted on.

    A vote in a review of 100,000 records looks at one record; anything else
    in the log (an import, an undo) counts all of them again. With ``order``
    the records come up ranked.
    """

    def __init__(self, review: Review, *, order: ScreeningOrder | None = None) -> None:
        self.review = review
        self._by = order
        self._seq = -1
        self._standing: dict[RecordId, Outcome] = {}
        self._tally: Counter[tuple[Stage, Verdict | None, bool]] = Counter()
        self._missing = 0
        # Where the open records of a person begin: everything before was judged.
        self._first_open: dict[tuple[Stage, str], int] = {}
        self._order: list[RecordId] = []

    def _key(self, outcome: Outcome) -> tuple[Stage, Verdict | None, bool]:
        return outcome.stage, outcome.verdict, outcome.is_conflict

    def refresh(self) -> None:
        """Take in what was logged since."""
        last = self.review.store.last_seq()
        if last == self._seq:
            return
        reviewers = self.review.protocol.reviewers
        later = list(self.review.store.load_events(after=max(self._seq, 0)))
        state = self.review.state()
        if self._seq >= 0 and all(event.kind in _VOTES for event in later):
            for event in later:
                record_id = RecordId(event.data["record_id"])
                old = self._standing.get(record_id)
                if old is None:
                    continue
                new = outcome_of(state, record_id, reviewers=reviewers)
                self._tally[self._key(old)] -= 1
                self._tally[self._key(new)] += 1
                self._standing[record_id] = new
                # A vote taken over by "skip" opens a record again, also before where we are.
                if new != old and new.stage is Stage.SCREENING and new.verdict is None:
                    self._first_open.clear()
        else:
            self._standing = outcomes(state, reviewers=reviewers)
            self._tally = Counter(self._key(o) for o in self._standing.values())
            self._order = list(self._standing)
            self._first_open.clear()
            self._missing = sum(r in self._standing for r in state.missing_fulltexts)
        self._seq = last

    def _is_open(self, state: ReviewState, record_id: RecordId, stage: Stage) -> bool:
        person = self.review.person
        outcome = self._standing[record_id]
        return (
            outcome.stage is stage
            and outcome.verdict is None
            and not outcome.is_conflict
            and person not in state.votes.get((record_id, stage.value), {})
            and record_id not in state.missing_fulltexts
            and is_mine(state, record_id, stage=stage, person=person)
        )

    def open_from(self, stage: Stage) -> Iterator[RecordId]:
        """Yield what this person can still judge: in the order given, or as it arrived."""
        self.refresh()
        if self._by is not None:
            state = self.review.state()
            for record_id in self._by.iterate(stage):
                if record_id in self._standing and self._is_open(state, record_id, stage):
                    yield record_id
            return
        key = (stage, self.review.person)
        start = self._first_open.get(key, 0)
        is_first = True
        # Once for all: asking where the log stands costs a question to the database.
        state = self.review.state()
        for index in range(start, len(self._order)):
            if self._is_open(state, self._order[index], stage):
                # At title and abstract a record seldom opens again; at full text often.
                if is_first and stage is Stage.SCREENING:
                    self._first_open[key] = index
                is_first = False
                yield self._order[index]

    def next_open(self, stage: Stage, *, after: RecordId | None = None) -> RecordId | None:
        """Return the next record to judge, past one that is skipped for now."""
        found = self.open_from(stage)
        if after is None:
            return next(found, None)
        waiting = list(found)
        if after in waiting:
            index = waiting.index(after) + 1
            return waiting[index] if index < len(waiting) else None
        return waiting[0] if waiting else None

    @property
    def ranked_by(self) -> str | None:
        """Name and version of the ranking in whose order records come up, for their votes."""
        if self._by is None or self.review.protocol.screening.order != "ranked":
            return None
        return self._by.label

    def progress(self, stage: Stage) -> Progress:
        """Return how far a stage has come."""
        self.refresh()

        def count(at: Stage, verdict: Verdict | None, *, conflict: bool = False) -> int:
            return self._tally[at, verdict, conflict]

        first, full = Stage.SCREENING, Stage.ELIGIBILITY
        passed = sum(n for (at, _, _), n in self._tally.items() if at is full)
        if stage is first:
            excluded = count(first, Verdict.EXCLUDE)
            return Progress(
                stage=first,
                total=len(self._standing),
                decided=excluded + passed,
                included=passed,
                excluded=excluded,
                conflicts=count(first, None, conflict=True),
            )
        included, excluded = count(full, Verdict.INCLUDE), count(full, Verdict.EXCLUDE)
        return Progress(
            stage=full,
            total=passed - self._missing,
            decided=included + excluded,
            included=included,
            excluded=excluded,
            conflicts=count(full, None, conflict=True),
        )
