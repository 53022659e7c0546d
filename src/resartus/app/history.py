"""The log of a review, newest first, in words."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from resartus.app.appraisal.answering import tools_of_review
from resartus.app.appraisal.blinding import visible_answers
from resartus.app.review import Review
from resartus.app.screening import visible_votes
from resartus.domain.decision import Stage
from resartus.domain.event import Event, EventKind
from resartus.domain.ids import RecordId, StudyId

__all__ = ["LoggedEvent", "last_own", "recent_events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """One event as a line of the audit trail, and what it is about where that is one thing."""

    seq: int
    kind: EventKind
    by: str
    at: datetime
    text: str
    record_id: str | None = None
    study_id: str | None = None
    cell_id: str | None = None


_BLIND = {
    EventKind.DECISION_MADE: "voted; shown once it is settled",
    EventKind.APPRAISAL_ANSWERED: "appraised; shown once you have answered too",
}


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _words(event: Event) -> str:
    data: Any = event.data
    match event.kind:
        case EventKind.REVIEW_CREATED:
            return f"began {data['title']!r}"
        case EventKind.PROTOCOL_CHANGED:
            return f"changed the protocol (earlier text kept as {str(data.get('before'))[:12]})"
        case EventKind.SEARCH_RAN:
            found = _counted(len(data["record_ids"]), "record")
            return f"ran search {data['search']['search_id']!r}: {found}"
        case EventKind.RECORDS_IMPORTED:
            return f"imported {_counted(len(data['record_ids']), 'record')} from {data['origin']}"
        case EventKind.DECISION_MADE:
            reasons = f" ({', '.join(data['reasons'])})" if data.get("reasons") else ""
            final = ", final" if data.get("is_adjudication") else ""
            return f"{data['record_id']}: {data['verdict']} at {data['stage']}{reasons}{final}"
        case EventKind.DUPLICATES_LINKED if "links" in data:
            return f"linked {_counted(len(data['links']), 'duplicate')}"
        case EventKind.DUPLICATES_LINKED:
            return f"{data['record_id']}: the same report as {data['same_as']}"
        case EventKind.DUPLICATES_ASKED:
            looked_at = _counted(data["n_records"], "record")
            return f"looked for duplicates among {looked_at}, {len(data['questions'])} to judge"
        case EventKind.DUPLICATES_KEPT_APART:
            return f"{data['record_id']} and {data['other_id']}: different reports"
        case EventKind.REPORTS_RELATED if "pairs" in data:
            return f"noted {_counted(len(data['pairs']), 'pair')} of related reports"
        case EventKind.REPORTS_RELATED:
            return f"{data['record_id']} and {data['other_id']}: {data['relation']}"
        case EventKind.OVERLAP_JUDGED:
            return f"patients of {' and '.join(data['study_ids'])}: {data['verdict']}"
        case EventKind.STUDY_DEFINED:
            return f"defined study {data['study_id']}: {data['label']}"
        case EventKind.CELL_ENTERED:
            cells = data["cells"]
            return f"entered {_counted(len(cells), 'value')} of {cells[0]['study_id']}"
        case EventKind.CONSENSUS_REACHED:
            cells = data["cells"]
            return f"settled {_counted(len(cells), 'value')} of {cells[0]['study_id']}"
        case EventKind.PATIENTS_IMPORTED:
            return f"entered {_counted(len(data['rows']), 'patient')} of {data['study_id']}"
        case EventKind.CURVE_DIGITISED:
            return f"digitised {data['figure']} of {data['study_id']} ({data['arm']})"
        case EventKind.FORM_ADOPTED:
            moved = _counted(len(data.get("moved", ())), "value")
            return f"adopted form {data['form']['form_id']}, {moved} carried over"
        case EventKind.SUGGESTIONS_MADE:
            return f"let {_counted(len(data['suggestions']), 'value')} be suggested"
        case EventKind.SUGGESTION_ANSWERED:
            return f"suggestion {data['suggestion_id']}: {data['verdict']}"
        case EventKind.APPRAISAL_ANSWERED | EventKind.APPRAISAL_SETTLED:
            settled = ", consensus" if event.kind is EventKind.APPRAISAL_SETTLED else ""
            said = f"{data['item']} is {data['answer']!r}"
            return f"appraised {data['study_id']} with {data['tool']}: {said}{settled}"
        case EventKind.CERTAINTY_RATED:
            return f"rated the certainty of {data['outcome']!r}: {data['certainty']}"
        case EventKind.VERSION_MADE:
            return f"pinned version {data['version']}: {data['trigger']}"
        case EventKind.EVENT_UNDONE:
            return f"took back event {data['seq']}"
        case _:
            named = data.get("record_id") or data.get("study_id") or ""
            return f"{event.kind.value.replace('.', ' ')} {named}".strip()


def _about(event: Event) -> dict[str, str | None]:
    """Return the record, study or value an event is about."""
    data: Any = event.data
    cells: Any = data.get("cells") or []
    only: Any = cells[0] if len(cells) == 1 else {}
    parts = [only.get(name) for name in ("study_id", "patient", "field")]
    return {
        "record_id": data.get("record_id"),
        "study_id": data.get("study_id") or (cells[0]["study_id"] if cells else None),
        "cell_id": "/".join(part for part in parts if part) or None,
    }


def _is_blind(review: Review, event: Event) -> bool:
    """Whether it is a colleague's vote or appraisal that this person may not see yet."""
    if event.by == review.person:
        return False
    if event.kind is EventKind.APPRAISAL_ANSWERED:
        data = event.data
        for tool in tools_of_review(review):
            if tool.key == data["tool"]:
                seen = visible_answers(review, StudyId(data["study_id"]), tool)
                return event.by not in seen.get(data["item"], {})
        return True
    if event.kind is not EventKind.DECISION_MADE:
        return False
    record_id, stage = RecordId(event.data["record_id"]), Stage(event.data["stage"])
    return event.by not in visible_votes(review, record_id, stage=stage)


