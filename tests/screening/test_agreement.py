import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.errors import DataError
from resartus.screening.agreement import measure_agreement


def pairs(both: int, first: int, second: int, neither: int) -> list[tuple[bool, bool]]:
    return (
        [(True, True)] * both
        + [(True, False)] * first
        + [(False, True)] * second
        + [(False, False)] * neither
    )


def kappa_of(shares: list[float]) -> float:
    both, first, second, neither = shares
    observed = both + neither
    expected = (both + first) * (both + second) + (second + neither) * (first + neither)
    return (observed - expected) / (1 - expected)


def test_the_interval_is_the_one_of_the_delta_method() -> None:
    # Independent of the published formula: derivatives of kappa by differences, multinomial shares.
    counts, step = [20, 5, 10, 15], 1e-6
    shares = [count / 50 for count in counts]
    slope = []
    for cell in range(4):
        up, down = list(shares), list(shares)
        up[cell] += step
        down[cell] -= step
        slope.append((kappa_of(up) - kappa_of(down)) / (2 * step))
    mean = sum(g * p for g, p in zip(slope, shares, strict=True))
    variance = sum(p * (g - mean) ** 2 for g, p in zip(slope, shares, strict=True)) / 50
    found = measure_agreement(pairs(*counts))
    assert found.kappa == pytest.approx(0.4)
    assert found.kappa_low == pytest.approx(0.4 - 1.959964 * variance**0.5, abs=1e-6)


def test_rare_includes_give_low_kappa_and_high_pabak() -> None:
    found = measure_agreement(pairs(1, 4, 4, 191))
    assert found.kappa is not None
    assert found.kappa < 0.2
    assert found.pabak > 0.9


def test_kappa_is_not_defined_where_both_said_one_thing() -> None:
    found = measure_agreement(pairs(0, 0, 0, 12))
    assert (found.kappa, found.kappa_low, found.observed, found.pabak) == (None, None, 1, 1)


def test_no_pair_is_refused() -> None:
    with pytest.raises(DataError, match="no record has been judged by two"):
        measure_agreement([])


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_agreement_does_not_depend_on_who_is_first(given_: list[tuple[bool, bool]]) -> None:
    one, two = measure_agreement(given_), measure_agreement([(b, a) for a, b in given_])
    assert one.kappa == pytest.approx(two.kappa)
    assert one.kappa_low == pytest.approx(two.kappa_low)
    assert -1 <= one.pabak <= 1
    if one.kappa is not None:
        assert one.kappa <= 1
        assert one.kappa_low <= one.kappa <= one.kappa_high  # type: ignore[operator]
