"""Route by route: who may do what. A route without a line here fails."""

import re
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from tests.app.team.team import add, founding_review, team_server
from tests.web.team import Person, person

from resartus.app.permissions import Action, Role, may
from resartus.app.team.server import TeamServer
from resartus.domain.account import Account
from resartus.web.app import REVIEW_ROUTES
from resartus.web.pages import people, work
from resartus.web.team import create_team_app

READ, SCREEN, EXTRACT, SEARCH = Action.READ, Action.SCREEN, Action.EXTRACT, Action.SEARCH
RULES: dict[tuple[str, str], Action] = {
    ("GET", "/"): READ,
    ("GET", "/protocol"): READ,
    ("POST", "/protocol"): Action.PLAN,
    ("GET", "/log"): READ,
    ("GET", "/settings"): READ,
    ("POST", "/undo"): Action.UNDO,
    ("GET", "/search"): READ,
    ("POST", "/search"): SEARCH,
    ("GET", "/search/strategy"): READ,
    ("GET", "/search/prisma-s"): READ,
    ("GET", "/results/effects"): READ,
    ("GET", "/results/survival"): READ,
    ("POST", "/updates/notices"): EXTRACT,
    ("GET", "/import"): READ,
    ("POST", "/import"): SEARCH,
    ("POST", "/import/columns"): SEARCH,
    ("GET", "/duplicates"): READ,
    ("POST", "/duplicates"): SEARCH,
    ("POST", "/duplicates/find"): SEARCH,
    ("GET", "/duplicates/linked"): READ,
    ("POST", "/duplicates/linked"): SEARCH,
    ("GET", "/duplicates/studies"): READ,
    ("POST", "/duplicates/studies"): EXTRACT,
    ("GET", "/screen/{stage}"): READ,
    ("POST", "/screen/{stage}"): SCREEN,
    ("GET", "/screen/{stage}/list"): READ,
    ("GET", "/screen/{stage}/progress"): READ,
    ("POST", "/screen/{stage}/progress"): Action.MANAGE,
    ("GET", "/conflicts"): READ,
    ("GET", "/fulltexts"): READ,
    ("POST", "/fulltexts"): SEARCH,
    ("POST", "/fulltexts/missing"): SEARCH,
    ("GET", "/fulltexts/read"): READ,
    ("GET", "/fulltexts/pdf"): READ,
    ("GET", "/studies"): READ,
    ("POST", "/studies"): EXTRACT,
    ("GET", "/studies/{study_id}"): READ,
    ("POST", "/studies/{study_id}"): EXTRACT,
    ("GET", "/form"): READ,
    ("POST", "/form"): Action.PLAN,
    ("POST", "/form/look"): Action.PLAN,
    ("GET", "/workbook"): READ,
    ("POST", "/workbook"): EXTRACT,
    ("GET", "/workbook/extraction.xlsx"): READ,
    ("GET", "/suggestions"): READ,
    ("POST", "/suggestions"): EXTRACT,
    ("POST", "/suggestions/made"): EXTRACT,
    ("POST", "/suggestions/settings"): Action.PLAN,
    ("GET", "/appraisal"): READ,
    ("GET", "/appraisal/figures/{tool}/{name}.svg"): READ,
    ("GET", "/appraisal/studies/{study_id}"): READ,
    ("POST", "/appraisal/studies/{study_id}"): EXTRACT,
    ("POST", "/appraisal/studies/{study_id}/settle"): EXTRACT,
    ("GET", "/appraisal/certainty"): READ,
    ("POST", "/appraisal/certainty"): EXTRACT,
    ("GET", "/studies/{study_id}/patients"): READ,
    ("POST", "/studies/{study_id}/patients"): EXTRACT,
    ("GET", "/studies/{study_id}/curves"): READ,
    ("POST", "/studies/{study_id}/curves"): EXTRACT,
    ("GET", "/double-entry"): READ,
    ("POST", "/double-entry"): Action.ADJUDICATE,
    ("GET", "/double-entry/settle"): READ,
    ("POST", "/double-entry/settle"): Action.ADJUDICATE,
    ("GET", "/checks"): READ,
    ("GET", "/results"): READ,
    ("GET", "/patient"): READ,
    ("POST", "/patient"): READ,
    ("POST", "/patient/sheet"): READ,
    ("GET", "/report"): READ,
    ("POST", "/report"): Action.PIN,
    ("GET", "/report/{which}.{kind}"): READ,
    ("GET", "/audit"): READ,
    ("POST", "/audit"): READ,
    ("GET", "/audit/number"): READ,
    ("GET", "/value"): READ,
    ("GET", "/waiting/{job}"): READ,
    ("GET", "/background/{job}"): READ,
    ("GET", "/sharing"): READ,
    ("GET", "/sharing/citations"): READ,
    ("GET", "/sharing/review.zip"): Action.MANAGE,
    ("GET", "/sharing/opened"): Action.MANAGE,
    ("POST", "/sharing/opened"): Action.MANAGE,
    ("GET", "/updates"): READ,
    ("POST", "/updates"): SEARCH,
    ("GET", "/state"): READ,
    ("GET", "/live"): READ,
    ("GET", "/brought"): READ,
    ("GET", "/people"): READ,
    ("POST", "/people"): Action.MANAGE,
    ("GET", "/work"): READ,
}
# What anybody may open: the way in.
OPEN = {("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/sign-out")}
OPEN |= {("GET", "/sign-in/with"), ("GET", "/sign-in/back")}
OPEN |= {("GET", "/invitations/{secret}"), ("POST", "/invitations/{secret}")}


