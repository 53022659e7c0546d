"""Replay a search offline: the identical set, from what was kept of it."""

from __future__ import annotations

from dataclasses import dataclass

from resartus.app.review import Review
from resartus.app.search.archive import read_archive
from resartus.domain.ids import RecordId
from resartus.domain.query import SearchRun

__all__ = ["Replay", "replay_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A run, and the same run from its payloads.

    ``absent`` are records of the log that the payloads lack, ``extra`` those
    the other way round. Identical means the same records in the same order,
    from payloads that are whole.
    """

    run: SearchRun
    record_ids: tuple[RecordId, ...]
    absent: tuple[RecordId, ...]
    extra: tuple[RecordId, ...]
    lost: tuple[str, ...]
    n_payloads: int
    size_bytes: int

    @property
    def is_identical(self) -> bool:
        """Whether the payloads give the logged set, record by record and in order."""
        return self.n_payloads > 0 and not self.lost and self.record_ids == self.run.record_ids


def replay_run(review: Review, run: SearchRun) -> Replay:
    """Give the set of a run again from its payloads; no network, no corpus, no index."""
    archived = read_archive(review.payloads, run)
    logged, found = set(run.record_ids), set(archived.record_ids)
    return Replay(
        run=run,
        record_ids=archived.record_ids,
        absent=tuple(name for name in run.record_ids if name not in found),
        extra=tuple(name for name in archived.record_ids if name not in logged),
        lost=archived.lost,
        n_payloads=len(run.payload_hashes),
        size_bytes=archived.size_bytes,
    )
