import numpy as np
import pytest
from tests.synthesis.oracles import agree

from resartus.synthesis.meta.models import tau2 as module
from resartus.synthesis.meta.models.tau2 import estimate_tau2, q_profile
from resartus.synthesis.meta.models.weighted import fit_weighted

Y = np.array([0.1, 0.9, -0.4, 1.2, 0.3])
V = np.array([0.02, 0.3, 0.05, 0.1, 0.2])
X = np.ones((5, 1))


@pytest.mark.parametrize("estimator", ["REML", "ML"])
def test_where_scoring_does_not_settle_the_search_finds_the_same_and_says_so(
    estimator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled = estimate_tau2(Y, V, X, estimator=estimator)
    monkeypatch.setattr(module, "_by_scoring", lambda *_: None)
    searched = estimate_tau2(Y, V, X, estimator=estimator)
    agree(searched.value, settled.value, 1e-5)
    assert "did not settle" in searched.diagnostics[0]
    assert estimate_tau2(Y * 1e-3, V, X, estimator=estimator).value == 0


def test_paule_mandel_brings_q_to_its_expectation() -> None:
    found = estimate_tau2(Y, V, X, estimator="PM")
    agree(fit_weighted(Y, X, 1 / (V + found.value)).q, 4.0, 1e-12)


def test_the_q_profile_limits_bring_q_to_the_quantiles() -> None:
    interval = q_profile(Y, V, X, level=0.9)
    # Chi-squared with 4 degrees of freedom: 5 and 95 per cent.
    for limit, quantile in ((interval.low, 9.487729036781154), (interval.high, 0.710723021397324)):
        assert limit is not None
        agree(fit_weighted(Y, X, 1 / (V + limit)).q, quantile, 1e-9)
