"""Nissen SE, Wolski K. Effect of rosiglitazone on the risk of myocardial infarction and death
from cardiovascular causes. N Engl J Med 2007;356:2457-2471. Abstract and Table 4."""

import math

import pytest
from tests.published.metadat import columns, printed, rows

from resartus.synthesis.meta.models.rare import pool_peto


@pytest.mark.parametrize(
    ("outcome", "ratio", "low", "high", "p"),
    [("infarction", 1.43, 1.03, 1.98, 0.03), ("death", 1.64, 0.98, 2.74, 0.06)],
)
def test_petos_odds_ratio_over_zero_trials_is_the_printed_one(outcome, ratio, low, high, p) -> None:  # type: ignore[no-untyped-def]
    table = columns(
        rows("nissen2007"),
        f"treat.{outcome}",
        "treat.total",
        f"cont.{outcome}",
        "cont.total",
    )
    e = pool_peto(*table)
    assert e.value is not None
    assert e.interval is not None
    ends = [e.value, e.interval.low or 0, e.interval.high or 0]
    assert [printed(math.exp(x), 2) for x in ends] == [ratio, low, high]
    assert printed(e.p_value, 2) == p
