"""``WatchPlan``: which reviews are watched, how often, and who is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from resartus.errors import DataError

__all__ = ["Letter", "MailPlan", "WatchPlan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to be sent; ``letter_id`` is the same however often it is tried."""

    letter_id: str
    subject: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPlan:
    """An SMTP server and whom to write to. The password comes from the environment."""

    host: str
    sender: str
    recipients: tuple[str, ...]
    port: int = 587
    security: str = "starttls"
    user: str | None = None

    def __post_init__(self) -> None:
        if self.security not in ("starttls", "tls", "none"):
            raise DataError(
                f"security {self.security!r} of the mail server is not one of: starttls, tls, none"
            )
        for address in (self.sender, *self.recipients):
            if "@" not in address or any(c in address for c in "\r\n"):
                raise DataError(f"{address!r} is not a mail address; write name@example.org")
        if not self.recipients:
            raise DataError("the mail server has no recipient; name at least one, or leave it out")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPlan:
    """What ``watch.toml`` states. Relative paths count from its folder."""

    folder: Path
    reviews: tuple[Path, ...]
    every_hours: int = 24
    updates: Path | None = None
    feed: Path | None = None
    mail: MailPlan | None = None

    def name_of(self, review: Path) -> str:
        """Return a review's name in log and feed: its path from the plan's folder."""
        try:
            return review.relative_to(self.folder).as_posix()
        except ValueError:
            return review.as_posix()
