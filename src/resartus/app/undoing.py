"""Take back an event by another event."""

from __future__ import annotations

from resartus.app.review import Review
from resartus.domain.event import Event, EventKind
from resartus.errors import ConflictError, DataError, NotFoundError, PermissionDenied

__all__ = ["undo_event"]

_PERMANENT = (EventKind.REVIEW_CREATED, EventKind.VERSION_MADE)


def undo_event(review: Review, seq: int | None = None, *, own: bool = False) -> Event:
    """Take back event ``seq``, or the last that still counts; return the event taken back.

    With ``own`` only what this person did: in a team nobody takes back a
    colleague's vote by accident.

    Raises
    ------
    NotFoundError
        If there is no such event.
    ConflictError
        If it was taken back already.
    DataError
        If it cannot be: a version that was pinned stays.
    PermissionDenied
        If ``own`` is set and somebody else did it.
    """
    undone = review.state().undone
    events = {event.seq: event for event in review.store.load_events()}
    if seq is None:
        open_ = [
            e.seq
            for e in events.values()
            if e.seq not in undone
            and e.kind is not EventKind.EVENT_UNDONE
            and e.kind not in _PERMANENT
            and not (own and e.by != review.person)
        ]
        if not open_:
            raise NotFoundError("there is nothing to take back")
        seq = open_[-1]
    if seq not in events:
        raise NotFoundError(f"event {seq} does not exist; the log ends at {len(events)}")
    if seq in undone:
        raise ConflictError(f"event {seq} was taken back already")
    if events[seq].kind in _PERMANENT:
        raise DataError(f"event {seq} ({events[seq].kind.value}) stays; it cannot be taken back")
    if own and events[seq].by != review.person:
        raise PermissionDenied(
            f"event {seq} is {events[seq].by}'s; only they can take it back here"
        )
    review.append(EventKind.EVENT_UNDONE, {"seq": seq})
    return events[seq]
