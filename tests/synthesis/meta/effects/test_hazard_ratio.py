import math

import pytest
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError, EstimationError
from resartus.synthesis.meta.effects.hazard_ratio import (
    from_interval,
    from_log_rank,
    from_medians,
    from_observed_expected,
    from_p_value,
)


def test_an_interval_and_the_p_value_it_implies_give_the_same_standard_error() -> None:
    first = from_interval(0.69, 0.5175, 0.92)
    assert first.p_value is not None
    second = from_p_value(first.p_value, ratio=0.69)
    agree([second.value, second.std_error], [first.value, first.std_error], 1e-3)


def test_a_ratio_off_the_middle_of_its_interval_is_doubted() -> None:
    assert not from_interval(0.69, 0.52, 0.92).diagnostics
    assert "check the figures" in from_interval(0.90, 0.52, 0.92).diagnostics[0]


def test_events_and_direction_turn_a_p_value_into_a_ratio() -> None:
    # Tierney 2007: V = events * n1 * n2 / (n1 + n2)^2, O - E = z * sqrt(V).
    found = from_p_value(0.05, events=100, n_1=120, n_2=60, favours_first=True)
    v = 100 * 120 * 60 / 180**2
    agree([found.value, found.std_error], [-1.959963984540054 / math.sqrt(v), v**-0.5], 1e-12)
    assert from_p_value(0.05, events=100, favours_first=False).value == pytest.approx(
        0.392, abs=1e-3
    )


def test_observed_minus_expected_is_peto() -> None:
    found = from_observed_expected(-7.5, 20.0)
    agree([found.value, found.std_error], [-0.375, 20**-0.5], 1e-12)


def test_the_curves_log_rank_statistic_is_r_s() -> None:
    r = oracle("logrank_lung_sex")
    rows = list(zip(r.data["time"], r.data["status"], r.data["sex"], strict=True))
    arms = [[(t, s) for t, s, x in rows if x == sex] for sex in sorted({x for _, _, x in rows})]
    top = max(s for _, s, _ in rows)
    columns = [
        column for arm in arms for column in ([t for t, _ in arm], [s == top for _, s in arm])
    ]
    found = from_log_rank(*columns)
    assert found.statistic is not None
    chi2 = next(
        x for k, x in r.expected.items() if "chisq" in k.lower() and "peto" not in k.lower()
    )
    agree(found.statistic**2, chi2, r.tolerance)


def test_medians_give_a_ratio_with_its_assumption() -> None:
    found = from_medians(20, 10, events_1=30, events_2=40)
    agree([found.value, found.std_error], [math.log(0.5), math.sqrt(1 / 30 + 1 / 40)], 1e-12)
    assert "Constant hazards" in found.diagnostics[0]


@pytest.mark.parametrize(
    ("ratio", "low", "high"), [(0.5, 0.6, 0.9), (0.5, 0.0, 0.9), (0.5, 0.5, 0.5), (-1, -2, 1)]
)
def test_impossible_intervals_are_refused(ratio: float, low: float, high: float) -> None:
    with pytest.raises(DataError, match="impossible"):
        from_interval(ratio, low, high)


def test_a_p_value_alone_is_not_enough() -> None:
    with pytest.raises(DataError, match="events and direction"):
        from_p_value(0.03)
    with pytest.raises(DataError, match="not between 0 and 1"):
        from_p_value(0.0, ratio=0.5)


def test_curves_without_a_death_give_no_ratio() -> None:
    with pytest.raises(EstimationError, match="nobody died"):
        from_log_rank([1, 2], [False, False], [3], [False])
