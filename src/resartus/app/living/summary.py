"""What came to a review since an event of its log, in words for a feed or a letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resartus.app.living.diff import diff_versions
from resartus.app.living.notices import Notice, notices
from resartus.app.living.signals import Signal, signals_of
from resartus.app.review import Review
from resartus.app.versions import draft_version
from resartus.domain.ids import RecordId
from resartus.domain.state import fold

__all__ = ["Since", "since"]

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What is new since then: records, notices, and signals since the last pinned version."""

    title: str
    new_records: tuple[tuple[RecordId, str], ...]
    notices: tuple[Notice, ...]
    signals: tuple[Signal, ...]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came that a person must look at."""
        return not (self.new_records or self.notices)

    def headline(self) -> str:
        """Say it in one line."""
        parts = []
        if self.notices:
            n = len(self.notices)
            parts.append(f"{n} {'notice' if n == 1 else 'notices'} on included reports")
        n = len(self.new_records)
        parts.append(f"{n} new {'record' if n == 1 else 'records'}" if n else "nothing new")
        return f"{self.title}: {', '.join(parts)}"

    def body(self) -> str:
        """Say all of it, gravest first."""
        lines = []
        for notice in self.notices:
            where = f"PMID {notice.pmid}" if notice.pmid else notice.citation or "no citation"
            lines.append(f"! {notice.kind} of {notice.record_id} ({where})")
        lines += [f"{signal.strength.value}: {signal.sentence}" for signal in self.signals]
        lines += [f"{record_id}  {title}" for record_id, title in self.new_records[:_SHOWN]]
        if len(self.new_records) > _SHOWN:
            lines.append(f"… and {len(self.new_records) - _SHOWN} more")
        if self.new_records:
            lines.append("Next: resartus screen")
        return "\n".join(lines)

    def data(self) -> Mapping[str, Any]:
        """Return counts for machines."""
        return {"new": len(self.new_records), "notices": [n.notice_id for n in self.notices]}


def since(review: Review, seq: int) -> Since:
    """Return what came after event ``seq``."""
    before, state = fold(review.store.load_events(), until=seq), review.state()
    fresh = [r for r in state.arrived if r not in before.arrived]
    titles = {r.record_id: r.title for r in review.store.iterate_records(fresh[:_SHOWN])}
    known = {notice.notice_id for notice in notices(before)}
    signals: tuple[Signal, ...] = ()
    if state.versions:
        signals = signals_of(diff_versions(review, state.versions[-1], draft_version(review)))
    return Since(
        title=review.protocol.title,
        new_records=tuple((r, titles.get(r) or "(no title)") for r in fresh),
        notices=tuple(n for n in notices(state) if n.notice_id not in known),
        signals=signals,
    )
