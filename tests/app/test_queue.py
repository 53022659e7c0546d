from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resartus.app.queue import ScreeningQueue
from resartus.app.review import Review
from resartus.app.screening import decide, open_records, progress
from resartus.app.starting import TEMPLATE
from resartus.app.undoing import undo_event
from resartus.domain.decision import Stage, Verdict
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.domain.state import Imported

IDS = tuple(RecordId(f"r{n}") for n in range(5))


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    with Review.create(tmp_path / "r", protocol_text=TEMPLATE, person="ann") as made:
        made.store.save_records(Record(record_id=r, source="ris", title=str(r)) for r in IDS)
        made.append(EventKind.RECORDS_IMPORTED, Imported(origin="f", record_ids=IDS))
        yield made


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()


steps = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from([*Verdict, "undo"]),
        st.sampled_from(["ann", "ben"]),
    ),
    max_size=12,
)


@given(steps)
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_says_what_counting_anew_says(
    tmp_path_factory: pytest.TempPathFactory, given_: list[tuple[int, object, str]]
) -> None:
    folder = tmp_path_factory.mktemp("q")
    with Review.create(folder, protocol_text=TEMPLATE, person="ann") as review:
        review.store.save_records(Record(record_id=r, source="ris") for r in IDS)
        review.append(EventKind.RECORDS_IMPORTED, Imported(origin="f", record_ids=IDS))
        queue = ScreeningQueue(review)
        votes = 0
        for number, what, by in given_:
            if what == "undo":
                if votes:
                    undo_event(review)
                    votes -= 1
            else:
                votes += 1
                decide(review, IDS[number], stage=Stage.SCREENING, verdict=Verdict(what), by=by)
            for stage in Stage:
                assert list(queue.open_from(stage)) == open_records(review, stage)
            assert (queue.progress(Stage.SCREENING), queue.progress(Stage.ELIGIBILITY)) == progress(
                review
            )


def test_a_vote_replaced_by_a_skip_opens_the_record_again(review: Review) -> None:
    queue = ScreeningQueue(review)
    for verdict in (Verdict.EXCLUDE, Verdict.SKIP):
        decide(review, IDS[0], stage=Stage.SCREENING, verdict=verdict, by="ben")
        assert list(queue.open_from(Stage.SCREENING)) == open_records(review, Stage.SCREENING)
    assert queue.next_open(Stage.SCREENING) == IDS[0]


def test_a_record_skipped_for_now_is_followed_by_the_next(review: Review) -> None:
    queue = ScreeningQueue(review)
    assert queue.next_open(Stage.SCREENING) == IDS[0]
    assert queue.next_open(Stage.SCREENING, after=IDS[0]) == IDS[1]
    assert queue.next_open(Stage.SCREENING, after=IDS[4]) is None
    decide(review, IDS[0], stage=Stage.SCREENING, verdict=Verdict.EXCLUDE)
    assert queue.next_open(Stage.SCREENING) == IDS[1]
    assert queue.next_open(Stage.SCREENING, after=IDS[0]) == IDS[1]
