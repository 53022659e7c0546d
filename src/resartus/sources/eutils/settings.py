"""How to reach NCBI and who asks; the key is never printed."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field

from resartus.errors import DataError

__all__ = ["NCBI_URL", "EutilsSettings"]

NCBI_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
CAP = 9_999
"""PubMed serves no record after the first 9,999 of a search (since November 2022)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EutilsSettings:
    """Address, identity and patience of a client.

    Parameters
    ----------
    base_url : str
        Ends with ``/``; ``esearch.fcgi`` and the others stand below it.
    api_key : str, optional
        NCBI's key: 10 requests a second instead of 3. Not part of ``repr``.
    tool, email : str
        NCBI asks every program to name itself and somebody to write to.
    requests_per_second : float, optional
        Overrides NCBI's 3 or 10, for a server of one's own.
    cap : int
        How many records of one search the server gives.
    timeout_s : float
        How long one reply may keep silent.
    attempts : int
        How often a request is tried before its error is raised.
    backoff_s : float
        First wait after a failure; it doubles, with jitter, up to ``longest_wait_s``.
    """

    base_url: str = NCBI_URL
    api_key: str | None = field(default=None, repr=False)
    tool: str = "resartus"
    email: str | None = None
    requests_per_second: float | None = None
    cap: int = CAP
    timeout_s: float = 60.0
    attempts: int = 6
    backoff_s: float = 1.0
    longest_wait_s: float = 60.0

    def __post_init__(self) -> None:
        parts = urllib.parse.urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise DataError(
                f"address {self.base_url!r} of the E-utilities is not a web address; "
                f"give one such as {NCBI_URL}",
                field="base_url",
            )
        if not self.base_url.endswith("/"):
            object.__setattr__(self, "base_url", self.base_url + "/")

    @property
    def rate(self) -> float:
        """Requests a second: 3 at NCBI, 10 with a key, 50 at any other server, unless set."""
        if self.requests_per_second is not None:
            return self.requests_per_second
        if not self.host.endswith("ncbi.nlm.nih.gov"):
            return 50.0
        return 10.0 if self.api_key else 3.0

    @property
    def host(self) -> str:
        """Who answers, for messages and for the methods section."""
        return urllib.parse.urlsplit(self.base_url).netloc

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> EutilsSettings:
        """Return settings from ``NCBI_API_KEY``, ``NCBI_EMAIL`` and ``RESARTUS_EUTILS_URL``.

        The first two are the names EDirect uses.
        """
        given = os.environ if environment is None else environment
        return cls(
            base_url=given.get("RESARTUS_EUTILS_URL", "").strip() or NCBI_URL,
            api_key=given.get("NCBI_API_KEY", "").strip() or None,
            email=given.get("NCBI_EMAIL", "").strip() or None,
        )
