import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.synthesis.oracles import agree

from resartus.errors import DataError
from resartus.synthesis.meta.sequential import (
    monitoring_bounds,
    required_information,
    update_signals,
)


def test_one_look_at_the_end_is_the_ordinary_test() -> None:
    agree(monitoring_bounds([1.0]).upper, [1.959963984540054], 1e-9)


def test_one_side_alone_is_nearly_two_sides_at_twice_alpha() -> None:
    one = monitoring_bounds([0.5, 1.0], alpha=0.025, sides=1)
    two = monitoring_bounds([0.5, 1.0], alpha=0.05)
    agree(one.upper, two.upper, 1e-5)
    agree(one.spent[-1], 0.025, 1e-9)
    assert monitoring_bounds([1.0], alpha=0.05, sides=1).upper[0] == pytest.approx(1.6448536)


@given(
    st.lists(st.floats(0.05, 0.99), min_size=1, max_size=5, unique=True),
    st.sampled_from(["O'Brien-Fleming", "Pocock"]),
    st.sampled_from([0.01, 0.05, 0.1]),
)
@settings(max_examples=15, deadline=None)
def test_all_alpha_is_spent_by_the_end_and_no_more(
    looks: list[float], spending: str, alpha: float
) -> None:
    times = sorted({round(t, 2) for t in looks})
    bounds = monitoring_bounds([*times, 1.0], alpha=alpha, spending=spending)
    agree(bounds.spent[-1], alpha, 1e-6)
    assert list(bounds.spent) == sorted(bounds.spent)


def test_a_first_look_far_too_early_has_no_bound() -> None:
    assert monitoring_bounds([0.01, 1.0]).upper[0] is None


@pytest.mark.parametrize("fractions", [[], [0.0, 1.0], [0.5, 0.5], [0.6, 0.4], [0.5, 1.2]])
def test_fractions_that_do_not_rise_within_0_to_1_are_refused(fractions: list[float]) -> None:
    with pytest.raises(DataError, match="information fractions"):
        monitoring_bounds(fractions)


def test_no_heterogeneity_needs_no_more_information() -> None:
    found = required_information([0.1, 0.1, 0.1], [0.1, 0.2, 0.3], delta=math.log(0.8))
    assert found.diversity == 0
    assert found.required == found.required_without_heterogeneity


def test_no_effect_worth_finding_is_refused() -> None:
    with pytest.raises(DataError, match="no effect"):
        required_information([0.1, 0.2], [0.1, 0.1], delta=0.0)


def test_a_lost_significance_and_a_halved_effect_are_signals() -> None:
    first, lost, halved = update_signals([-0.5, -0.45, -0.15], [0.2, 0.3, 0.05])
    assert not first.is_signal
    assert lost.significance_changed
    assert not lost.magnitude_changed
    assert halved.magnitude_changed
    assert halved.is_signal
