"""Times of patients meet on one scale, or the reason why not is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resartus.domain.curve import MONTHS_PER
from resartus.domain.patient import VitalStatus
from resartus.domain.time_zero import (
    DIAGNOSIS,
    LIVER_METASTASIS,
    LIVER_TREATMENT,
    RECURRENCE,
    UNKNOWN_ZERO,
)
from resartus.errors import DataError
from resartus.extraction.follow_up_text import parse_follow_up
from resartus.extraction.harmoniser import (
    LAST_SEEN,
    Analysis,
    Bound,
    DatedEvent,
    Endpoint,
    Interval,
    PatientTimes,
    harmonise,
    usability,
)
from resartus.extraction.partial_dates import parse_partial_date

PRIMARY, LIVER = DIAGNOSIS, LIVER_METASTASIS
SURGERY, RELAPSE = LIVER_TREATMENT, RECURRENCE
FROM_SURGERY = Analysis(origin=LIVER_TREATMENT)
FROM_PRIMARY = Analysis(origin=DIAGNOSIS)


def patient(status: VitalStatus = VitalStatus.ALIVE, **given: object) -> PatientTimes:
    return PatientTimes(patient_id="s/1", status=status, **given)  # type: ignore[arg-type]


def follow_up(value: float, start: str = SURGERY, **given: object) -> Interval:
    return Interval(start=start, end=LAST_SEEN, value=value, **given)  # type: ignore[arg-type]


def dated(point: str, on: str) -> DatedEvent:
    return DatedEvent(point=point, on=parse_partial_date(on))


def test_a_reported_time_from_the_wanted_zero_is_taken_as_it_is() -> None:
    done = harmonise(patient(VitalStatus.DEAD, intervals=(follow_up(22),)), FROM_SURGERY)
    assert (done.months, done.is_event, done.imprecision_months) == (22, True, 0)
    assert done.how == f"reported: 22 months from {SURGERY} to {LAST_SEEN}"


@given(st.sampled_from(sorted(MONTHS_PER)), st.floats(0.01, 40))
def test_units_become_months(unit: str, value: float) -> None:
    done = harmonise(patient(intervals=(follow_up(value, unit=unit),)), FROM_SURGERY)
    assert done.months == pytest.approx(value * MONTHS_PER[unit])
    assert done.is_event is False


def test_a_time_from_surgery_is_counted_from_the_primary_over_two_intervals() -> None:
    times = patient(
        intervals=(
            follow_up(22),
            Interval(start=PRIMARY, end=LIVER, value=42),
            Interval(start=LIVER, end=SURGERY, value=2),
        )
    )
    done = harmonise(times, FROM_PRIMARY)
    assert done.months == 66
    assert done.how is not None
    assert done.how.startswith("computed: 42 months")


def test_a_time_from_the_primary_is_counted_from_surgery_by_going_back() -> None:
    times = patient(
        intervals=(follow_up(60, start=PRIMARY), Interval(start=PRIMARY, end=SURGERY, value=36))
    )
    assert harmonise(times, FROM_SURGERY).months == 24


@given(st.floats(0, 200), st.floats(0, 200))
def test_going_to_another_zero_and_back_changes_nothing(months: float, interval: float) -> None:
    there = patient(
        intervals=(follow_up(months), Interval(start=PRIMARY, end=SURGERY, value=interval))
    )
    moved = harmonise(there, FROM_PRIMARY).months
    assert moved is not None
    back = patient(
        intervals=(
            follow_up(moved, start=PRIMARY),
            Interval(start=PRIMARY, end=SURGERY, value=interval),
        )
    )
    assert harmonise(back, FROM_SURGERY).months == pytest.approx(months, abs=1e-9)


def test_dates_give_the_time_with_their_imprecision() -> None:
    exact = patient(events=(dated(SURGERY, "2004-05-17"), dated(LAST_SEEN, "2006-05-17")))
    assert harmonise(exact, FROM_SURGERY).months == pytest.approx(23.98, abs=0.02)
    months = patient(events=(dated(SURGERY, "2004-05"), dated(LAST_SEEN, "2006-05")))
    done = harmonise(months, FROM_SURGERY)
    assert done.months == pytest.approx(24, abs=0.1)
    assert done.imprecision_months == pytest.approx(1, abs=0.1)
    assert done.is_usable


def test_dates_known_to_the_year_are_too_inexact_and_a_wider_tolerance_takes_them() -> None:
    times = patient(events=(dated(SURGERY, "2004"), dated(LAST_SEEN, "2006")))
    done = harmonise(times, FROM_SURGERY)
    assert done.unusable_because is not None
    assert done.unusable_because.startswith("dates too inexact: known to within 12 months")
    wide = Analysis(origin=LIVER_TREATMENT, tolerance_months=12)
    assert harmonise(times, wide).months == pytest.approx(24, abs=0.1)


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        (patient(), "length of follow-up not reported"),
        (patient(VitalStatus.UNKNOWN, intervals=(follow_up(3),)), "vital status not reported"),
        (
            patient(intervals=(follow_up(3, start=UNKNOWN_ZERO),)),
            "time zero of the follow-up not reported",
        ),
        (
            patient(intervals=(follow_up(3, start=PRIMARY),)),
            f"follow-up counts from {PRIMARY}; no date or interval leads to {SURGERY}",
        ),
        (
            patient(VitalStatus.DEAD, intervals=(follow_up(2, unit="years", bound=Bound.AT_MOST),)),
            "time of the event not known: it came at most 24 months on",
        ),
        (
            patient(VitalStatus.DEAD, intervals=(follow_up(12, bound=Bound.AT_LEAST),)),
            "time of the event not known: it came at least 12 months on",
        ),
        (
            patient(intervals=(follow_up(3, start=PRIMARY),), untreated="biopsy only"),
            f"follow-up counts from {PRIMARY}; no date or interval leads to {SURGERY} "
            "(treatment 'biopsy only')",
        ),
        (
            patient(events=(dated(SURGERY, "2006-01-01"), dated(LAST_SEEN, "2005-01-01"))),
            "times out of order",
        ),
        (
            patient(
                intervals=(follow_up(10),),
                events=(dated(SURGERY, "2004-01-01"), dated(LAST_SEEN, "2006-01-01")),
            ),
            "times contradict each other: 10.0 months",
        ),
    ],
)
def test_an_unusable_patient_is_told_why(times: PatientTimes, reason: str) -> None:
    done = harmonise(times, FROM_SURGERY)
    assert not done.is_usable
    assert done.unusable_because is not None
    assert done.unusable_because.startswith(reason)
    assert done.months is None


def test_alive_at_five_years_is_censored_at_five_years() -> None:
    done = harmonise(
        patient(intervals=(follow_up(5, unit="years", bound=Bound.AT_LEAST),)), FROM_SURGERY
    )
    assert (done.months, done.is_event) == (60, False)


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (VitalStatus.DEAD_OF_DISEASE, True),
        (VitalStatus.DEAD_OTHER, False),
        (VitalStatus.ALIVE_NED, False),
        (VitalStatus.DEAD, "cause of death not reported"),
    ],
)
def test_disease_specific_survival_needs_the_cause(status: VitalStatus, event: object) -> None:
    analysis = Analysis(origin=LIVER_TREATMENT, endpoint=Endpoint.DISEASE_SPECIFIC)
    done = harmonise(patient(status, intervals=(follow_up(9),)), analysis)
    assert (done.unusable_because or done.is_event) == event


def test_recurrence_free_survival_ends_at_the_recurrence() -> None:
    analysis = Analysis(origin=LIVER_TREATMENT, endpoint=Endpoint.RECURRENCE_FREE)
    back = Interval(start=SURGERY, end=RELAPSE, value=7)
    done = harmonise(
        patient(VitalStatus.ALIVE_WITH_DISEASE, intervals=(follow_up(20), back)), analysis
    )
    assert (done.months, done.is_event) == (7, True)
    without = harmonise(
        patient(VitalStatus.ALIVE_WITH_DISEASE, intervals=(follow_up(20),)), analysis
    )
    assert without.unusable_because == "date of recurrence not reported"
    ned = harmonise(patient(VitalStatus.ALIVE_NED, intervals=(follow_up(20),)), analysis)
    assert (ned.months, ned.is_event) == (20, False)


def test_overlap_verdicts_leave_a_patient_out_with_their_reason() -> None:
    done = harmonise(
        patient(intervals=(follow_up(9),)), FROM_SURGERY, left_out={"s/1": "same person as t/4"}
    )
    assert done.unusable_because == "same person as t/4"


def test_the_share_of_usable_patients_comes_with_the_reasons() -> None:
    done = [
        harmonise(patient(intervals=(follow_up(9),)), FROM_SURGERY),
        harmonise(patient(), FROM_SURGERY),
        harmonise(patient(), FROM_SURGERY),
    ]
    found = usability(done, analysis=FROM_SURGERY)
    assert (found.n_usable, found.n_patients) == (1, 3)
    assert found.reasons == (("length of follow-up not reported", 2),)
    assert usability([], analysis=FROM_SURGERY).share is None


def test_an_unknown_origin_is_no_analysis() -> None:
    with pytest.raises(DataError, match="needs a time zero"):
        harmonise(patient(), Analysis(origin=UNKNOWN_ZERO))


@pytest.mark.parametrize(
    ("text", "value", "unit", "bound", "status"),
    [
        ("alive at 5 years", 5, "years", Bound.AT_LEAST, VitalStatus.ALIVE),
        ("died of disease 14 months after hepatectomy", 14, "months", Bound.EXACT,
         VitalStatus.DEAD_OF_DISEASE),
        ("alive without disease for 22 months", 22, "months", Bound.EXACT, VitalStatus.ALIVE_NED),
        ("NED, 7 yrs", 7, "years", Bound.EXACT, VitalStatus.ALIVE_NED),
        ("died within 2 years", 2, "years", Bound.AT_MOST, VitalStatus.DEAD),
        ("AWD 36+ mo", 36, "months", Bound.AT_LEAST, VitalStatus.ALIVE_WITH_DISEASE),
        ("died of other causes at 90 days", 90, "days", Bound.EXACT, VitalStatus.DEAD_OTHER),
        ("lost to follow-up after 6 weeks", 6, "weeks", Bound.EXACT, VitalStatus.ALIVE),
        ("disease-free survival was good", None, "months", Bound.EXACT, VitalStatus.ALIVE_NED),
        ("the patient was operated", None, "months", Bound.EXACT, VitalStatus.UNKNOWN),
    ],
)  # fmt: skip
def test_what_authors_write_of_a_follow_up_is_understood(
    text: str, value: float | None, unit: str, bound: Bound, status: VitalStatus
) -> None:
    said = parse_follow_up(text)
    assert (said.value, said.unit, said.bound, said.status) == (value, unit, bound, status)


@pytest.mark.parametrize("text", ["2004-13", "17.5.2004", "2004-02-30", "soon"])
def test_a_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="date"):
        parse_partial_date(text)