def listed(routes: list[BaseRoute]) -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in routes
        if isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


IN_REVIEW = listed([*REVIEW_ROUTES, *people.REVIEW_ROUTES, *work.ROUTES])


def filled(path: str) -> str:
    for name, value in (("stage", "title-abstract"), ("which", "1"), ("kind", "html")):
        path = path.replace("{" + name + "}", value)
    return re.sub(r"\{\w+\}", "nothing", path)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TeamServer, Starlette]]:
    server = team_server(tmp_path_factory.mktemp("team"))
    founding_review(server, add(server, "owner"))
    yield server, create_team_app(server, hosts=["localhost"])
    server.close()


@pytest.fixture(scope="module")
def members(team: tuple[TeamServer, Starlette]) -> Iterator[dict[Role, Person]]:
    server, app = team
    browsers = {}
    closing = []
    for role in Role:
        account = add(server, f"the {role.value}", role)
        opened = person(app, account)
        browsers[role] = opened.__enter__()
        closing.append(opened)
    yield browsers
    for opened in closing:
        opened.__exit__(None, None, None)


def test_every_route_of_a_review_has_a_rule() -> None:
    assert sorted(IN_REVIEW) == sorted(RULES)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("method", "path"), [r for r in IN_REVIEW if r[1] != "/live"])
def test_a_role_may_do_what_the_table_says_and_nothing_else(
    members: dict[Role, Person], role: Role, method: str, path: str
) -> None:
    address = "/reviews/r1" + filled(path)
    browser = members[role]
    answer = browser.get(address) if method == "GET" else browser.post(address)
    status = answer.status_code  # type: ignore[attr-defined]
    if may(role, RULES[method, path]):
        assert status in (200, 303, 404, 409, 422)
    else:
        assert status == 403
        assert f"a {role.value} may not" in answer.text  # type: ignore[attr-defined]


@pytest.mark.parametrize(("method", "path"), IN_REVIEW)
def test_a_stranger_is_sent_to_the_door_and_a_non_member_learns_nothing(
    team: tuple[TeamServer, Starlette], method: str, path: str, outsider: Account
) -> None:
    address = "/reviews/r1" + filled(path)
    with person(team[1]) as stranger:
        answer = stranger.client.request(method, address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    with person(team[1], outsider) as other:
        real = other.client.request(method, address)
        unreal = other.client.request(method, address.replace("r1", "r2"))
        assert real.status_code == unreal.status_code == 404
        assert real.text.replace("r1", "r2") == unreal.text


@pytest.fixture(scope="module")
def outsider(team: tuple[TeamServer, Starlette]) -> Account:
    return add(team[0], "an outsider")


def test_every_other_route_asks_who_is_there(team: tuple[TeamServer, Starlette]) -> None:
    with person(team[1]) as stranger:
        for method, path in listed(people.ROUTES):
            if (method, path) in OPEN:
                continue
            answer = stranger.post(path) if method == "POST" else stranger.get(path)
            assert answer.status_code == 303, path  # type: ignore[attr-defined]
            assert answer.headers["location"] == "/sign-in"  # type: ignore[attr-defined]


def test_a_role_that_was_changed_counts_at_once(
    team: tuple[TeamServer, Starlette],
) -> None:
    server, app = team
    account = add(server, "one who changes", Role.REVIEWER)
    with person(app, account) as browser:
        assert browser.post("/reviews/r1/undo").status_code != 403  # type: ignore[attr-defined]
        server.set_role("r1", account_id=account.account_id, role=Role.READER)
        assert browser.post("/reviews/r1/undo").status_code == 403  # type: ignore[attr-defined]
        server.set_role("r1", account_id=account.account_id, role=None)
        assert browser.get("/reviews/r1/").status_code == 404  # type: ignore[attr-defined]
