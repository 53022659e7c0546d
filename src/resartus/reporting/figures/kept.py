"""Figures that were drawn before: the same inputs are drawn once, in any number of pages."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from resartus.domain.plain import to_plain
from resartus.reporting.figures.canvas import Drawing

__all__ = ["KEPT", "KeptDrawings", "drawn_once"]

P = ParamSpec("P")

_MOST_BYTES = 64 * 2**20


class KeptDrawings:
    """Drawings by the hash of what they show; those not asked for longest make room.

    A drawing follows from its inputs alone, so that what is kept is right
    whatever was logged, undone or edited meanwhile, by whichever process.

    Parameters
    ----------
    most_bytes : int
        How much SVG and PNG together may take.
    """

    def __init__(self, *, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._n_bytes = 0
        self._drawings: OrderedDict[str, Drawing] = OrderedDict()
        self._lock = threading.Lock()

    def drawn(self, key: str, draw: Callable[[], Drawing]) -> Drawing:
        """Return the drawing of this key, made by ``draw`` if it is not kept."""
        with self._lock:
            kept = self._drawings.get(key)
            if kept is not None:
                self._drawings.move_to_end(key)
                return kept
        made = draw()
        with self._lock:
            if key not in self._drawings:
                self._drawings[key] = made
                self._n_bytes += _size(made)
            while self._n_bytes > self._most_bytes:
                _, oldest = self._drawings.popitem(last=False)
                self._n_bytes -= _size(oldest)
        return made

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._drawings.clear()
            self._n_bytes = 0


def _size(drawing: Drawing) -> int:
    return len(drawing.svg) + len(drawing.png)


KEPT = KeptDrawings()
"""What this process has drawn."""


def drawn_once(
    function: Callable[P, Drawing], *, kept: KeptDrawings = KEPT
) -> Callable[P, Drawing]:
    """Let a function that draws answer from what is kept where it is asked the same again.

    Its inputs have to be plain, or domain types of plain parts; what is
    neither is refused (``to_plain``), never mistaken for something else.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Drawing:
        asked = json.dumps([name, to_plain(args), to_plain(kwargs)], sort_keys=True)
        key = hashlib.sha256(asked.encode()).hexdigest()
        return kept.drawn(key, lambda: function(*args, **kwargs))

    return drawn
