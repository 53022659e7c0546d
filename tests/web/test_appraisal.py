"""Two people appraise alone, settle what differs, and rate certainty in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from resartus.app.appraisal.answering import judgements, tools_of_review
from resartus.app.appraisal.grading import grades
from resartus.app.entering import define_study
from resartus.app.review import Review
from resartus.app.screening import decide
from resartus.domain.decision import Stage, Verdict
from resartus.domain.ids import StudyId
from resartus.web.app import create_app
from resartus.web.security import COOKIE

PLACE = "/appraisal/studies/s1"
TOOL = "jbi-case-series@2020"


@contextmanager
def browser_of(folder: Path, person: str) -> Iterator[TestClient]:
    app = create_app(folder, person=person, hosts=("localhost",))
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        client.get("/")
        yield client


def send(client: TestClient, path: str, **fields: str) -> int:
    data = {"csrf": str(client.cookies[COOKIE]), **fields}
    return client.post(path, data=data).status_code


@pytest.fixture
def appraised(folder: Path) -> Path:
    with Review(folder, person="ana") as review:
        record_id = next(iter(review.state().record_ids()))
        for stage in Stage:
            decide(review, record_id, stage=stage, verdict=Verdict.INCLUDE)
        define_study(
            review,
            StudyId("s1"),
            record_id=record_id,
            design="case series",
            role=review.protocol.roles[0].name,
        )
    return folder


def items(folder: Path) -> list[str]:
    with Review(folder) as review:
        [tool] = [t for t in tools_of_review(review) if t.key == TOOL]
    return [item.item_id for item in tool.items]


def answers(folder: Path, said: str) -> dict[str, str]:
    return {"tool": TOOL, **{f"answer:{item}": said for item in items(folder)}}


def test_the_tool_for_the_design_is_proposed_and_answers_are_kept_with_their_words(
    appraised: Path,
) -> None:
    first = items(appraised)[0]
    with browser_of(appraised, "ana") as ana:
        assert "JBI case series" in ana.get("/appraisal").text
        told = {f"answer:{first}": "yes", f"support:{first}": "all women seen 1990 to 2001"}
        assert send(ana, PLACE, tool=TOOL, **told) == 303
        assert "all women seen 1990 to 2001" in ana.get(PLACE).text
        assert "1 of 10" in ana.get("/appraisal").text
        # Sent again, nothing is logged twice.
        before = Review(appraised).store.last_seq()
        assert send(ana, PLACE, tool=TOOL, **told) == 303
        assert Review(appraised).store.last_seq() == before


@pytest.fixture
def appraised_by_two(appraised: Path) -> Path:
    path = appraised / "review.toml"
    path.write_text("appraisers = 2\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    return appraised


def test_where_one_person_suffices_everybody_sees_what_they_answered(appraised: Path) -> None:
    with browser_of(appraised, "ben") as ben:
        assert send(ben, PLACE, **answers(appraised, "no")) == 303
    with browser_of(appraised, "ana") as ana:
        assert ana.get(f"/appraisal/figures/{TOOL}/summary.svg").status_code == 200


def test_a_second_person_sees_nothing_of_the_first_until_both_have_answered(
    appraised_by_two: Path,
) -> None:
    appraised = appraised_by_two
    first = items(appraised)[0]
    with browser_of(appraised, "ben") as ben:
        told = {**answers(appraised, "no"), f"support:{first}": "ben's own words"}
        assert send(ben, PLACE, **told) == 303
    with browser_of(appraised, "ana") as ana:
        shown = ana.get(PLACE).text + ana.get("/appraisal").text
        assert "ben: no" not in shown
        log = ana.get("/log").text
        assert "appraised; shown once you have answered too" in log
        assert "is &#39;no&#39;" not in log
        assert "their answers show once both of you have answered" in shown
        assert ana.get(f"/appraisal/figures/{TOOL}/summary.svg").status_code == 404
        assert send(ana, PLACE, **answers(appraised, "yes")) == 303
        shown = ana.get(PLACE).text
        assert "ben: <strong>no</strong>" in shown
        assert f"To settle ({len(items(appraised))})" in shown


def test_what_differs_is_settled_once_and_the_answers_stay(appraised: Path) -> None:
    first = items(appraised)[0]
    for person, said in (("ben", "no"), ("ana", "yes")):
        with browser_of(appraised, person) as browser:
            assert send(browser, PLACE, **answers(appraised, said)) == 303
    with browser_of(appraised, "ana") as ana:
        told = {"tool": TOOL, "item": first, "support": "the methods say so"}
        assert send(ana, PLACE + "/settle", **told, answer="perhaps") == 422
        assert send(ana, PLACE + "/settle", **told, answer="yes") == 303
        assert send(ana, PLACE + "/settle", **told, answer="no") == 422
        assert "Consensus: yes" in ana.get(PLACE).text
        figure = ana.get(f"/appraisal/figures/{TOOL}/traffic-lights.svg")
        assert figure.headers["content-type"] == "image/svg+xml"
    with Review(appraised) as review:
        [tool] = [t for t in tools_of_review(review) if t.key == TOOL]
        [judgement] = judgements(review.state(), tool)
    assert judgement.items[0].answer == "yes"
    assert dict(judgement.items[0].answers) == {"ben": "no", "ana": "yes"}


def test_a_rating_that_its_steps_do_not_give_is_asked_about_and_nothing_written_is_lost(
    client: TestClient, token: str, folder: Path
) -> None:
    rating = {
        "csrf": token,
        "outcome": "mortality",
        "start": "case series and case reports",
        "down:imprecision": "1",
        "down:imprecision:because": "37 deaths in all",
        "certainty": "moderate",
    }
    answer = client.post("/appraisal/certainty", data=rating)
    assert answer.status_code == 422
    assert "the steps lead" in answer.text
    assert "37 deaths in all" in answer.text
    with Review(folder) as review:
        assert not grades(review.state())
    assert (
        client.post("/appraisal/certainty", data={**rating, "certainty": "very low"}).status_code
        == 303
    )
    shown = client.get("/appraisal/certainty?outcome=mortality").text
    assert "Down one level for imprecision: 37 deaths in all." in shown
    assert "Very low" in shown


def test_a_reason_without_a_level_and_a_level_without_a_reason_are_refused(
    client: TestClient, token: str
) -> None:
    rating = {
        "csrf": token,
        "outcome": "mortality",
        "start": "case series and case reports",
        "certainty": "low",
    }
    for step in ({"down:imprecision:because": "few"}, {"down:imprecision": "1"}):
        assert client.post("/appraisal/certainty", data={**rating, **step}).status_code == 422
