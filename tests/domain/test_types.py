from datetime import UTC, datetime

import pytest

from resartus.domain.decision import Decision, Stage, Verdict
from resartus.domain.estimate import Estimate, Interval
from resartus.domain.extracted import Anchor, Extracted, Reported
from resartus.domain.ids import RecordId, StudyId
from resartus.domain.patient import FollowUp, Patient, VitalStatus
from resartus.domain.query import Search
from resartus.domain.record import Author, Record
from resartus.domain.study import Study
from resartus.domain.time_zero import UNKNOWN_ZERO
from resartus.errors import DataError

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"title": ""}, "title of record 'a' is ''; use None"),
        ({"year": 20110}, "year 20110"),
        ({"pmid": 0}, "pmid 0"),
        ({"doi": "see the journal"}, "doi 'see the journal'"),
        ({"month": 13}, "month 13"),
        ({"authors": [Author(last_name="Lim")]}, "give a tuple"),
        ({"fetched_at": datetime(2026, 1, 1)}, "has no time zone"),
    ],
)
def test_a_record_refuses_what_breaks_its_rules(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint.replace("(", r"\(")):
        Record(record_id=RecordId("a"), source="ris", **changes)  # type: ignore[arg-type]


def test_a_record_is_called_by_its_first_author_and_year() -> None:
    author = Author(last_name="Kamel", initials="SI")
    record = Record(record_id=RecordId("a"), source="ris", authors=(author,), year=2011)
    assert (record.label, record.first_author) == ("Kamel 2011", "Kamel SI")


def test_zero_and_not_reported_are_different_facts() -> None:
    zero = Extracted(value=0, entered_by="r")
    nothing = Extracted(value=None, reported=Reported.NOT_REPORTED, entered_by="r")
    assert zero != nothing
    with pytest.raises(DataError, match="contradict each other"):
        Extracted(value=None, entered_by="r")
    with pytest.raises(DataError, match="contradict each other"):
        Extracted(value=0, reported=Reported.NOT_REPORTED, entered_by="r")


def test_not_a_number_is_never_a_value() -> None:
    with pytest.raises(DataError, match="not a finite number"):
        Extracted(value=float("nan"), entered_by="r")
    with pytest.raises(DataError, match="not a finite number"):
        Estimate(value=float("inf"), scale="proportion", method="sum")


def test_a_level_of_95_is_met_with_the_remedy() -> None:
    with pytest.raises(DataError, match=r"give 0.95, not 95"):
        Interval(low=0.0, high=1.0, level=95, method="exact")


def test_an_estimate_without_value_says_why() -> None:
    with pytest.raises(DataError, match="say why it has none"):
        Estimate(value=None, scale="months", method="median")


def test_an_estimate_moves_to_another_scale_with_its_intervals() -> None:
    estimate = Estimate(
        value=1.0,
        std_error=0.5,
        scale="log",
        method="m",
        interval=Interval(low=0.0, high=None, method="m"),
    )
    moved = estimate.transformed(lambda x: 2 * x, scale="double")
    assert moved.value == 2.0
    assert moved.interval is not None
    assert (moved.interval.low, moved.interval.high) == (0.0, None)
    assert moved.std_error is None


def test_an_exclusion_at_full_text_needs_a_reason() -> None:
    with pytest.raises(DataError, match="without a reason"):
        Decision(
            record_id=RecordId("a"),
            stage=Stage.ELIGIBILITY,
            verdict=Verdict.EXCLUDE,
            decided_by="r",
            decided_at=NOW,
        )


def test_a_search_whose_years_are_swapped_is_refused() -> None:
    with pytest.raises(DataError, match=r"from_year 2011 .* is after to_year 1990"):
        Search(search_id="s", source="pubmed", query="liver", from_year=2011, to_year=1990)


@pytest.mark.parametrize(
    ("months", "status", "missing"),
    [
        (12.0, VitalStatus.ALIVE, None),
        (None, VitalStatus.ALIVE, "length of follow-up not reported"),
        (12.0, VitalStatus.UNKNOWN, "vital status not reported"),
        (None, VitalStatus.UNKNOWN, "length of follow-up and vital status not reported"),
    ],
)
def test_a_patient_is_unusable_for_a_stated_reason(
    months: float | None, status: VitalStatus, missing: str | None
) -> None:
    follow_up = FollowUp(months=months, time_zero=UNKNOWN_ZERO, status=status)
    assert follow_up.unusable_because() == missing


def test_a_patient_of_another_study_is_refused() -> None:
    patient = Patient(
        study_id=StudyId("b"),
        name="1",
        follow_up=FollowUp(months=1, time_zero=UNKNOWN_ZERO, status=VitalStatus.ALIVE),
    )
    with pytest.raises(DataError, match="belongs to 'b', not to 'a'"):
        Study(
            study_id=StudyId("a"),
            label="A",
            design="case report",
            record_ids=(RecordId("r"),),
            patients=(patient,),
        )


def test_an_anchor_with_half_a_span_is_refused() -> None:
    with pytest.raises(DataError, match="only one of start and end"):
        Anchor(record_id=RecordId("a"), place="abstract", start=3)
