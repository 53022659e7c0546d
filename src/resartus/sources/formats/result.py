"""What a citation file gave beside its records: its format, and every line nobody could read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from resartus.domain.record import Record
from resartus.sources.formats.decisions import ImportedDecision

__all__ = ["ImportResult", "Unread"]


class Unread(NamedTuple):
    """A line of the file that ended in no record, kept as it stood."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """Everything a citation file held.

    Parameters
    ----------
    records : tuple of Record
        In the order of the file.
    unread : tuple of Unread
        Lines that ended in no record, with their number (from 1) and why.
        Running heads of an exporter are among them: nothing is dropped.
    format : str
        The name of the format that was read, one of ``READABLE``.
    encoding : str
        The encoding, and how many lines needed another one.
    raw_hash : str
        SHA-256 of the file as it stood, the name of its payload.
    decisions : tuple of ImportedDecision
        Verdicts that another screening tool left in the file.
    """

    records: tuple[Record, ...]
    unread: tuple[Unread, ...]
    format: str
    encoding: str
    raw_hash: str
    decisions: tuple[ImportedDecision, ...] = ()
