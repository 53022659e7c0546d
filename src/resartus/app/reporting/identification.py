"""Where the records of a flow came from, counted with their duplicates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from resartus.domain.ids import RecordId
from resartus.domain.state import ReviewState
from resartus.reporting.figures.prisma_flow import FlowItem

__all__ = ["Identified", "identified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """What is new since an earlier version: PRISMA's first row, with what stands for what.

    ``searched`` and ``other`` hold one record for each report that has to be
    judged; a report that both a database and another method gave counts with
    the databases. ``found`` items add up to ``searched`` and ``duplicates``.
    """

    found: tuple[FlowItem, ...]
    duplicates: int
    searched: tuple[RecordId, ...]
    other: tuple[RecordId, ...]
    old: frozenset[RecordId]


_CARRIED = "left open or judged anew since the version before"


def identified(
    state: ReviewState,
    before: ReviewState | None = None,
    *,
    again: Collection[RecordId] = (),
) -> Identified:
    """Count records by where they came from, each report once.

    A record found again is a duplicate: by another search, in another
    database, or by the same search after an earlier version. ``again`` names
    the records of earlier versions that are judged in this one: they are a
    source of their own.
    """
    root = state.duplicates.root
    old = frozenset(map(root, before.arrived)) - set(again) if before else frozenset()
    runs = [run for run in state.search_runs if not before or run not in before.search_runs]
    brought = [item for item in state.imports if not before or item not in before.imports]
    databases = [item for item in brought if not item.is_other_method]
    others = [item for item in brought if item.is_other_method]
    batches = [(f"search “{run.search.search_id}”", run.record_ids) for run in runs]
    batches += [(item.origin.split(" (")[0], item.record_ids) for item in databases]
    all_ids = [r for _, ids in batches for r in ids]
    searched = [r for r in dict.fromkeys(map(root, all_ids)) if r not in old]
    elsewhere = dict.fromkeys(root(r) for item in others for r in item.record_ids)
    by_other = {root(r) for item in state.imports if item.is_other_method for r in item.record_ids}
    carried = [r for r in again if r not in set(searched) and r not in elsewhere]
    elsewhere |= dict.fromkeys(r for r in carried if r in by_other)
    carried = [r for r in carried if r not in by_other]
    searched += carried
    mine = set(searched)
    found = [FlowItem(name=name, count=len(ids)) for name, ids in batches]
    if carried:
        found.append(FlowItem(name=_CARRIED, count=len(carried)))
    return Identified(
        found=tuple(found),
        duplicates=len(all_ids) + len(carried) - len(searched),
        searched=tuple(searched),
        other=tuple(r for r in elsewhere if r not in mine and r not in old),
        old=old,
    )
