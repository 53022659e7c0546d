"""Yusuf S, Peto R, Lewis J, Collins R, Sleight P. Beta blockade during and after myocardial
infarction. Prog Cardiovasc Dis 1985;27:335-371. Table 6: short-term trials of oral beta
blockers."""

import math

from tests.published.metadat import columns, printed, rows

from resartus.synthesis.meta.models.rare import pool_peto


def test_petos_odds_ratio_of_oral_beta_blockers_is_the_printed_one() -> None:
    # Odds ratio 0.93 (0.74 to 1.18), cited by metafor's own checks as page 107.
    data = [r for r in rows("yusuf1985") if r["table"] == "6" and "NA" not in r.values()]
    data = [r for r in data if all(r[key] for key in ("ai", "n1i", "ci", "n2i"))]
    a, n1, c, n2 = columns(data, "ai", "n1i", "ci", "n2i")
    e = pool_peto(a, n1, c, n2)
    assert e.value is not None
    assert e.interval is not None
    ends = [e.value, e.interval.low or 0, e.interval.high or 0]
    assert [printed(math.exp(x), 2) for x in ends] == [0.93, 0.74, 1.18]
