"""Another service that vouches for people (OpenID Connect)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Vouched", "Voucher"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """What the service says of who signed in there; the address is one it has verified."""

    email: str
    name: str


class Voucher(Protocol):
    """Sends people to sign in elsewhere, and learns who came back."""

    @property
    def label(self) -> str:
        """What people call it, for the button."""
        ...

    def fetch_address(self, *, state: str, nonce: str, verifier: str, back: str) -> str:
        """Return where to send a browser."""
        ...

    def fetch_person(self, code: str, *, nonce: str, verifier: str, back: str) -> Vouched:
        """Return whom the service vouches for."""
        ...
