"""Patients as rows, two people's entries, checks and curves in the browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from resartus.app.demo import build_demo
from resartus.app.entering import Entry, enter_value
from resartus.app.review import Review
from resartus.domain.ids import StudyId
from resartus.web.app import create_app
from resartus.web.pages import double_entry
from resartus.web.security import COOKIE

STUDY = "kamel2011"
TABLE = b"Patient,Age,Survival (months)\nP1,51,12\nP2,60,\n"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extracted") / "review"
    build_demo(folder).close()
    return folder


@pytest.fixture
def ana(demo: Path) -> Iterator[TestClient]:
    app = create_app(demo, person="ana", hosts=("localhost",))
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        client.get("/")
        yield client


def report_of(folder: Path) -> str:
    with Review(folder) as review:
        return str(review.state().studies[StudyId(STUDY)].record_ids[0])


def test_a_table_of_patients_is_looked_at_then_comes_in_by_its_columns(
    ana: TestClient, demo: Path
) -> None:
    at, token = f"/studies/{STUDY}/patients", {"csrf": ana.cookies[COOKIE]}
    shown = ana.post(at, data=token, files={"files": ("../t.csv", TABLE, "text/csv")}).text
    assert "What do the columns of t.csv hold?" in shown
    assert "2 rows." in shown
    payload = shown.split('name="payload" value="')[1].split('"')[0]
    told = {
        **token,
        "payload": payload,
        "name": "t.csv",
        "record_id": report_of(demo),
        "column:Patient": "patient",
        "column:Age": "age_years",
        "column:Survival (months)": "follow_up_months",
    }
    assert ana.post(at, data=told).status_code == 303
    with Review(demo) as review:
        known = {
            (c.patient, c.field): c.extracted
            for c in review.state().cells.values()
            if c.study_id == STUDY and c.patient in ("P1", "P2")
        }
    assert known["P1", "follow_up_months"].value == 12
    assert known["P2", "follow_up_months"].reported.value == "not reported"
    shown = ana.get(at).text
    assert '<th scope="row">P1</th>' in shown
    assert '/value?id=kamel2011/P1/follow_up_months" class="plain">12</a>' in shown


def test_two_entries_that_differ_wait_and_are_settled_by_taking_one(
    ana: TestClient, demo: Path
) -> None:
    for person, value in (("ben", "41"), ("cleo", "42")):
        with Review(demo, person=person) as review:
            entry = Entry(
                study_id=StudyId(STUDY),
                field="n_seen",
                value=value,
                record_id=review.state().studies[StudyId(STUDY)].record_ids[0],
                place="table",
            )
            enter_value(review, entry)
    shown = ana.get("/double-entry").text
    assert f"{STUDY}/n_seen" in shown
    told = {"csrf": ana.cookies[COOKIE], "cell_id": f"{STUDY}/n_seen", "take": "cleo"}
    assert ana.post("/double-entry", data=told).status_code == 303
    with Review(demo) as review:
        assert review.state().consensus[f"{STUDY}/n_seen"].extracted.value == 42
    assert "Differ and wait for consensus (0)" in ana.get("/double-entry").text


def differing(folder: Path, field: str, **values: str) -> str:
    for person, value in values.items():
        with Review(folder, person=person) as review:
            entry = Entry(
                study_id=StudyId(STUDY),
                field=field,
                value=value,
                record_id=review.state().studies[StudyId(STUDY)].record_ids[0],
                place="table",
            )
            enter_value(review, entry)
    return f"{STUDY}/{field}"


def test_a_third_value_with_its_anchor_and_reason_settles_what_differs(
    ana: TestClient, demo: Path
) -> None:
    cell_id = differing(demo, "n_screened", ben="41", cleo="42")
    at = f"/double-entry/settle?cell={cell_id}"
    assert "ben" in ana.get(at).text
    told = {
        "csrf": ana.cookies[COOKIE],
        "cell_id": cell_id,
        "value": "43",
        "place": "table",
        "detail": "Table 2",
        "record_id": report_of(demo),
    }
    without = ana.post("/double-entry/settle", data=told)
    assert without.status_code == 422
    assert "say why neither entry holds" in without.text
    assert 'value="43"' in without.text
    agreed = ana.post("/double-entry/settle", data={**told, "note": "both missed a row"})
    assert agreed.status_code == 303
    with Review(demo) as review:
        cell = review.state().consensus[cell_id].extracted
    assert (cell.value, cell.entered_by) == (43, "ana")
    assert cell.note == "both missed a row; consensus"
    assert cell.anchor is not None
    assert (cell.anchor.place, cell.anchor.detail) == ("table", "Table 2")
    assert "both missed a row" in ana.get("/double-entry").text
    assert "Settled by ana" in ana.get(at).text


def test_what_differs_comes_in_pages_and_settling_stays_on_its_page(
    ana: TestClient, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(double_entry, "_PER_PAGE", 2)
    cells = [differing(demo, f"n_left_{n}", ben="1", cleo="2") for n in range(3)]
    first, second = (ana.get(f"/double-entry?page={n}").text for n in (1, 2))
    assert "wait for consensus (3)" in first
    assert [cell in first for cell in cells] == [True, True, False]
    assert [cell in second for cell in cells] == [False, False, True]
    for cell_id, page in zip(reversed(cells), (2, 1, 1), strict=True):
        told = {"csrf": ana.cookies[COOKIE], "cell_id": cell_id, "take": "ben", "page": str(page)}
        gone = ana.post("/double-entry", data=told).headers["location"]
        assert gone.startswith(f"/double-entry?page={page}&said=")
        assert ana.get(gone).status_code == 200
    beyond = ana.get("/double-entry?page=9").text
    assert "wait for consensus (0)" in beyond
    # Of what is settled the newest come first.
    assert "The newest 2 are shown" in beyond
    assert [cell in beyond for cell in cells] == [True, True, False]


def test_a_value_nobody_entered_cannot_be_settled(ana: TestClient) -> None:
    assert ana.get("/double-entry/settle?cell=kamel2011/nothing").status_code == 404


def test_the_checker_tells_what_does_not_hold_and_where(ana: TestClient) -> None:
    shown = ana.get("/checks").text
    assert "What does not hold" in shown
    assert "lead to no words" in shown


def test_points_and_numbers_at_risk_become_patients(ana: TestClient, demo: Path) -> None:
    told = {
        "csrf": ana.cookies[COOKIE],
        "outcome": "overall survival",
        "arm": "all",
        "figure": "Figure 1",
        "record_id": report_of(demo),
        "unit": "months",
        "time_zero": "not reported",
        "points": "0, 1\n10, 0.75\n20, 0.5\n30, 0.25\n40, 0",
        "at_risk": "0, 4",
    }
    at = f"/studies/{STUDY}/curves"
    assert ana.post(at, data=told).status_code == 303
    assert "4 patients, 4 with the event" in ana.get(at).text
    assert ana.post(at, data={**told, "points": "nothing"}).status_code == 422


def test_a_study_lists_what_is_still_to_read(ana: TestClient) -> None:
    assert "Still to read" in ana.get(f"/studies/{STUDY}").text
