"""``TimeZero``: what a survival time is counted from, by the name the review gives it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NewType

from resartus.errors import DataError

__all__ = [
    "DEFAULT_TIMES_ZERO",
    "DIAGNOSIS",
    "LIVER_METASTASIS",
    "LIVER_TREATMENT",
    "RECURRENCE",
    "UNKNOWN_ZERO",
    "TimeZero",
    "known_time_zero",
]

TimeZero = NewType("TimeZero", str)
"""A name such as ``"liver resection or ablation"``. Times with different zeros are never pooled."""

UNKNOWN_ZERO = TimeZero("not reported")
RECURRENCE = TimeZero("recurrence")

# The names of the bundled forms, which are of liver metastases.
DIAGNOSIS = TimeZero("diagnosis of the primary")
LIVER_METASTASIS = TimeZero("diagnosis of the liver metastasis")
LIVER_TREATMENT = TimeZero("liver resection or ablation")

DEFAULT_TIMES_ZERO = (TimeZero("treatment"), TimeZero("diagnosis"), RECURRENCE)
"""Of a review whose protocol and form name none."""


def known_time_zero(text: str, known: Iterable[TimeZero]) -> TimeZero:
    """Return a time zero of the review, by its name.

    Raises
    ------
    DataError
        If the review has none of that name; the message lists them.
    """
    names = tuple(known)
    if text not in names:
        raise DataError(
            f"time zero {text!r} is not one of: {', '.join(names)}; times_zero in review.toml "
            "names others",
            field="time_zero",
        )
    return TimeZero(text)
