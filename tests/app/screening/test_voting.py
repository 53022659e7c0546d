from collections.abc import Callable

import pytest

from resartus.app.review import Review
from resartus.app.screening import (
    agreements,
    assign,
    conflicts,
    decide,
    open_records,
    outcome_of,
    pace_of,
    share_out,
    skipped_records,
    start_round,
    visible_votes,
)
from resartus.app.undoing import undo_event
from resartus.domain.decision import Stage, Verdict
from resartus.domain.ids import RecordId
from resartus.errors import DataError, PermissionDenied

Make = Callable[..., Review]
TA = Stage.SCREENING
R = [RecordId(f"r{n}") for n in range(12)]
IN, OUT, MAYBE, SKIP = Verdict.INCLUDE, Verdict.EXCLUDE, Verdict.MAYBE, Verdict.SKIP


def vote(review: Review, by: str, record: RecordId, verdict: Verdict) -> None:
    decide(review, record, stage=TA, verdict=verdict, by=by)


def seen_by(review: Review, person: str, record: RecordId) -> set[str]:
    review.person = person
    return set(visible_votes(review, record, stage=TA))


def test_a_vote_is_hidden_from_the_other_until_both_have_voted(make: Make) -> None:
    review = make()
    vote(review, "ann", R[0], IN)
    assert (seen_by(review, "ann", R[0]), seen_by(review, "ben", R[0])) == ({"ann"}, set())
    vote(review, "ben", R[0], SKIP)
    assert seen_by(review, "ben", R[0]) == {"ben"}
    vote(review, "ben", R[0], OUT)
    assert seen_by(review, "ann", R[0]) == seen_by(review, "ben", R[0]) == {"ann", "ben"}


def test_a_conflict_is_settled_in_discussion_by_changing_a_vote(make: Make) -> None:
    review = make()
    vote(review, "ann", R[0], IN)
    vote(review, "ben", R[0], OUT)
    assert [c.record_id for c in conflicts(review)] == [R[0]]
    vote(review, "ben", R[0], IN)
    assert conflicts(review) == []
    # What was agreed in a discussion is no agreement of independent votes.
    (pair,) = agreements(review, TA)
    assert (pair.going_on.n, pair.going_on.agreed) == (1, 0)


def test_a_third_person_is_a_third_person(make: Make) -> None:
    review = make(extra='\n[screening]\nsettled_by = "third person"\n')
    vote(review, "ann", R[0], IN)
    vote(review, "ben", R[0], OUT)
    with pytest.raises(PermissionDenied, match="'ben' has voted on 'r0'"):
        decide(review, R[0], stage=TA, verdict=OUT, by="ben", is_adjudication=True)
    decide(review, R[0], stage=TA, verdict=OUT, by="cem", is_adjudication=True)
    assert outcome_of(review.state(), R[0], reviewers=2).verdict is OUT


def test_one_reviewer_at_first_and_two_at_full_text(make: Make) -> None:
    review = make(reviewers=1, extra="\n[screening]\nreviewers_full_text = 2\n")
    vote(review, "ann", R[0], IN)
    decide(review, R[0], stage=Stage.ELIGIBILITY, verdict=IN, by="ann")
    standing = outcome_of(review.state(), R[0], reviewers=review.protocol.reviewers)
    assert (standing.stage, standing.verdict) == (Stage.ELIGIBILITY, None)


def test_records_are_dealt_to_as_many_as_must_vote(make: Make) -> None:
    review = make()
    shares = share_out(review, stage=TA, people=["ann", "ben", "cem"])
    assert {share.people for share in shares} == {("ann", "ben"), ("ben", "cem"), ("cem", "ann")}
    assert len(open_records(review, TA)) == 8
    assign(review, [R[1]], stage=TA, people=["ann", "cem"])
    assert len(open_records(review, TA)) == 9
    undo_event(review)
    assert len(open_records(review, TA)) == 8
    with pytest.raises(DataError, match="nothing to deal out"):
        share_out(review, stage=TA, people=["ann", "ben"])


def test_everybody_judges_a_pilot_round_even_where_one_reviewer_is_enough(make: Make) -> None:
    review = make(reviewers=1)
    pilot = start_round(review, "pilot", count=4, people=["ann", "ben"], stage=TA)
    assert pilot.record_ids == (R[0], R[3], R[6], R[9])
    for record in pilot.record_ids:
        vote(review, "ann", record, OUT)
    assert outcome_of(review.state(), R[0], reviewers=1).verdict is None
    review.person = "ben"
    assert set(pilot.record_ids) <= set(open_records(review, TA))
    for record in pilot.record_ids:
        vote(review, "ben", record, OUT if record != R[9] else MAYBE)
    (pair,) = agreements(review, TA, round_name="pilot")
    assert (pair.going_on.n, pair.going_on.agreed) == (4, 3)


def test_agreement_is_told_reason_by_reason(make: Make) -> None:
    review = make(extra='\n[[eligibility.exclude]]\nname = "animals"\ntext = "No people"\n')
    for record, ben in ((R[0], "animals"), (R[1], "other question")):
        decide(review, record, stage=TA, verdict=OUT, by="ann", reasons=["animals"])
        decide(review, record, stage=TA, verdict=OUT, by="ben", reasons=[ben])
    (pair,) = agreements(review, TA)
    assert (pair.reasons["animals"].n, pair.reasons["animals"].agreed) == (2, 1)
    assert pair.going_on.agreed == 2


def test_reasons_stand_in_the_protocols_order_of_rank(make: Make) -> None:
    review = make(extra='\n[[eligibility.exclude]]\nname = "animals"\ntext = "No people"\n')
    made = decide(review, R[0], stage=TA, verdict=OUT, reasons=["animals", "other question"])
    assert made.reasons == ("other question", "animals")


def test_what_was_put_aside_comes_back_when_asked_for(make: Make) -> None:
    review = make(reviewers=1)
    vote(review, "ann", R[2], SKIP)
    assert R[2] not in open_records(review, TA)
    assert skipped_records(review, TA) == [R[2]]
    vote(review, "ann", R[2], OUT)
    assert skipped_records(review, TA) == []


def test_pace_leaves_pauses_out(make: Make) -> None:
    review = make(reviewers=1)
    for record in R[:5]:
        vote(review, "ann", record, OUT)
    (pace,) = pace_of(review, TA)
    assert (pace.votes, pace.seconds_per_record, pace.records_per_hour) == (5, 40, 90)
    assert pace.hours_left == pytest.approx(7 * 40 / 3600)
