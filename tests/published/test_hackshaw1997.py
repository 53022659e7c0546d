"""Hackshaw AK, Law MR, Wald NJ. The accumulated evidence on lung cancer and environmental tobacco
smoke. BMJ 1997;315:980-988."""

import math

from tests.published.metadat import columns, printed, rows

from resartus.synthesis.meta.pooling import pool


def test_the_excess_risk_of_37_studies_is_the_abstracts() -> None:
    # Page 980, abstract: relative risk 1.24 (1.13 to 1.36), 37 studies.
    y, v = columns(rows("hackshaw1998"), "yi", "vi")
    e = pool(y, v, estimator="DL", test="z")
    assert e.value is not None
    assert e.interval is not None
    assert e.n_studies == 37
    ends = [e.value, e.interval.low or 0, e.interval.high or 0]
    assert [printed(math.exp(x), 2) for x in ends] == [1.24, 1.13, 1.36]
