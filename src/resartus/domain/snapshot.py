"""``Snapshot``: the review at one moment, by number and by hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from resartus.domain.checks import require_aware, require_text
from resartus.errors import DataError

__all__ = ["Snapshot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A version: what triggered it and the hash of everything a report drew on.

    ``files`` names what else the review's folder held that a report is made
    of (the team's prose, its own factors), with the hash each is kept under;
    ``None`` where it was not kept. ``last_seq`` is the last event it contains:
    replaying the log to there gives the same review. Hashes are SHA-256, hexadecimal.
    """

    version: int
    made_at: datetime
    made_by: str
    trigger: str
    last_seq: int
    protocol_hash: str
    records_hash: str
    events_hash: str
    software: Mapping[str, str]
    files: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        require_aware(self.made_at, field="made_at", where=f"version {self.version}")
        require_text(self.trigger, field="trigger", where=f"version {self.version}")
        if self.version < 1:
            raise DataError(f"version {self.version!r} is not above 0; versions count from 1")
