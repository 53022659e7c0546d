"""Replay, drift, check, PRISMA-S and citations by the API."""

from typing import Any, get_type_hints

import pytest
from tests.api.conftest import Program

from resartus.api.endpoints.review import Citations
from resartus.app.citing import CITATION_FORMATS

AT = "/reviews/r1"


def test_a_run_is_given_again_identically(owner: Program) -> None:
    call: Any = owner.call
    logged = call("GET", f"{AT}/searches")["runs"]
    again = call("GET", f"{AT}/runs/1/replay")
    assert again["is_identical"]
    assert again["record_ids"] == logged[0]["record_ids"]
    told = call("GET", f"{AT}/runs/99/replay", 404)["error"]["message"]
    assert "this review has 1 to" in told
    assert "give its number" in call("GET", f"{AT}/runs/one/replay", 404)["error"]["message"]


def test_a_run_is_compared_with_a_later_one_and_with_the_source(owner: Program) -> None:
    call: Any = owner.call
    runs = call("GET", f"{AT}/searches")["runs"]
    search = runs[0]["search"]["search_id"]
    call("POST", f"{AT}/searches", 201, json={"search_id": search})
    later = call("GET", f"{AT}/runs/1/drift")
    now = call("POST", f"{AT}/runs/1/drift")
    for drift in (later, now):
        assert drift["search_id"] == search
        assert drift["unchanged"] == drift["before"] == drift["after"] > 0
        assert drift["changes"] == []


def test_a_strategy_is_checked_against_known_records(owner: Program) -> None:
    call: Any = owner.call
    records = call("GET", f"{AT}/records?count=1000")
    known = next(r["pmid"] for r in records if r["pmid"])
    asked = {"known": [known, 1], "is_thorough": False}
    checks = call("POST", f"{AT}/searches/check", json=asked)
    assert any(c["recall"] == 0.5 for c in checks)
    assert all(m["pmid"] == 1 for c in checks if c["recall"] == 0.5 for m in c["check"]["missed"])
    assert len(call("GET", f"{AT}/prisma-s")) == 16


@pytest.mark.parametrize("format", CITATION_FORMATS)
def test_citations_go_out_in_every_format(owner: Program, format: str) -> None:
    asked = {"format": format, "decisions": False}
    answer = owner.client.get(f"/api/v1{AT}/citations", params=asked)
    assert answer.status_code == 200
    assert len(answer.content) > 1000
    assert 'filename="citations.' in answer.headers["content-disposition"]


def test_the_formats_of_the_api_are_all_there_are() -> None:
    named = get_type_hints(Citations)["format"].__args__
    assert named == CITATION_FORMATS


def test_which_citations_go_out_follows_the_votes(owner: Program) -> None:
    call: Any = owner.call
    everything = call("GET", f"{AT}/citations")
    assert call("GET", f"{AT}/citations", params={"which": "included"}) == b""
    assert call("GET", f"{AT}/citations", params={"which": "open"}).count(b"\nER  -") == (
        everything.count(b"\nER  -")
    )
    call("GET", f"{AT}/citations", 422, params={"format": "docx"})
