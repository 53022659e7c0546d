from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId
from resartus.domain.record import Record
from resartus.domain.state import Imported

IDS = tuple(RecordId(f"r{n}") for n in range(12))


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Review]]:
    """Make a review of twelve records whose clock moves on by 40 seconds a vote."""
    made: list[Review] = []

    def build(*, reviewers: int = 2, extra: str = "") -> Review:
        text = TEMPLATE.replace("reviewers_per_stage = 1", f"reviewers_per_stage = {reviewers}")
        moment = datetime(2026, 11, 25, 9, tzinfo=UTC)

        def clock() -> datetime:
            nonlocal moment
            moment += timedelta(seconds=20)
            return moment

        folder = tmp_path / f"review{len(made)}"
        folder.mkdir()
        review = Review.create(folder, protocol_text=text + extra, person="ann", clock=clock)
        review.store.save_records(Record(record_id=r, source="ris", title=str(r)) for r in IDS)
        review.append(EventKind.RECORDS_IMPORTED, Imported(origin="f", record_ids=IDS))
        made.append(review)
        return review

    yield build
    for review in made:
        review.close()
