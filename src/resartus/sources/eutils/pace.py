"""The rate limit, kept by all threads and all processes of this machine together."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from resartus.sources.eutils.settings import EutilsSettings

__all__ = ["Pace", "pace_for"]

# A slot further ahead than this was left by a clock that has since been set back.
_ABSURD_S = 900.0


class Pace:
    """Gives out start times ``1 / rate`` seconds apart.

    The next free time stands in a small file under a lock, so that several
    reviews updated at once stay below NCBI's limit together. Without a
    usable file the threads of this process still share it.

    Parameters
    ----------
    rate : float
        Requests a second, above 0.
    path : Path, optional
        The file shared by processes.
    """

    def __init__(
        self,
        rate: float,
        *,
        path: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.interval_s = 1.0 / rate
        self.path = path
        self._clock, self._sleep = clock, sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Sleep until this request may start; return how long that was, in seconds."""
        ahead = self._reserve(self.interval_s)
        if ahead > 0:
            self._sleep(ahead)
        return ahead

    def hold(self, seconds: float) -> None:
        """Let nobody start for so long: the server said it was too much."""
        self._reserve(0.0, not_before=self._clock() + seconds)

    def _reserve(self, interval_s: float, *, not_before: float = 0.0) -> float:
        """Take the next free time and return how far ahead it is."""
        with self._lock, _opened(self.path) as stream:
            now = self._clock()
            free = max(self._next, _read(stream))
            if free > now + _ABSURD_S:
                free = now
            start = max(now, free, not_before)
            self._next = start + interval_s
            _write(stream, self._next)
            return start - now


def pace_for(settings: EutilsSettings, *, sleep: Callable[[float], object] = time.sleep) -> Pace:
    """Return the pace of an address and key, shared through the machine's temporary folder."""
    identity = f"{settings.base_url} {settings.api_key or ''} {settings.rate}"
    name = hashlib.sha256(identity.encode()).hexdigest()[:16]
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    folder = Path(tempfile.gettempdir()) / f"resartus-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return Pace(settings.rate, sleep=sleep)
    return Pace(settings.rate, path=folder / f"pace-{name}", sleep=sleep)


@contextlib.contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO | None]:
    """Open and lock the shared file; ``None`` where that cannot be done."""
    if path is None:
        yield None
        return
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield None
        return
    with os.fdopen(descriptor, "r+b") as stream:
        if sys.platform == "win32":
            import msvcrt

            # Byte 1,000 lies outside what is written, so that reading it is never refused.
            stream.seek(1000)
            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield stream
            finally:
                stream.flush()
                stream.seek(1000)
                msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
            # Closing the file gives the lock back.
            yield stream


def _read(stream: BinaryIO | None) -> float:
    if stream is None:
        return 0.0
    stream.seek(0)
    try:
        return float(stream.read(32))
    except ValueError:
        return 0.0


def _write(stream: BinaryIO | None, value: float) -> None:
    if stream is not None:
        stream.seek(0)
        stream.write(f"{value:<31.6f}\n".encode())
        stream.flush()
