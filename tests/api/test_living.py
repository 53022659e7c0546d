"""Versions compared, forecasts, notices, ranking, stopping and relations by the API."""

from typing import Any

import pytest
from tests.api.conftest import Program
from tests.api.test_whole import PLAN, RIS

from resartus.app.living.notices import Notice
from resartus.app.team.server import TeamServer
from resartus.domain.event import EventKind
from resartus.domain.ids import Pmid

AT = "/reviews/living"


@pytest.fixture(scope="module")
def ids(app: Any, keys: Any) -> list[str]:
    """Begin a review with three included series; return their records."""
    from resartus.app.permissions import Role

    call: Any = Program(app, keys[Role.OWNER]).call
    call("POST", "/reviews", 201, json={"review_id": "living", "protocol": PLAN})
    call("POST", f"{AT}/imports?name=found.ris", 201, content=RIS.encode())
    found = [r["record_id"] for r in call("GET", f"{AT}/records")]
    for n, record_id in enumerate(found[:2], start=1):
        for stage in ("title-abstract", "full-text"):
            vote = {"record_id": record_id, "verdict": "include"}
            call("POST", f"{AT}/screening/{stage}/votes", 201, json=vote)
        study = {"study_id": f"s{n}", "record_id": record_id, "design": "case series"}
        call("POST", f"{AT}/studies", 201, json={**study, "role": "included"})
        for field, value in (("n_total", 10 + n), ("mortality_n", n)):
            cell = {"field": field, "value": str(value), "record_id": record_id, "place": "table"}
            call("POST", f"{AT}/studies/s{n}/cells", 201, json=cell)
    return found


def test_the_order_to_judge_in_and_whether_to_stop(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    order = call("GET", f"{AT}/screening/title-abstract/ranking?why=true")
    assert [r["record_id"] for r in order["records"]] == ids[2:]
    assert order["records"][0]["terms"]
    [advice] = call("GET", f"{AT}/screening/title-abstract/stop?rule=all")
    assert advice["may_stop"] is False
    told = call("GET", f"{AT}/screening/title-abstract/stop?rule=hope", 422)["error"]["message"]
    assert "'hope' is not one of" in told
    call("GET", f"{AT}/screening/title-abstract/agreement?round=first", 404)


def test_what_changed_is_told_between_any_two_versions(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    assert "no version is pinned" in call("GET", f"{AT}/changes", 422)["error"]["message"]
    call("POST", f"{AT}/versions", 201, json={"trigger": "first"})
    cell = {"field": "mortality_n", "value": "9", "record_id": ids[0], "place": "table"}
    call("POST", f"{AT}/studies/s1/cells", 201, json=cell)
    to_draft = call("GET", f"{AT}/changes")
    assert (to_draft["before"], to_draft["after"]) == (1, 2)
    assert any(c["kind"] == "value" and c["after"].startswith("9") for c in to_draft["changes"])
    call("POST", f"{AT}/versions", 201, json={"trigger": "second"})
    assert call("GET", f"{AT}/changes?before=1&after=2")["changes"] == to_draft["changes"]
    assert (
        "turn them round" in call("GET", f"{AT}/changes?before=2&after=1", 422)["error"]["message"]
    )


def test_open_records_are_forecast_and_years_laid_out(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    forecast = call("GET", f"{AT}/forecast")
    assert (forecast["n_pending"], forecast["n_judged"]) == (1, 2)
    steps = call("GET", f"{AT}/by-year")
    assert [(s["year"], s["n_studies"]) for s in steps] == [(2001, 1), (2002, 2)]


def test_a_notice_is_listed_with_its_id_and_settled_once(
    owner: Program, ids: list[str], server: TeamServer
) -> None:
    call: Any = owner.call
    notice = Notice(record_id=ids[0], kind="retraction", pmid=Pmid(7))  # type: ignore[arg-type]
    with server.open_review("living", person="the owner") as review:
        told = {"notice_id": notice.notice_id, "record_id": ids[0], "kind": "retraction"}
        review.append(EventKind.NOTICE_FOUND, {**told, "pmid": 7})
    [found] = call("GET", f"{AT}/notices")
    assert found["notice"]["kind"] == "retraction"
    said = {"notice_id": found["notice_id"], "note": "left out of every analysis"}
    call("POST", f"{AT}/notices", 201, json=said)
    call("POST", f"{AT}/notices", 409, json=said)
    assert call("GET", f"{AT}/notices") == []
    [settled] = call("GET", f"{AT}/notices?settled=true")
    assert settled["notice"]["settled"] == "left out of every analysis"


def test_studies_that_share_patients_are_judged(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    said = {"study_id": "s1", "other_id": "s2", "verdict": "patients shared"}
    call("POST", f"{AT}/overlaps", 422, json={**said, "verdict": "perhaps"})
    verdicts = call("GET", "/openapi.json")["components"]["schemas"]["PatientsShared"]["enum"]
    call("POST", f"{AT}/overlaps", 201, json={**said, "verdict": verdicts[0]})
    assert call("GET", f"{AT}/overlaps")["verdicts"][0]["study_ids"] == ["s1", "s2"]
    call("POST", f"{AT}/overlaps", 404, json={**said, "verdict": verdicts[0], "other_id": "s9"})


def test_a_further_report_becomes_one_of_its_study(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    assert isinstance(call("GET", f"{AT}/same-study"), list)
    said = {"record_id": ids[0], "other_id": ids[2], "verdict": "same"}
    call("POST", f"{AT}/same-study", 201, json=said)
    assert call("GET", f"{AT}/studies/s1")["study"]["record_ids"] == [ids[0], ids[2]]


def test_a_link_is_seen_and_taken_out(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    two = {"record_id": ids[1], "other_id": ids[2]}
    assert call("GET", f"{AT}/duplicates/pair", params=two)["fields"]
    call("POST", f"{AT}/duplicates", 201, json={**two, "verdict": "same"})
    merged = call("GET", f"{AT}/duplicates/merged", params={"record_id": ids[1]})
    assert merged["record"]["title"]
    [group] = call("GET", f"{AT}/duplicates/groups")
    call("POST", f"{AT}/duplicates/unlink", 201, json={"record_id": group["duplicates"][0]})
    assert call("GET", f"{AT}/duplicates/groups") == []
