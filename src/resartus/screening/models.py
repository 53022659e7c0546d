"""Models that learn from judged records which of the others are likely relevant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

    def __init__(self, cost: float = 0.11) -> None:
        self.cost = cost

    def fit(self, matrix: Any, relevant: NDArray[Any], weights: NDArray[Any]) -> LinearFit:
        """Learn from rows, whether each is relevant, and how much each counts."""
        from sklearn.svm import LinearSVC

        fitted = LinearSVC(C=self.cost, loss="squared_hinge", dual=True, random_state=0)
        fitted.fit(matrix, relevant, sample_weight=weights)
        return LinearFit(fitted.coef_[0], float(fitted.intercept_[0]))


class Logistic:
    """Logistic regression with a squared penalty."""

    name = "logistic"
    version = "1"

    def __init__(self, cost: float = 3.0) -> None:
        self.cost = cost

    def fit(self, matrix: Any, relevant: NDArray[Any], weights: NDArray[Any]) -> LinearFit:
        """Learn from rows, whether each is relevant, and how much each counts."""
        from sklearn.linear_model import LogisticRegression

        fitted = LogisticRegression(C=self.cost, solver="liblinear", random_state=0)
        fitted.fit(matrix, relevant, sample_weight=weights)
        return LinearFit(fitted.coef_[0], float(fitted.intercept_[0]))


class NaiveBayes:
    """Multinomial naive Bayes on tf-idf weights; the score is the difference of log odds."""

    name = "naive-bayes"
    version = "1"

    def __init__(self, smoothing: float = 3.822) -> None:
        self.smoothing = smoothing

    def fit(self, matrix: Any, relevant: NDArray[Any], weights: NDArray[Any]) -> LinearFit:
        """Learn from rows, whether each is relevant, and how much each counts."""
        from sklearn.naive_bayes import MultinomialNB

        fitted = MultinomialNB(alpha=self.smoothing)
        fitted.fit(matrix, relevant, sample_weight=weights)
        odds = fitted.feature_log_prob_[1] - fitted.feature_log_prob_[0]
        prior = fitted.class_log_prior_[1] - fitted.class_log_prior_[0]
        return LinearFit(odds, float(prior))
