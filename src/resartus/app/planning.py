"""Read and change the protocol of an open review."""

from __future__ import annotations

import hashlib

from resartus.app.review import PROTOCOL, Review
from resartus.domain.event import EventKind
from resartus.stores.payloads import write_whole
from resartus.stores.protocol_toml import parse_protocol

__all__ = ["protocol_text", "save_protocol"]


def protocol_text(review: Review) -> str:
    """Return ``review.toml`` as it stands."""
    return (review.folder / PROTOCOL).read_text(encoding="utf-8")


def save_protocol(review: Review, text: str) -> None:
    """Check a protocol and save it; the earlier one is kept by its hash and the change logged.

    Raises
    ------
    DataError
        If it does not hold, with line, key and value; nothing is written.
    """
    protocol = parse_protocol(text)
    before = protocol_text(review).encode()
    content = text.encode()
    if content == before:
        return
    kept = review.payloads.save(before)
    write_whole(review.folder / PROTOCOL, content)
    review.protocol = protocol
    review.append(
        EventKind.PROTOCOL_CHANGED,
        {"before": kept, "after": hashlib.sha256(content).hexdigest()},
    )
