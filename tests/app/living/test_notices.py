from collections.abc import Callable

import pytest
from tests.app.living.conftest import record

from resartus.app.living.notices import (
    note_deleted,
    note_notices,
    notices,
    settle_notice,
)
from resartus.app.review import Review
from resartus.app.undoing import undo_event
from resartus.domain.ids import Pmid
from resartus.domain.record import RelatedReport
from resartus.errors import ConflictError, DataError, NotFoundError

Include = Callable[..., None]


def related(kind: str, pmid: int | None = None, citation: str | None = None) -> RelatedReport:
    return RelatedReport(kind=kind, pmid=None if pmid is None else Pmid(pmid), citation=citation)


def test_a_notice_is_seen_on_the_report_and_on_the_notice_itself(
    review: Review, include: Include
) -> None:
    include(1, events=1, total=20)
    include(2, events=1, total=20)
    on_report = record(1, related=(related("RetractionIn", 90),))
    its_own = record(91, related=(related("ErratumFor", 2), related("CommentOn", 1)))
    found = note_notices(review, [on_report, its_own])
    assert {(n.record_id, n.kind, n.pmid) for n in found} == {
        ("pubmed:1", "retraction", 90),
        ("pubmed:2", "erratum", 91),
    }


def test_the_same_notice_from_both_sides_and_twice_is_one(review: Review, include: Include) -> None:
    include(1, events=1, total=20)
    both = [
        record(1, related=(related("RetractionIn", 90),)),
        record(90, related=(related("RetractionOf", 1),)),
    ]
    assert len(note_notices(review, both)) == 1
    assert note_notices(review, both) == ()
    assert len(notices(review.state())) == 1


def test_a_report_that_is_not_included_brings_no_notice(review: Review, include: Include) -> None:
    include(1, events=1, total=20)
    assert note_notices(review, [record(7, related=(related("RetractionIn", 90),))]) == ()


def test_a_notice_without_a_pmid_is_known_by_its_citation(review: Review, include: Include) -> None:
    include(1, events=1, total=20)
    first = record(1, related=(related("ErratumIn", citation="Test J. 2020;1:3"),))
    other = record(1, related=(related("ErratumIn", citation="Test J. 2021;1:4"),))
    assert len(note_notices(review, [first])) == 1
    assert note_notices(review, [first]) == ()
    assert len(note_notices(review, [other])) == 1


def test_the_gravest_comes_first(review: Review, include: Include) -> None:
    include(1, events=1, total=20)
    note_notices(
        review, [record(1, related=(related("ErratumIn", 80), related("RetractionIn", 90)))]
    )
    note_deleted(review, [Pmid(1), Pmid(55)])
    assert [n.kind for n in notices(review.state())] == [
        "retraction",
        "erratum",
        "deleted from PubMed",
    ]


def test_settling_keeps_the_note_and_can_be_taken_back(review: Review, include: Include) -> None:
    include(1, events=1, total=20)
    (notice,) = note_notices(review, [record(1, related=(related("RetractionIn", 90),))])
    settle_notice(review, notice.notice_id, note="study  excluded")
    assert notices(review.state(), is_open=True) == ()
    (settled,) = notices(review.state(), is_open=False)
    assert settled.settled == "study excluded"
    with pytest.raises(ConflictError, match="settled already: study excluded"):
        settle_notice(review, notice.notice_id, note="again")
    undo_event(review)
    assert len(notices(review.state(), is_open=True)) == 1


def test_a_notice_needs_a_note_and_must_exist(review: Review, include: Include) -> None:
    include(1, events=1, total=20)
    (notice,) = note_notices(review, [record(1, related=(related("RetractionIn", 90),))])
    with pytest.raises(DataError, match="needs a note"):
        settle_notice(review, notice.notice_id, note="  ")
    with pytest.raises(NotFoundError, match="there are: pubmed:1/retraction/90"):
        settle_notice(review, "pubmed:9/retraction/1", note="x")
