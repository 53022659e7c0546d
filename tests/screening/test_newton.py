import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from resartus.screening.models import NaiveBayes
from resartus.screening.newton import logistic_loss, minimise, squared_hinge


def made(seed: int, rows: int) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    matrix = sp.random(rows, 300, density=0.05, format="csr", rng=draw)
    relevant = np.arange(rows) % 5 == 0
    return matrix, relevant, draw.uniform(0.1, 20, rows)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(2, 120), cost=st.sampled_from([0.01, 0.11, 3]))
def test_the_weights_are_those_of_liblinear(seed: int, rows: int, cost: float) -> None:
    # Independent: scikit-learn's liblinear, run to a fine tolerance.
    matrix, relevant, weights = made(seed, rows)
    for loss, theirs in (
        (squared_hinge, LinearSVC(C=cost, tol=1e-9, max_iter=200_000, random_state=0)),
        (
            logistic_loss,
            LogisticRegression(C=cost, solver="liblinear", tol=1e-10, max_iter=10_000),
        ),
    ):
        theirs.fit(matrix, relevant, sample_weight=weights)
        found, constant = minimise(matrix, relevant, cost * weights, loss=loss, tolerance=1e-8)
        assert found == pytest.approx(theirs.coef_[0], abs=2e-3)
        assert constant == pytest.approx(theirs.intercept_[0], abs=2e-3)


def test_the_usual_tolerance_changes_a_score_by_less_than_a_hundredth() -> None:
    matrix, relevant, weights = made(1, 120)
    rough, fine = (
        minimise(matrix, relevant, 0.11 * weights, loss=squared_hinge, tolerance=tolerance)
        for tolerance in (1e-4, 1e-10)
    )
    assert matrix @ rough[0] + rough[1] == pytest.approx(matrix @ fine[0] + fine[1], abs=0.01)


def test_rows_without_a_term_are_told_by_the_constant_alone() -> None:
    weights, constant = minimise(
        sp.csr_matrix((3, 4)), np.array([True, False, False]), np.ones(3), loss=squared_hinge
    )
    assert weights.tolist() == [0, 0, 0, 0]
    assert -1 < constant < 0


def test_naive_bayes_has_the_odds_of_scikit_learn() -> None:
    matrix, relevant, weights = made(2, 60)
    theirs = MultinomialNB(alpha=3.822).fit(matrix, relevant, sample_weight=weights)
    odds = theirs.predict_joint_log_proba(matrix)
    found = NaiveBayes().fit(matrix, relevant, weights).scores(matrix)
    assert found == pytest.approx(odds[:, 1] - odds[:, 0], abs=1e-9)
