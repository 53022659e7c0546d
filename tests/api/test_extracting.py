"""Forms, workbooks, checks, vocabularies, patients, curves and suggestions by the API."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from tests.api.conftest import Program
from tests.api.test_whole import PLAN, RIS

from resartus.app.permissions import Role
from resartus.app.team.server import TeamServer

AT = "/reviews/extracting"
FORM = """
id = "own"
version = 1
title = "Of our own"

[[field]]
name = "n_total"
label = "Operated"
kind = "integer"

[[field]]
name = "r0_n"
label = "r0_n"
kind = "integer"

[[field]]
name = "r1_n"
label = "r1_n"
kind = "integer"

[[field]]
name = "follow_up_months"
label = "Follow-up"
kind = "number"
level = "patient"
unit = "months"
"""


@pytest.fixture(scope="module")
def ids(app: Any, keys: Any) -> list[str]:
    """Begin a review with one study; return its records."""
    call: Any = Program(app, keys[Role.OWNER]).call
    plan = PLAN.replace("reviewers_per_stage = 1", "reviewers_per_stage = 2")
    call("POST", "/reviews", 201, json={"review_id": "extracting", "protocol": plan})
    call("POST", f"{AT}/imports?name=found.ris", 201, content=RIS.encode())
    found = [r["record_id"] for r in call("GET", f"{AT}/records")]
    study = {"study_id": "s1", "record_id": found[0], "design": "case series", "role": "included"}
    call("POST", f"{AT}/studies", 201, json=study)
    return found


def test_a_form_of_ones_own_is_adopted_and_ready_ones_are_seen(
    owner: Program, ids: list[str]
) -> None:
    call: Any = owner.call
    before = call("GET", f"{AT}/forms")
    assert before["in_use"]["form_id"] == "review.toml"
    ready = before["ready"][0]["form_id"]
    assert b"version" in call("GET", f"{AT}/forms/{ready}")
    assert b"<html" in call("GET", f"{AT}/forms/{ready}?format=html")
    call("GET", f"{AT}/forms/own.toml", 404)
    call("POST", f"{AT}/forms", 422, json={})
    call("POST", f"{AT}/forms", 404, json={"form_id": "/etc/passwd"})
    assert "TOML" in call("POST", f"{AT}/forms", 422, json={"toml": "]["})["error"]["message"]
    plan = call("POST", f"{AT}/forms/plan", json={"toml": FORM})
    assert (plan["form_id"], plan["before_form_id"], plan["n_unfit"]) == ("own", "review.toml", 0)
    assert call("GET", f"{AT}/forms")["in_use"]["form_id"] == "review.toml"
    done = call("POST", f"{AT}/forms", 201, json={"toml": FORM})
    assert (done["form_id"], done["version"]) == ("own", 1)
    assert call("GET", f"{AT}/forms")["in_use"]["title"] == "Of our own"


def test_a_workbook_goes_out_and_comes_back(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    wanted = [f["name"] for f in call("GET", f"{AT}/studies/s1/open-fields")]
    assert wanted == ["n_total", "r0_n", "r1_n"]
    book = openpyxl.load_workbook(BytesIO(call("GET", f"{AT}/workbook?study_id=s1")))
    sheet = book.active
    rows = list(sheet.iter_rows())
    names = [cell.value for cell in rows[0]]
    row = next(r for r in rows[1:] if r[names.index("field")].value == "n_total")
    row[names.index("value")].value = 11
    row[names.index("place")].value = "table"
    filled = BytesIO()
    book.save(filled)
    seen = call("POST", f"{AT}/workbook/look", content=filled.getvalue())
    [brought] = seen["rows"]
    assert (brought["cell"]["field"], brought["cell"]["extracted"]["value"]) == ("n_total", 11)
    assert (brought["before"], seen["problems"]) == (None, [])
    # Looking enters nothing.
    assert [f["name"] for f in call("GET", f"{AT}/studies/s1/open-fields")] == wanted
    done = call("POST", f"{AT}/workbook", 201, content=filled.getvalue())
    assert done["entered"] == 1
    left = [f["name"] for f in call("GET", f"{AT}/studies/s1/open-fields")]
    assert left == ["r0_n", "r1_n"]
    call("POST", f"{AT}/workbook", 422, content=b"no workbook")


def test_what_a_colleague_entered_shows_in_no_check_but_the_adjudicators(
    owner: Program, app: Any, keys: Any, server: TeamServer, ids: list[str]
) -> None:
    call: Any = owner.call
    for field in ("r0_n", "r1_n"):
        cell = {"field": field, "value": "9", "record_id": ids[0], "place": "table"}
        call("POST", f"{AT}/studies/s1/cells", 201, json=cell)
    seen = call("GET", f"{AT}/checks")["report"]
    assert seen["n_cells"] == 3
    [member] = [m for m in call("GET", "/reviews/r1/members") if m["name"] == "the extractor"]
    server.set_role("extracting", account_id=member["account_id"], role=Role.EXTRACTOR)
    theirs: Any = Program(app, keys[Role.EXTRACTOR]).call("GET", f"{AT}/checks")
    assert seen["failures"]
    assert theirs["report"]["failures"] == []


def test_two_peoples_entries_are_compared_and_settled_by_a_value(
    owner: Program, app: Any, keys: Any, ids: list[str]
) -> None:
    call: Any = owner.call
    value = {"field": "n_total", "value": "10", "record_id": ids[0], "place": "table"}
    Program(app, keys[Role.EXTRACTOR]).call("POST", f"{AT}/studies/s1/cells", 201, json=value)
    found = call("GET", f"{AT}/consensus/agreement")
    assert (found["n_both"], found["n_differ"]) == (1, 1)
    call("GET", f"{AT}/consensus/agreement?first=the owner", 422)
    agreed = {**value, "value": "11", "study_id": "s1"}
    call("POST", f"{AT}/consensus/values", 201, json=agreed)
    assert call("GET", f"{AT}/consensus") == []


def test_words_are_looked_up(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    packs = call("GET", f"{AT}/vocabularies")
    assert any(v["vocabulary_id"] == "clavien-dindo" for p in packs for v in p["vocabularies"])
    meaning = call("GET", f"{AT}/vocabularies/meaning", params={"words": "right hemihepatectomy"})
    assert meaning["resection"]["segments"]
    call("GET", f"{AT}/vocabularies/meaning", 404, params={"words": "qwertz"})


def test_a_table_of_patients_is_brought_and_who_is_usable_is_told(
    owner: Program, app: Any, keys: Any, ids: list[str]
) -> None:
    call: Any = owner.call
    table = b"No,FU,status,time_zero\n1,12,dead,treatment\n2,nr,alive,\n"
    at = f"{AT}/studies/s1/patients?name=t.csv"
    told = call(
        "POST",
        at,
        422,
        content=table.replace(b"status", b"x").replace(b"FU,x,time_zero", b"zz,x,y"),
    )
    assert "map them" in told["error"]["message"]
    done = call("POST", f"{at}&columns=follow_up_months=FU;patient=No", 201, content=table)
    assert done["patients"] == 2
    assert done["columns"]["FU"] == "follow_up_months"
    mapped = f"{at}&columns=follow_up_months=FU;patient=No"
    # Two must enter: until the second has, nobody is counted.
    assert call("GET", f"{AT}/patients")["usability"][0]["n_patients"] == 0
    Program(app, keys[Role.EXTRACTOR]).call("POST", mapped, 201, content=table)
    usable = call("GET", f"{AT}/patients")
    assert usable["usability"][0]["n_patients"] == 2
    call("POST", f"{AT}/studies/s9/patients", 404, content=table)


def test_a_curve_is_kept_and_its_patients_rebuilt(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    curve = {
        "record_id": ids[0],
        "points": [[0, 1], [6, 0.9], [12, 0.7], [24, 0.5], [36, 0.4]],
        "at_risk": [[0, 40], [12, 27], [24, 18]],
        "figure": "Figure 2",
    }
    kept = call("POST", f"{AT}/studies/s1/curves", 201, json=curve)
    assert len(kept["months"]) == len(kept["is_event"]) == 40
    assert "reconstructed" in kept["label"]
    assert call("GET", f"{AT}/curves") == [kept]
    call("POST", f"{AT}/studies/s1/curves", 422, json={**curve, "points": []})


def test_suggestions_are_off_until_switched_on_and_wait_for_a_person(
    owner: Program, ids: list[str], server: TeamServer
) -> None:
    call: Any = owner.call
    assert call("GET", f"{AT}/suggestions")["is_on"] is False
    told = call("POST", f"{AT}/studies/s1/suggestions", 422)["error"]["message"]
    assert "suggestions are off" in told
    with server.open_review("extracting", person="the owner") as review:
        (review.folder / "suggestions.toml").write_text("rules = true\n", encoding="utf-8")
    call("POST", f"{AT}/studies/s1/suggestions", 201)
    waiting = call("GET", f"{AT}/suggestions?study_id=s1")["waiting"]
    assert waiting
    first = {"suggestion_id": waiting[0]["suggestion_id"]}
    entered = call("POST", f"{AT}/suggestions", 201, json={**first, "verdict": "accept"})
    assert "suggested by" in entered["cell"]["extracted"]["note"]
    call("POST", f"{AT}/suggestions", 409, json={**first, "verdict": "reject"})
    assert call("GET", f"{AT}/suggestions")["disclosure"]
