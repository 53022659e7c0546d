"""How much each judged record counts, where few are relevant."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Even", "Ratio"]


class Even:
    """Every record counts the same."""

    name = "none"
    version = "1"

    def weights(self, relevant: NDArray[Any]) -> NDArray[Any]:
        """Return ones."""
        return np.ones(len(relevant))


class Ratio:
    """All relevant records together count ``ratio`` times what all others do together."""

    name = "ratio"
    version = "1"

    def __init__(self, ratio: float = 9.8) -> None:
        self.ratio = ratio

    def weights(self, relevant: NDArray[Any]) -> NDArray[Any]:
        """Return weights with mean 1."""
        positive = int(relevant.sum())
        negative = len(relevant) - positive
        if not positive or not negative:
            return np.ones(len(relevant))
        weights = np.where(relevant, 1.0, positive / (self.ratio * negative))
        return np.asarray(weights * (len(relevant) / weights.sum()))
