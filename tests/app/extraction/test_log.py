"""The log tells each step of extraction and appraisal in words."""

from pathlib import Path

from resartus.app.appraisal.answering import answer, settle_answer
from resartus.app.appraisal.grading import Certainty, Grade, Start, rate
from resartus.app.extraction.curves import add_curve
from resartus.app.extraction.forms import adopt_form, find_form
from resartus.app.extraction.patients import import_patients
from resartus.app.extraction.suggesting import SETTINGS, reject, suggest
from resartus.app.history import recent_events
from resartus.app.review import Review
from resartus.appraisal.checklists import tool
from resartus.domain.ids import RecordId, StudyId
from resartus.extraction.curves.points import CurvePoint, RiskCount

ROH = StudyId("roh")


def test_every_step_is_told(review: Review, record_id: RecordId, tmp_path: Path) -> None:
    adopt_form(review, find_form("case-report")[0])
    table = tmp_path / "t.csv"
    table.write_text("Case,Age\n1,54\n2,60\n")
    import_patients(review, table, study_id=ROH, record_id=record_id)
    add_curve(
        review,
        study_id=ROH,
        arm="all",
        outcome="overall survival",
        record_id=record_id,
        figure="Figure 2",
        points=[CurvePoint(time=0, survival=1), CurvePoint(time=5, survival=0.5)],
        at_risk=[RiskCount(time=0, at_risk=4)],
    )
    answer(review, ROH, tool=tool("murad"), item="selection", answer="no")
    settle_answer(review, ROH, tool=tool("murad"), item="selection", answer="yes")
    rate(review, Grade(outcome="death", start=Start.CASES, certainty=Certainty.LOW))
    (review.folder / SETTINGS).write_text("rules = true\n")
    found = suggest(review, ROH).suggestions
    reject(review, found[0].suggestion_id)
    told = [row.text for row in recent_events(review)]
    for words in (
        "adopted form case-report, 0 values carried over",
        "entered 2 patients of roh",
        "digitised Figure 2 of roh (all)",
        "appraised roh with murad@2018: selection is 'no'",
        "appraised roh with murad@2018: selection is 'yes', consensus",
        "rated the certainty of 'death': low",
        f"let {len(found)} value{'' if len(found) == 1 else 's'} be suggested",
        f"suggestion {found[0].suggestion_id}: rejected",
    ):
        assert words in told
