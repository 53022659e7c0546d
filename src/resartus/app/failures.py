"""One table from error to exit code and HTTP status."""

from __future__ import annotations

from typing import Any

from resartus.errors import (
    ConflictError,
    DataError,
    EstimationError,
    NotFoundError,
    ParseError,
    PermissionDenied,
    ResartusError,
    SourceError,
    SourceUnavailable,
    StoreDamaged,
    StoreError,
)

__all__ = ["error_shape", "exit_code", "http_status", "kind_of"]

# Most particular first: the first class that fits decides.
_TABLE: tuple[tuple[type[ResartusError], int, int], ...] = (
    (ParseError, 3, 422),
    (DataError, 3, 422),
    (NotFoundError, 4, 404),
    (ConflictError, 5, 409),
    (PermissionDenied, 6, 403),
    (StoreDamaged, 7, 500),
    (StoreError, 7, 503),
    (SourceUnavailable, 8, 503),
    (SourceError, 8, 502),
    (EstimationError, 9, 422),
    (ResartusError, 1, 500),
)


def _row(error: ResartusError) -> tuple[type[ResartusError], int, int]:
    return next(row for row in _TABLE if isinstance(error, row[0]))


def exit_code(error: ResartusError) -> int:
    """Return the command's exit code; ``resartus --help`` lists what each means."""
    return _row(error)[1]


def http_status(error: ResartusError) -> int:
    """Return the HTTP status."""
    return _row(error)[2]


def kind_of(error: ResartusError) -> str:
    """Return the error's name for machines, for example ``"DataError"``."""
    return type(error).__name__


def error_shape(
    error: ResartusError | None = None, *, kind: str = "", message: str = ""
) -> dict[str, Any]:
    """Return the one JSON shape of every failure, on the command line and over HTTP."""
    return {
        "error": {
            "kind": kind_of(error) if error else kind,
            "message": error.message if error else message,
            "where": error.where if error else None,
            "field": error.field if error else None,
        }
    }
