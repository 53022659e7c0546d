"""Tables of patients come in whole or not at all, and each patient's use is told."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from resartus.app.evidence import assemble
from resartus.app.extraction.patients import (
    Analysis,
    harmonise_patients,
    import_patients,
    patient_times,
)
from resartus.app.review import Review
from resartus.domain.extracted import Extracted, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.patient import FollowUp, Patient, VitalStatus
from resartus.domain.time_zero import LIVER_TREATMENT, UNKNOWN_ZERO, TimeZero
from resartus.errors import DataError, NotFoundError
from resartus.extraction.harmoniser import harmonise

ROH = StudyId("roh")
ROWS = [
    ["Case", "Age", "Hepatectomy", "FU (mo)", "Counted from", "Outcome", "Mood"],
    ["1", 54, "right hepatectomy", 22, "hepatectomy", "NED", "good"],
    ["2", 61, "wedge", 7.5, "hepatectomy", "DOD", ""],
    ["3", 70, "wedge", "", "", "", ""],
]
MAP = {"FU (mo)": "follow_up_months"}


def as_csv(path: Path, mark: str = ",") -> Path:
    path.write_text("\n".join(mark.join(map(str, row)) for row in ROWS), encoding="utf-8")
    return path


def as_xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ROWS:
        sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("kind", ["comma", "semicolon", "xlsx"])
def test_a_table_gives_the_same_patients_from_csv_and_xlsx(
    review: Review, record_id: RecordId, tmp_path: Path, kind: str
) -> None:
    path = (
        as_xlsx(tmp_path / "t.xlsx")
        if kind == "xlsx"
        else as_csv(tmp_path / "t.csv", ";" if kind == "semicolon" else ",")
    )
    done = import_patients(
        review, path, study_id=ROH, record_id=record_id, detail="Table 2", mapping=MAP
    )
    assert (done.patients, done.ignored_columns) == (3, ("Mood",))
    one, two, three = assemble(review.state())[0].patients
    assert (one.name, one.follow_up.months, one.follow_up.status) == (
        "1",
        22,
        VitalStatus.ALIVE_NED,
    )
    assert two.follow_up.time_zero == LIVER_TREATMENT
    assert three.values["status"].reported is Reported.NOT_REPORTED
    anchor = two.values["follow_up_months"].anchor
    assert anchor is not None
    assert (anchor.detail, anchor.span) == ("Table 2, row 3, column FU (mo)", "7.5")


def test_each_patient_is_told_its_use_and_the_share_is_given(
    review: Review, record_id: RecordId, tmp_path: Path
) -> None:
    import_patients(
        review, as_csv(tmp_path / "t.csv"), study_id=ROH, record_id=record_id, mapping=MAP
    )
    found = harmonise_patients(review.state(), Analysis(origin=LIVER_TREATMENT))
    assert [(p.months, p.is_event) for p in found.patients] == [
        (22, False),
        (7.5, True),
        (None, None),
    ]
    assert found.usability.share == pytest.approx(2 / 3)
    assert found.usability.reasons == (("vital status not reported", 1),)


def test_every_wrong_value_is_named_and_nothing_is_entered(
    review: Review, record_id: RecordId, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("case,outcome\n1,NED\n2,fine\n3,well\n1,NED\n")
    before = review.store.last_seq()
    with pytest.raises(DataError) as caught:
        import_patients(review, path, study_id=ROH, record_id=record_id)
    lines = caught.value.message.splitlines()
    assert [line.split(",")[1][:7] for line in lines] == [" line 3", " line 4", " line 5"]
    assert "'fine' is not known" in lines[0]
    assert "'1' stands twice" in lines[2]
    assert review.store.last_seq() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no header"),
        ("a,a\n1,2\n", "twice"),
        ("case,mood\n1,good\n", "no column is a field"),
        ("case,age\n1,54,extra\n", "stands under no column"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(
    review: Review, record_id: RecordId, tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=words):
        import_patients(review, path, study_id=ROH, record_id=record_id)


def test_a_broken_workbook_and_an_unknown_study_are_named(
    review: Review, record_id: RecordId, tmp_path: Path
) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(DataError, match="cannot be read as XLSX"):
        import_patients(review, path, study_id=ROH, record_id=record_id)
    with pytest.raises(NotFoundError, match="'nobody'"):
        import_patients(review, path, study_id=StudyId("nobody"), record_id=record_id)


def test_a_review_of_something_else_names_its_own_times_zero(review: Review) -> None:
    own = review.protocol.analysis
    assert own.is_treated("anything")
    only = replace(own, treated_groups=("drainage",))
    assert only.is_treated("drainage")
    assert not only.is_treated("observation")
    assert not only.is_treated(None)


def test_a_date_field_dates_the_time_zero_of_its_name() -> None:
    values = {
        "date_drainage": _read("2001-02-03"),
        "date_last_seen": _read("2003-02-03"),
        "status": _read("alive"),
    }
    follow_up = FollowUp(months=None, time_zero=UNKNOWN_ZERO, status=VitalStatus.ALIVE)
    patient = Patient(study_id=StudyId("s"), name="1", values=values, follow_up=follow_up)
    done = harmonise(patient_times(patient), Analysis(origin=TimeZero("drainage")))
    assert done.months == pytest.approx(24, abs=0.1)


def _read(value: str) -> Extracted:
    return Extracted(value=value, reported=Reported.REPORTED, entered_by="ana")
