"""Take a review elsewhere: everything in one archive, or what a damaged store still gives."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from resartus.app.review import DATABASE, PROTOCOL, Review
from resartus.domain.plain import to_plain
from resartus.errors import NotFoundError
from resartus.stores.payloads import write_whole
from resartus.stores.sqlite import salvage

__all__ = ["export_review", "salvage_review"]

# A fixed date keeps the archive the same for the same review.
_DATE = (1980, 1, 1, 0, 0, 0)


def _lines(values: Iterator[object]) -> bytes:
    rows = (json.dumps(to_plain(v), ensure_ascii=False, sort_keys=True) for v in values)
    return "".join(row + "\n" for row in rows).encode()


def export_review(review: Review, path: Path) -> Path:
    """Write protocol, records, events and payloads into one ZIP with a list of hashes.

    The same review gives the same bytes.
    """
    parts = {
        PROTOCOL: (review.folder / PROTOCOL).read_bytes(),
        "records.jsonl": _lines(review.store.iterate_records()),
        "events.jsonl": _lines(review.store.load_events()),
    }
    for payload in sorted((review.folder / "payloads").rglob("*.gz")):
        parts[f"payloads/{payload.name}"] = payload.read_bytes()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    parts["SHA256.json"] = json.dumps(hashes, indent=1, sort_keys=True).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date_time=_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return path


def salvage_review(folder: Path, path: Path) -> tuple[int, int]:
    """Save what a damaged ``review.db`` still gives as JSON lines; return records and events."""
    database = folder / DATABASE
    if not database.exists():
        raise NotFoundError(f"there is no {DATABASE} in {str(folder)!r}; nothing to salvage")
    saved = salvage(database)
    write_whole(path.with_suffix(".records.jsonl"), _lines(iter(saved.records)))
    write_whole(path.with_suffix(".events.jsonl"), _lines(iter(saved.events)))
    return len(saved.records), len(saved.events)
