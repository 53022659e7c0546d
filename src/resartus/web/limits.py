"""``RateLimit``: how many requests one browser or address may send."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from resartus.app.failures import error_shape

__all__ = ["RateLimit"]

_KEPT = 10_000


class RateLimit:
    """A bucket for each caller: it fills at a steady rate and each request takes one drop.

    Parameters
    ----------
    per_minute : int
        How fast a bucket fills; it holds as much as a minute brings.
    key : callable
        Tells callers apart.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        per_minute: int,
        key: Callable[[Request], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self._size = float(per_minute)
        self._key = key
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or self._takes(self._key(Request(scope))):
            await self.app(scope, receive, send)
            return
        shape = error_shape(kind="TooMany", message="too many requests; wait a little, try again")
        answer = JSONResponse(shape, status_code=429, headers={"retry-after": "5"})
        await answer(scope, receive, send)

    def _takes(self, key: str) -> bool:
        at = self._clock()
        level, since = self._buckets.pop(key, (self._size, at))
        level = min(self._size, level + (at - since) * self._size / 60)
        allowed = level >= 1
        # Put back at the end: the first is always who has been quiet for longest.
        self._buckets[key] = (level - 1 if allowed else level, at)
        if len(self._buckets) > _KEPT:
            self._buckets.pop(next(iter(self._buckets)))
        return allowed
