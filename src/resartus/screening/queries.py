"""Which of the records left is judged next."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Top", "TopAndRandom", "Unsure"]


class Top:
    """The likeliest first; of equals the one that arrived first."""

    name = "top"
    version = "1"

    def order(self, scores: NDArray[Any], *, n_judged: int) -> NDArray[Any]:
        """Return places from the highest score down."""
        return np.argsort(-scores, kind="stable")


class Unsure:
    """The record nearest the model's border first: teaches most, finds least."""

    name = "unsure"
    version = "1"

    def order(self, scores: NDArray[Any], *, n_judged: int) -> NDArray[Any]:
        """Return places from the score nearest 0 outwards."""
        return np.argsort(np.abs(scores), kind="stable")


class TopAndRandom:
    """The likeliest first, with every twentieth at random, so that no corner stays unseen."""

    name = "top-and-random"
    version = "1"

    def __init__(self, every: int = 20) -> None:
        self.every = every

    def order(self, scores: NDArray[Any], *, n_judged: int) -> NDArray[Any]:
        """Return places; the same scores after as many votes give the same order."""
        top = np.argsort(-scores, kind="stable").tolist()
        drawn = np.random.default_rng(n_judged).permutation(len(scores)).tolist()
        taken: set[int] = set()
        order: list[int] = []
        sources = (iter(top), iter(drawn))
        while len(order) < len(top):
            turn = (n_judged + len(order) + 1) % self.every == 0
            for place in sources[int(turn)]:
                if place not in taken:
                    taken.add(place)
                    order.append(place)
                    break
        return np.asarray(order, dtype=int)
