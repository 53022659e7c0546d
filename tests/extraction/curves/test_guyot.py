"""Reconstruction gives back what is known: an R oracle, a real figure, and any curve at all."""

import csv
import json
from bisect import bisect_left
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resartus.errors import DataError
from resartus.extraction.curves.guyot import RECONSTRUCTED, reconstruct_patients
from resartus.extraction.curves.points import CurvePoint, RiskCount, read_points
from resartus.synthesis.survival.kaplan_meier import kaplan_meier


def points(pairs: list[tuple[float, float]]) -> list[CurvePoint]:
    return [CurvePoint(time=t, survival=s) for t, s in pairs]


def table(pairs: list[tuple[float, int]]) -> list[RiskCount]:
    return [RiskCount(time=t, at_risk=n) for t, n in pairs]


@pytest.fixture(scope="module")
def oracle(shared_data: Path) -> dict[str, object]:
    path = shared_data / "r-oracles" / "guyot_ipd_lung.json"
    loaded: dict[str, object] = json.loads(path.read_text())
    return loaded


@pytest.mark.parametrize("knows_events", [True, False])
def test_the_lung_curve_is_met_as_closely_as_by_ipdfromkm(oracle, knows_events):  # type: ignore[no-untyped-def]
    data, expected = oracle["data"], oracle["expected"]
    curve = list(zip(data["curve"]["time"], data["curve"]["surv"], strict=True))
    done = reconstruct_patients(
        points(curve),
        table(list(zip(data["trisk"], data["nrisk"], strict=True))),
        total_events=data["totevents"] if knows_events else None,
    )
    km = kaplan_meier(done.times, done.is_event)
    assert done.n_patients == expected["n"]
    assert abs(done.n_events - expected["events"]) <= (0 if knows_events else 2)
    assert km.median.value == pytest.approx(expected["original_median"], rel=0.02)
    for at, survival in zip((180, 365, 730), expected["original_surv_at"], strict=True):
        here = km.survival[bisect_left(km.times, at + 1e-9) - 1]
        assert here == pytest.approx(survival, abs=oracle["tolerance"])
    assert done.error.max_distance < 0.01
    assert done.error.at_risk_mismatch == 0


def test_a_real_digitised_figure_is_rebuilt_with_its_numbers_at_risk(shared_data: Path) -> None:
    folder = shared_data / "survival-ipd"
    clicks = read_points((folder / "Checkmate_067_S3A_Nivolumab.csv").read_text())
    with (folder / "Checkmate_067_At_Risk.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = [(float(r["trisk"]), int(r["nrisk"])) for r in csv.DictReader(file)]
    done = reconstruct_patients(clicks, table(rows))
    assert done.n_patients == rows[0][1]
    assert done.error.max_distance < 0.02
    assert done.error.at_risk_mismatch <= 1
    assert done.label == RECONSTRUCTED == "reconstructed"


patients = st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=5, max_size=120)


@given(patients)
@settings(max_examples=60, deadline=None)
def test_an_exact_curve_comes_back_as_close_as_one_patient(rows):  # type: ignore[no-untyped-def]
    times = [float(t) for t, _ in rows]
    km = kaplan_meier(times, [e for _, e in rows])
    counts = [(at, sum(t >= at for t in times)) for at in (0.0, 10.0, 20.0, 30.0, 40.0, 50.0)]
    counts = [row for row in counts if row[1] > 0]
    done = reconstruct_patients(
        points([(0.0, 1.0), *zip(km.times, km.survival, strict=True)]),
        table(counts),
        total_events=sum(e for _, e in rows),
    )
    assert done.n_patients == len(rows)
    assert all(a <= b for a, b in zip(done.times, done.times[1:], strict=False))
    # The fewest at risk where a death can fall sets how exact whole deaths can be.
    fewest = min((n for n, e in zip(km.at_risk, km.n_events, strict=True) if e), default=1)
    assert done.error.max_distance <= max(0.02, 1.0 / fewest)
    assert done.error.at_risk_mismatch <= max(2, len(rows) // 10)


def test_without_censoring_every_patient_comes_back() -> None:
    done = reconstruct_patients(
        points([(0, 1), (1, 0.75), (2, 0.5), (3, 0.25), (4, 0.0)]), table([(0, 4)])
    )
    assert done.times == (1, 2, 3, 4)
    assert done.is_event == (True,) * 4
    assert done.error.max_distance == 0


def test_the_last_risk_time_past_the_last_click_extends_the_curve_and_says_so() -> None:
    done = reconstruct_patients(points([(0, 1), (5, 0.5)]), table([(0, 10), (8, 4)]))
    assert done.times[-1] == 8
    assert "drawn on flat" in done.notes[0]


@pytest.mark.parametrize(
    ("rows", "events", "words"),
    [
        ([(6, 10)], None, "at time 0 is missing"),
        ([], None, "at time 0 is missing"),
        ([(0, 10), (6, 12)], None, "is more than"),
        ([(0, 10)], 11, "cannot be"),
        ([(0, 10)], -1, "below 0"),
    ],
)
def test_a_table_that_cannot_be_is_refused(
    rows: list[tuple[float, int]], events: int | None, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        reconstruct_patients(points([(0, 1), (5, 0.5)]), table(rows), total_events=events)
