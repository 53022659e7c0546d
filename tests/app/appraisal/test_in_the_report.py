"""The report shows the appraisal, the certainty in words, disputes and what rules proposed."""

from resartus.app.appraisal.answering import answer
from resartus.app.appraisal.grading import Certainty, Grade, Start, Step, rate
from resartus.app.entering import Entry, enter_value
from resartus.app.extraction.suggesting import SETTINGS, suggest
from resartus.app.reporting.build import build_report
from resartus.app.reporting.material import gather
from resartus.app.review import Review
from resartus.app.versions import draft_version
from resartus.appraisal.checklists import tool
from resartus.domain.ids import RecordId, StudyId
from resartus.reporting.html import render_html

ROH = StudyId("roh")


def page(review: Review) -> str:
    return render_html(build_report(gather(review, draft_version(review))))


def test_without_an_appraisal_the_report_has_no_such_section(review: Review) -> None:
    assert 'id="appraisal"' not in page(review)


def test_appraisal_certainty_disputes_and_suggestions_are_told(
    review: Review, record_id: RecordId
) -> None:
    answer(review, ROH, tool=tool("murad"), item="selection", answer="no")
    rate(
        review,
        Grade(
            outcome="Operative death",
            start=Start.CASES,
            certainty=Certainty.VERY_LOW,
            downs=(Step(domain="imprecision", levels=1, because="one series"),),
        ),
    )
    entry = Entry(
        study_id=ROH, field="n_total", value="52", record_id=record_id, place="abstract", span="52"
    )
    enter_value(review, entry)
    with Review(review.folder, person="ben") as ben:
        enter_value(
            ben,
            Entry(
                study_id=ROH,
                field="n_total",
                value="37",
                record_id=record_id,
                place="abstract",
                span="37%",
            ),
        )
    (review.folder / SETTINGS).write_text("rules = true\n")
    suggest(review, ROH)
    html = page(review)
    assert 'id="figure-bias-murad-lights"' in html
    assert "Down one level for imprecision: one series." in html
    assert "One person (ana) appraised the studies with Murad" in html
    assert "Rules (version 1) proposed" in html
    assert "2 people entered values (ana, ben), 1 of them at least twice" in html
    assert "1 wait for one and count as unclear" in html
