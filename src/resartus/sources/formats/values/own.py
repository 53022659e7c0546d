"""What a format has no place for, as one JSON value of our own that other programs pass over."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from resartus.domain.plain import from_plain, to_plain
from resartus.domain.record import Record
from resartus.errors import DataError
from resartus.sources.formats.values.draft import Draft
from resartus.sources.formats.values.names import initials_of

__all__ = ["own_part", "take_own"]


_NEVER = frozenset({"record_id", "source", "raw_hash", "fetched_at", "version", "authors"})
_FIELDS = tuple(field.name for field in fields(Record) if field.name not in _NEVER)


def own_part(record: Record, *, has_place: Collection[str]) -> dict[str, Any]:
    """Return in plain JSON what a record holds beyond the fields that have a place.

    Authors are added where their printed names do not say all: affiliations,
    ORCID, initials that the first name does not give.
    """
    part = {
        name: to_plain(value)
        for name in _FIELDS
        if name not in has_place and (value := getattr(record, name))
    }
    if any(
        author.affiliations
        or author.orcid
        or (not author.fore_name and " " in (author.last_name or ""))
        or author.initials != (initials_of(author.fore_name) if author.fore_name else None)
        for author in record.authors
    ):
        part["authors"] = to_plain(record.authors)
    return part


def take_own(draft: Draft, own: Mapping[str, Any], *, tag: str) -> None:
    """Give a draft what ``own_part`` took; what somebody edited past reading is kept."""
    try:
        found = from_plain(
            Record,
            {
                "record_id": "-",
                "source": "-",
                **{name: value for name, value in own.items() if name != "fields"},
            },
        )
        pairs = [(str(name), str(text)) for name, text in own.get("fields", [])]
    except (DataError, ValueError, TypeError, AttributeError):
        draft.keep(tag, json.dumps(own, ensure_ascii=False))
        return
    for name in own:
        if name in ("fields", "record_id", "source"):
            continue
        value = getattr(found, name)
        if name == "authors" and len(value) != len(draft.authors):
            # Somebody changed the names that people see; those count.
            continue
        setattr(draft, name, list(value) if isinstance(value, tuple) else value)
    for name, text in pairs:
        draft.keep(name, text)
