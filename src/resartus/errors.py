"""Every error Resartus raises, as one tree.

::

    ResartusError
    ├── DataError (ValueError)          a value breaks a rule
    ├── NotFoundError (LookupError)     an id or name nobody knows
    ├── ConflictError                   somebody else changed it first
    ├── PermissionDenied                this person may not do that
    ├── StoreError                      the review's own files fail
    │   └── StoreDamaged                and something in them is lost
    ├── SourceError                     a place records come from fails
    │   ├── SourceUnavailable           no answer; worth another try
    │   ├── SourceRefused               a clear no
    │   └── ParseError                  an answer or file that cannot be read
    └── EstimationError                 no number can be given
        └── NotConverged                the fit did not settle
"""

from __future__ import annotations

__all__ = [
    "ConflictError",
    "DataError",
    "EstimationError",
    "NotConverged",
    "NotFoundError",
    "ParseError",
    "PermissionDenied",
    "ResartusError",
    "SourceError",
    "SourceRefused",
    "SourceUnavailable",
    "StoreDamaged",
    "StoreError",
]


class ResartusError(Exception):
    """One sentence: what was wrong, where, what to do.

    Parameters
    ----------
    message : str
        The sentence, with the offending value shown by ``repr``.
    where : str, optional
        File, line, record or field, so that a page can point at it.
    field : str, optional
        The key or column that holds the value.
    """

    def __init__(self, message: str, *, where: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.field = field


class DataError(ResartusError, ValueError):
    """A value breaks a rule of the domain or of a method."""


class NotFoundError(ResartusError, LookupError):
    """An id or name that nothing answers to."""


class ConflictError(ResartusError):
    """Somebody else changed the same thing first."""


class PermissionDenied(ResartusError):
    """This person's role does not allow the act."""


class StoreError(ResartusError):
    """The review's own files cannot be read or written."""


class StoreDamaged(StoreError):
    """The store opens but part of it is lost; the message says what can be saved."""


class SourceError(ResartusError):
    """A place records come from failed."""


class SourceUnavailable(SourceError):
    """No answer, or a temporary failure; worth another try."""


class SourceRefused(SourceError):
    """The source said no; trying again will not help."""


class ParseError(SourceError):
    """A file or answer that cannot be read."""


class EstimationError(ResartusError):
    """The data do not allow this number."""


class NotConverged(EstimationError):
    """A fit did not settle within its iterations."""
