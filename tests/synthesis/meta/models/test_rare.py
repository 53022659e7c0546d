import pytest
from tests.synthesis.oracles import agree

from resartus.errors import DataError, EstimationError
from resartus.synthesis.meta.models.rare import (
    pool_mantel_haenszel,
    pool_observed_expected,
    pool_peto,
)


def test_an_arm_without_any_event_is_said_and_not_corrected() -> None:
    table = ([0, 0, 0], [10, 20, 30], [2, 1, 0], [12, 20, 30])
    for measure in ("OR", "RR"):
        with pytest.raises(EstimationError, match="show the studies"):
            pool_mantel_haenszel(*table, measure=measure)
    difference = pool_mantel_haenszel(*table, measure="RD")
    assert difference.value is not None
    assert difference.value < 0
    assert pool_peto(*table).value is not None


def test_studies_without_events_add_nothing_to_a_ratio_and_are_counted() -> None:
    with_empty = pool_mantel_haenszel([2, 0], [50, 40], [5, 0], [50, 40], measure="OR")
    alone = pool_mantel_haenszel([2], [50], [5], [50], measure="OR")
    agree([with_empty.value, with_empty.std_error], [alone.value, alone.std_error], 1e-12)
    assert "1 of 2 studies" in with_empty.diagnostics[0]
    assert with_empty.n_patients == 180


def test_peto_on_unequal_arms_is_doubted() -> None:
    assert "twofold" in pool_peto([2, 3], [50, 300], [5, 4], [200, 100]).diagnostics[0]


def test_nobody_with_an_event_gives_no_ratio() -> None:
    with pytest.raises(EstimationError, match="no study has both"):
        pool_peto([0], [10], [0], [10])


def test_observed_minus_expected_adds_up() -> None:
    pooled = pool_observed_expected([-3.0, -5.0], [4.0, 6.0])
    agree([pooled.value, pooled.std_error], [-0.8, 10**-0.5], 1e-12)


def test_arms_must_match() -> None:
    with pytest.raises(DataError, match="first arms"):
        pool_peto([1, 2], [5, 5], [1], [5])


def test_heterogeneity_leaves_out_empty_studies_as_metafor_does() -> None:
    # metafor 3.8-1: rma.mh(ai=c(2,0,5,0), n1i=c(50,40,60,10), ci=c(5,0,4,3), n2i=c(50,40,55,12)).
    table = ([2, 0, 5, 0], [50, 40, 60, 10], [5, 0, 4, 3], [50, 40, 55, 12])
    found = pool_mantel_haenszel(*table, measure="OR")
    assert found.heterogeneity is not None
    assert found.heterogeneity.degrees_of_freedom == 2
    agree([found.value, found.heterogeneity.q], [-0.599369995272, 2.18152966682], 1e-9)
