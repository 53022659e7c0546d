"""What is open to one person at one stage, kept up to date vote by vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from resartus.app.review import Review
from resartus.app.screening import Outcome, Progress, is_mine, outcome_of, outcomes
from resartus.app.screening.kept_order import KeptOrder
from resartus.app.screening.ranking import ScreeningOrder
from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.state import ReviewState

__all__ = ["ScreeningQueue"]

_VOTES = (EventKind.DECISION_MADE,)


class ScreeningQueue:
    """Where every record stands, recounted only for the records that were voted on.

    A vote in a review of 100,000 records looks at one record; anything else
    in the log (an import, an undo) counts all of them again. With ``order``
    the records come up ranked; with ``kept`` in the order that was learnt
    last, after those that a colleague has judged, so that pairs are completed.
    """

    def __init__(
        self,
        review: Review,
        *,
        order: ScreeningOrder | None = None,
        kept: KeptOrder | None = None,
    ) -> None:
        self.review = review
        self._by = order
        self._kept = kept
        self._seq = -1
        self._standing: dict[RecordId, Outcome] = {}
        self._tally: Counter[tuple[Stage, Verdict | None, bool]] = Counter()
        self._missing = 0
        # Where the open records of a person begin: everything before was judged.
        self._first_open: dict[tuple[Stage, str], int] = {}
        self._order: list[RecordId] = []
        self._merged: dict[Stage, tuple[tuple[RecordId, ...] | None, list[RecordId]]] = {}
        # Judged by this person at this stage, and still waiting for somebody else.
        self._half: dict[tuple[Stage, str], dict[RecordId, None]] = {}

    def _key(self, outcome: Outcome) -> tuple[Stage, Verdict | None, bool]:
        return outcome.stage, outcome.verdict, outcome.is_conflict

    def refresh(self) -> None:
        """Take in what was logged since."""
        last = self.review.last_seq()
        if last <= self._seq:
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
                self._note_half(state, old, new)
        else:
            self._standing = outcomes(state, reviewers=reviewers)
            self._tally = Counter(self._key(o) for o in self._standing.values())
            self._order = list(self._standing)
            self._first_open.clear()
            self._merged.clear()
            self._half.clear()
            if self._kept is not None:
                for outcome in self._standing.values():
                    self._note_half(state, outcome, outcome)
            self._missing = sum(r in self._standing for r in state.missing_fulltexts)
        self._seq = last

    def _note_half(self, state: ReviewState, old: Outcome, new: Outcome) -> None:
        """Keep in mind who judged a record that waits for somebody else."""
        record_id, at = new.record_id, (old.stage, new.stage)
        for stage in dict.fromkeys(at):
            is_waiting = new.stage is stage and new.verdict is None and not new.is_conflict
            for person, vote in state.votes.get((record_id, stage.value), {}).items():
                half = self._half.setdefault((stage, person), {})
                if is_waiting and vote.verdict is not Verdict.SKIP:
                    half[record_id] = None
                else:
                    half.pop(record_id, None)

    def _in_order(self, stage: Stage) -> list[RecordId]:
        """Return all records in the order kept, later arrivals last."""
        learnt = self._kept.kept(stage) if self._kept is not None else None
        known = self._merged.get(stage)
        if known is None or known[0] is not learnt:
            if learnt is None:
                merged = self._order
            else:
                ranked = [r for r in learnt if r in self._standing]
                among = set(ranked)
                merged = [*ranked, *(r for r in self._order if r not in among)]
            self._merged[stage] = known = (learnt, merged)
            for person in [p for at, p in self._first_open if at is stage]:
                del self._first_open[stage, person]
        return known[1]

    def _completing(self, state: ReviewState, stage: Stage) -> Iterator[RecordId]:
        """Yield what a colleague has judged and this person can still judge."""
        for (at, by), half in self._half.items() if self._kept is not None else ():
            if at is stage and by != self.review.person:
                for _, record_id in self._open_among(half, state, stage):
                    yield record_id

    def _open_among(
        self, record_ids: Iterable[RecordId], state: ReviewState, stage: Stage
    ) -> Iterator[tuple[int, RecordId]]:
        """Yield those of these records that this person can still judge, with their places."""
        # Asked of 100,000 records at a time: everything is looked up once.
        person, at, standing = self.review.person, stage.value, self._standing
        votes, missing, nobody = state.votes, state.missing_fulltexts, dict[str, Decision]()
        is_shared_out = bool(state.assigned)
        for place, record_id in enumerate(record_ids):
            outcome = standing.get(record_id)
            if (
                outcome is not None
                and outcome.stage is stage
                and outcome.verdict is None
                and not outcome.is_conflict
                and person not in votes.get((record_id, at), nobody)
                and record_id not in missing
                and (not is_shared_out or is_mine(state, record_id, stage=stage, person=person))
            ):
                yield place, record_id

    def open_from(self, stage: Stage) -> Iterator[RecordId]:
        """Yield what this person can still judge: in the order given, or as it arrived."""
        self.refresh()
        if self._by is not None:
            state = self.review.state()
            for _, record_id in self._open_among(self._by.iterate(stage), state, stage):
                yield record_id
            return
        key = (stage, self.review.person)
        # Once for all: asking where the log stands costs a question to the database.
        state = self.review.state()
        if self._kept is not None:
            self._kept.follow(stage, n_records=len(self._order), n_votes=len(state.votes))
        first: set[RecordId] = set()
        for record_id in self._completing(state, stage):
            if record_id not in first:
                first.add(record_id)
                yield record_id
        order = self._in_order(stage)
        start = self._first_open.get(key, 0)
        is_first = True
        for place, record_id in self._open_among(islice(order, start, None), state, stage):
            # At title and abstract a record seldom opens again; at full text often.
            if is_first and stage is Stage.SCREENING:
                self._first_open[key] = start + place
            is_first = False
            if record_id not in first:
                yield record_id

    def everything(self, stage: Stage) -> Iterator[RecordId]:
        """Yield what has come to a stage, whoever judged it, in the order of judging."""
        self.refresh()
        for record_id in self._in_order(stage):
            is_there = stage is Stage.SCREENING or self._standing[record_id].stage is stage
            if is_there:
                yield record_id

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

    def ranked_by(self, stage: Stage) -> str | None:
        """Name and version of the ranking in whose order records come up, for their votes."""
        if self.review.protocol.screening.order != "ranked":
            return None
        if self._kept is not None:
            return self._kept.label(stage)
        return None if self._by is None else self._by.label

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
