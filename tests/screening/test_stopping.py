import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resartus.screening.recall_bound import (
    History,
    most_relevant,
    recall_bound,
    wealth_against,
)
from resartus.screening.stopping import RULES, Audit, Consecutive, JudgeAll, Safe, default_rule


def history(n: int, relevant: list[bool], *, random_from: int | None = None) -> History:
    start = len(relevant) if random_from is None else random_from
    return History.of(n, relevant, [i >= start for i in range(len(relevant))])


def test_the_wealth_of_a_dry_run_is_that_of_the_bets_by_hand() -> None:
    # 10 records left of which 2 would be relevant; two random draws, both irrelevant.
    found = wealth_against(history(10, [False, False], random_from=0), 2, trust_ranking=False)
    by_hand = [(1 - c * 0.2) / (1 - 0.2) * (1 - c * 2 / 9) / (1 - 2 / 9) for c in (0.4, 0.05)]
    # Of four bettors two bet from the first draw; two sleep until one is relevant.
    assert found == pytest.approx(math.log((sum(by_hand) + 2) / 4))


@pytest.mark.parametrize("total", [1, 3, 8])
def test_a_random_audit_rules_out_the_truth_no_oftener_than_it_says(total: int) -> None:
    # 500 reviews of 60 records judged to the end by chance, looked at after every vote:
    # at 80 % confidence the truth may ever be ruled out in 20 %, here 100 and 3 standard errors.
    draw = np.random.default_rng(total)
    ruled_out = 0
    for _ in range(500):
        relevant = np.zeros(60, bool)
        relevant[draw.choice(60, total, replace=False)] = True
        wealth = max(
            wealth_against(
                history(60, relevant[:seen].tolist(), random_from=0), total, trust_ranking=False
            )
            for seen in range(10, 60, 7)
        )
        ruled_out += wealth >= math.log(1 / 0.2)
    assert ruled_out <= 100 + 3 * math.sqrt(500 * 0.2 * 0.8)


@given(
    st.lists(st.booleans(), min_size=1, max_size=40),
    st.integers(1, 200),
    st.integers(0, 40),
)
@settings(deadline=None, max_examples=60)
def test_the_bound_is_where_the_wealth_crosses(
    relevant: list[bool], more: int, random_from: int
) -> None:
    seen = history(len(relevant) + more, relevant, random_from=random_from)
    for trust in (True, False):
        most = most_relevant(seen, confidence=0.95, trust_ranking=trust)
        limit = math.log(20)
        assert wealth_against(seen, most, trust_ranking=trust) < limit or most == seen.n_found
        assert wealth_against(seen, most + 1, trust_ranking=trust) >= limit
        assert 0 <= recall_bound(seen, confidence=0.95, trust_ranking=trust) <= 1


def test_nothing_is_proved_without_random_draws() -> None:
    seen = history(1000, [True] * 10 + [False] * 400)
    advice = Audit().check(seen, recall=0.95, confidence=0.95)
    assert not advice.may_stop
    assert advice.relevant_at_most == 600


def test_a_long_audit_lets_one_stop() -> None:
    seen = history(3000, [True] * 100 + [False] * 300 + [False] * 1600, random_from=400)
    advice = Audit().check(seen, recall=0.95, confidence=0.95)
    assert advice.may_stop
    assert advice.recall is not None
    assert advice.recall >= 0.95


@pytest.mark.parametrize("name", sorted(RULES))
def test_when_all_is_judged_every_rule_says_so(name: str) -> None:
    advice = RULES[name]().check(history(3, [True, False, False]), recall=1.0, confidence=0.95)
    assert (advice.may_stop, advice.recall) == (True, 1.0)


def test_a_small_set_is_judged_whole_and_the_reason_given() -> None:
    rule = default_rule(166)
    assert isinstance(rule, JudgeAll)
    advice = rule.check(history(166, [True] + [False] * 150), recall=0.95, confidence=0.95)
    assert not advice.may_stop
    assert "with few relevant ones, no rule can promise" in advice.sentence
    assert isinstance(default_rule(1000), Audit)


def test_rules_of_thumb_promise_nothing() -> None:
    seen = history(2000, [True] * 5 + [False] * 300)
    for rule in (Consecutive(), Safe()):
        advice = rule.check(seen, recall=0.95, confidence=0.95)
        assert advice.may_stop
        assert (advice.recall, advice.confidence) == (None, None)
    early = history(20_000, [True] * 5 + [False] * 300)
    assert "a tenth of the records" in Safe().check(early, recall=0.95, confidence=0.95).sentence
