"""Small types that several endpoints take."""

from __future__ import annotations

from typing import Annotated

import msgspec

from resartus.errors import DataError

__all__ = ["Body", "Count", "Id", "Line", "Number", "Text", "pairs_of"]

Count = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Line = Annotated[str, msgspec.Meta(max_length=300)]
Text = Annotated[str, msgspec.Meta(max_length=1_000_000)]


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """What a call may carry; a field nobody knows is refused, since it may be a slip."""


def pairs_of(text: str | None, *, field: str) -> dict[str, str]:
    """Return ``field=header;…`` of an address as a mapping.

    Raises
    ------
    DataError
        If it is not of this form.
    """
    found = {}
    for part in [] if text is None else text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise DataError(f"{field} {text!r} is not of the form name=header;…", field=field)
        found[name.strip()] = value.strip()
    return found
