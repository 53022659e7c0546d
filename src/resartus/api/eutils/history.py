"""The history server: sets of PMIDs by WebEnv and query key, forgotten when nobody asks."""

from __future__ import annotations

import secrets
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from resartus.api.eutils.asked import Asked, Fault

__all__ = ["Entry", "History"]

_IDLE_S = 8 * 3600.0
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A set in the order found, and the query that ``#n`` stands for in later terms."""

    pmids: array[int]
    term: str


@dataclass(slots=True)
class _Environment:
    used_at: float
    entries: dict[int, Entry] = field(default_factory=dict)


class History:
    """Environments in memory; one idle for eight hours is dropped, as at NCBI."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._environments: OrderedDict[str, _Environment] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, web_env: str, pmids: Iterable[int], *, term: str) -> tuple[int, str]:
        """Add a set to an environment, or to a new one; return its query key and WebEnv."""
        with self._lock:
            self._forget()
            environment = self._environments.get(web_env)
            if environment is None:
                web_env = f"MCID_{secrets.token_hex(12)}"
                environment = self._environments[web_env] = _Environment(self._clock())
            key = len(environment.entries) + 1
            environment.entries[key] = Entry(array("Q", pmids), term)
            environment.used_at = self._clock()
            self._environments.move_to_end(web_env)
            return key, web_env

    def entry(self, web_env: str, key: str) -> Entry:
        """Return a set, or raise the fault that NCBI gives for one that is not there."""
        with self._lock:
            self._forget()
            environment = self._environments.get(web_env)
            found = None
            if environment is not None and key.isdigit():
                environment.used_at = self._clock()
                self._environments.move_to_end(web_env)
                found = environment.entries.get(int(key))
        if found is None:
            raise Fault(f"Unable to obtain query #{key}", status=400)
        return found

    def of(self, asked: Asked) -> Entry:
        """Return the set that a request's WebEnv and query_key name."""
        return self.entry(asked.text("WebEnv"), asked.text("query_key"))

    def pmids(self, asked: Asked, *, retmax: int) -> list[int]:
        """Return the PMIDs a request is about: those of ``id``, or a page of a set."""
        if not asked.uses_history:
            return asked.ids()
        start = asked.number("retstart", 0)
        return list(self.of(asked).pmids[start : start + asked.number("retmax", retmax)])

    def _forget(self) -> None:
        oldest = self._clock() - _IDLE_S
        while self._environments:
            web_env, environment = next(iter(self._environments.items()))
            if environment.used_at > oldest and len(self._environments) < _MOST:
                return
            del self._environments[web_env]
