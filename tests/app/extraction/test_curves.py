"""A digitised curve is kept as its clicks, and gives the same patients again."""

import pytest

from resartus.app.extraction.curves import add_curve, reconstructed_arms
from resartus.app.review import Review
from resartus.domain.ids import StudyId
from resartus.errors import DataError, NotFoundError
from resartus.extraction.curves.points import CurvePoint, RiskCount

POINTS = [CurvePoint(time=t, survival=s) for t, s in ((0, 1), (1, 0.75), (2, 0.5), (3, 0.25))]
TABLE = [RiskCount(time=0, at_risk=4)]


def test_a_curve_in_years_gives_patients_in_months_again_and_again(review: Review) -> None:
    record_id = review.state().record_ids()[0]
    added = add_curve(
        review,
        study_id=StudyId("roh"),
        arm="R0",
        outcome="overall survival",
        record_id=record_id,
        figure="Figure 2",
        points=POINTS,
        at_risk=TABLE,
        unit="years",
    )
    assert added.months == (12, 24, 36, 36)
    assert added.is_event == (True, True, True, False)
    with Review(review.folder) as again:
        assert reconstructed_arms(again.state()) == [added]


def test_a_curve_that_cannot_be_reconstructed_leaves_the_log_alone(review: Review) -> None:
    before = review.store.last_seq()
    record_id = review.state().record_ids()[0]
    for study, table, error in (("roh", [], DataError), ("nobody", TABLE, NotFoundError)):
        with pytest.raises(error):
            add_curve(
                review,
                study_id=StudyId(study),
                arm="R0",
                outcome="overall survival",
                record_id=record_id,
                figure="Figure 2",
                points=POINTS,
                at_risk=table,
            )
    assert review.store.last_seq() == before
