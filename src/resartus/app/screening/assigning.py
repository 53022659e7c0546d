"""Who judges what: shares, pilot rounds, and handing records on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resartus.app.review import Review
from resartus.app.screening.outcome import outcome_of
from resartus.domain.decision import Stage
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.errors import DataError, NotFoundError

__all__ = ["Share", "assign", "share_out", "start_round"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Records handed to people at a stage."""

    stage: Stage
    record_ids: tuple[RecordId, ...]
    people: tuple[str, ...]
    round_name: str | None = None


def assign(
    review: Review,
    record_ids: Sequence[RecordId],
    *,
    stage: Stage,
    people: Sequence[str],
    round_name: str | None = None,
) -> Share:
    """Show these records to these people alone; an empty list of people shows them to all again.

    Votes already given stay and count.

    Raises
    ------
    NotFoundError
        If a record is not in the review.
    DataError
        If fewer people are named than must vote, or a round's name is taken.
    """
    state = review.state()
    ids, names = tuple(dict.fromkeys(record_ids)), tuple(dict.fromkeys(people))
    for record_id in ids:
        if record_id not in state.arrived:
            raise NotFoundError(f"record {record_id!r} is not in this review; nothing was assigned")
    needed = review.protocol.reviewers[stage]
    if names and len(names) < needed:
        raise DataError(
            f"{len(names)} person named for {stage.value}, where {needed} must vote on each "
            "record; name more people"
        )
    if round_name is not None and round_name in state.rounds:
        raise DataError(f"round {round_name!r} exists; give the new round another name")
    review.append(
        EventKind.RECORDS_ASSIGNED,
        {"record_ids": list(ids), "stage": stage.value, "to": list(names), "round": round_name},
    )
    return Share(stage=stage, record_ids=ids, people=names, round_name=round_name)


def _unsettled(review: Review, stage: Stage) -> list[RecordId]:
    state = review.state()
    found = []
    for record_id in state.arrived:
        if record_id in state.duplicate_of or (record_id, stage.value) in state.assigned:
            continue
        outcome = outcome_of(state, record_id, reviewers=review.protocol.reviewers)
        if outcome.stage is stage and outcome.verdict is None and not outcome.is_conflict:
            found.append(record_id)
    return found


def share_out(review: Review, *, stage: Stage, people: Sequence[str]) -> tuple[Share, ...]:
    """Deal all open, unassigned records to people in turn, each to as many as must vote.

    Raises
    ------
    DataError
        If fewer people are named than must vote, or nothing is left to deal.
    """
    names = tuple(dict.fromkeys(people))
    needed = review.protocol.reviewers[stage]
    if len(names) < needed:
        raise DataError(f"{len(names)} people named, {needed} must vote on each; name more people")
    waiting = _unsettled(review, stage)
    if not waiting:
        raise DataError(f"no unassigned record is open at {stage.value}; nothing to deal out")
    hands: dict[tuple[str, ...], list[RecordId]] = {}
    for index, record_id in enumerate(waiting):
        # Neighbours in the circle judge together, so that the pairs mix and agreement is seen.
        hand = tuple(names[(index + step) % len(names)] for step in range(needed))
        hands.setdefault(hand, []).append(record_id)
    return tuple(assign(review, ids, stage=stage, people=who) for who, ids in hands.items())


def start_round(
    review: Review, name: str, *, count: int, people: Sequence[str], stage: Stage
) -> Share:
    """Begin a pilot round: ``count`` records spread evenly over all that are open, for all named.

    Everybody in it judges every record, whatever the protocol says of the
    number of reviewers, so that agreement can be looked at before the work is
    shared out.

    Raises
    ------
    DataError
        If fewer than two people are named, or ``count`` is not at least 1.
    """
    if len(set(people)) < 2:
        raise DataError("a pilot round needs at least two people; name them with --to")
    if count < 1:
        raise DataError(f"count {count!r} of round {name!r} is not at least 1")
    waiting = _unsettled(review, stage)
    if not waiting:
        raise DataError(f"no unassigned record is open at {stage.value}; there is nothing to pilot")
    chosen = [
        waiting[i * len(waiting) // min(count, len(waiting))]
        for i in range(min(count, len(waiting)))
    ]
    return assign(review, chosen, stage=stage, people=people, round_name=name)
