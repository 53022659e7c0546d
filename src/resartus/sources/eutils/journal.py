"""What an unfinished fetch already has, line by line, so that a cut costs one batch."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resartus.errors import StoreError

__all__ = ["Journal"]


class Journal:
    """A file of JSON lines. A line that was cut off is ignored; it was not acknowledged.

    Parameters
    ----------
    path : Path
        One file per search; made with its folder at the first line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def lines(self) -> list[dict[str, Any]]:
        """Return all whole lines."""
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read: {error.strerror}") from error
        found = []
        for line in raw.split(b"\n"):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                found.append(value)
        return found

    def add(self, line: Mapping[str, Any]) -> None:
        """Append one line and see it on disk."""
        # The leading newline keeps a cut-off line before it from swallowing this one.
        content = b"\n" + json.dumps(line, separators=(",", ":")).encode() + b"\n"
        try:
            with self._lock:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("ab") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
        except OSError as error:
            raise StoreError(
                f"cannot write {self.path.name!r} in {str(self.path.parent)!r}: "
                f"{error.strerror or error}; free some space and run the command again"
            ) from error

    def remove(self) -> None:
        """Forget the fetch: it is finished and logged, or must begin anew."""
        self.path.unlink(missing_ok=True)
