"""What changed between two runs of a search, record by record, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum

from resartus.app.review import Review
from resartus.app.search.archive import archived_records
from resartus.app.search.engine import SearchEngine
from resartus.domain.ids import RecordId
from resartus.domain.query import SearchRun
from resartus.domain.record import Record

__all__ = ["Change", "ChangeKind", "Drift", "drift_between", "drift_to_now"]


class ChangeKind(StrEnum):
    """Why a record is in one run and not in the other, or in both and no longer the same."""

    NEW = "new"
    """Found now; created after the earlier run."""
    REINDEXED_IN = "reindexed, now found"
    """Found now; existed before and was revised since."""
    OLDER_IN = "older, now found"
    """Found now; existed before and was not revised: the search itself reads differently."""
    DELETED = "deleted"
    """No longer in the source."""
    REINDEXED_OUT = "reindexed, no longer found"
    """Still in the source, but no longer matched."""
    LOST = "no longer found"
    """Whether it still exists was not asked."""
    RETRACTED = "retracted"
    CONCERN = "expression of concern"
    CORRECTED = "corrected"
    REVISED = "revised"
    """Found by both, with other words or headings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One record's change with its reason in a sentence."""

    record_id: RecordId
    kind: ChangeKind
    label: str
    title: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """All changes between two runs, kinds in the order of ``ChangeKind``.

    ``asked_at`` is when the later one ran; ``remarks`` say what differs in
    the search itself: its words, its translation, its engine.
    """

    before: SearchRun
    asked_at: datetime
    n_after: int
    changes: tuple[Change, ...]
    remarks: tuple[str, ...]

    @property
    def n_unchanged(self) -> int:
        """How many records are in both runs and the same."""
        gone = {ChangeKind.DELETED, ChangeKind.REINDEXED_OUT, ChangeKind.LOST}
        kept = {
            ChangeKind.RETRACTED, ChangeKind.CONCERN, ChangeKind.CORRECTED, ChangeKind.REVISED
        }  # fmt: skip
        n_gone = sum(change.kind in gone for change in self.changes)
        return self.before.count - n_gone - sum(change.kind in kept for change in self.changes)


_NOTICES = {
    "RetractionIn": ChangeKind.RETRACTED,
    "RetractedandRepublishedIn": ChangeKind.RETRACTED,
    "PartialRetractionIn": ChangeKind.RETRACTED,
    "ExpressionOfConcernIn": ChangeKind.CONCERN,
    "ErratumIn": ChangeKind.CORRECTED,
    "CorrectedandRepublishedIn": ChangeKind.CORRECTED,
    "UpdateIn": ChangeKind.CORRECTED,
}
_UNREMARKABLE = {
    "record_id", "source", "raw_hash", "fetched_at", "version", "revised_on", "status", "history",
    "indexed_on", "completed_on", "references", "fields", "publication_status",
    "publication_type_uis", "mesh", "related",
}  # fmt: skip


def _named(headings: Iterable[str], *, most: int = 4) -> str:
    listed = sorted(headings)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def _headings(record: Record) -> set[str]:
    plain = {heading.descriptor for heading in record.mesh}
    return plain | {f"{h.descriptor}/{q.name}" for h in record.mesh for q in h.qualifiers}


def _what_differs(old: Record, new: Record) -> str | None:
    """Return in words how two states of a record differ, or ``None`` if in nothing of note."""
    parts = []
    gained, dropped = _headings(new) - _headings(old), _headings(old) - _headings(new)
    if gained and not old.mesh:
        parts.append(f"MeSH headings were assigned ({_named(gained)})")
    elif gained:
        parts.append(f"MeSH gained {_named(gained)}")
    if dropped:
        parts.append(f"MeSH lost {_named(dropped)}")
    changed = [
        field.name.replace("_", " ")
        for field in fields(Record)
        if field.name not in _UNREMARKABLE and getattr(old, field.name) != getattr(new, field.name)
    ]
    if changed:
        parts.append("changed: " + ", ".join(changed))
    return "; ".join(parts) or None


def _notice(old: Record, new: Record) -> tuple[ChangeKind, str] | None:
    """Return the gravest notice a record has gained."""
    known = {(item.kind, item.pmid, item.citation) for item in old.related}
    found = [
        (_NOTICES[item.kind], item)
        for item in new.related
        if item.kind in _NOTICES and (item.kind, item.pmid, item.citation) not in known
    ]
    order = list(ChangeKind)
    for kind, item in sorted(found, key=lambda pair: order.index(pair[0])):
        where = f"PMID {item.pmid}" if item.pmid else item.citation or "a notice"
        return kind, f"{kind.value} by {where}"
    is_retracted = "Retracted Publication"
    if is_retracted in new.publication_types and is_retracted not in old.publication_types:
        return ChangeKind.RETRACTED, "marked as a retracted publication"
    return None


