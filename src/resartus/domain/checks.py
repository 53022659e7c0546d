"""The few checks every domain type makes on itself."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from resartus.errors import DataError

__all__ = [
    "require_aware",
    "require_finite",
    "require_level",
    "require_one_of",
    "require_text",
    "require_tuple",
]


def require_text(value: str, *, field: str, where: str) -> None:
    """Refuse anything but text with at least one visible character."""
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{field} {value!r} of {where} is empty; give it a text", field=field)


def require_one_of(value: Any, allowed: Collection[Any], *, field: str, where: str) -> None:
    """Refuse a value outside a closed list, and name the list."""
    if value not in allowed:
        names = ", ".join(str(item) for item in allowed)
        raise DataError(f"{field} {value!r} of {where} is not one of: {names}", field=field)


def require_finite(value: float, *, field: str, where: str) -> None:
    """Refuse NaN and infinity: a missing number is ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DataError(
            f"{field} {value!r} of {where} is not a finite number; use None if it is unknown",
            field=field,
        )


def require_level(level: float, *, where: str) -> None:
    """Refuse a confidence level outside 0 to 1; 0.95, never 95."""
    if not 0 < level < 1:
        raise DataError(f"level {level!r} of {where} is not between 0 and 1; give 0.95, not 95")


def require_aware(moment: datetime, *, field: str, where: str) -> None:
    """Refuse a time without a zone, which nobody could order later."""
    if moment.tzinfo is None:
        raise DataError(f"{field} {moment!r} of {where} has no time zone; give it one", field=field)


def require_tuple(value: Sequence[Any], *, field: str, where: str) -> None:
    """Refuse a list, which somebody could change behind the type's back."""
    if not isinstance(value, tuple):
        raise DataError(f"{field} of {where} is a {type(value).__name__}; give a tuple")
