"""A review with one study to extract from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from resartus.app.entering import define_study
from resartus.app.importing import import_file
from resartus.app.review import Review
from resartus.app.starting import TEMPLATE
from resartus.domain.ids import RecordId, StudyId

ABSTRACT = (
    "We operated on 52 women. Complications occurred in 37% of patients. "
    "Median survival was 53 months (range 4-190)."
)

PLAN = TEMPLATE.replace(
    '# times_zero = ["treatment", "diagnosis", "recurrence"]',
    'times_zero = ["liver resection or ablation", "diagnosis of the primary", "recurrence"]',
)


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    folder = tmp_path / "review"
    folder.mkdir()
    with Review.create(folder, protocol_text=PLAN, person="ana") as review:
        ris = tmp_path / "one.ris"
        ris.write_text(
            f"TY  - JOUR\nTI  - A series\nAU  - Roh, S\nPY  - 2011\nAB  - {ABSTRACT}\nER  - \n"
        )
        import_file(review, ris)
        define_study(
            review,
            StudyId("roh"),
            record_id=review.state().record_ids()[0],
            design="case series",
            role="included",
        )
        yield review


@pytest.fixture
def record_id(review: Review) -> RecordId:
    return review.state().record_ids()[0]
