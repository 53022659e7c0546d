import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.synthesis.oracles import agree, oracle

from resartus.errors import DataError
from resartus.synthesis.survival.kaplan_meier import CURVE_INTERVALS, kaplan_meier

FILES = {
    "km_caseseries_n9": (12, 24, 60),
    "km_lung": (180, 365, 730),
    "km_no_median": (12, 24, 36),
    "km_ovarian": (180, 365, 730),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", CURVE_INTERVALS)
def test_curve_quantiles_and_limits_agree_with_survfit(name: str, kind: str) -> None:
    r = oracle(name)
    curve = kaplan_meier(r.data["time"], r.data["status"], interval=kind)
    agree(
        [curve.times, curve.at_risk, curve.n_events, curve.n_censored, curve.survival],
        [r.expected[key] for key in ("time", "n_risk", "n_event", "n_censor", "surv")],
        r.tolerance,
    )
    quartiles = [curve.quantile(p) for p in (0.25, 0.5, 0.75)]
    short = kind.replace("-", "")
    theirs = r.expected["quartiles"][short]
    agree([q.value for q in quartiles], theirs["q"], r.tolerance)
    agree([q.interval.low for q in quartiles if q.interval], theirs["lower"], r.tolerance)
    agree([q.interval.high for q in quartiles if q.interval], theirs["upper"], r.tolerance)
    at = [curve.survival_at(t) for t in FILES[name]]
    theirs = r.expected["at"][short]
    agree([e.value for e in at], theirs["surv"], r.tolerance)
    agree([e.std_error for e in at], theirs["se"], r.tolerance)
    agree([e.interval.low for e in at if e.interval], theirs["lower"], r.tolerance)
    agree([e.interval.high for e in at if e.interval], theirs["upper"], r.tolerance)
    agree([curve.at_risk_at(t) for t in FILES[name]], theirs["n_risk"], r.tolerance)


patients = st.lists(
    st.tuples(st.floats(0, 200, allow_nan=False).map(lambda t: round(t, 1)), st.booleans()),
    min_size=1,
    max_size=40,
)


@given(patients)
def test_curve_never_rises_and_ignores_the_order_of_patients(
    rows: list[tuple[float, bool]],
) -> None:
    curve = kaplan_meier([t for t, _ in rows], [e for _, e in rows])
    assert all(a >= b for a, b in zip(curve.survival, curve.survival[1:], strict=False))
    assert curve.n_patients == len(rows)
    assert sum(curve.n_events) + sum(curve.n_censored) == len(rows)
    again = kaplan_meier([t for t, _ in rows[::-1]], [e for _, e in rows[::-1]])
    assert again.survival == curve.survival
    for low, high, s in zip(curve.low, curve.high, curve.survival, strict=True):
        assert (low is None) == (high is None)
        if low is not None and high is not None:
            assert 0 <= low <= s <= high <= 1


@given(st.lists(st.integers(1, 50), min_size=1, max_size=40))
def test_without_censoring_it_is_the_empirical_curve(times: list[int]) -> None:
    curve = kaplan_meier(times, [True] * len(times))
    for t, s in zip(curve.times, curve.survival, strict=True):
        assert s == pytest.approx(sum(own > t for own in times) / len(times), abs=1e-12)


def test_a_median_not_reached_is_none_with_a_sentence() -> None:
    median = kaplan_meier([3, 8, 14, 20, 33, 48], [1, 0, 0, 1, 0, 0]).median
    assert median.value is None
    assert median.interval is not None
    assert median.interval.high is None
    assert (
        "not reached: survival is 0.56 at the end of follow-up, 48 months"
        in (median.diagnostics[0])
    )


def test_nobody_dead_gives_a_flat_curve_without_a_made_up_interval() -> None:
    curve = kaplan_meier([5, 9], [False, False])
    assert curve.survival == (1.0, 1.0)
    assert curve.low == (None, None)
    assert curve.median.value is None
    assert curve.survival_at(6).interval is None


def test_beyond_the_follow_up_nothing_is_said() -> None:
    late = kaplan_meier([5, 9], [True, False]).survival_at(60)
    assert late.value is None
    assert "the longest follow-up is 9" in late.diagnostics[0]


def test_a_curve_at_zero_stays_at_zero() -> None:
    late = kaplan_meier([5, 9], [True, True]).survival_at(60)
    assert late.value == 0
    assert late.interval is None


@pytest.mark.parametrize(
    ("times", "events", "said"),
    [
        ([], [], "no patient"),
        ([1, 2], [True], "2 times but 1 events"),
        ([1, -2], [True, False], r"time -2.0 of patient 2"),
        ([1, float("nan")], [True, False], "patient 2"),
        ([1, 2], [0, 2], "event 2 is neither"),
        ([1, None], [True, False], "leave"),
    ],
)
def test_impossible_input_is_named(times: list[float], events: list[bool], said: str) -> None:
    with pytest.raises(DataError, match=said):
        kaplan_meier(times, events)
