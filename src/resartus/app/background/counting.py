"""How far work has come, told in steps done of all: what apps tell one way and jobs another."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

from resartus.app.search.engine import Progress
from resartus.domain.job import Tell
from resartus.domain.query import Search

__all__ = ["advancing", "seldom", "told_of_searches"]

_SECONDS = 0.5


def advancing(tell: Tell, n_all: int) -> Callable[[int], None]:
    """Return what counts on by ``n`` steps and tells the sum, for work that tells only those."""
    tell(0, n_all)
    done = 0

    def advance(n: int) -> None:
        nonlocal done
        done += n
        tell(min(done, n_all), n_all)

    return advance


def told_of_searches(tell: Tell, n_searches: int) -> Callable[[Search], Progress]:
    """Return who is told of each search: of one alone its records, of several which is run."""
    begun = itertools.count()

    def begin(search: Search) -> Progress:
        tell(next(begun), n_searches)
        return tell if n_searches == 1 else lambda n_done, n_all: None

    return begin


def seldom(tell: Tell, *, seconds: float = _SECONDS) -> Tell:
    """Return what tells the first and the last step, and of those between as often as is read."""
    last = float("-inf")

    def told(n_done: int, n_all: int) -> None:
        nonlocal last
        now = time.monotonic()
        if n_done >= n_all or now - last >= seconds:
            last = now
            tell(n_done, n_all)

    return told