def _change(record: Record, kind: ChangeKind, reason: str) -> Change:
    return Change(
        record_id=record.record_id, kind=kind, label=record.label, title=record.title, reason=reason
    )


def _came(record: Record, since: date, *, is_read_differently: bool) -> Change:
    """Explain a record that only the later run found."""
    created = record.created_on or record.entered_on
    if created is not None and created >= since:
        return _change(record, ChangeKind.NEW, f"created {created}, after the earlier run")
    existed = (
        f"created {created}, before the earlier run"
        if created
        else "when it was created is not known"
    )
    if record.revised_on is not None and record.revised_on >= since:
        headings = f"; now {len(record.mesh)} MeSH headings" if record.mesh else ""
        return _change(
            record,
            ChangeKind.REINDEXED_IN,
            f"{existed}, revised {record.revised_on}{headings}",
        )
    why = (
        "the search was translated differently"
        if is_read_differently
        else "the source's index or tables changed"
    )
    return _change(record, ChangeKind.OLDER_IN, f"{existed}, not revised since: {why}")


def _went(old: Record, now: Record | None, *, is_known: bool) -> Change:
    """Explain a record that only the earlier run found."""
    if not is_known:
        return _change(old, ChangeKind.LOST, "not in the later run; ask the source with --now")
    if now is None:
        return _change(old, ChangeKind.DELETED, "the source has it no longer")
    notice = _notice(old, now)
    if notice is not None:
        return _change(now, notice[0], f"{notice[1]}; no longer found")
    differs = _what_differs(old, now) or "the record is the same: the search reads differently"
    return _change(now, ChangeKind.REINDEXED_OUT, differs)


def _stayed(old: Record, new: Record) -> Change | None:
    notice = _notice(old, new)
    if notice is not None:
        return _change(new, *notice)
    differs = _what_differs(old, new)
    return None if differs is None else _change(new, ChangeKind.REVISED, differs)


def _compared(
    before: SearchRun,
    old: Mapping[RecordId, Record],
    new: Mapping[RecordId, Record],
    existing: Mapping[RecordId, Record] | None,
    *,
    is_read_differently: bool,
) -> tuple[Change, ...]:
    since = before.ran_at.date()
    changes = [
        _came(record, since, is_read_differently=is_read_differently)
        for name, record in new.items()
        if name not in old
    ]
    for name, record in old.items():
        if name in new:
            change = _stayed(record, new[name])
            if change is not None:
                changes.append(change)
        else:
            now = None if existing is None else existing.get(name)
            changes.append(_went(record, now, is_known=existing is not None))
    order = list(ChangeKind)
    return tuple(sorted(changes, key=lambda c: (order.index(c.kind), c.label, c.record_id)))


def _remarks(before: SearchRun, *, term: str | None, translation: str, engine: str) -> list[str]:
    said = []
    if (before.term or before.search.query) != (term or before.search.query):
        said.append(f"the query was {before.term!r} and is {term!r}")
    elif before.translation != translation:
        said.append(
            f"the same query was translated as {before.translation!r} and is now {translation!r}"
        )
    if before.engine != engine:
        said.append(f"{before.engine} answered before, {engine} now")
    return said


def drift_between(review: Review, before: SearchRun, after: SearchRun) -> Drift:
    """Compare two logged runs from their payloads, offline.

    Raises
    ------
    NotFoundError, StoreDamaged
        If a payload of either is lost.
    """
    old = {r.record_id: r for r in archived_records(review.payloads, before)}
    new = {r.record_id: r for r in archived_records(review.payloads, after)}
    is_read_differently = before.translation != after.translation
    return Drift(
        before=before,
        asked_at=after.ran_at,
        n_after=after.count,
        changes=_compared(before, old, new, None, is_read_differently=is_read_differently),
        remarks=tuple(
            _remarks(before, term=after.term, translation=after.translation, engine=after.engine)
        ),
    )


def drift_to_now(review: Review, before: SearchRun, *, engine: SearchEngine) -> Drift:
    """Run the search of an earlier run again, without logging it, and compare.

    What is no longer found is asked for by its PMID, to tell deleted records
    from those that were reindexed.
    """
    found = engine.find(before.search, now=review.clock())
    new = {record.record_id: record for record in found.records}
    found.finish()
    old = {r.record_id: r for r in archived_records(review.payloads, before)}
    gone = [r.pmid for name, r in old.items() if name not in new and r.pmid is not None]
    existing = {record.record_id: record for record in engine.fetch(gone)} if gone else {}
    is_read_differently = before.translation != found.translation
    return Drift(
        before=before,
        asked_at=review.clock(),
        n_after=len(new),
        changes=_compared(before, old, new, existing, is_read_differently=is_read_differently),
        remarks=tuple(
            _remarks(before, term=found.term, translation=found.translation, engine=engine.name)
        ),
    )
