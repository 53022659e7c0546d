"""A review asked once where its log stands, for one page or one vote."""

from pathlib import Path

import pytest

from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.state import Imported


def bring(review: Review, name: str) -> None:
    review.append(EventKind.RECORDS_IMPORTED, Imported(origin=name, record_ids=(RecordId(name),)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Review.create(tmp_path, protocol_text=TEMPLATE, person="ann").close()
    return tmp_path


def test_what_is_logged_here_is_seen_at_once(folder: Path) -> None:
    with Review(folder) as review, review.steady():
        bring(review, "a")
        assert list(review.state().arrived) == ["a"]
        bring(review, "b")
        assert list(review.state().arrived) == ["a", "b"]


def test_what_others_log_meanwhile_is_seen_the_next_time(folder: Path) -> None:
    with Review(folder) as mine, Review(folder) as theirs:
        with mine.steady():
            assert not mine.state().arrived
            bring(theirs, "b")
            assert not mine.state().arrived
        assert list(mine.state().arrived) == ["b"]


def test_an_event_of_ones_own_brings_what_others_logged_before_it(folder: Path) -> None:
    with Review(folder) as mine, Review(folder) as theirs, mine.steady():
        mine.state()
        bring(theirs, "b")
        bring(mine, "a")
        assert list(mine.state().arrived) == ["b", "a"]
