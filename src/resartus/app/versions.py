"""Pin a version, and say what changed between two."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata

from resartus import __version__
from resartus.app.evidence import assemble
from resartus.app.review import PROTOCOL, Review
from resartus.domain.event import Event, EventKind
from resartus.domain.extracted import Cell
from resartus.domain.plain import to_plain
from resartus.domain.snapshot import Snapshot
from resartus.domain.state import ReviewState, fold
from resartus.errors import NotFoundError

__all__ = ["Change", "changes_between", "draft_version", "find_version", "pin_version", "state_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs between two versions."""

    kind: str
    what: str
    before: str | None
    after: str | None


def _hash_events(events: Iterable[Event]) -> str:
    digest = hashlib.sha256()
    for event in events:
        line = json.dumps(to_plain(event), sort_keys=True, ensure_ascii=False)
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def software() -> Mapping[str, str]:
    """Return the versions a report depends on."""
    found = {"resartus": __version__, "python": platform.python_version()}
    for package in ("numpy", "scipy", "matplotlib"):
        found[package] = metadata.version(package)
    return found


def draft_version(review: Review, *, trigger: str = "draft") -> Snapshot:
    """Return the review as it stands as its next version, without pinning it."""
    state = review.state()
    protocol = (review.folder / PROTOCOL).read_bytes()
    return Snapshot(
        version=len(state.versions) + 1,
        made_at=review.clock(),
        made_by=review.person,
        trigger=trigger,
        last_seq=state.seq,
        protocol_hash=hashlib.sha256(protocol).hexdigest(),
        records_hash=review.store.records_hash(),
        events_hash=_hash_events(review.store.load_events()),
        software=software(),
    )


def pin_version(review: Review, *, trigger: str) -> Snapshot:
    """Pin the review as it stands as its next version."""
    snapshot = draft_version(review, trigger=trigger)
    review.append(EventKind.VERSION_MADE, snapshot)
    return snapshot


def find_version(review: Review, number: int) -> Snapshot:
    """Return a version by its number."""
    versions = review.state().versions
    for snapshot in versions:
        if snapshot.version == number:
            return snapshot
    known = ", ".join(str(s.version) for s in versions) or "none yet"
    raise NotFoundError(f"version {number} does not exist; pinned versions: {known}")


def state_at(review: Review, snapshot: Snapshot) -> ReviewState:
    """Return the review as it was at a version."""
    return fold(review.store.load_events(), until=snapshot.last_seq)


def _cells(state: ReviewState) -> dict[str, Cell]:
    return {cell.cell_id: cell for cell in state.cells.values()}


def _text(cell: Cell | None) -> str | None:
    if cell is None:
        return None
    value = cell.extracted.value
    return cell.extracted.reported.value if value is None else str(value)


def changes_between(before: ReviewState, after: ReviewState) -> list[Change]:
    """Return every record, decision, study, patient and value that differs, in that order."""
    changes = []
    old_records = set(before.record_ids())
    for record_id in after.record_ids():
        if record_id not in old_records:
            changes.append(Change(kind="record", what=record_id, before=None, after="found"))
    for key, decision in after.decisions.items():
        old = before.decisions.get(key)
        if old is None or old.verdict is not decision.verdict:
            changes.append(
                Change(
                    kind="decision",
                    what=f"{key[0]} at {key[1]} by {key[2]}",
                    before=None if old is None else old.verdict.value,
                    after=decision.verdict.value,
                )
            )
    for study_id, entry in after.studies.items():
        if study_id not in before.studies:
            changes.append(Change(kind="study", what=study_id, before=None, after=entry.label))
    known = {p.patient_id for s in assemble(before) for p in s.patients}
    for study in assemble(after):
        for patient in study.patients:
            if patient.patient_id not in known:
                changes.append(
                    Change(kind="patient", what=patient.patient_id, before=None, after="reported")
                )
    old_cells = _cells(before)
    for cell_id, cell in _cells(after).items():
        was, now_ = _text(old_cells.get(cell_id)), _text(cell)
        if was != now_:
            changes.append(Change(kind="value", what=cell_id, before=was, after=now_))
    return changes
