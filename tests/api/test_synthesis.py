"""Pooling with options, survival, simulation, and the work around screening by the API."""

from typing import Any

import pytest
from tests.api.conftest import Program
from tests.api.test_whole import PLAN

from resartus.app.background.kinds import ASKED_FOR
from resartus.app.permissions import Role
from resartus.app.team.server import TeamServer
from resartus.app.team.working import Worker

AT = "/reviews/pooled"
RIS = "".join(
    f"TY  - JOUR\nTI  - Liver {'resection' if n < 6 else 'cooking'} number {n}\n"
    f"AB  - We looked at {n}.\nAU  - Author{n}, A\nPY  - {2000 + n}\nER  - \n\n"
    for n in range(1, 13)
)
FIELDS = "".join(
    f'[[form]]\nname = "{name}"\nlabel = "{name}"\nkind = "integer"\n\n'
    for name in ("events_1", "total_1", "events_2", "total_2")
)
EFFECT = """
[[analysis.effect]]
name = "death"
measure = "RR"
events_1 = "events_1"
total_1 = "total_1"
events_2 = "events_2"
total_2 = "total_2"
"""


@pytest.fixture(scope="module")
def ids(app: Any, keys: Any) -> list[str]:
    """Begin a review of twelve screened records and five studies with two arms."""
    call: Any = Program(app, keys[Role.OWNER]).call
    plan = PLAN.replace("# [[form]]\n# name", FIELDS + "# [[form]]\n# name", 1) + EFFECT
    call("POST", "/reviews", 201, json={"review_id": "pooled", "protocol": plan})
    call("POST", f"{AT}/imports?name=found.ris", 201, content=RIS.encode())
    found = [r["record_id"] for r in call("GET", f"{AT}/records")]
    for n, record_id in enumerate(found, start=1):
        verdict = "include" if n < 6 else "exclude"
        vote = {"record_id": record_id, "verdict": verdict, "tags": ["seen"]}
        if verdict == "exclude":
            vote["reasons"] = ["other question"]
        made = call("POST", f"{AT}/screening/title-abstract/votes", 201, json=vote)
        assert made["tags"] == ["seen"]
    for n, record_id in enumerate(found[:5], start=1):
        study = {"study_id": f"s{n}", "record_id": record_id, "design": "cohort"}
        call("POST", f"{AT}/studies", 201, json={**study, "role": "included"})
        arms = {"events_1": n, "total_1": 40, "events_2": n + 4, "total_2": 41}
        for field, value in arms.items():
            cell = {"field": field, "value": str(value), "record_id": record_id, "place": "table"}
            call("POST", f"{AT}/studies/s{n}/cells", 201, json=cell)
    return found


def test_effects_are_pooled_as_planned_changed_or_outside_the_plan(
    owner: Program, ids: list[str]
) -> None:
    call: Any = owner.call
    assert [plan["name"] for plan in call("GET", f"{AT}/effects")] == ["death"]
    [planned] = call("POST", f"{AT}/effects", json={})
    assert planned["is_planned"] is True
    assert len(planned["told"]["studies"]) == 5
    asked = {"effect": "death", "estimator": "DL", "examine": ["leave-one-out"], "figures": True}
    [changed] = call("POST", f"{AT}/effects", json=asked)
    assert changed["is_planned"] is False
    assert len(changed["told"]["leave_one_out"]) == 5
    assert changed["figures"]["forest"].startswith(("<?xml", "<svg"))
    [outside] = call("POST", f"{AT}/effects", json={"measure": "OR"})
    assert (outside["name"], outside["is_planned"]) == ("OR", False)
    assert call("POST", f"{AT}/effects", json={}) == [planned]
    told = call("POST", f"{AT}/effects", 404, json={"effect": "birth"})["error"]["message"]
    assert "it has 'death'" in told
    call("POST", f"{AT}/effects", 422, json={"measure": "OR", "fields": {"deaths": "x"}})