def recent_events(
    review: Review,
    *,
    before: int | None = None,
    count: int = 100,
    by: str | None = None,
    kind: EventKind | None = None,
) -> tuple[LoggedEvent, ...]:
    """Return up to ``count`` events, the newest first, optionally those before an event.

    With ``by`` or ``kind`` only one person's or those of one kind.

    A colleague's vote or appraisal is told without what it says as long as it is blind.
    """
    last = review.last_seq() if before is None else before - 1
    found: deque[LoggedEvent] = deque(maxlen=count)
    is_filtered = by is not None or kind is not None
    for event in review.store.load_events(after=0 if is_filtered else max(last - count, 0)):
        if event.seq > last:
            break
        if (by is not None and event.by != by) or (kind is not None and event.kind is not kind):
            continue
        is_blind = _is_blind(review, event)
        found.append(
            LoggedEvent(
                seq=event.seq,
                kind=event.kind,
                by=event.by,
                at=event.at,
                text=_BLIND[event.kind] if is_blind else _words(event),
                **({} if is_blind else _about(event)),
            )
        )
    return tuple(reversed(found))


def last_own(
    review: Review, kinds: Collection[EventKind], *, count: int = 500
) -> LoggedEvent | None:
    """Return this person's last event of these kinds that still counts.

    It is looked for among the last ``count`` events: further back, an undo
    would take its maker by surprise, and so would that of a whole run.
    """
    undone = review.state().undone
    last = None
    for event in review.store.load_events(after=max(review.last_seq() - count, 0)):
        is_whole_run = "links" in event.data or "pairs" in event.data
        if event.kind in kinds and event.by == review.person and event.seq not in undone:
            last = last if is_whole_run else event
    if last is None:
        return None
    return LoggedEvent(seq=last.seq, kind=last.kind, by=last.by, at=last.at, text=_words(last))
