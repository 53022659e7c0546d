"""Which event made a thing what it is: found in the events between two versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from resartus.domain.change import Cause
from resartus.domain.event import Event, EventKind
from resartus.domain.patient_table import PatientTable
from resartus.domain.plain import from_plain

__all__ = ["Causes", "causes_of"]

_TOUCHED_RECORD = {
    EventKind.DECISION_MADE,
    EventKind.FULLTEXT_ATTACHED,
    EventKind.FULLTEXT_MISSING,
    EventKind.DUPLICATES_LINKED,
    EventKind.DUPLICATES_UNLINKED,
}
_ENTERED = {
    EventKind.CELL_ENTERED,
    EventKind.CONSENSUS_REACHED,
    EventKind.SUGGESTION_ANSWERED,
}


def _touched(event: Event) -> Iterable[str]:
    """Yield the names of what an event touches, as ``kind:id``."""
    data = event.data
    yield f"event:{event.kind.value}"
    if event.kind in (EventKind.SEARCH_RAN, EventKind.RECORDS_IMPORTED):
        for record_id in data["record_ids"]:
            yield f"record:{record_id}"
    elif event.kind is EventKind.DECISION_MADE:
        yield f"decision:{data['record_id']}/{data['stage']}/{data['decided_by']}"
    elif event.kind in _ENTERED:
        for cell in data.get("cells", ()):
            parts = (cell["study_id"], cell.get("patient"), cell["field"])
            yield "cell:" + "/".join(part for part in parts if part)
    elif event.kind is EventKind.FORM_ADOPTED:
        for move in (*data.get("moved", ()), *data.get("moved_consensus", ())):
            yield f"cell:{move['cell_id']}"
            after = move["after"]
            if after is not None:
                named = (after.get(part) for part in ("study_id", "patient", "field"))
                yield "cell:" + "/".join(part for part in named if part)
    elif event.kind is EventKind.PATIENTS_IMPORTED:
        for row in from_plain(PatientTable, data).cells():
            yield f"cell:{row.cell_id}"
    elif event.kind is EventKind.STUDY_DEFINED:
        yield f"study:{data['study_id']}"
    if event.kind in _TOUCHED_RECORD:
        yield f"{event.kind.value}:{data['record_id']}"
    for name in ("study_id", "outcome", "topic", "notice_id"):
        if isinstance(data.get(name), str):
            yield f"{event.kind.value}:{data[name]}"


@dataclass(slots=True)
class Causes:
    """The events between two versions, by what they touched."""

    by_name: dict[str, list[Cause]] = field(default_factory=lambda: defaultdict(list))

    def of(self, *names: str) -> tuple[Cause, ...]:
        """Return the events that touched any of these, each once, oldest first."""
        found = {cause.seq: cause for name in names for cause in self.by_name.get(name, ())}
        return tuple(found[seq] for seq in sorted(found))

    def last(self, *names: str) -> tuple[Cause, ...]:
        """Return only the newest of those events: what a thing is now stems from it."""
        return self.of(*names)[-1:]


def causes_of(events: Sequence[Event], earlier: Mapping[int, Event]) -> Causes:
    """Sort events by what they touched; an undo touches what the event it takes back did.

    Parameters
    ----------
    events : sequence of Event
        Those after the first version, up to and with the second.
    earlier : mapping
        All events by number, for what an undo refers to.
    """
    causes = Causes()
    for event in events:
        cause = Cause(seq=event.seq, kind=event.kind, by=event.by, at=event.at)
        touched = event
        seen = set()
        while touched.kind is EventKind.EVENT_UNDONE and touched.seq not in seen:
            seen.add(touched.seq)
            touched = earlier[int(touched.data["seq"])]
        for name in _touched(touched):
            causes.by_name[name].append(cause)
    return causes
