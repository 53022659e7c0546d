"""Forms for any condition: what is entered with them is pooled, checked and followed."""

from pathlib import Path

import pytest

from resartus.app.entering import Entry, enter_value
from resartus.app.evidence import assemble
from resartus.app.extraction.checking import check_review
from resartus.app.extraction.forms import adopt_form, find_form, plan_adoption
from resartus.app.pooling.run import effects_of_review
from resartus.app.review import Review
from resartus.app.settled import settled
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.protocol import EFFECT_INPUTS, PlannedEffect
from resartus.errors import DataError
from resartus.extraction.forms.form import ready_form
from resartus.stores.protocol_toml import parse_protocol

ROH = StudyId("roh")
TWO_GROUPS = ("cohort-two-groups", "randomised-trial")
RECURRENCE = {"n_1": "40", "events_1": "4", "n_2": "38", "events_2": "9"}


def enter(
    review: Review, record_id: RecordId, field: str, value: str, *, patient: str | None = None
) -> object:
    entry = Entry(
        study_id=ROH,
        field=field,
        value=value,
        record_id=record_id,
        place="table",
        span=value,
        patient=patient,
    )
    return enter_value(review, entry).extracted.value


@pytest.mark.parametrize("name", TWO_GROUPS)
@pytest.mark.parametrize(
    ("measure", "fields", "rows"),
    [
        (
            "RR",
            {"events_1": "events_1", "total_1": "n_1", "events_2": "events_2", "total_2": "n_2"},
            RECURRENCE,
        ),
        (
            "MD",
            {"mean_1": "mean_1", "sd_1": "sd_1", "n_1": "n_1", "mean_2": "mean_2", "sd_2": "sd_2",
             "n_2": "n_2"},
            {"n_1": "40", "mean_1": "4.1", "sd_1": "2", "n_2": "38", "mean_2": "6", "sd_2": "2.5"},
        ),
        (
            "IRR",
            {"events_1": "events_1", "time_1": "person_years_1", "events_2": "events_2",
             "time_2": "person_years_2"},
            {"events_1": "4", "person_years_1": "80.5", "events_2": "9", "person_years_2": "71"},
        ),
        (
            "HR",
            {"ratio": "estimate", "low": "estimate_low", "high": "estimate_high"},
            {"measure": "hazard ratio", "estimate": "0.44", "estimate_low": "0.2",
             "estimate_high": "0.97"},
        ),
    ],
)  # fmt: skip
def test_an_outcome_of_two_groups_feeds_a_planned_effect(
    review: Review,
    record_id: RecordId,
    name: str,
    measure: str,
    fields: dict[str, str],
    rows: dict[str, str],
) -> None:
    adopt_form(review, find_form(name)[0])
    for field, value in rows.items():
        enter(review, record_id, f"outcome[recurrence].{field}", value)
    mapped = {key: f"outcome[recurrence].{field}" for key, field in fields.items()}
    plan = PlannedEffect(name="Recurrence", measure=measure, fields=mapped)
    effect = effects_of_review(review, plan).effect
    assert len(effect.values) == 1
    assert set(effect.per_study[0].inputs) == {f"roh/{field}" for field in mapped.values()}
    assert check_review(review).report.failures == ()


def test_a_plan_in_toml_names_an_outcome_of_the_form() -> None:
    text = """
title = "A review"
question = "Does it help?"
population = "Adults"
intervention = "Drainage"
outcomes = ["Recurrence"]
[[analysis.effect]]
name = "Recurrence"
measure = "RR"
events_1 = "outcome[recurrence].events_1"
total_1 = "outcome[recurrence].n_1"
events_2 = "outcome[recurrence].events_2"
total_2 = "outcome[recurrence].n_2"
"""
    (effect,) = parse_protocol(text).analysis.effects
    form = ready_form("cohort-two-groups")[0]
    assert set(effect.fields) <= set(EFFECT_INPUTS)
    assert all(form.field(name) is not None for name in effect.fields.values())


@pytest.mark.parametrize("name", TWO_GROUPS)
def test_figures_of_two_groups_that_cannot_be_are_found(
    review: Review, record_id: RecordId, name: str
) -> None:
    adopt_form(review, find_form(name)[0])
    for field, value in {**RECURRENCE, "events_2": "39"}.items():
        enter(review, record_id, f"outcome[recurrence].{field}", value)
    for field, value in {"estimate": "0.44", "estimate_low": "0.5", "estimate_high": "0.9"}.items():
        enter(review, record_id, f"outcome[death].{field}", value)
    assert [f.message for f in check_review(review).report.failures] == [
        "events_2 39 is more than n_2 38",
        "estimate 0.44 is below estimate_low 0.5",
    ]
    with pytest.raises(DataError, match="above 1"):
        enter(review, record_id, "outcome[death].p_value", "4")


def test_a_patient_of_a_case_report_of_any_condition_can_be_followed(
    review: Review, record_id: RecordId
) -> None:
    text = (review.folder / "review.toml").read_text(encoding="utf-8")
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("times_zero"))
    (review.folder / "review.toml").write_text(plain, encoding="utf-8")
    with Review(review.folder, person="ana") as any_condition:
        adopt_form(any_condition, find_form("case-report")[0])
        for field, value, read in (
            ("age_years", "54", 54),
            ("condition", "chronic subdural haematoma", "chronic subdural haematoma"),
            ("treatment", "burr hole and drain", "burr hole and drain"),
            ("symptoms_months", "8 weeks", pytest.approx(1.84, abs=0.01)),
            ("follow_up_months", "2 years", 24),
            ("time_zero", "Treatment", "treatment"),
            ("status", "dead of another cause", "dead of another cause"),
            ("harm[bleeding].grade", "grade III", "3"),
            ("harm[bleeding].causality", "probable/likely", "probable"),
            ("harm[bleeding].onset_days", "3", 3),
            ("test[haemoglobin, day 1].amount", "74", 74),
            ("event[drain removed].date", "2004-05", "2004-05"),
        ):
            assert enter(any_condition, record_id, field, value, patient="1") == read
        (study,) = assemble(settled(any_condition))
        (patient,) = study.patients
        assert patient.follow_up.months == 24
        assert patient.follow_up.time_zero == "treatment"
        assert check_review(any_condition).report.failures == ()
        with pytest.raises(DataError, match="not one of: 1, 2, 3, 4, 5"):
            enter(any_condition, record_id, "harm[bleeding].grade", "awful", patient="1")


def test_who_adopted_the_first_case_report_loses_nothing_by_its_next_version(
    review: Review, record_id: RecordId, tmp_path: Path
) -> None:
    path = tmp_path / "first.toml"
    # Until its second version the form of this name was the one for liver surgery.
    text = ready_form("surgical-case-report")[1]
    path.write_text(text.replace("surgical-case-report", "case-report", 1), encoding="utf-8")
    adopt_form(review, find_form(str(path), review=review)[0])
    enter(review, record_id, "age_years", "54", patient="1")
    enter(review, record_id, "max_size_cm", "4.5", patient="1")
    planned = plan_adoption(review, find_form("case-report")[0])
    assert planned.n_kept == 1
    assert [(f.field, f.what) for f in planned.fates] == [
        ("max_size_cm", "not asked by this form: stays as it is")
    ]
    adopt_form(review, planned.form)
    (study,) = assemble(settled(review))
    assert {n: e.value for n, e in study.patients[0].values.items()} == {
        "age_years": 54,
        "max_size_cm": 4.5,
    }
