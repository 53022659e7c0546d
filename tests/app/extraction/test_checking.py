"""The checker reads the review: its abstracts, its full texts, the entries that count."""

from resartus.app.entering import Entry, enter_value
from resartus.app.extraction.checking import check_review
from resartus.app.review import Review
from resartus.domain.event import EventKind
from resartus.domain.ids import RecordId, StudyId


def test_spans_are_looked_for_in_abstract_and_full_text(
    review: Review, record_id: RecordId
) -> None:
    base = {"study_id": StudyId("roh"), "record_id": record_id}
    enter_value(review, Entry(field="n_total", value="52", place="abstract", span="52", **base))
    enter_value(
        review, Entry(field="mortality_n", value="0", place="page", span="no deaths", **base)
    )
    report = check_review(review).report
    assert (report.n_spans_found, report.n_unverifiable, report.failures) == (1, 1, ())
    payload = review.payloads.save(b"<html><p>There were no deaths.</p></html>")
    review.append(EventKind.FULLTEXT_ATTACHED, {"record_id": record_id, "payload": payload})
    report = check_review(review, study_id=StudyId("roh")).report
    assert (report.n_spans_found, report.n_unverifiable) == (2, 0)
    enter_value(review, Entry(field="r0_n", value="9", place="page", span="9 were R0", **base))
    assert [f.check for f in check_review(review).report.failures] == ["span"]


def test_a_full_text_that_cannot_be_read_is_told(review: Review, record_id: RecordId) -> None:
    entry = Entry(
        study_id=StudyId("roh"), record_id=record_id, field="n", value="5", place="page", span="5"
    )
    enter_value(review, entry)
    payload = review.payloads.save(b"%PDF-1.4 torn")
    review.append(EventKind.FULLTEXT_ATTACHED, {"record_id": record_id, "payload": payload})
    checked = check_review(review)
    assert "cannot be read as PDF" in checked.unreadable[0]
    assert checked.report.n_unverifiable == 1
