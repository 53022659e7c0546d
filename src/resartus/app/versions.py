"""Pin a version, and say what changed between two."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import metadata

from resartus import __version__
from resartus.app.review import PROTOCOL, Review
from resartus.app.settled import settled
from resartus.domain.event import Event, EventKind
from resartus.domain.plain import to_plain
from resartus.domain.protocol import Protocol
from resartus.domain.settled import SettledState
from resartus.domain.snapshot import Snapshot
from resartus.domain.state import fold
from resartus.errors import NotFoundError
from resartus.stores.protocol_toml import parse_protocol

FACTORS = "factors.toml"

__all__ = [
    "FACTORS",
    "draft_version",
    "find_version",
    "hash_events",
    "is_protocol_changed",
    "kept_files",
    "pin_version",
    "protocol_at",
    "protocol_text_at",
    "state_at",
]


def hash_events(events: Iterable[Event]) -> str:
    """Return one SHA-256 over events, in their order."""
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
        events_hash=hash_events(review.store.load_events()),
        software=software(),
    )


def pin_version(review: Review, *, trigger: str) -> Snapshot:
    """Pin the review as it stands as its next version."""
    # Kept so that a later version can say how the methods changed, and this one be built again.
    review.payloads.save((review.folder / PROTOCOL).read_bytes())
    files = {
        str(path.relative_to(review.folder).as_posix()): review.payloads.save(path.read_bytes())
        for path in (*sorted((review.folder / "text").glob("*.md")), review.folder / FACTORS)
        if path.is_file()
    }
    snapshot = replace(draft_version(review, trigger=trigger), files=files)
    review.append(EventKind.VERSION_MADE, snapshot)
    return snapshot


def kept_files(review: Review, snapshot: Snapshot) -> Mapping[str, bytes] | None:
    """Return prose and factors as a version was pinned with them, by path.

    ``None`` for the newest version and a draft, which are reported with what
    stands in the folder now, and where nothing was kept.
    """
    versions = review.state().versions
    if snapshot.files is None or not versions or snapshot.version >= versions[-1].version:
        return None
    return {path: review.payloads.load(digest) for path, digest in snapshot.files.items()}


def find_version(review: Review, number: int) -> Snapshot:
    """Return a version by its number."""
    versions = review.state().versions
    for snapshot in versions:
        if snapshot.version == number:
            return snapshot
    known = ", ".join(str(s.version) for s in versions) or "none yet"
    raise NotFoundError(f"version {number} does not exist; pinned versions: {known}")


def protocol_text_at(review: Review, snapshot: Snapshot) -> str | None:
    """Return ``review.toml`` as it was at a version, ``None`` if that text was not kept."""
    try:
        content = review.payloads.load(snapshot.protocol_hash)
    except NotFoundError:
        content = (review.folder / PROTOCOL).read_bytes()
        if hashlib.sha256(content).hexdigest() != snapshot.protocol_hash:
            return None
    return content.decode("utf-8")


def protocol_at(review: Review, snapshot: Snapshot) -> Protocol:
    """Return the protocol of a version; today's where that text was not kept."""
    text = protocol_text_at(review, snapshot)
    return review.protocol if text is None else parse_protocol(text)


def is_protocol_changed(review: Review, snapshot: Snapshot) -> bool:
    """Whether ``review.toml`` is not what it was when the version was pinned."""
    now = (review.folder / PROTOCOL).read_bytes()
    return hashlib.sha256(now).hexdigest() != snapshot.protocol_hash


def state_at(review: Review, snapshot: Snapshot) -> SettledState:
    """Return what was settled of the review at a version, by the protocol of that time."""
    return settled(
        review,
        fold(review.store.load_events(), until=snapshot.last_seq),
        protocol=protocol_at(review, snapshot),
    )
