import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resartus.domain.extracted import CellValue, Extracted
from resartus.domain.ids import StudyId
from resartus.domain.patient import FollowUp, Patient, VitalStatus
from resartus.domain.time_zero import UNKNOWN_ZERO
from resartus.tailoring.factors import Side, load_factors
from resartus.tailoring.nearest import nearest_patients
from resartus.tailoring.profile import coverage, parse_profile, standings

FACTORS = load_factors()


def patient(name: str, **values: CellValue) -> Patient:
    return Patient(
        study_id=StudyId("s"),
        name=name,
        follow_up=FollowUp(months=12, time_zero=UNKNOWN_ZERO, status=VitalStatus.ALIVE),
        values={k: Extracted(value=v, entered_by="r") for k, v in values.items()},
    )


def test_the_distance_is_gowers_worked_by_hand() -> None:
    published = [
        patient("near", age_years=60, histology="high-grade serous"),
        patient("far", age_years=20, histology="squamous cell carcinoma"),
    ]
    profile: dict[str, CellValue] = {"age_years": 58, "histology": "high-grade serous"}
    near, far = nearest_patients(profile, published, factors=FACTORS)
    # Ages span 20 to 60; |58 - 60| / 40 = 0.05 and the histology is the same: mean 0.025.
    assert near.patient.name == "near"
    assert near.distance == pytest.approx(0.025)
    # |58 - 20| / 40 = 0.95 and another histology: mean 0.975.
    assert far.distance == pytest.approx(0.975)


def test_a_patient_of_whom_more_is_known_comes_first_at_the_same_distance() -> None:
    published = [
        patient("one", lesion_origin="parenchymal"),
        patient("two", lesion_origin="parenchymal", disease_extent="liver only"),
    ]
    profile: dict[str, CellValue] = {
        "lesion_origin": "parenchymal",
        "disease_extent": "liver only",
    }
    matches = nearest_patients(profile, published, factors=FACTORS)
    assert [m.patient.name for m in matches] == ["two", "one"]
    assert [m.share_known for m in matches] == [1.0, 0.5]


def test_a_patient_who_shares_no_factor_is_left_out() -> None:
    assert nearest_patients({"age_years": 50}, [patient("p", max_size_cm=3)], factors=FACTORS) == ()


ages = st.lists(st.integers(15, 95), min_size=1, max_size=8)


@given(ages, st.integers(15, 95))
@settings(deadline=None, max_examples=60)
def test_distances_lie_between_0_and_1_and_rise(published: list[int], asked: int) -> None:
    people = [patient(str(i), age_years=age) for i, age in enumerate(published)]
    matches = nearest_patients({"age_years": asked}, people, factors=FACTORS, count=10)
    distances = [m.distance for m in matches]
    assert distances == sorted(distances)
    assert all(0 <= d <= 1 for d in distances)
    closest = min(abs(age - asked) for age in published)
    assert abs(int(str(matches[0].differences[0].published)) - asked) == closest


def test_a_profile_outside_the_published_is_told() -> None:
    profile = parse_profile("age_years = 81\nhistology = 'serous'", factors=FACTORS)
    rows = coverage(
        profile, [patient("p", age_years=40), patient("q", age_years=68)], factors=FACTORS
    )
    told = {row.factor.name: row for row in rows}
    assert told["age"].sentence == "81 years lies outside the published 40 to 68 (2 patients)"
    assert not told["age"].is_covered
    assert "no published patient has" in told["primary site and histology"].sentence


@pytest.mark.parametrize(
    ("months", "side"),
    [(0, Side.ADVERSE), (11.9, Side.ADVERSE), (12, Side.UNSETTLED), (24, Side.FAVOURABLE)],
)
def test_the_interval_falls_in_the_band_of_the_published_cut_points(
    months: float, side: Side
) -> None:
    profile = parse_profile(f"interval_months = {months}", factors=FACTORS)
    found = {s.factor.field: s for s in standings(profile, factors=FACTORS)}
    assert found["interval_months"].side is side
    assert found["age_years"].side is Side.UNKNOWN


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("age = 3", "did you mean 'age_years'"),
        ("age_years = 'old'", "age_years = 'old' is not a number"),
        ("age_years = true", "is not a number"),
        ("synchronous = 1", "is not a boolean"),
        ("histology = 4", "is not a choice"),
        ("primary_site = 4", "is not a text"),
        ("age_years = ", "not valid TOML"),
    ],
)
def test_a_mistake_in_a_profile_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_profile(text, factors=FACTORS)
