"""The index of published patients: nearest as by hand, subgroups whole, wording without advice."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.domain.extracted import CellValue, Extracted
from resartus.domain.ids import StudyId
from resartus.domain.patient import FollowUp, Patient, VitalStatus
from resartus.domain.time_zero import UNKNOWN_ZERO
from resartus.errors import DataError
from resartus.tailoring.factors import Factor, load_factors, parse_factors, with_own
from resartus.tailoring.nearest import PatientIndex
from resartus.tailoring.profile import parse_profile
from resartus.tailoring.subgroups import subgroups
from resartus.tailoring.wording import advice_in

FACTORS = load_factors()


def value_of(factor: Factor, draw: random.Random) -> CellValue | None:
    if draw.random() < 0.3:
        return None
    if factor.kind == "number":
        return round(draw.uniform(0, 100), 1)
    if factor.kind == "boolean":
        return draw.random() < 0.5
    return draw.choice([band.value for band in factor.bands])


def patients(seed: int, count: int) -> list[Patient]:
    draw = random.Random(seed)
    made = []
    for n in range(count):
        values = {
            f.field: Extracted(value=v, entered_by="t")
            for f in FACTORS
            if (v := value_of(f, draw)) is not None
        }
        follow_up = FollowUp(
            months=draw.choice([None, 12.0, 40.0]),
            time_zero=UNKNOWN_ZERO,
            status=draw.choice(list(VitalStatus)),
        )
        made.append(Patient(study_id=StudyId("s"), name=str(n), follow_up=follow_up, values=values))
    return made


def by_hand(profile: dict[str, CellValue], everyone: list[Patient]) -> list[tuple[float, int, str]]:
    found = []
    for patient in everyone:
        sizes = []
        for f in FACTORS:
            asked, published = profile.get(f.field), patient.value(f.field)
            if asked is None or published is None:
                continue
            if f.kind == "number":
                known = [v for p in everyone if (v := p.value(f.field)) is not None]
                low, high = min([*known, asked]), max([*known, asked])  # type: ignore[type-var]
                apart = abs(published - asked)  # type: ignore[operator]
                sizes.append(apart / (high - low) if high > low else float(apart > 0))  # type: ignore[operator]
            else:
                sizes.append(float(asked != published))
        if sizes:
            mean = round(sum(sizes) / len(sizes), 12)
            found.append((mean, -len(sizes), patient.patient_id))
    return sorted(found)


@given(st.integers(0, 2**32))
def test_the_nearest_are_those_found_by_hand(seed: int) -> None:
    everyone = patients(seed, 12)
    draw = random.Random(seed + 1)
    profile = {f.field: v for f in FACTORS if (v := value_of(f, draw)) is not None}
    found = PatientIndex(everyone, FACTORS).nearest(profile, count=12)
    wanted = by_hand(profile, everyone)
    assert [m.patient.patient_id for m in found] == [name for _, _, name in wanted]
    for match, (distance, known, _) in zip(found, wanted, strict=True):
        assert match.distance == pytest.approx(distance)
        assert sum(d.size is not None for d in match.differences) == -known


@given(st.integers(0, 2**32))
def test_a_subgroup_holds_all_and_only_those_in_the_band(seed: int) -> None:
    everyone = patients(seed, 20)
    profile = {f.field: v for f in FACTORS if (v := value_of(f, random.Random(seed))) is not None}
    for group in subgroups(profile, PatientIndex(everyone, FACTORS)):
        inside = [
            p
            for p in everyone
            if (v := p.value(group.factor.field)) is not None
            and group.factor.band_of(v) == group.band
        ]
        assert list(group.patients) == inside
        assert group.n_dead + group.n_alive <= len(inside)


def test_nobody_published_is_nobody_near() -> None:
    assert PatientIndex([], FACTORS).nearest({"age_years": 60}) == ()
    assert PatientIndex(patients(1, 3), FACTORS).nearest({}) == ()


def test_a_profile_reads_alike_from_toml_and_json() -> None:
    given_values = {"name": "X", "interval_months": 30, "n_lesions": 2, "primary_site": "ovary"}
    toml = "\n".join(f"{k} = {json.dumps(v)}" for k, v in given_values.items())
    assert parse_profile(toml, factors=FACTORS) == parse_profile(
        json.dumps({**given_values, "age_years": None}), factors=FACTORS
    )


@pytest.mark.parametrize("text", ['{"age_years": }', '{"age_years": "old"}', '{"agee": 1}', "{"])
def test_a_bad_json_profile_is_refused_with_one_sentence(text: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_profile(text, factors=FACTORS, file="p.json")
    assert "p.json" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_review_brings_its_own_factors() -> None:
    text = """
    [[factor]]
    name = "bilirubin"
    field = "bilirubin"
    kind = "number"
    unit = "umol/l"
    bands = [
      { below = 20, side = "favourable", label = "under 20" },
      { side = "adverse", label = "20 on" },
    ]
    """
    own = parse_factors(text, file="factors.toml")
    known = with_own(own)
    assert [f.name for f in known] == [*(f.name for f in FACTORS), "bilirubin"]
    assert known[-1].band_of(25).label == "20 on"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    ["[[factor]]\nname = 'x'", "x =", "", "[[factor]]\nname='x'\nfield='x'\nkind='odd'\nbands=[]"],
)
def test_bad_factors_are_refused_with_one_sentence(text: str) -> None:
    with pytest.raises(DataError, match=r"factors\.toml"):
        parse_factors(text, file="factors.toml")


@pytest.mark.parametrize(
    "text",
    [
        "We recommend resection.",
        "Resection is indicated.",
        "She should undergo surgery.",
        "The patient must be operated.",
        "A good candidate for surgery.",
        "Do not operate.",
        "Surgery is contraindicated here.",
        "Resection is the best option.",
        "He will benefit.",
        "The patient's risk is low.",
        "It is not advisable.",
        "Ineligible for resection.",
    ],
)
def test_advice_is_recognised(text: str) -> None:
    assert advice_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "2 of 5 dead (95% CI 5 to 85%); followed 12 to 44 months.",
        "It informs a decision and makes none.",
        "4 series of the treatment (4 better); 1 indirect source (1 worse).",
        "complete resection expected: with those who did better",
        "Small series in which clinicians chose whom to treat.",
    ],
)
def test_evidence_is_no_advice(text: str) -> None:
    assert advice_in(text) == ()
