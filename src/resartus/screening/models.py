"""Models that learn from judged records which of the others are likely relevant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resartus.screening.newton import logistic_loss, minimise, squared_hinge

__all__ = ["LinearFit", "LinearSvm", "Logistic", "NaiveBayes"]


@dataclass(frozen=True, slots=True)
class LinearFit:
    """A weight for every column, and a constant."""

    coefficients: NDArray[Any]
    intercept: float

    def scores(self, matrix: Any) -> NDArray[Any]:
        """Return the weighted sums of the rows."""
        return np.asarray(matrix @ self.coefficients + self.intercept)

    def term_weights(self) -> NDArray[Any]:
        """Return the weights."""
        return self.coefficients


class LinearSvm:
    """A support vector machine with a linear kernel and squared hinge loss.

    Parameters
    ----------
    cost : float
        How much an error counts against a simple model, above 0 (liblinear's C).
    """

    name = "svm"
    version = "1"
    reads_similarities = True

    def __init__(self, cost: float = 0.11) -> None:
        self.cost = cost

    def fit(self, matrix: Any, relevant: NDArray[Any], weights: NDArray[Any]) -> LinearFit:
        """Learn from rows, whether each is relevant, and how much each counts."""
        return LinearFit(*minimise(matrix, relevant, self.cost * weights, loss=squared_hinge))


class Logistic:
    """Logistic regression with a squared penalty."""

    name = "logistic"
    version = "1"
    reads_similarities = True

    def __init__(self, cost: float = 3.0) -> None:
        self.cost = cost

    def fit(self, matrix: Any, relevant: NDArray[Any], weights: NDArray[Any]) -> LinearFit:
        """Learn from rows, whether each is relevant, and how much each counts."""
        return LinearFit(*minimise(matrix, relevant, self.cost * weights, loss=logistic_loss))


class NaiveBayes:
    """Multinomial naive Bayes on tf-idf weights; the score is the difference of log odds."""

    name = "naive-bayes"
    version = "1"

    def __init__(self, smoothing: float = 3.822) -> None:
        self.smoothing = smoothing

    def fit(self, matrix: Any, relevant: NDArray[Any], weights: NDArray[Any]) -> LinearFit:
        """Learn from rows, whether each is relevant, and how much each counts."""
        odds = 0.0
        for of_class, sign in ((relevant, 1), (~relevant, -1)):
            counts = matrix.T @ np.where(of_class, weights, 0.0) + self.smoothing
            odds = odds + sign * np.log(counts / counts.sum())
        prior = np.log(weights[relevant].sum() / weights[~relevant].sum())
        return LinearFit(np.asarray(odds), float(prior))
