"""What a query's reader should know: where, how grave, what was done, what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Diagnostic", "Diagnostics", "Severity"]


class Severity(StrEnum):
    """How far the search may differ from what its author meant."""

    ERROR = "error"
    """A part was dropped, or can match nothing."""
    WARNING = "warning"
    """The text was repaired or read in one of several ways."""
    INFO = "info"
    """PubMed itself may answer differently here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One remark on a stretch of the query.

    Parameters
    ----------
    severity : Severity
        How grave it is.
    code : str
        Stable name of the kind of remark, for example ``"unknown-tag"``.
    message : str
        One sentence for a person.
    start, end : int
        Offsets in the text as typed, end exclusive.
    suggestion : str, optional
        What to write in place of ``text[start:end]``.
    """

    severity: Severity
    code: str
    message: str
    start: int
    end: int
    suggestion: str | None = None


class Diagnostics:
    """Collects remarks; says each repeated kind once in full and then counts it."""

    def __init__(self, *, limit_per_code: int = 20) -> None:
        self._found: list[Diagnostic] = []
        self._seen: dict[str, int] = {}
        self._limit = limit_per_code

    def add(
        self,
        severity: Severity,
        code: str,
        message: str,
        *,
        span: tuple[int, int],
        suggestion: str | None = None,
    ) -> None:
        """Keep a remark, up to a limit for each code so that bad input cannot flood the reader."""
        count = self._seen.get(code, 0) + 1
        self._seen[code] = count
        if count <= self._limit:
            self._found.append(
                Diagnostic(
                    severity=severity,
                    code=code,
                    message=message,
                    start=span[0],
                    end=span[1],
                    suggestion=suggestion,
                )
            )

    def extend(self, more: tuple[Diagnostic, ...]) -> None:
        """Keep remarks made elsewhere."""
        for item in more:
            self.add(
                item.severity,
                item.code,
                item.message,
                span=(item.start, item.end),
                suggestion=item.suggestion,
            )

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return all remarks in the order of the text; the flooded kinds end with a count."""
        found = list(self._found)
        for code, count in self._seen.items():
            if count > self._limit:
                last = next(item for item in reversed(found) if item.code == code)
                found.append(
                    Diagnostic(
                        severity=last.severity,
                        code=code,
                        message=f"The same remark ({code}) applies {count - self._limit} "
                        "more times.",
                        start=last.start,
                        end=last.end,
                    )
                )
        return tuple(sorted(found, key=lambda item: (item.start, item.end)))
