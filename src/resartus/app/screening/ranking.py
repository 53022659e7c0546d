"""The order in which to judge: by the protocol's words at first, then by what people decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from resartus.app.review import Review
from resartus.app.screening.outcome import open_records
from resartus.domain.decision import Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.domain.protocol import Protocol
from resartus.domain.state import ReviewState
from resartus.screening.cache import cache_name, load_table, save_table
from resartus.screening.ranking import Ranked, Ranker, TermWeight, recipe_named

__all__ = ["AUDIT", "RankedRecord", "ScreeningOrder", "question_text"]

AUDIT = "random audit"
"""What votes carry in ``ranked_by`` that were cast on records drawn at random."""


def question_text(protocol: Protocol) -> str:
    """Return the protocol's own words on what belongs: the warm start of a ranking."""
    parts = (
        protocol.title,
        protocol.question,
        protocol.population,
        protocol.intervention,
        *protocol.outcomes,
        *(criterion.text for criterion in protocol.eligibility.include),
    )
    return " ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedRecord:
    """One record still to judge, with its place from 1 and what put it there.

    ``score`` is ``None`` where a colleague has judged the record already: the
    model learnt from that vote, and a score would tell which it was.
    """

    place: int
    record_id: RecordId
    score: float | None
    terms: tuple[TermWeight, ...] = ()


class ScreeningOrder:
    """Ranks a review's records, learning anew when enough votes have come.

    Hold one per open review: the features are made once and kept under
    ``out/cache`` until records arrive or change.

    Parameters
    ----------
    review : Review
        Whose protocol names the ranking (``screening.ranking``).
    by_chance : bool
        Draw at random instead: an audit, whose votes are evidence for a
        stopping rule. The draw is fixed by the records, so that nobody can
        choose among draws.
    """

    def __init__(self, review: Review, *, by_chance: bool = False) -> None:
        self.review = review
        self.by_chance = by_chance
        self.recipe = recipe_named(review.protocol.screening.ranking)
        self._ids: list[RecordId] = []
        self._at: dict[RecordId, int] = {}
        self._hash: str | None = None
        self._ranker: Ranker | None = None
        self._ranked: dict[Stage, Ranked] = {}

    @property
    def label(self) -> str:
        """Name and version of the ranking, as votes record it."""
        return AUDIT if self.by_chance else self.recipe.label

    def _ready(self) -> Ranker:
        """Return the ranker over the records as they are now."""
        digest = self.review.store.records_hash()
        if self._ranker is None or digest != self._hash:
            records = list(self.review.store.iterate_records())
            self._ids = [record.record_id for record in records]
            self._at = {record_id: place for place, record_id in enumerate(self._ids)}
            paths = [
                self.review.out
                / "cache"
                / cache_name(digest, member, version=member.make_features().version)
                for member in self.recipe.tables
            ]
            kept = [load_table(path) for path in paths]
            tables = [table for table in kept if table is not None]
            self._ranker = Ranker(
                records,
                recipe=self.recipe,
                question=question_text(self.review.protocol),
                tables=tables if len(tables) == len(paths) else None,
            )
            for path, was, table in zip(paths, kept, self._ranker.tables, strict=True):
                if was is None:
                    save_table(path, table)
            self._hash = digest
            self._ranked.clear()
        return self._ranker

    def _votes(self, state: ReviewState, stage: Stage) -> tuple[list[int], list[bool]]:
        """Return who was judged and whether anybody wants it; a skip says nothing."""
        judged, relevant = [], []
        for (record_id, at), votes in state.votes.items():
            given = {v.verdict for v in votes.values()} - {Verdict.SKIP}
            if at == stage.value and given and record_id in self._at:
                judged.append(self._at[record_id])
                relevant.append(bool(given - {Verdict.EXCLUDE}))
        return judged, relevant

    def _rank(self, stage: Stage) -> Ranked:
        ranker, state = self._ready(), self.review.state()
        judged, relevant = self._votes(state, stage)
        known = self._ranked.get(stage)
        # One vote in fifty changes little; the first votes change everything.
        is_fresh = (
            known is not None
            and 0 <= len(judged) - known.n_judged <= known.n_judged // 50
            and sum(relevant) == known.n_relevant
        )
        if known is None or not is_fresh:
            known = ranker.rank(judged, relevant)
            self._ranked[stage] = known
        return known

    def iterate(self, stage: Stage) -> Iterator[RecordId]:
        """Yield the records of a stage in the order of judging, whether or not open to anybody.

        First those of a pilot round; then those that a colleague has judged, as
        they arrived, so that pairs are completed and their place tells nothing
        of the vote; then the likeliest.
        """
        state = self.review.state()
        pilots = [r for (r, at) in state.votes_wanted if at == stage.value]
        yield from pilots
        if self.by_chance:
            # The hash of an id and of all records is as good as dice, and nobody's choice.
            salt = self.review.store.records_hash()
            drawn = sorted(state.arrived, key=lambda r: sha256(f"{salt} {r}".encode()).digest())
            yield from (r for r in drawn if r not in pilots)
        elif self.review.protocol.screening.order == "arrival":
            yield from (r for r in state.arrived if r not in pilots)
        else:
            places = self._rank(stage).places.tolist()
            unjudged = {self._ids[place] for place in places}
            yield from (r for r in state.arrived if r not in unjudged and r not in pilots)
            yield from (self._ids[place] for place in places if self._ids[place] not in pilots)

    def order(self, stage: Stage, record_ids: Sequence[RecordId]) -> list[RecordId]:
        """Return these records in the order of judging."""
        wanted = set(record_ids)
        found = dict.fromkeys(r for r in self.iterate(stage) if r in wanted)
        return [*found, *(r for r in record_ids if r not in found)]

    def open_records(self, stage: Stage) -> list[RecordId]:
        """Return what this person can still judge at a stage, in the order to judge it."""
        return self.order(stage, open_records(self.review, stage))

    def ranked(
        self, stage: Stage, *, count: int | None = None, explain: bool = False
    ) -> tuple[RankedRecord, ...]:
        """Return the first records of the order with their scores, and on wish their terms."""
        ranked = self._rank(stage)
        places, numbers = ranked.places.tolist(), ranked.scores.tolist()
        scores = {self._ids[p]: score for p, score in zip(places, numbers, strict=True)}
        return tuple(
            RankedRecord(
                place=place,
                record_id=record_id,
                score=scores.get(record_id),
                terms=self.explain(record_id, stage) if explain and record_id in scores else (),
            )
            for place, record_id in enumerate(self.open_records(stage)[:count], start=1)
        )

    def explain(self, record_id: RecordId, stage: Stage) -> tuple[TermWeight, ...]:
        """Return the terms that raise and lower a record most, as learnt at a stage."""
        self._rank(stage)
        return self._ready().explain(self._at[record_id])
