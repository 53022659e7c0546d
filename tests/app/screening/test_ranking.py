from collections.abc import Callable

from resartus.app.queue import ScreeningQueue
from resartus.app.review import Review
from resartus.app.screening import decide, start_round
from resartus.app.screening.ranking import AUDIT, ScreeningOrder
from resartus.app.screening.stopping import history_of, stop_advice
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.domain.state import Imported

Make = Callable[..., Review]
TA = Stage.SCREENING
EXTRA = [RecordId(f"x{n}") for n in range(6)]


def bring(review: Review) -> None:
    titles = ["liver resection", "asthma", "liver metastasis", "caries", "liver lobe", "hip"]
    review.store.save_records(
        Record(record_id=r, source="ris", title=f"{t} in people {n}")
        for n, (r, t) in enumerate(zip(EXTRA, titles, strict=True))
    )
    review.append(EventKind.RECORDS_IMPORTED, Imported(origin="g", record_ids=tuple(EXTRA)))


def test_votes_change_the_order(make: Make) -> None:
    review = make(reviewers=1)
    bring(review)
    order = ScreeningOrder(review)
    decide(review, EXTRA[0], stage=TA, verdict=Verdict.INCLUDE)
    decide(review, EXTRA[1], stage=TA, verdict=Verdict.EXCLUDE)
    first = order.open_records(TA)[:2]
    assert set(first) == {EXTRA[2], EXTRA[4]}
    shown = order.ranked(TA, count=1, explain=True)[0]
    assert shown.place == 1
    assert any("liver" in term.term for term in shown.terms)


def test_records_that_arrive_later_are_ranked_too(make: Make) -> None:
    review = make(reviewers=1)
    order = ScreeningOrder(review)
    assert len(order.open_records(TA)) == 12
    bring(review)
    assert len(order.open_records(TA)) == 18
    assert list((review.out / "cache").glob("features-*.npz"))


def test_a_team_may_keep_the_order_of_arrival(make: Make) -> None:
    review = make(reviewers=1, extra='\n[screening]\norder = "arrival"\n')
    bring(review)
    decide(review, EXTRA[0], stage=TA, verdict=Verdict.INCLUDE)
    assert ScreeningOrder(review).open_records(TA)[0] == "r0"


def test_an_audit_is_a_draw_that_nobody_chooses(make: Make) -> None:
    review = make(reviewers=1)
    once, again = (ScreeningOrder(review, by_chance=True).open_records(TA) for _ in range(2))
    assert once == again
    assert once != ScreeningOrder(review).open_records(TA)
    decide(review, once[0], stage=TA, verdict=Verdict.EXCLUDE, ranked_by=AUDIT)
    decide(review, once[1], stage=TA, verdict=Verdict.EXCLUDE)
    assert history_of(review, TA).at_random.tolist() == [True, False]


def test_a_conflict_counts_as_relevant_until_it_is_settled(make: Make) -> None:
    review = make(reviewers=2)
    for by, verdict in (("ann", Verdict.INCLUDE), ("ben", Verdict.EXCLUDE)):
        decide(review, RecordId("r0"), stage=TA, verdict=verdict, by=by)
    assert history_of(review, TA).n_found == 1
    decide(
        review, RecordId("r0"), stage=TA, verdict=Verdict.EXCLUDE, by="cem", is_adjudication=True
    )
    assert history_of(review, TA).n_found == 0


def test_a_small_review_is_judged_whole(make: Make) -> None:
    (advice,) = stop_advice(make(), TA)
    assert (advice.rule, advice.may_stop) == ("all", False)


def test_what_a_colleague_judged_comes_without_a_score(make: Make) -> None:
    review = make(reviewers=2)
    bring(review)
    for record_id, verdict in ((EXTRA[0], Verdict.INCLUDE), (EXTRA[1], Verdict.EXCLUDE)):
        decide(review, record_id, stage=TA, verdict=verdict, by="ben")
    shown = ScreeningOrder(review).ranked(TA, count=3)
    # Neither the place nor a score tells which of the two ben wants.
    assert [(one.record_id, one.score) for one in shown[:2]] == [(EXTRA[0], None), (EXTRA[1], None)]
    assert shown[2].score is not None


def test_a_pilot_round_comes_first(make: Make) -> None:
    review = make(reviewers=1)
    pilot = start_round(review, "pilot", count=3, people=["ann", "ben"], stage=TA).record_ids
    assert tuple(ScreeningOrder(review).open_records(TA)[:3]) == pilot


def test_the_queue_takes_the_order(make: Make) -> None:
    review = make(reviewers=1)
    bring(review)
    order = ScreeningOrder(review)
    queue = ScreeningQueue(review, order=order)
    decide(review, EXTRA[0], stage=TA, verdict=Verdict.INCLUDE)
    decide(review, EXTRA[1], stage=TA, verdict=Verdict.EXCLUDE)
    assert list(queue.open_from(TA)) == order.open_records(TA)
    first = queue.next_open(TA)
    assert first in {EXTRA[2], EXTRA[4]}
    assert queue.next_open(TA, after=first) != first