def test_survival_says_who_adds_what_or_why_nothing_is_pooled(
    owner: Program, ids: list[str]
) -> None:
    call: Any = owner.call
    nothing = call("GET", f"{AT}/survival?sensitivity=true")
    assert nothing["median"] is None
    assert nothing["why_not"]
    assert [s["choice"] for s in nothing["sensitivity"]][:3] == [
        "keep all",
        "keep largest",
        "keep longest",
    ]
    curve = {
        "record_id": ids[0],
        "points": [[0, 1], [6, 0.9], [12, 0.7], [24, 0.5], [36, 0.4]],
        "at_risk": [[0, 40], [12, 27], [24, 18]],
        "time_zero": "treatment",
    }
    call("POST", f"{AT}/studies/s1/curves", 201, json=curve)
    one = call("GET", f"{AT}/survival?against=12")
    assert one["patients_median"]["value"] == pytest.approx(24, abs=6)
    assert "12" in one["stress"]


def test_what_was_settled_is_simulated_at_once_and_in_the_background(
    owner: Program, ids: list[str], server: TeamServer
) -> None:
    call: Any = owner.call
    [found] = call("POST", f"{AT}/simulations", json={"seeds": 2})
    assert (found["runs"], found["n_records"]) == (2, 10)
    assert 0 < found["wss95"] <= 1
    call("POST", "/reviews/r1/simulations", 422, json={})
    job = call("POST", f"{AT}/work", 202, json={"kind": "simulate"})
    worker = Worker(server)
    while worker.work_once():
        pass
    worker.stop()
    [done] = [j for j in call("GET", f"{AT}/work") if j["job_id"] == job["job_id"]]
    assert done["state"] == "done"
    assert "of the 10 records ranked" in done["result"]


def test_every_kind_of_work_may_be_asked_for(owner: Program) -> None:
    call: Any = owner.call
    kinds = call("GET", "/openapi.json")["components"]["schemas"]["Work"]["properties"]["kind"]
    assert sorted(kinds["enum"]) == sorted(ASKED_FOR)


def test_records_are_handed_on(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    asked = {"record_ids": ids[:2], "people": ["the owner"]}
    share = call("POST", f"{AT}/screening/full-text/assignments", 201, json=asked)
    assert share["people"] == ["the owner"]
    assert share["record_ids"] == ids[:2]


def test_an_appraisal_is_settled(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    tool = call("GET", f"{AT}/appraisal/tools")[0]
    item = tool["tool"]["items"][0]
    codes = [answer["code"] for answer in item["answers"]]
    said = {"tool": tool["key"], "item": item["item_id"], "answer": codes[0]}
    call("POST", f"{AT}/studies/s1/appraisal", 201, json=said)
    call("POST", f"{AT}/studies/s1/appraisal/settled", 201, json={**said, "answer": codes[1]})
    [judged] = call("GET", f"{AT}/appraisal/judgements/{tool['key']}")
    assert codes[1] in str(judged)
    assert call("GET", f"{AT}/appraisal/conflicts/{tool['key']}") == []
    figures = call("GET", f"{AT}/appraisal/figures/{tool['key']}")
    assert figures[0]["name"] == "traffic-lights"
    assert "<svg" in figures[0]["svg"]
    call("GET", f"{AT}/appraisal/figures/no-tool", 404)


def test_what_was_put_aside_is_listed_until_it_is_settled(owner: Program, ids: list[str]) -> None:
    call: Any = owner.call
    at = f"{AT}/screening/full-text"
    call("POST", f"{at}/votes", 201, json={"record_id": ids[0], "verdict": "skip"})
    assert call("GET", f"{at}/skipped") == [ids[0]]
    call("POST", f"{at}/votes", 201, json={"record_id": ids[0], "verdict": "include"})
    assert call("GET", f"{at}/skipped") == []
