"""Audits that were made are kept in the review's folder, by all that they depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from resartus.app.reporting.following import Followed, files_of_people, follow_report
from resartus.app.review import Review
from resartus.app.versions import hash_events, software
from resartus.domain.job import Tell
from resartus.domain.plain import from_plain, to_plain
from resartus.domain.snapshot import Snapshot
from resartus.stores.payloads import write_whole

__all__ = ["audit_key", "kept_audit", "make_audit"]

_MOST_KEPT = 8


def audit_key(review: Review, snapshot: Snapshot, *, written: Sequence[Path]) -> str:
    """Return the hash of all that an audit depends on.

    The log, the records and the files are hashed as they stand, and not by their
    number or time: an audit is there to find what was changed behind the review's back.
    """
    files = [*files_of_people(review), *written]
    told = [
        snapshot.version,
        snapshot.events_hash,
        hash_events(review.store.load_events()),
        review.store.records_hash(),
        [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files],
        dict(software()),
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _place(review: Review, key: str) -> Path:
    return review.out / "audits" / f"{key}.json"


def kept_audit(review: Review, key: str) -> Followed | None:
    """Return the audit of this key, ``None`` where it is still to be made."""
    try:
        plain = _place(review, key).read_bytes()
    except FileNotFoundError:
        return None
    return from_plain(Followed, json.loads(plain))


def make_audit(
    review: Review, snapshot: Snapshot, *, written: tuple[Path, ...], tell: Tell
) -> Followed:
    """Audit a version with its written files, and keep what was found, the newest few."""
    key = audit_key(review, snapshot, written=written)
    found = kept_audit(review, key)
    if found is None:
        found = follow_report(review, snapshot, written=written, tell=tell)
        place = _place(review, key)
        write_whole(place, json.dumps(to_plain(found), ensure_ascii=False).encode())
        others = sorted(place.parent.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for old in others[:-_MOST_KEPT]:
            old.unlink(missing_ok=True)
    return found
