"""Look for duplicates in the whole review and log what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from resartus.app.review import Review
from resartus.domain.decision import Stage
from resartus.domain.duplicates import DuplicateLinks, DuplicateQuestion, pair_of
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.plain import to_plain
from resartus.domain.record import Record
from resartus.domain.state import ReviewState

__all__ = ["DedupRun", "find_and_link", "record_rank"]

_LINKS_PER_EVENT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupRun:
    """What one run found, and where the review stands after it."""

    records: int
    compared: int
    linked: int
    asked: int
    related: int
    duplicates: int
    model: str


def record_rank(state: ReviewState) -> dict[RecordId, int]:
    """Return which record of a group is kept in view: the highest rank.

    A record of a study comes first, then one that stands for others already,
    then one that was voted on: no earlier work drops out of sight.
    """
    rank: dict[RecordId, int] = {}
    for record_id, _ in state.votes:
        rank[record_id] = 1
    for record_id in state.duplicates.members:
        rank[record_id] = rank.get(record_id, 0) + 2
    for study in state.studies.values():
        for record_id in study.record_ids:
            rank[record_id] = rank.get(record_id, 0) + 4
    return rank


def _is_judged(state: ReviewState, record_id: RecordId) -> bool:
    return any(
        (member, stage.value) in state.votes
        for member in state.duplicates.group(record_id)
        for stage in Stage
    )


def _arrived(review: Review, state: ReviewState) -> Iterator[Record]:
    for record in review.store.iterate_records():
        if record.record_id in state.arrived:
            yield record


def find_and_link(review: Review, *, advance: Callable[[int], None] = lambda n: None) -> DedupRun:
    """Find duplicates among all records, link the sure ones and put the others to a person.

    What was judged stays as judged. Two records that were both screened
    already are never linked without asking, since one vote would drop out of
    sight. Nothing is deleted; the run can be taken back like any event.
    """
    from resartus.dedup.finding import find_duplicates

    state = review.state()
    found = find_duplicates(
        _arrived(review, state),
        apart=state.duplicates.apart,
        together=tuple(state.duplicates.same_as.items()),
        rank=record_rank(state),
        advance=advance,
    )
    after: DuplicateLinks = deepcopy(state.duplicates)
    links, questions = [], []
    for link in found.links:
        if after.root(link.record_id) == after.root(link.same_as):
            continue
        if _is_judged(state, link.record_id) and _is_judged(state, link.same_as):
            questions.append(
                DuplicateQuestion(
                    record_id=link.record_id,
                    other_id=link.same_as,
                    probability=link.probability,
                    reasons=(*link.reasons, "both were screened"),
                )
            )
            continue
        after.link(link.record_id, link.same_as)
        links.append(to_plain(link))
    questions += [
        DuplicateQuestion(
            record_id=q.record_id, other_id=q.other_id, probability=q.probability, reasons=q.reasons
        )
        for q in found.questions
    ]
    root = after.root
    known = {
        pair_of(root(RecordId(p["record_id"])), root(RecordId(p["other_id"])))
        for p in state.related
    }
    related = [
        to_plain(r)
        for r in found.related
        if pair_of(root(r.record_id), root(r.other_id)) not in known
    ]
    by = f"resartus.dedup {found.model}"
    events = [
        review.new_event(
            EventKind.DUPLICATES_LINKED,
            {"links": links[start : start + _LINKS_PER_EVENT], "model": by},
        )
        for start in range(0, len(links), _LINKS_PER_EVENT)
    ]
    if related:
        events.append(review.new_event(EventKind.REPORTS_RELATED, {"pairs": related, "model": by}))
    # Logged even without a question: the review knows that it was looked at.
    asked = {"questions": to_plain(questions), "n_records": found.n_records, "model": by}
    if questions or found.n_records != state.duplicates.n_looked_at:
        events.append(review.new_event(EventKind.DUPLICATES_ASKED, asked))
    if events:
        review.append_all(events)
    now = review.state()
    return DedupRun(
        records=found.n_records,
        compared=found.n_compared,
        linked=len(links),
        asked=len(now.duplicates.open_questions()),
        related=len(related),
        duplicates=len(now.duplicate_of),
        model=found.model,
    )
