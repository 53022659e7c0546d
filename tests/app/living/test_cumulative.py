from collections.abc import Callable

from tests.app.living.conftest import record

from resartus.app.living.cumulative import cumulative_of
from resartus.app.living.notices import note_notices
from resartus.app.review import Review
from resartus.app.status import review_status
from resartus.domain.event import EventKind
from resartus.domain.ids import Pmid, RecordId, StudyId
from resartus.domain.record import RelatedReport
from resartus.domain.state import StudyEntry

Include = Callable[..., None]


def dated(review: Review, pmid: int, year: int | None) -> None:
    name = f"pubmed:{pmid}"
    review.append(
        EventKind.STUDY_DEFINED,
        StudyEntry(
            study_id=StudyId(name),
            label=f"Series {pmid}",
            design="case series",
            record_ids=(RecordId(name),),
            year=year,
        ),
    )


def test_each_year_adds_to_the_years_before_and_the_last_is_all(
    review: Review, include: Include
) -> None:
    for pmid, year in ((1, 2001), (2, 1999), (3, 2001), (4, 2010), (5, None)):
        include(pmid, events=pmid % 3, total=20)
        dated(review, pmid, year)
    steps = cumulative_of(review)
    assert [(s.year, s.n_studies) for s in steps] == [(1999, 1), (2001, 3), (2010, 4)]
    assert steps[1].added == ("Series 1", "Series 3")
    assert steps[-1].estimate.n_events == 1 + 2 + 0 + 1


def test_a_notice_is_what_comes_next(review: Review, include: Include) -> None:
    include(1, events=1, total=20)
    retracted = RelatedReport(kind="RetractionIn", pmid=Pmid(90))
    note_notices(review, [record(1, related=(retracted,))])
    status = review_status(review)
    assert status.next_step == "Settle 1 notice on included reports"
    assert status.next_command == "resartus notices"
