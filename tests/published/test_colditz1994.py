"""Colditz GA, Brewer TF, Berkey CS, et al. Efficacy of BCG vaccine in the prevention of
tuberculosis. JAMA 1994;271:698-702."""

import math

from tests.published.metadat import columns, printed, rows

from resartus.synthesis.meta.effects.two_arms import compare_counts
from resartus.synthesis.meta.pooling import pool


def test_the_relative_risk_of_13_trials_is_the_abstracts() -> None:
    # Page 698, abstract: relative risk 0.49 (0.34 to 0.70) in 13 trials.
    a, b, c, d = columns(rows("bcg"), "tpos", "tneg", "cpos", "cneg")
    n1 = [x + y for x, y in zip(a, b, strict=True)]
    n2 = [x + y for x, y in zip(c, d, strict=True)]
    e = pool(*compare_counts("RR", a, n1, c, n2).known()[1:], estimator="DL", test="z")
    assert e.value is not None
    assert e.interval is not None
    ends = [e.value, e.interval.low or 0, e.interval.high or 0]
    assert [printed(math.exp(x), 2) for x in ends] == [0.49, 0.34, 0.70]
