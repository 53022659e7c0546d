"""What a reply means: fine, worth another try, or a clear no."""

from __future__ import annotations

import json
import re

from resartus.errors import SourceRefused, SourceUnavailable

__all__ = ["Transient", "judge_error_text", "judge_status"]

# Seen in replies of status 200 and 400; NCBI gives the right answer a moment later.
_PASSING = re.compile(
    r"External viewer error|Empty Response|Status: ?Timeout|temporarily|try again|"
    r"Search Backend failed|Database is not supported: pubmed|backend (?:server )?(?:error|fail)|"
    r"Unable to (?:obtain|open|connect)|Error reading from remote|Service unavailable|"
    r"Killing the request|cannot get document summary|Internal|timed? ?out|retrieve history data",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"cannot be larger than|only retrieve the first|Empty term|Invalid db name|"
    r"query_key|WebEnv|Invalid (?:uid|id)|Empty id list|API key (?:invalid|not)",
    re.IGNORECASE,
)
_PAGE = re.compile(rb"\A\s*(?:<!DOCTYPE\s+html|<html|<head|<!--|<title)", re.IGNORECASE)
_PASSING_STATUS = {408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524}


class Transient(Exception):
    """Why this reply is worth another try.

    ``is_rate_limit`` tells all threads to slow down; ``is_content`` that an
    answer came but cannot be read.
    """

    def __init__(
        self,
        why: str,
        *,
        retry_after_s: float | None = None,
        is_rate_limit: bool = False,
        is_content: bool = False,
    ) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s
        self.is_rate_limit = is_rate_limit
        self.is_content = is_content


def judge_error_text(text: str, *, host: str) -> None:
    """Raise for an ``<ERROR>``: ``Transient`` if it passes by itself, else ``SourceRefused``."""
    said = " ".join(text.split())
    if not _LASTING.search(said) and _PASSING.search(said):
        raise Transient(f"it said {said[:160]!r}")
    raise SourceRefused(f"{host} refused: {said[:300]}", where=host)


def _rate_limited(content: bytes) -> bool:
    # The body names the caller's address or key, so that none of it is repeated.
    if content.lstrip()[:1] != b"{":
        return False
    try:
        found = json.loads(content)
    except ValueError:
        return False
    return isinstance(found, dict) and "rate limit" in str(found.get("error", "")).casefold()


def _key_refused(content: bytes) -> bool:
    return b"API key invalid" in content or b"API key is invalid" in content


def judge_status(
    status: int,
    reason: str,
    content: bytes,
    *,
    location: str | None,
    retry_after_s: float | None,
    host: str,
) -> None:
    """Raise unless the reply can be what was asked for.

    Raises
    ------
    Transient
        For a rate limit, a server's failure, a web page in place of data.
    SourceUnavailable
        For a redirection, as login pages of hotels and hospitals give it.
    SourceRefused
        For a clear no.
    """
    if _key_refused(content[:500]):
        raise SourceRefused(
            f"{host} does not know the key in NCBI_API_KEY; correct it or unset it "
            "(then 3 requests a second)",
            where=host,
        )
    if status == 429 or _rate_limited(content[:2000]):
        raise Transient("it was asked too often", retry_after_s=retry_after_s, is_rate_limit=True)
    if status in _PASSING_STATUS:
        raise Transient(f"it answered {status} {reason}", retry_after_s=retry_after_s)
    if 300 <= status < 400:
        raise SourceUnavailable(
            f"{host} sends this machine to {location!r} instead of answering; "
            "a login page may stand between: open it in a browser, then try again",
            where=host,
        )
    if _PAGE.match(content[:400]):
        raise Transient(f"it sent a web page in place of data (status {status})")
    if status >= 400:
        text = re.sub(r"<[^>]*>", " ", content[:2000].decode("utf-8", "replace"))
        said = " ".join(text.split())
        if status == 400:
            judge_error_text(said or reason, host=host)
        raise SourceRefused(f"{host} refused: {status} {reason} {said[:200]}".rstrip(), where=host)
    if not content.strip():
        raise Transient("its reply was empty", retry_after_s=retry_after_s)
