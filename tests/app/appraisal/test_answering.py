"""Two appraisers answer, a consensus settles, and analyses learn whom to leave out."""

import pytest

from resartus.app.appraisal.answering import (
    OVERALL,
    Level,
    answer,
    bias_figures,
    conflicts,
    judgements,
    left_out_by_bias,
    settle_answer,
    suggested_tools,
    tools_of_review,
)
from resartus.app.appraisal.grading import Certainty, Grade, Start, Step, grades, rate
from resartus.app.review import Review
from resartus.appraisal.checklists import tool
from resartus.domain.ids import StudyId
from resartus.errors import DataError, NotFoundError

ROH = StudyId("roh")


def answer_as(review: Review, person: str, name: str, **items: str) -> None:
    with Review(review.folder, person=person) as own:
        for item, said in items.items():
            answer(own, ROH, tool=tool(name), item=item, answer=said, support=f"{person} read it")


def test_the_tool_is_suggested_by_design(review: Review) -> None:
    (suggested,) = suggested_tools(review)
    assert [t.tool_id for t in suggested.tools] == ["jbi-case-series", "murad"]


def test_answers_that_differ_count_for_nobody_until_settled(review: Review) -> None:
    series = tool("jbi-case-series")
    answer_as(review, "ana", "jbi-case-series", consecutive="yes", site="no")
    answer_as(review, "ben", "jbi-case-series", consecutive="no", site="no")
    (judgement,) = judgements(review.state(), series)
    by_item = {i.item_id: i for i in judgement.items}
    assert by_item["consecutive"].answer is None
    assert by_item["site"].level is Level.HIGH
    assert conflicts(review.state(), series) == [
        ("roh", "consecutive", {"ana": "yes", "ben": "no"})
    ]
    settle_answer(review, ROH, tool=series, item="consecutive", answer="no", support="period")
    (judgement,) = judgements(review.state(), series)
    settled = next(i for i in judgement.items if i.item_id == "consecutive")
    assert (settled.answer, settled.is_consensus, settled.support) == ("no", True, "period")
    assert settled.answers == {"ana": "yes", "ben": "no"}
    assert conflicts(review.state(), series) == []


def test_robins_i_is_as_bad_as_its_worst_domain_and_leaves_studies_out(review: Review) -> None:
    robins = tool("robins-i")
    answer_as(
        review,
        "ana",
        "robins-i",
        confounding="critical",
        **{i.item_id: "low" for i in robins.items[1:]},
    )
    (judgement,) = judgements(review.state(), robins)
    assert judgement.overall_level is Level.CRITICAL
    assert left_out_by_bias(review.state(), robins) == {
        OVERALL: frozenset({"roh"}),
        "confounding": frozenset({"roh"}),
    }
    assert left_out_by_bias(review.state(), robins, item="missing") == {"missing": frozenset()}


def test_a_checklist_without_a_rule_gets_no_overall_by_itself(review: Review) -> None:
    series = tool("jbi-case-series")
    answer_as(review, "ana", "jbi-case-series", **{i.item_id: "yes" for i in series.items})
    assert judgements(review.state(), series)[0].overall_level is None
    answer_as(review, "ana", "jbi-case-series", overall="include")
    assert judgements(review.state(), series)[0].overall_level is Level.LOW


def test_stars_are_counted_only_for_the_scale_that_is_stars(review: Review) -> None:
    scale = tool("newcastle-ottawa")
    answer_as(
        review,
        "ana",
        "newcastle-ottawa",
        **{i.item_id: i.answers[0].code for i in scale.items},
    )
    assert judgements(review.state(), scale)[0].stars == 9


def test_what_cannot_be_answered_is_refused(review: Review) -> None:
    quips = tool("quips")
    with pytest.raises(DataError, match="'yes' to 'attrition' is not one of"):
        answer(review, ROH, tool=quips, item="attrition", answer="yes")
    with pytest.raises(DataError, match="no judgement of the whole"):
        answer(review, ROH, tool=quips, item=OVERALL, answer="fine")
    with pytest.raises(NotFoundError, match="'nobody'"):
        answer(review, StudyId("nobody"), tool=quips, item="attrition", answer="low")
    with pytest.raises(NotFoundError, match="nobody has answered"):
        settle_answer(review, ROH, tool=quips, item="attrition", answer="low")
    with pytest.raises(NotFoundError, match="no study was appraised"):
        bias_figures(review.state(), quips, known=())


def test_a_review_s_own_tool_is_found_in_its_folder(review: Review) -> None:
    (review.folder / "appraisal").mkdir()
    (review.folder / "appraisal" / "own.toml").write_text(
        'id = "own"\nversion = "1"\nname = "Own"\nsource = "us"\ndesigns = ["case series"]\n'
        '[[answer]]\ncode = "yes"\nlevel = "low"\n[[item]]\nid = "a"\ntext = "A?"\n'
    )
    assert "own" in [t.tool_id for t in tools_of_review(review)]


def test_a_rating_is_kept_with_its_words_and_a_later_one_counts(review: Review) -> None:
    first = Grade(outcome="death", start=Start.CASES, certainty=Certainty.LOW)
    downs = (Step(domain="imprecision", levels=1, because="no death seen"),)
    second = Grade(outcome="death", start=Start.CASES, certainty=Certainty.VERY_LOW, downs=downs)
    rate(review, first)
    rate(review, second)
    with Review(review.folder) as again:
        assert grades(again.state()) == {"death": second}
