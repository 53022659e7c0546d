"""The typed diff: everything that differs between two versions, with before, after and cause."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resartus.app.evidence import assemble
from resartus.app.living.causes import Causes, causes_of
from resartus.app.living.conclusions import Conclusion, Conclusions, conclusions_of
from resartus.app.review import Review
from resartus.app.tailoring import factors_at, factors_pinned
from resartus.app.versions import protocol_text_at, state_at
from resartus.domain.change import Cause, Change, ChangeKind
from resartus.domain.event import EventKind
from resartus.domain.extracted import Extracted
from resartus.domain.protocol import Protocol
from resartus.domain.settled import SettledState
from resartus.domain.snapshot import Snapshot
from resartus.stores.protocol_toml import parse_protocol

__all__ = ["VersionDiff", "diff_versions"]

_FULL_TEXT = "full-text"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """Two versions side by side: all changes, and what each version concludes."""

    before: Snapshot
    after: Snapshot
    changes: tuple[Change, ...]
    conclusions_before: Conclusions
    conclusions_after: Conclusions

    def of_kind(self, *kinds: ChangeKind) -> tuple[Change, ...]:
        """Return the changes of these kinds."""
        return tuple(change for change in self.changes if change.kind in kinds)

    @property
    def changed_conclusions(self) -> tuple[Change, ...]:
        """The changes that answer "did any conclusion change?"."""
        return tuple(change for change in self.changes if change.kind.is_conclusion)


def _flat(value: Any, path: str = "") -> dict[str, str]:
    """Return a TOML document as one line per setting: ``analysis.level`` to its value.

    A table in a list is named by its own id or name, so that one put before it
    moves nothing.
    """
    if isinstance(value, Mapping):
        found: dict[str, str] = {}
        for key, part in value.items():
            found |= _flat(part, f"{path}.{key}" if path else str(key))
        return found
    if isinstance(value, list) and value and all(isinstance(part, Mapping) for part in value):
        found = {}
        for number, part in enumerate(value, start=1):
            name = part.get("id") or part.get("name") or part.get("search_id") or number
            found |= _flat(part, f"{path}[{name}]")
        return found
    if isinstance(value, list):
        return {path: ", ".join(str(part) for part in value)}
    return {path: str(value)}


def _differing(
    old: Mapping[Any, str], new: Mapping[Any, str]
) -> Iterable[tuple[Any, str | None, str | None]]:
    """Yield key, before and after for what differs, in the new order, what is gone last."""
    for key, text in new.items():
        if old.get(key) != text:
            yield key, old.get(key), text
    for key, text in old.items():
        if key not in new:
            yield key, text, None


def _changes(
    kind: ChangeKind,
    old: Mapping[Any, str],
    new: Mapping[Any, str],
    *,
    named: Callable[[Any], str],
    caused: Callable[[Any], tuple[Cause, ...]],
) -> list[Change]:
    return [
        Change(
            kind=kind, what=named(key), before=was, after=now, causes=caused(key), key=named(key)
        )
        for key, was, now in _differing(old, new)
    ]


def _said(extracted: Extracted) -> str:
    value = extracted.value
    return extracted.reported.value if value is None else f"{value}"


def _values(state: SettledState) -> tuple[dict[str, str], dict[str, str]]:
    """Return the entry that counts of every cell, and every patient, in words."""
    cells: dict[str, str] = {}
    patients: dict[str, str] = {}
    for study in assemble(state):
        for field, extracted in study.values.items():
            cells[f"{study.study_id}/{field}"] = _said(extracted)
        for patient in study.patients:
            patients[patient.patient_id] = "reported"
            for field, extracted in patient.values.items():
                cells[f"{patient.patient_id}/{field}"] = _said(extracted)
    return cells, patients


def _decisions(state: SettledState) -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for key, decision in state.decisions.items():
        reasons = f" ({', '.join(decision.reasons)})" if decision.reasons else ""
        found[key] = decision.verdict.value + reasons
    return found


def _full_texts(state: SettledState) -> dict[str, str]:
    found = {str(r): f"not retrieved: {why}" for r, why in state.missing_fulltexts.items()}
    return found | {str(r): "at hand" for r in state.fulltexts}


def _gathered(before: SettledState, after: SettledState, causes: Causes) -> list[Change]:
    """Return what differs in what was found and decided."""

    def record(r: Any) -> tuple[Cause, ...]:
        return causes.of(f"record:{r}")[:1]

    changes = _changes(
        ChangeKind.RECORD,
        dict.fromkeys(map(str, before.arrived), "found"),
        dict.fromkeys(map(str, after.arrived), "found"),
        named=str,
        caused=record,
    )
    changes += _changes(
        ChangeKind.DUPLICATE,
        {str(k): f"same as {v}" for k, v in before.duplicate_of.items()},
        {str(k): f"same as {v}" for k, v in after.duplicate_of.items()},
        named=str,
        caused=lambda r: causes.last(f"duplicates.linked:{r}", f"duplicates.unlinked:{r}"),
    )
    changes += _changes(
        ChangeKind.DECISION,
        _decisions(before),
        _decisions(after),
        named=lambda key: f"{key[0]} at {key[1]} by {key[2]}",
        caused=lambda key: causes.last(f"decision:{key[0]}/{key[1]}/{key[2]}"),
    )
    changes += _changes(
        ChangeKind.FULL_TEXT,
        _full_texts(before),
        _full_texts(after),
        named=str,
        caused=lambda r: causes.last(f"fulltext.attached:{r}", f"fulltext.missing:{r}"),
    )
    return changes


def _read(before: SettledState, after: SettledState, causes: Causes) -> list[Change]:
    """Return what differs in what was extracted and appraised."""
    (old_cells, old_patients), (cells, patients) = _values(before), _values(after)
    first_cell: dict[str, str] = {}
    for cell_id in (*old_cells, *cells):
        first_cell.setdefault(cell_id.rpartition("/")[0], cell_id)

    def entry(state: SettledState) -> dict[str, str]:
        return {
            str(s.study_id): f"{s.label}, {s.design}, {s.role}, {' '.join(s.record_ids)}"
            for s in state.studies.values()
        }

    def appraisals(state: SettledState) -> dict[str, str]:
        return {"/".join(key): str(data.get("answer")) for key, data in state.appraisals.items()}

    changes = _changes(
        ChangeKind.STUDY,
        entry(before),
        entry(after),
        named=str,
        caused=lambda s: causes.last(f"study:{s}"),
    )
    changes += _changes(
        ChangeKind.PATIENT,
        old_patients,
        patients,
        named=str,
        caused=lambda p: causes.of(f"cell:{first_cell[p]}")[:1],
    )
    changes += _changes(
        ChangeKind.VALUE,
        old_cells,
        cells,
        named=str,
        caused=lambda cell_id: causes.last(f"cell:{cell_id}"),
    )
    changes += _changes(
        ChangeKind.APPRAISAL,
        appraisals(before),
        appraisals(after),
        named=str,
        caused=lambda key: causes.last(f"appraisal.answered:{key.split('/')[0]}"),
    )
    changes += _changes(
        ChangeKind.OVERLAP,
        {i: str(dict(data)) for i, data in enumerate(before.overlaps, start=1)},
        {i: str(dict(data)) for i, data in enumerate(after.overlaps, start=1)},
        named=lambda i: f"overlap {i}",
        caused=lambda _: causes.last("event:overlap.judged"),
    )
    changes += _changes(
        ChangeKind.CONTRADICTION,
        {c.topic: c.handling for c in before.contradictions},
        {c.topic: c.handling for c in after.contradictions},
        named=str,
        caused=lambda topic: causes.last(f"contradiction.noted:{topic}"),
    )
    return changes


def _concluded(
    before: Conclusions, after: Conclusions, causes: Causes, *, methods: tuple[Cause, ...]
) -> list[Change]:
    """Return what differs in what the review says, with the values that made it so."""
    changes = []
    said_before = {key: c.text for key, c in before.of.items()}
    said_after = {key: c.text for key, c in after.of.items()}
    for key, was, now in _differing(said_before, said_after):
        one: Conclusion = after.of[key] if key in after.of else before.of[key]
        inputs = {*one.inputs, *(before.of[key].inputs if key in before.of else ())}
        outcome = one.label.removeprefix("Certainty: ")
        moved = causes.of(*(f"cell:{i}" for i in inputs), f"certainty.rated:{outcome}")
        changes.append(
            Change(
                kind=one.kind,
                what=one.label,
                before=was,
                after=now,
                # With the same values, only the methods can have moved it.
                causes=moved or methods,
                key=key,
            )
        )
    return changes


def _methods(
    review: Review, before: Snapshot, after: Snapshot, causes: Causes
) -> tuple[list[Change], Protocol, Protocol]:
    """Return changes to protocol and software, and both protocols."""
    old_text, new_text = protocol_text_at(review, before), protocol_text_at(review, after)
    edits = causes.of("event:protocol.changed")
    changes = []
    if old_text is not None and new_text is not None:
        changes = _changes(
            ChangeKind.PROTOCOL,
            _flat(tomllib.loads(old_text)),
            _flat(tomllib.loads(new_text)),
            named=str,
            caused=lambda _: edits,
        )
    elif before.protocol_hash != after.protocol_hash:
        changes = [
            Change(
                kind=ChangeKind.PROTOCOL,
                what="the protocol, whose earlier text was not kept",
                before=before.protocol_hash[:12],
                after=after.protocol_hash[:12],
                causes=edits,
            )
        ]
    changes += _changes(
        ChangeKind.SOFTWARE,
        dict(before.software),
        dict(after.software),
        named=str,
        caused=lambda _: (),
    )
    old = parse_protocol(old_text) if old_text else review.protocol
    return changes, old, parse_protocol(new_text) if new_text else review.protocol


def _in_order(changes: Iterable[Change]) -> Sequence[Change]:
    rank = {kind: i for i, kind in enumerate(ChangeKind)}
    return sorted(changes, key=lambda change: rank[change.kind])


def diff_versions(review: Review, before: Snapshot, after: Snapshot) -> VersionDiff:
    """Return everything that differs between two versions of a review.

    Parameters
    ----------
    before, after : Snapshot
        ``before`` must not be the later one; ``after`` may be a draft.

    Returns
    -------
    VersionDiff
        Changes in the order of ``ChangeKind``, each with the events behind it.
    """
    events = {event.seq: event for event in review.store.load_events()}
    between = [e for e in events.values() if before.last_seq < e.seq <= after.last_seq]
    causes = causes_of(between, events)
    old, new = state_at(review, before), state_at(review, after)
    methods, old_protocol, new_protocol = _methods(review, before, after, causes)
    was = conclusions_of(old_protocol, old, own=factors_pinned(review, before))
    now = conclusions_of(new_protocol, new, own=factors_at(review, after))
    notices = _changes(
        ChangeKind.NOTICE,
        _notices(old),
        _notices(new),
        named=str,
        caused=lambda key: causes.last(f"notice.found:{key}", f"notice.settled:{key}"),
    )
    changes = [
        *methods,
        *_gathered(old, new, causes),
        *notices,
        *_read(old, new, causes),
        *_concluded(was, now, causes, methods=causes.of(f"event:{EventKind.PROTOCOL_CHANGED}")),
    ]
    return VersionDiff(
        before=before,
        after=after,
        changes=tuple(_in_order(changes)),
        conclusions_before=was,
        conclusions_after=now,
    )


def _notices(state: SettledState) -> dict[str, str]:
    return {
        notice_id: str(data.get("settled") or "open") for notice_id, data in state.notices.items()
    }
