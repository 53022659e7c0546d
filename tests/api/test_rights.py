"""Endpoint by endpoint: who may do what. An endpoint without an action fails."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.api.conftest import Program

from resartus.api.endpoint import Endpoint
from resartus.api.endpoints import ENDPOINTS
from resartus.app.permissions import Action, Role, may
from resartus.app.team.server import TeamServer

# Written out once more, so that a slip in the table of endpoints is seen.
READ_BY_POST = {"/queries", "/patient", "/effects"}
CHANGES = {
    "/protocol": Action.PLAN,
    "/undo": Action.UNDO,
    "/members/{account_id}": Action.MANAGE,
    "/invitations": Action.MANAGE,
    "/searches": Action.SEARCH,
    "/searches/check": Action.SEARCH,
    "/runs/{run}/drift": Action.SEARCH,
    "/updates": Action.SEARCH,
    "/imports": Action.SEARCH,
    "/work": Action.SEARCH,
    "/screening/{stage}/votes": Action.SCREEN,
    "/conflicts": Action.ADJUDICATE,
    "/studies": Action.EXTRACT,
    "/studies/{study_id}/cells": Action.EXTRACT,
    "/cells": Action.EXTRACT,
    "/versions": Action.PIN,
    "/duplicates": Action.SEARCH,
    "/duplicates/find": Action.SEARCH,
    "/duplicates/unlink": Action.SEARCH,
    "/same-study": Action.EXTRACT,
    "/overlaps": Action.EXTRACT,
    "/notices": Action.EXTRACT,
    "/simulations": Action.SEARCH,
    "/fulltexts/look-up": Action.SEARCH,
    "/screening/{stage}/assignments": Action.MANAGE,
    "/studies/{study_id}/appraisal/settled": Action.ADJUDICATE,
    "/forms": Action.PLAN,
    "/forms/plan": Action.PLAN,
    "/workbook": Action.EXTRACT,
    "/workbook/look": Action.EXTRACT,
    "/studies/{study_id}/patients": Action.EXTRACT,
    "/studies/{study_id}/curves": Action.EXTRACT,
    "/studies/{study_id}/suggestions": Action.EXTRACT,
    "/suggestions": Action.EXTRACT,
    "/fulltexts": Action.SEARCH,
    "/fulltexts/missing": Action.SEARCH,
    "/screening/{stage}/shares": Action.MANAGE,
    "/screening/{stage}/rounds": Action.MANAGE,
    "/consensus": Action.ADJUDICATE,
    "/consensus/values": Action.ADJUDICATE,
    "/studies/{study_id}/appraisal": Action.EXTRACT,
    "/certainty": Action.EXTRACT,
}
# What people entered independently is shown to those who may see it alone.
SHOWS_ENTRIES = {
    "/consensus": Action.ADJUDICATE,
    "/consensus/agreement": Action.ADJUDICATE,
    "/appraisal/judgements/{tool}": Action.ADJUDICATE,
    "/appraisal/conflicts/{tool}": Action.ADJUDICATE,
    "/appraisal/figures/{tool}": Action.ADJUDICATE,
    "/export": Action.MANAGE,
}
OWN = {"/me", "/reviews", "/keys", "/keys/{digest}"}


def below(endpoint: Endpoint) -> str:
    return endpoint.path.removeprefix("/reviews/{review_id}")


def rule(endpoint: Endpoint) -> Action | None:
    if endpoint.path in OWN:
        return None
    if below(endpoint) in SHOWS_ENTRIES:
        return SHOWS_ENTRIES[below(endpoint)]
    if endpoint.method == "GET" or below(endpoint) in READ_BY_POST:
        return Action.READ
    return CHANGES[below(endpoint)]


def address(endpoint: Endpoint) -> str:
    path = endpoint.path.replace("{review_id}", "r1").replace("{stage}", "title-abstract")
    return "/api/v1" + re.sub(r"\{\w+\}", "nothing", path)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{e.method} {e.path}")
def test_an_endpoint_lets_in_the_roles_of_its_action_and_no_others(
    app: Starlette, keys: dict[Role, str], endpoint: Endpoint
) -> None:
    expected = rule(endpoint)
    assert endpoint.action is expected
    if expected is None:
        return
    for role, key in keys.items():
        # An empty body does not fit, so that nothing changes where the door is open.
        answer = Program(app, key).client.request(endpoint.method, address(endpoint))
        if may(role, expected):
            assert answer.status_code in (200, 201, 404, 409, 422), answer.text
        else:
            assert answer.status_code == 403
            assert f"a {role.value} may not" in answer.json()["error"]["message"]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{e.method} {e.path}")
def test_without_a_key_nothing_is_answered(app: Starlette, endpoint: Endpoint) -> None:
    client = TestClient(app, base_url="http://localhost")
    for headers in ({}, {"authorization": "Bearer no"}, {"authorization": "Basic eDp5"}):
        answer = client.request(endpoint.method, address(endpoint), headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


def test_who_is_no_member_learns_nothing(app: Starlette, server: TeamServer) -> None:
    account = server.accounts.add("Other", email="other@example.org", password="x" * 12)
    key = server.accounts.make_token(account, label="test")
    client = Program(app, key).client
    real, unreal = (client.get(f"/api/v1/reviews/{name}") for name in ("r1", "r2"))
    assert real.status_code == unreal.status_code == 404
    assert real.text.replace("r1", "r2") == unreal.text


def test_an_unknown_path_and_method_are_told_in_the_one_shape(
    app: Starlette, keys: dict[Role, str]
) -> None:
    client = Program(app, keys[Role.OWNER]).client
    for method, path, status in (("GET", "/nowhere", 404), ("DELETE", "/me", 405)):
        answer = client.request(method, f"/api/v1{path}")
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"kind", "message", "where", "field"}
