"""A team at work in real browsers, on a server with PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.app.team.team import PASSWORD, add, founding_review, team_server
from tests.journeys.access import COLOURS, broken_rules
from tests.journeys.browser import free_port, serving
from tests.stores.databases import postgres_url

from resartus.api.app import api_routes
from resartus.api.gate import TeamGate
from resartus.app.permissions import Role
from resartus.app.team.server import TeamServer
from resartus.web.team import create_team_app

STAGE = "/reviews/r1/screen/title-abstract"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TeamServer, str]]:
    with postgres_url() as url:
        server = team_server(tmp_path_factory.mktemp("team"), url=url)
        founding_review(server, add(server, "Ana"), dual=True)
        for name, role in (
            ("Ben", Role.REVIEWER),
            ("Cleo", Role.SECOND_REVIEWER),
            ("Dan", Role.ADJUDICATOR),
            ("Eve", Role.READER),
        ):
            add(server, name, role)
        app = create_team_app(server, hosts=["localhost"], more=api_routes(TeamGate(server)))
        with serving(app, port=free_port()) as address:
            yield server, address


Enter = Callable[[str], Any]


@pytest.fixture
def enter(browser: Any, team: tuple[TeamServer, str]) -> Iterator[Enter]:
    """Give a browser of one's own to anybody, signed in."""
    contexts = []
    problems: list[str] = []

    def sign_in(name: str, **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        if name:
            page.goto(team[1] + "/sign-in")
            page.get_by_label("E-mail address").fill(f"{name.lower()}@example.org")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("heading", name="Reviews").wait_for()
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert problems == []


def judged(page: Any) -> str:
    return str(page.locator(".head .meter span").inner_text())


def votes(team: tuple[TeamServer, str], name: str) -> list[str]:
    with team[0].open_review("r1", person="x") as review:
        return [
            str(event.data["record_id"])
            for event in review.store.load_events()
            if event.kind.value == "decision.made" and event.by == name
        ]


def wait_for_votes(team: tuple[TeamServer, str], page: Any, name: str, count: int) -> None:
    for _ in range(100):
        if len(votes(team, name)) >= count:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{name} has {len(votes(team, name))} votes, not {count}")


def test_two_reviewers_disagree_and_a_third_settles_it(
    team: tuple[TeamServer, str], enter: Enter
) -> None:
    at = team[1]
    ben, cleo, dan = enter("Ben"), enter("Cleo"), enter("Dan")
    for page in (ben, cleo):
        page.goto(at + STAGE)
    title = ben.locator("#record h2").inner_text()
    assert cleo.locator("#record h2").inner_text() == title
    ben.keyboard.press("i")
    wait_for_votes(team, ben, "Ben", 1)
    cleo.keyboard.press("1")
    cleo.keyboard.press("e")
    wait_for_votes(team, cleo, "Cleo", 1)
    dan.goto(at + "/reviews/r1/conflicts")
    conflict = dan.locator("article", has_text=title).first
    assert "Ben: include" in conflict.inner_text()
    assert "Cleo: exclude" in conflict.inner_text()
    # Who voted may look, but not settle.
    ben.goto(at + "/reviews/r1/conflicts")
    assert ben.get_by_role("button", name="Include").count() == 0
    conflict.get_by_label("What was agreed").fill("Fits the question")
    conflict.get_by_role("button", name="Include").click()
    dan.get_by_text("Settled").wait_for()
    ben.goto(at + "/reviews/r1/log")
    assert ben.get_by_text("include at title-abstract, final").count() == 1
    ben.goto(at + STAGE)
    assert judged(ben).startswith("1 of")


def test_a_page_that_is_open_follows_what_colleagues_settle(
    team: tuple[TeamServer, str], enter: Enter
) -> None:
    at = team[1]
    watcher, ben, cleo = enter("Eve"), enter("Ben"), enter("Cleo")
    watcher.goto(at + STAGE)
    before = int(judged(watcher).split()[0])
    for page, name in ((ben, "Ben"), (cleo, "Cleo")):
        page.goto(at + STAGE)
        count = len(votes(team, name))
        page.keyboard.press("1")
        page.keyboard.press("e")
        wait_for_votes(team, page, name, count + 1)
    watcher.wait_for_function(
        "n => document.querySelector('.head .meter span').textContent.startsWith(n + ' of')",
        arg=before + 1,
        timeout=10000,
    )


def test_a_reader_may_look_at_everything_and_write_nowhere(
    team: tuple[TeamServer, str], enter: Enter
) -> None:
    at = team[1]
    eve = enter("Eve")
    last = team[0].desk("r1").last_seq()
    for path in ("/", "/protocol", "/search", "/import", "/studies", "/report", "/log", "/people"):
        eve.goto(at + "/reviews/r1" + path)
        forms = eve.locator("main form[method=post] button")
        assert [b for b in forms.all_inner_texts() if b not in ("Show",)] == [], path
    eve.goto(at + STAGE)
    eve.get_by_text("You may read here, not vote").wait_for()
    eve.keyboard.press("i")
    status = eve.evaluate(
        """async path => (await fetch(path, {
            method: 'POST', body: new URLSearchParams({verdict: 'include', record_id: 'x'})
        })).status""",
        at + STAGE,
    )
    assert status == 403
    assert team[0].desk("r1").last_seq() == last


def test_a_vote_cast_without_a_connection_arrives_once_when_it_is_back(
    team: tuple[TeamServer, str], enter: Enter
) -> None:
    at = team[1]
    ben, cleo = enter("Ben"), enter("Cleo")
    ben.goto(at + STAGE)
    before, others = len(votes(team, "Ben")), len(votes(team, "Cleo"))
    ben.context.set_offline(True)
    ben.keyboard.press("i")
    ben.get_by_text("sent again by itself").wait_for()
    cleo.goto(at + STAGE)
    cleo.keyboard.press("i")
    wait_for_votes(team, cleo, "Cleo", others + 1)
    assert len(votes(team, "Ben")) == before
    ben.context.set_offline(False)
    wait_for_votes(team, ben, "Ben", before + 1)
    ben.get_by_text("Saved: include").wait_for()
    assert len(votes(team, "Ben")) == before + 1
    assert len(votes(team, "Cleo")) == others + 1


def test_from_the_invitation_to_the_first_vote(team: tuple[TeamServer, str], enter: Enter) -> None:
    at = team[1]
    ana, new = enter("Ana"), enter("")
    ana.goto(at + "/reviews/r1/people")
    ana.get_by_label("E-mail address").fill("finn@example.org")
    ana.get_by_label("As", exact=True).select_option("reviewer")
    ana.get_by_role("button", name="Make an invitation").click()
    link = ana.locator(".said code").inner_text()
    new.goto(link)
    new.get_by_label("Your name, as colleagues will see it").fill("Finn")
    new.get_by_label("A password of 12 characters or more").fill(PASSWORD)
    new.get_by_role("button", name="Accept").click()
    new.get_by_role("heading", name="Next").wait_for()
    new.goto(at + STAGE)
    new.keyboard.press("i")
    wait_for_votes(team, new, "Finn", 1)
    ana.goto(at + "/reviews/r1/people")
    assert ana.get_by_role("rowheader", name="Finn").count() == 1


TEAM_PAGES = (
    "/",
    "/account",
    "/reviews/r1/people",
    "/reviews/r1/work",
    "/reviews/r1/conflicts",
    "/reviews/r1/log",
    STAGE,
)


@contextmanager
def visitor(enter: Enter, team: tuple[TeamServer, str], **options: Any) -> Iterator[Any]:
    page = enter("Ana", **options)  # type: ignore[call-arg]
    yield page


def test_no_page_of_a_team_breaks_a_rule_of_access_or_scrolls_sideways(
    team: tuple[TeamServer, str], enter: Enter
) -> None:
    found: list[Any] = []
    with visitor(enter, team, bypass_csp=True) as page:
        for path in (*TEAM_PAGES, "/sign-in"):
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": 1280, "height": 740})
            page.goto(team[1] + path)
            found += [(path, *one) for one in broken_rules(page)]
            page.emulate_media(color_scheme="dark")
            found += [(path, "dark", *one) for one in broken_rules(page, rules=COLOURS)]
            for width in (640, 360):
                page.set_viewport_size({"width": width, "height": 740})
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found.append((path, "scrolls sideways", width))
    assert found == []


def test_no_page_loads_more_script_than_it_should(
    team: tuple[TeamServer, str], enter: Enter, tmp_path: Path
) -> None:
    with visitor(enter, team) as page:
        for path in TEAM_PAGES:
            taken = []
            page.on(
                "response",
                lambda answer, taken=taken: (
                    taken.append(len(answer.body()))
                    if answer.request.resource_type == "script"
                    else None
                ),
            )
            page.goto(team[1] + path)
            assert sum(taken) < 300_000
