"""Small types that several endpoints take."""

from __future__ import annotations

from typing import Annotated

import msgspec

__all__ = ["Body", "Count", "Id", "Line", "Number", "Text"]

Count = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Line = Annotated[str, msgspec.Meta(max_length=300)]
Text = Annotated[str, msgspec.Meta(max_length=1_000_000)]


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """What a call may carry; a field nobody knows is refused, since it may be a slip."""
